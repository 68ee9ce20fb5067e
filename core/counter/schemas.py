"""The counter as pages and programs see it."""

import datetime as dt
from uuid import UUID

import msgspec

from core.payments.schemas import PayItem

NOTES_FEN = (10000, 5000, 2000, 1000, 500, 100, 50, 10)
"""Notes and coins a drawer is counted in: 100, 50, 20, 10, 5, 1 yuan, 5 jiao, 1 jiao."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One movement at the window; refunds are negative."""

    number: str
    kind: str
    amount_fen: int
    order_number: str | None
    refund_number: str | None
    facts: dict[str, object]
    entered_by: str
    entered_at: dt.datetime


class ShiftRead(msgspec.Struct, frozen=True, kw_only=True):
    """A cashier's shift; `expected_fen` is what the drawer should hold now. What would tell it is None to the cashier who is counting."""

    id: UUID
    cashier: str
    mine: bool
    window: str
    status: str
    float_fen: int
    cash_in_fen: int | None
    cash_out_fen: int | None
    by_kind: dict[str, tuple[int, int]] | None
    expected_fen: int | None
    counted_fen: int | None
    variance_fen: int | None
    variance_reason: str | None
    kept_fen: int | None
    slip: str | None
    opened_at: dt.datetime
    submitted_at: dt.datetime | None
    accepted_by: str | None
    accepted_at: dt.datetime | None
    counted: dict[str, int]


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What came of taking money at a window; `change_fen` goes back over the counter."""

    order_number: str
    entry_number: str
    payment_id: UUID | None
    amount_fen: int
    change_fen: int = 0


class TransferRead(msgspec.Struct, frozen=True, kw_only=True):
    """A transfer that arrived, and what it was matched to and why."""

    id: UUID
    reference: str
    sub_account: str
    amount_fen: int
    payer: str
    status: str
    why: str
    payment_id: UUID | None
    received_at: dt.datetime


class ChequeRead(msgspec.Struct, frozen=True, kw_only=True):
    """A cheque that was taken and waits to clear, or has."""

    id: UUID
    number: str
    bank: str
    drawer: str
    amount_fen: int
    status: str
    taken_by: str
    created_at: dt.datetime
    decided_by: str | None
    decided_at: dt.datetime | None


class ScanRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The payer's pay code for some bills."""

    items: list[PayItem]
    auth_code: str

    def __repr__(self) -> str:
        """A pay code is money: it never reaches a log."""
        return f"ScanRequest({self.items})"


class ScanRead(msgspec.Struct, frozen=True, kw_only=True):
    """A pay code that was scanned. Paid is `succeeded`; `created` and `pending` wait for the payer or the channel; `said` is why not."""

    number: str
    shift_id: UUID
    cashier: str
    status: str
    channel: str
    amount_fen: int
    description: str
    said: str | None
    payment_id: UUID | None
    created_at: dt.datetime
    expires_at: dt.datetime
    decided_at: dt.datetime | None

    @property
    def under_way(self) -> bool:
        """Whether nobody knows yet."""
        return self.status in ("created", "pending")


class OpenRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Begin a shift at a window with this much change in the drawer."""

    window: str
    float_fen: int = 0


class CashRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="cash"):
    """Cash for some bills; what is tendered beyond the amount goes back."""

    items: list[PayItem]
    tendered_fen: int


class PosRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="pos"):
    """A card slip for some bills."""

    items: list[PayItem]
    terminal: str
    reference: str
    card_tail: str = ""


class ChequeRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A cheque for some bills."""

    items: list[PayItem]
    number: str
    bank: str
    drawer: str


class CountRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many of each note and coin (in fen) lie in the drawer."""

    counted: dict[int, int]
    variance_reason: str = ""


class AcceptRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stays as change, and the slip under which the rest goes to the bank."""

    kept_fen: int = 0
    slip: str = ""


class ReasonRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why."""

    reason: str


class ShiftPage(msgspec.Struct, frozen=True):
    """Shifts, the newest first."""

    items: list[ShiftRead]
    next_cursor: str | None


class TransferPage(msgspec.Struct, frozen=True):
    """Transfers, the newest first."""

    items: list[TransferRead]
    next_cursor: str | None


class ChequePage(msgspec.Struct, frozen=True):
    """Cheques, the newest first."""

    items: list[ChequeRead]
    next_cursor: str | None


class ChequeTaken(msgspec.Struct, frozen=True):
    """A cheque that is kept now."""

    id: UUID


class SubAccount(msgspec.Struct, frozen=True):
    """Where somebody's transfers go."""

    party_id: UUID
    number: str
