"""Rooms, residents and readings as people look at them: within reach, names clear only for those who keep the dormitory."""

from uuid import UUID

from core import clock, paging
from core.billing.units import Units
from core.database import Row, Session
from core.identity.actor import Actor
from core.masking import mask_name
from plugins.education.dormitory import repository, service
from plugins.education.dormitory.metering import metered
from plugins.education.dormitory.models import READING
from plugins.education.dormitory.schemas import (
    MeterRead,
    ReadingPage,
    ReadingRead,
    ResidentPage,
    ResidentRow,
    RoomPage,
    RoomRead,
    RoomRow,
    StayRead,
)
from plugins.education.organisation.service import SchoolTree
from plugins.education.pricing.rules import DORM
from plugins.education.pricing.usage import plain
from plugins.education.roster.lists import LEVELS, words_of
from plugins.education.usage import measures
from plugins.education.usage import repository as usage

MOST_STAYS, LAST_READINGS = 60, 6
BILLING = ("waiting", "partial", "billed", "nobody", "unused")
"""How far a reading's use is on bills; `nobody` lived there, `unused` says that nothing was used."""
NO_BILL = "none"
"""Of an item nobody was asked to pay."""


def shown_name(by: Actor, permission: str, class_id: UUID, name: str) -> str:
    """A name in clear for whoever keeps these people's rooms or meals, masked for everybody else."""
    return name if by.reaches(permission, class_id) else mask_name(name)


async def list_rooms(
    session: Session, by: Actor, tree: SchoolTree, *, words: str, campus_id: UUID | None, abnormal: bool, cursor: str | None, limit: int = paging.PAGE
) -> RoomPage:
    """Rooms by building and number."""
    rows = await repository.list_rooms(
        session, campuses=_within(tree, by, campus_id), search=words_of(words), abnormal=abnormal,
        after=paging.read_cursor(cursor, tuple[str, str, UUID]), today=clock.today(), limit=limit + 1,
    )  # fmt: skip
    shown, more = paging.cut(rows, limit, lambda row: paging.write_cursor(row.building, row.number, row.id))
    return RoomPage([_room(row, tree) for row in shown], more)


def _within(tree: SchoolTree, by: Actor, campus_id: UUID | None) -> list[UUID]:
    mine = service.campuses_of(tree, by, service.READ)
    return mine if campus_id is None else [campus for campus in mine if campus == campus_id]


def _room(row: Row, tree: SchoolTree) -> RoomRow:
    return RoomRow(
        id=row.id, campus=tree.paths[row.campus_id][0], building=row.building, number=row.number, beds=row.beds, residents=row.residents,
        meters=row.meters, last_read_on=row.last_read_on, abnormal=row.abnormal,
    )  # fmt: skip


async def read_room(session: Session, room_id: UUID, by: Actor, tree: SchoolTree, units: Units) -> RoomRead:
    """One room with who lives and lived there, its meters and their last readings."""
    room = await service.find(session, room_id, by)
    names = await metered(session)
    readings = [read_reading(row, names) for row in await repository.readings_of(session, room_id, LAST_READINGS)]
    return RoomRead(
        id=room.id, campus_id=room.campus_id, campus=tree.paths[room.campus_id][0], building=room.building, number=room.number, beds=room.beds,
        stays=[_stay(row, by, units) for row in await repository.list_stays(session, room_id, MOST_STAYS)],
        meters=[
            MeterRead(
                id=row.id, meter_no=row.meter_no, item_code=row.item_code, item=names.get(row.item_code, (row.item_code, ""))[0],
                unit=names.get(row.item_code, ("", ""))[1], opened_on=row.opened_on, opening=plain(row.opening), closed_on=row.closed_on,
                readings=[each for each in readings if each.meter_id == row.id],
            )
            for row in await repository.list_meters(session, room_id)
        ],
    )  # fmt: skip


def _stay(row: Row, by: Actor, units: Units) -> StayRead:
    return StayRead(
        id=row.id, student_id=row.student_id, student_no=row.student_no, name=shown_name(by, service.KEEP, row.class_id, row.name),
        place=units.path(row.class_id, LEVELS), since=row.since, until=row.until,
    )  # fmt: skip


def read_reading(row: Row, names: dict[str, tuple[str, str]]) -> ReadingRead:
    """A reading as people see it."""
    item, unit = names.get(row.item_code, (row.item_code, ""))
    return ReadingRead(
        id=row.id, meter_id=row.meter_id, meter_no=row.meter_no, room_id=row.room_id, room=service.called(row), item=item, unit=unit,
        since=row.since, read_on=row.read_on, previous=plain(row.previous), value=plain(row.value), used=plain(row.value - row.previous),
        status=row.status, remark=row.remark, read_by=row.read_by, billing=row.billing,
    )  # fmt: skip


async def list_readings(
    session: Session, by: Actor, tree: SchoolTree, *, words: str, status: str, billing: str, cursor: str | None, limit: int = paging.PAGE
) -> ReadingPage:
    """Readings, the newest first."""
    rows = await repository.list_readings(
        session, campuses=_within(tree, by, None), status=status if status in READING.states else "", billing=billing if billing in BILLING else "",
        search=words_of(words), before=paging.read_id(cursor), limit=limit + 1,
    )  # fmt: skip
    names = await metered(session)
    shown, more = paging.cut(rows, limit, lambda row: str(row.id))
    return ReadingPage([read_reading(row, names) for row in shown], more)


async def list_residents(
    session: Session, by: Actor, units: Units, *, words: str, unit_id: UUID | None, placed: str, cursor: str | None, limit: int = paging.PAGE
) -> ResidentPage:
    """Boarding students by number, with their room and how far the dormitory's own items are paid; no amount."""
    last = paging.read_cursor(cursor, tuple[str])
    rows = await repository.list_residents(
        session, org_ids=units.scope(unit_id), search=words_of(words), placed=placed if placed in ("yes", "no") else "",
        after=last[0] if last else "", limit=limit + 1,
    )  # fmt: skip
    shown, more = paging.cut(rows, limit, lambda row: paging.write_cursor(row.student_no))
    own = [row.code for row, _measure in await measures.items_of(session, DORM)]
    paid = await usage.list_states(session, [row.id for row in shown], own)
    return ResidentPage([_resident(row, by, units, paid) for row in shown], more)


def _resident(row: Row, by: Actor, units: Units, paid: dict[UUID, str]) -> ResidentRow:
    return ResidentRow(
        id=row.id, student_no=row.student_no, name=shown_name(by, service.KEEP, row.class_id, row.name), place=units.path(row.class_id, LEVELS),
        status=row.status, room_id=row.room_id, room=service.called(row) if row.room_id else "", since=row.since, paid=paid.get(row.id, NO_BILL),
    )  # fmt: skip
