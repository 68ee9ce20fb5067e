"""A trace as people and programs read it: everything that one fen touched, names masked, sums in fen."""

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec

from core.ledger.book_schemas import JournalRead
from core.trace.told_schemas import Arrival, Batch, Day, Difference, Line, Payout, Settled


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Something that has the number; choose it with `as`."""

    choose: str
    kind: str
    name: str
    amount_fen: int


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One link of the chain: `done`, `waiting` (not due yet, and why), `open` (a difference), or `none` (nothing to expect here).

    `sums` says in words and figures how this link adds up to its neighbour.
    """

    code: str
    state: str
    count: int = 0
    amount_fen: int = 0
    sums: str = ""
    why: str = ""


class Bill(msgspec.Struct, frozen=True, kw_only=True):
    """A bill that the money was meant for; `party` is masked."""

    id: UUID
    number: str
    title: str
    period: str
    status: str
    org_id: UUID | None
    amount_fen: int
    paid_fen: int
    refunded_fen: int
    due_on: dt.date
    issued_at: dt.datetime
    party: str


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """A movement of a payment's money onto a bill line, a person's credit or suspense (negative: away from it)."""

    payment_id: UUID
    kind: str
    bill_id: UUID | None
    bill_number: str | None
    line_no: int | None
    item: str | None
    merchant: str | None
    org_id: UUID | None
    amount_fen: int
    journal_id: UUID
    allocated_at: dt.datetime


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What a payer began to pay."""

    number: str
    channel: str
    mchid: str
    scene: str
    description: str
    amount_fen: int
    status: str
    channel_txn_id: str | None
    last_error: str | None
    queries: int
    created_at: dt.datetime
    decided_at: dt.datetime | None


class OrderShare(msgspec.Struct, frozen=True, kw_only=True):
    """What of an order was for which bill."""

    order_number: str
    bill_id: UUID
    amount_fen: int


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """Money that came."""

    id: UUID
    order_number: str
    channel: str
    mchid: str
    channel_txn_id: str
    scene: str
    amount_fen: int
    refunded_fen: int
    held_fen: int
    journal_id: UUID
    paid_at: dt.datetime
    booked_at: dt.datetime


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What the channel told us, and what it came to."""

    order_number: str
    outcome: str
    received_at: dt.datetime


class RefundPart(msgspec.Struct, frozen=True, kw_only=True):
    """A refund's part of one payment, under its own number at the channel."""

    id: UUID
    refund_id: UUID
    refund_number: str
    number: str
    payment_id: UUID
    attempt: int
    channel: str
    amount_fen: int
    state: str
    reference: str | None
    error: str | None
    journal_id: UUID | None
    by_hand: bool
    created_at: dt.datetime
    sent_at: dt.datetime | None
    finished_at: dt.datetime | None
    reason: str
    status: str
    source: str
    org_id: UUID | None
    requested_by: str
    requested_at: dt.datetime
    approved_by: str | None
    approved_at: dt.datetime | None


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt of the money; a red one takes a blue one back."""

    id: UUID
    number: str | None
    kind: str
    ticket: str
    status: str
    amount_fen: int
    payment_id: UUID
    bill_id: UUID
    bill_number: str
    org_id: UUID | None
    issued_at: dt.datetime | None
    created_at: dt.datetime


class Suspense(msgspec.Struct, frozen=True, kw_only=True):
    """Money without an owner, and how it found one."""

    id: UUID
    payment_id: UUID | None
    reason: str
    status: str
    amount_fen: int
    left_fen: int
    resolution: str | None
    resolved_by: str | None
    resolved_at: dt.datetime | None
    created_at: dt.datetime


class CounterEntry(msgspec.Struct, frozen=True, kw_only=True):
    """The cashier's entry of money taken or paid out at a window, and its shift: the counter's own channel file."""

    number: str
    payment_id: UUID | None
    kind: str
    amount_fen: int
    entered_by: str
    entered_at: dt.datetime
    shift_id: UUID | None
    shift_status: str | None
    window: str | None
    accepted_by: str | None
    accepted_at: dt.datetime | None


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the audit trail about something in the chain."""

    at: dt.datetime
    actor_name: str
    action: str
    object_type: str
    reason: str | None
    after: dict[str, Any] | None


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened, when, and who did it (empty: nobody, a machine)."""

    at: dt.datetime
    by: str
    title: str
    text: str = ""
    tone: str = "quiet"


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """The whole life of some money. `complete` when every step is done; `ends` says where it stands and why otherwise."""

    number: str
    kind: str
    name: str
    amount_fen: int
    complete: bool
    ends: str
    steps: list[Step]
    elsewhere_fen: int
    bills: list[Bill]
    placements: list[Placement]
    orders: list[Order]
    payments: list[Payment]
    notices: list[Notice]
    counter: list[CounterEntry]
    lines: list[Line]
    bank_lines: list[Line]
    differences: list[Difference]
    refunds: list[RefundPart]
    receipts: list[Receipt]
    suspense: list[Suspense]
    journals: list[JournalRead]
    settled: list[Settled]
    settled_count: int
    batches: list[Batch]
    payouts: list[Payout]
    arrivals: list[Arrival]
    days: list[Day]
    events: list[Event]


class TraceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The trace, or, where several things have the number, what to choose from (`trace` is null then)."""

    trace: Trace | None
    choices: list[Found]
