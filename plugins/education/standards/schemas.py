"""Standards, discounts and applications at the door."""

import datetime as dt
from typing import Annotated
from uuid import UUID

import msgspec

Word = Annotated[str, msgspec.Meta(max_length=50)]
Remark = Annotated[str, msgspec.Meta(max_length=200)]


class StandardDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new standard: a price of one item for the students its filled scope describes, both days included."""

    item_code: Annotated[str, msgspec.Meta(max_length=32)]
    price_fen: int
    starts_on: dt.date
    ends_on: dt.date
    campus: Word = ""
    division: Word = ""
    grade: Word = ""
    class_name: Word = ""
    boarding: Word = ""
    student_type: Word = ""
    approval_doc_no: Annotated[str, msgspec.Meta(max_length=100)] = ""


class StandardRead(msgspec.Struct, frozen=True, kw_only=True):
    """A standard with its state and who approved it."""

    id: UUID
    item_code: str
    scope: dict[str, str]
    price_fen: int
    approval_doc_no: str | None
    starts_on: dt.date
    ends_on: dt.date
    status: str
    sheet_row: int | None
    made_by: str
    checked_by: str | None
    checked_at: dt.datetime | None


class StandardPage(msgspec.Struct, frozen=True):
    """Standards by item."""

    items: list[StandardRead]
    next_cursor: str | None = None


class DiscountRead(msgspec.Struct, frozen=True, kw_only=True):
    """A discount; `told` says in words what it takes off and for whom."""

    id: UUID
    code: str
    name: str
    kind: str
    item_codes: list[str]
    percent: str | None
    amount_fen: int | None
    condition: str
    told: str
    priority: int
    stackable: bool
    compound: bool
    status: str
    made_by: str
    checked_by: str | None


class DiscountPage(msgspec.Struct, frozen=True):
    """Discounts in the order they are taken."""

    items: list[DiscountRead]
    next_cursor: str | None = None


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why."""

    reason: Remark


class GrantDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An application: which student, which discount, on what evidence."""

    student_id: UUID
    discount_code: Annotated[str, msgspec.Meta(max_length=32)]
    evidence: Annotated[str, msgspec.Meta(max_length=500)]


class GrantRead(msgspec.Struct, frozen=True, kw_only=True):
    """An application; the student's name is masked."""

    id: UUID
    student_id: UUID
    student_no: str
    student_name: str
    code: str
    discount_name: str
    evidence: str
    status: str
    applied_by: str
    checked_by: str | None
    approved_by: str | None
    created_at: dt.datetime


class GrantPage(msgspec.Struct, frozen=True):
    """Applications, the newest first."""

    items: list[GrantRead]
    next_cursor: str | None


class Proposed(msgspec.Struct, frozen=True):
    """What was handed to a second person."""

    approval_ids: list[UUID]


class Made(msgspec.Struct, frozen=True):
    """What was written."""

    id: UUID
