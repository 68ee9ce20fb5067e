"""Standards, discounts and applications at the door."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from plugins.education.pricing.rules import LAST_PRIORITY

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


class StandardPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What changes of a standard; what is left out stays. For another scope or beginning write a new one."""

    price_fen: int | msgspec.UnsetType = msgspec.UNSET
    ends_on: dt.date | msgspec.UnsetType = msgspec.UNSET
    approval_doc_no: Annotated[str, msgspec.Meta(max_length=100)] | msgspec.UnsetType = msgspec.UNSET


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


class DiscountDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A discount as a school writes it; `condition` in words, as in the workbook: `学生类型=教工子女`, `凭申请`, `全体`.

    `percent` (a number as text) for kind percent, `amount_fen` for fixed, neither for waive. No `item_codes` means all that allow discounts.
    """

    code: Annotated[str, msgspec.Meta(max_length=32)]
    name: Word
    kind: Literal["percent", "fixed", "waive"]
    condition: Annotated[str, msgspec.Meta(max_length=5000)]
    item_codes: tuple[str, ...] = ()
    percent: Annotated[str, msgspec.Meta(max_length=12)] | None = None
    amount_fen: int | None = None
    priority: Annotated[int, msgspec.Meta(ge=1, le=1000)] = LAST_PRIORITY
    stackable: bool = True
    compound: bool = False


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
