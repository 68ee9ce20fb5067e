"""Rooms, stays, meters and readings at the door. Readings are numbers as text (`1204.5`): they are never a float."""

import datetime as dt
from typing import Annotated
from uuid import UUID

import msgspec

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=30)]
Remark = Annotated[str, msgspec.Meta(max_length=200)]
Amount = Annotated[str, msgspec.Meta(max_length=16)]


class RoomDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new room; `beds` may stay unknown."""

    campus_id: UUID
    building: Word
    number: Word
    beds: int | None = None


class StayDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody moves in, on this day; from another room they move out the day before."""

    student_no: Annotated[str, msgspec.Meta(max_length=40)]
    since: dt.date


class StayEnd(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The last day in the room."""

    until: dt.date


class MeterDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A meter is put in: for which item, under which number, what it shows."""

    item_code: Annotated[str, msgspec.Meta(max_length=32)]
    meter_no: Word
    opened_on: dt.date
    opening: Amount = "0"


class MeterEnd(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A meter is taken out, and what it shows that day."""

    closed_on: dt.date
    value: Amount


class ReadingDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a meter shows at the end of a day."""

    meter_id: UUID
    read_on: dt.date
    value: Amount
    remark: Remark = ""


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why."""

    reason: Remark


class RoomRow(msgspec.Struct, frozen=True, kw_only=True):
    """A room with who lives there now and when its meters were read last; `abnormal` readings wait for somebody."""

    id: UUID
    campus: str
    building: str
    number: str
    beds: int | None
    residents: int
    meters: int
    last_read_on: dt.date | None
    abnormal: int


class RoomPage(msgspec.Struct, frozen=True):
    """Rooms by building and number."""

    items: list[RoomRow]
    next_cursor: str | None


class StayRead(msgspec.Struct, frozen=True, kw_only=True):
    """Who lives or lived in a room; the name as the asker may see it."""

    id: UUID
    student_id: UUID
    student_no: str
    name: str
    place: str
    since: dt.date
    until: dt.date | None


class ReadingRead(msgspec.Struct, frozen=True, kw_only=True):
    """A reading with the one before it; `billing` is waiting, partial, billed, nobody (lived there), unused, or none while it may not be billed."""

    id: UUID
    meter_id: UUID
    meter_no: str
    room_id: UUID
    room: str
    item: str
    unit: str
    since: dt.date
    read_on: dt.date
    previous: str
    value: str
    used: str
    status: str
    remark: str
    read_by: str
    billing: str


class ReadingPage(msgspec.Struct, frozen=True):
    """Readings, the newest first."""

    items: list[ReadingRead]
    next_cursor: str | None


class MeterRead(msgspec.Struct, frozen=True, kw_only=True):
    """A meter of a room with its last readings."""

    id: UUID
    meter_no: str
    item_code: str
    item: str
    unit: str
    opened_on: dt.date
    opening: str
    closed_on: dt.date | None
    readings: list[ReadingRead]


class RoomRead(msgspec.Struct, frozen=True, kw_only=True):
    """One room with its people and its meters."""

    id: UUID
    campus_id: UUID
    campus: str
    building: str
    number: str
    beds: int | None
    stays: list[StayRead]
    meters: list[MeterRead]


class ResidentRow(msgspec.Struct, frozen=True, kw_only=True):
    """A boarding student: which room (none: not placed yet), and how far the dormitory's own items are paid."""

    id: UUID
    student_no: str
    name: str
    place: str
    status: str
    room_id: UUID | None
    room: str
    since: dt.date | None
    paid: str


class ResidentPage(msgspec.Struct, frozen=True):
    """Boarding students by number."""

    items: list[ResidentRow]
    next_cursor: str | None


class Made(msgspec.Struct, frozen=True):
    """What was written; `status` of a reading."""

    id: UUID
    status: str = ""
