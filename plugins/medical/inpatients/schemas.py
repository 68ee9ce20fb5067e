"""Stays in hospital as HIS tells them and as people and programs read them; amounts in fen."""

import datetime as dt
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec

from core.money import MAX_FEN
from plugins.medical.insurance.schemas import Insurance

Code = Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern="^[A-Za-z0-9_.-]+$")]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Place = Annotated[str, msgspec.Meta(max_length=40)]
Fen = Annotated[int, msgspec.Meta(ge=0, le=MAX_FEN)]
SignedFen = Annotated[int, msgspec.Meta(ge=-MAX_FEN, le=MAX_FEN)]


class AdmissionAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A patient is admitted, or moved to another ward or bed (the same visit again)."""

    visit_no: Code
    patient_no: Code
    department: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    ward: Place = ""
    bed: Place = ""
    doctor: Place = ""
    admitted_on: dt.date | None = None


class ListItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a day; what was taken back (退药, 冲账) has a negative quantity and amount."""

    category: Word
    name: Word
    quantity: Decimal
    price_fen: Fen
    amount_fen: SignedFen


class DailyListAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a day cost. `version` names the list that this one corrects; without it a day is written once."""

    day: dt.date
    total_fen: SignedFen
    items: Annotated[tuple[ListItem, ...], msgspec.Meta(min_length=1, max_length=3000)]
    version: int | None = None


class DischargeAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The patient leaves; the three working days run from `asked_on` (today)."""

    asked_on: dt.date | None = None


class DailyListRead(msgspec.Struct, frozen=True, kw_only=True):
    """A day's list as staff and programs see it: category totals, never items."""

    day: dt.date
    total_fen: int
    categories: dict[str, int]
    items: int
    version: int


class PaidRead(msgspec.Struct, frozen=True, kw_only=True):
    """One payment for the stay; `left_fen` is neither back nor on its way back, `back_fen` what its return at discharge comes to."""

    deposit_no: str
    order_number: str
    kind: str
    scene: str
    status: str
    amount_fen: int
    paid_fen: int
    left_fen: int
    paid_at: dt.datetime | None
    back_fen: int = 0
    back_number: str = ""
    back_status: str = ""
    back_error: str = ""
    bill_id: UUID | None = None
    return_id: UUID | None = None


class AdmissionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A stay as lists show it."""

    id: UUID
    visit_no: str
    patient_no: str
    name: str
    department: str
    ward: str
    bed: str
    status: str
    admitted_on: dt.date
    balance_fen: int
    lists_fen: int
    due_on: dt.date | None
    overdue: bool
    waits_for: str


class AdmissionPage(msgspec.Struct, frozen=True):
    """Stays, the newest first."""

    items: list[AdmissionRow]
    next_cursor: str | None


class AdmissionRead(msgspec.Struct, frozen=True, kw_only=True):
    """A stay with its money; `paid_fen` is what was paid and not given back, `cash_fen` the patient's own part once it is settled."""

    id: UUID
    visit_no: str
    patient_no: str
    department: str
    ward: str
    bed: str
    status: str
    admitted_on: dt.date
    lists_fen: int
    paid_fen: int
    total_fen: int | None
    cash_fen: int | None
    shortage_fen: int
    surplus_fen: int
    setl_no: str | None
    discharge_order: str | None
    requested_at: dt.datetime | None
    due_on: dt.date | None
    settled_at: dt.datetime | None
    closed_at: dt.datetime | None
    waits_for: str
    payments: list[PaidRead] = []


class SettlementAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the stay cost; `insurance` are the insurer's amounts, without them the patient bears all. Nothing at all: who was never treated."""

    setl_no: Code
    total_fen: Fen
    insurance: Insurance | None = None
