"""What others tell of some money: lines of their files, differences, settlement, the bank."""

import datetime as dt
from uuid import UUID

import msgspec

from core.reconciliation.states import OPEN


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
