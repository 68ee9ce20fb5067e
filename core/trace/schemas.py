"""A trace as people and programs read it: everything that one fen touched, names masked, sums in fen."""

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec

from core.ledger.book_schemas import JournalRead
from core.reconciliation.states import OPEN


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


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a statement file: which file, where in it, what it says."""

    statement_id: UUID
    row_no: int
    line_no: int
    source: str
    side: str
    file_name: str
    bill_on: dt.date
    merchant_number: str
    channel: str
    kind: str
    counts: bool
    number: str
    order_number: str | None
    channel_number: str | None
    serial: str | None
    bill_number: str | None
    amount_fen: int
    fee_fen: int | None
    net_fen: int | None
    happened_at: dt.datetime | None
    settle_on: dt.date | None
    status: str
    loaded_by: str
    loaded_at: dt.datetime


class Remedy(msgspec.Struct, frozen=True, kw_only=True):
    """What was done about a difference, by whom, agreed by whom."""

    kind: str
    status: str
    amount_fen: int
    reason: str
    made_by: str
    checked_by: str | None
    journal_id: UUID | None
    reversal_id: UUID | None
    refund_id: UUID | None
    created_at: dt.datetime
    finished_at: dt.datetime | None


class DifferenceEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to a difference."""

    what: str
    by_name: str
    remark: str
    at: dt.datetime


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """Where two sides disagree: the field, the values of all sides, its owner and what became of it."""

    id: UUID
    code: str
    klass: str
    bill_on: dt.date
    channel: str
    kind: str
    number: str
    differs: str
    missing_in: list[str]
    business_fen: int | None
    platform_fen: int | None
    channel_fen: int | None
    platform_fee_fen: int | None
    channel_fee_fen: int | None
    amount_fen: int
    status: str
    severity: str
    owner_name: str | None
    due_at: dt.datetime | None
    resolution: str | None
    settle_on: dt.date | None
    resolved_at: dt.datetime | None
    created_at: dt.datetime
    remedies: list[Remedy]
    events: list[DifferenceEvent]

    @property
    def open(self) -> bool:
        """Whether something is still to be done about it."""
        return self.status in OPEN


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """A merchant's share of the money in a settlement batch."""

    batch_id: UUID
    batch_number: str
    merchant_code: str
    kind: str
    ref_id: UUID
    channel: str
    number: str
    amount_fen: int
    fee_fen: int


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What a merchant gets for a day."""

    id: UUID
    number: str
    merchant_id: UUID
    merchant_code: str
    bill_on: dt.date
    settle_on: dt.date
    status: str
    pay_count: int
    gross_fen: int
    refund_count: int
    refund_fen: int
    fee_fen: int
    fee_refund_fen: int
    adjust_fen: int
    brought_fen: int
    net_fen: int
    pay_fen: int
    fee_journal_id: UUID | None
    made_by: str
    checked_by: str | None
    created_at: dt.datetime
    checked_at: dt.datetime | None
    finished_at: dt.datetime | None


class Payout(msgspec.Struct, frozen=True, kw_only=True):
    """An instruction to the bank to pay a merchant; `account` is masked."""

    id: UUID
    number: str
    batch_id: UUID
    attempt: int
    amount_fen: int
    account_name: str
    account_masked: str
    status: str
    journal_id: UUID | None
    bank_reference: str | None
    bank_serial: str | None
    error: str | None
    created_at: dt.datetime
    sent_at: dt.datetime | None
    finished_at: dt.datetime | None


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel owed for a day and merchant number, and what of it came into the clearing account."""

    id: UUID
    channel: str
    merchant_number: str
    bill_on: dt.date
    due_on: dt.date
    gross_fen: int
    fee_fen: int
    net_fen: int
    arrived_fen: int
    status: str
    journal_id: UUID | None
    bank_serial: str | None
    arrived_on: dt.date | None
    created_at: dt.datetime


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """How far a day is: its run, and whether the channel's file is there."""

    bill_on: dt.date
    status: str
    closed_at: dt.datetime | None
    closed_by: str | None
    finished_at: dt.datetime | None


class LoadedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A channel's file that was loaded for a day."""

    id: UUID
    channel: str
    merchant_number: str
    bill_on: dt.date
    file_name: str


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
