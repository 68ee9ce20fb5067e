"""Settlement as pages and programs see it; amounts are fen, days those of Shanghai."""

import datetime as dt
from uuid import UUID

import msgspec

from core.settlement.gate import Gate


class BatchRead(msgspec.Struct, frozen=True, kw_only=True):
    """A merchant's batch of a day: net = gross − refunds − fees + fees returned + adjustments + what was brought forward; `pay_fen` is what
    of it is paid out, the rest is carried."""

    id: UUID
    number: str
    merchant_id: UUID
    merchant_code: str
    merchant_name: str
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
    carried_to: UUID | None
    gate: Gate
    made_by: str
    checked_by: str | None
    checked_at: dt.datetime | None
    finished_at: dt.datetime | None
    version: int
    created_at: dt.datetime


class BatchPage(msgspec.Struct, frozen=True, kw_only=True):
    """Batches, the newest day first, with the sums of everything the filter means."""

    items: list[BatchRead]
    next_cursor: str | None
    batches: int
    gross_fen: int
    refund_fen: int
    cost_fen: int
    net_fen: int
    pay_fen: int


class ItemRead(msgspec.Struct, frozen=True, kw_only=True):
    """One payment's, refund's or adjustment's part of a batch; refunds and their returned fee are told without a sign."""

    kind: str
    ref_id: UUID
    payment_id: UUID | None
    refund_id: UUID | None
    channel: str
    merchant_number: str
    number: str
    amount_fen: int
    fee_fen: int
    bill_on: dt.date


class ItemPage(msgspec.Struct, frozen=True):
    """What a batch is made of."""

    items: list[ItemRead]
    next_cursor: str | None


class PayoutRead(msgspec.Struct, frozen=True, kw_only=True):
    """A payment instruction to the bank; `sent` is not decided yet and is asked about under the same number."""

    id: UUID
    number: str
    batch_id: UUID
    batch_number: str
    merchant_code: str
    bill_on: dt.date
    attempt: int
    amount_fen: int
    account_name: str
    account_masked: str
    status: str
    bank_serial: str | None
    error: str | None
    next_at: dt.datetime | None
    sent_at: dt.datetime | None
    finished_at: dt.datetime | None
    created_at: dt.datetime


class PayoutPage(msgspec.Struct, frozen=True):
    """Instructions, the newest first."""

    items: list[PayoutRead]
    next_cursor: str | None


class AdjustmentRead(msgspec.Struct, frozen=True, kw_only=True):
    """What a merchant gets (or, below zero, owes) beside its payments; in no batch while `batch_id` is empty."""

    id: UUID
    merchant_id: UUID
    merchant_code: str
    merchant_name: str
    amount_fen: int
    reason: str
    difference_id: UUID | None
    journal_id: UUID
    batch_id: UUID | None
    batch_number: str | None
    made_by: str
    checked_by: str
    created_at: dt.datetime


class AdjustmentPage(msgspec.Struct, frozen=True):
    """Adjustments, the newest first."""

    items: list[AdjustmentRead]
    next_cursor: str | None


class SplitRead(msgspec.Struct, frozen=True, kw_only=True):
    """A partner's share of what a merchant receives for a fee item (empty: for everything)."""

    id: UUID
    merchant_code: str
    merchant_name: str
    partner_code: str
    partner_name: str
    item_code: str
    share_ppm: int
    from_on: dt.date
    until_on: dt.date | None
    made_by: str
    checked_by: str


class MonthRow(msgspec.Struct, frozen=True, kw_only=True):
    """A month in the list."""

    month: str
    status: str
    batches: int
    unfinished: int
    net_fen: int
    paid_fen: int
    made_by: str | None
    checked_by: str | None
    signed_at: dt.datetime | None


class MonthPage(msgspec.Struct, frozen=True):
    """Months, the newest first."""

    items: list[MonthRow]
    next_cursor: str | None


class MerchantMonth(msgspec.Struct, frozen=True, kw_only=True):
    """A merchant's month."""

    merchant_code: str
    merchant_name: str
    batches: int
    pay_count: int
    gross_fen: int
    refund_fen: int
    cost_fen: int
    adjust_fen: int
    net_fen: int
    paid_fen: int


class MonthRead(msgspec.Struct, frozen=True, kw_only=True):
    """A month: its sums now, those that were signed, what stands in the way of signing."""

    id: UUID | None
    month: str
    status: str
    totals: dict[str, int]
    signed_totals: dict[str, int]
    hindrances: list[str]
    merchants: list[MerchantMonth]
    made_by: str | None
    checked_by: str | None
    signed_at: dt.datetime | None
