"""Students as pages and programs read them; ids and phones are always masked."""

import datetime as dt
from typing import Annotated
from uuid import UUID

import msgspec


class StudentRow(msgspec.Struct, frozen=True, kw_only=True):
    """A student in a list; the name is clear only for those who keep the roster."""

    id: UUID
    student_no: str
    name: str
    place: str
    boarding: str
    student_type: str
    status: str
    entry_on: dt.date | None


class StudentPage(msgspec.Struct, frozen=True):
    """Students by number."""

    items: list[StudentRow]
    next_cursor: str | None


class Guardian(msgspec.Struct, frozen=True):
    """Somebody who answers for a student."""

    name: str
    relation: str
    phone: str


class Leaving(msgspec.Struct, frozen=True, kw_only=True):
    """What a change of status led to: drafts of refunds that somebody with `refunds.refund.make` submits, and why (`drafted`, `nothing_paid`,
    `nothing_back`, `under_way`, `not_suspended`, `withdrawn`, or empty), and how many bills stay unpaid until somebody corrects them."""

    refund: str
    draft_ids: tuple[UUID, ...]
    unpaid_bills: int


class StudentRead(msgspec.Struct, frozen=True, kw_only=True):
    """A student with family; `other_children` counts brothers and sisters beyond the asker's part of the school."""

    id: UUID
    student_no: str
    name: str
    class_id: UUID
    place: str
    id_type: str
    id_no: str
    gender: str | None
    register_no: str | None
    boarding: str
    student_type: str
    status: str
    entry_on: dt.date | None
    remark: str | None
    version: int
    guardians: list[Guardian]
    siblings: list[StudentRow]
    other_children: int
    leaving: Leaving | None = None


class StatusChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Move a student to another state, as read in this version; `effective_on` is the first day without school (left out: today)."""

    status: Annotated[str, msgspec.Meta(max_length=10)]
    reason: Annotated[str, msgspec.Meta(max_length=200)]
    version: int
    effective_on: dt.date | None = None


class PhoneProposed(msgspec.Struct, frozen=True):
    """A proposal that waits for a second person."""

    approval_id: UUID
