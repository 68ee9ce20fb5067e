"""Bills in lists and in full, as the console and the API show them."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from core.billing.schemas import BillRead, LineChange
from core.ledger.book_schemas import JournalRead

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=50)]
Period = Literal["year", "term", "month", "once", "usage"]


class BillRow(msgspec.Struct, frozen=True, kw_only=True):
    """A bill in a list; names are masked. With a fee item chosen, amounts are that item's.

    `gross_fen` − `discount_fen` = `net_fen` = `paid_fen` + `open_fen` + `given_up_fen`.
    """

    id: UUID
    number: str
    title: str
    period: str
    party_id: UUID
    party_name: str
    party_number: str
    org_id: UUID | None
    org: str
    due_on: dt.date
    overdue: bool
    status: str
    issued_at: dt.datetime
    gross_fen: int
    discount_fen: int
    net_fen: int
    paid_fen: int
    open_fen: int
    given_up_fen: int


class BillSums(msgspec.Struct, frozen=True, kw_only=True):
    """What the whole filtered set comes to (void bills add nothing)."""

    bills: int
    gross_fen: int
    discount_fen: int
    paid_fen: int
    open_fen: int
    given_up_fen: int


class BillPage(msgspec.Struct, frozen=True):
    """Bills with the sums of everything the filter means."""

    items: list[BillRow]
    next_cursor: str | None
    totals: BillSums


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """What one journal moved onto a bill, or off it (negative), of one payment."""

    payment_id: UUID
    journal_id: UUID
    order_number: str
    channel: str
    channel_txn_id: str
    scene: str
    payment_fen: int
    amount_fen: int
    paid_at: dt.datetime
    moved_at: dt.datetime
    line_nos: list[int]
    receipt_number: str | None


class VersionRead(msgspec.Struct, frozen=True, kw_only=True):
    """What a bill said before an adjustment."""

    version: int
    amount_fen: int
    reason: str
    made_by: str
    checked_by: str | None
    created_at: dt.datetime


class BillStory(msgspec.Struct, frozen=True, kw_only=True):
    """A bill with everything behind it: its money, the books, its earlier versions."""

    bill: BillRead
    org: str
    movements: list[Movement]
    journals: list[JournalRead]
    versions: list[VersionRead]
    credit_fen: int


class Proposed(msgspec.Struct, frozen=True):
    """A proposal that waits for a second person."""

    approval_id: UUID


class ChooseRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Tick exactly these optional lines of the bill in this version."""

    version: int
    line_nos: list[int]


class ReasonRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Propose something about the bill in this version, saying why."""

    version: int
    reason: str


class AdjustRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Propose other net amounts for lines of the bill in this version."""

    version: int
    reason: str
    changes: list[LineChange]


class MoveRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Propose that money paid on this bill lie on another."""

    version: int
    reason: str
    target_bill_id: UUID
    amount_fen: int


class CreditRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Put the family's credit on the bill in this version."""

    version: int


class CreditUsed(msgspec.Struct, frozen=True):
    """How much credit went onto the bill."""

    used_fen: int


class FeeItemRead(msgspec.Struct, frozen=True, kw_only=True):
    """A fee item."""

    id: UUID
    plugin: str
    code: str
    name: str
    category: str
    period: str
    mandatory: bool
    discountable: bool
    merchant_id: UUID
    refundable_policy: str
    position: int
    active: bool
    version: int


class FeeItemCreate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new fee item; `plugin` names whose it is, no `merchant_id` is the client's first merchant."""

    plugin: Word
    code: Word
    name: Word
    category: Word
    period: Period
    mandatory: bool = True
    discountable: bool = True
    merchant_id: UUID | None = None
    refundable_policy: Word = "none"


class FeeItemPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What changes of a fee item in this version; what is left out stays. `active` false takes it out of use, true brings it back."""

    version: int
    name: Word | msgspec.UnsetType = msgspec.UNSET
    category: Word | msgspec.UnsetType = msgspec.UNSET
    period: Period | msgspec.UnsetType = msgspec.UNSET
    mandatory: bool | msgspec.UnsetType = msgspec.UNSET
    discountable: bool | msgspec.UnsetType = msgspec.UNSET
    merchant_id: UUID | msgspec.UnsetType = msgspec.UNSET
    refundable_policy: Word | msgspec.UnsetType = msgspec.UNSET
    position: Annotated[int, msgspec.Meta(ge=0, le=9999)] | msgspec.UnsetType = msgspec.UNSET
    active: bool | msgspec.UnsetType = msgspec.UNSET


class FeeItemPage(msgspec.Struct, frozen=True):
    """Every fee item, in its order."""

    items: list[FeeItemRead]
    next_cursor: str | None
