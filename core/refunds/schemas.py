"""Refunds as people and programs ask for them and read them."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec

Fen = Annotated[int, msgspec.Meta(ge=1, le=10**15)]
Split = Literal["lifo", "prorata"]


class LineAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much of one bill line goes back."""

    line_no: int
    amount_fen: Fen


class RefundAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ask for money back: off a bill, out of a person's credit, or from a suspense item (exactly one of the three).

    `payment_id` takes it from one payment only; without `split` the client's own way is used; `version` is that of the bill as it was seen.
    `cause` is a word of `words.CAUSES`: who is refunded because of 退学 or 转学 has left once the money is back.
    """

    amount_fen: Fen
    reason: str
    bill_id: UUID | None = None
    party_id: UUID | None = None
    suspense_id: UUID | None = None
    payment_id: UUID | None = None
    lines: tuple[LineAsk, ...] = ()
    split: Split | None = None
    version: int | None = None
    effective_on: dt.date | None = None
    cause: str | None = None


class PolicyLine(msgspec.Struct, frozen=True, kw_only=True):
    """What a line's refund policy comes to; `amount_fen` is None where the policy cannot be computed and a person decides."""

    line_no: int
    item_name: str
    policy: str
    paid_fen: int
    free_fen: int
    amount_fen: int | None
    explanation: list[tuple[str, str]]


class PartRead(msgspec.Struct, frozen=True, kw_only=True):
    """Where a part of the money is taken from."""

    kind: str
    line_no: int | None
    merchant_code: str | None
    amount_fen: int


class ItemRead(msgspec.Struct, frozen=True, kw_only=True):
    """One payment's part of a refund under one number at the channel."""

    id: UUID
    payment_id: UUID
    number: str
    attempt: int
    channel: str
    amount_fen: int
    state: str
    journal_id: UUID | None
    reference: str | None
    route: str | None
    """`revoke`: the whole payment undone on its own day (消费撤销); `refund`: an ordinary one; None where the channel knows only that."""
    error: str | None
    tries: int
    next_at: dt.datetime | None
    sent_at: dt.datetime | None
    finished_at: dt.datetime | None
    order_number: str = ""
    channel_txn_id: str = ""
    transfer: dict[str, str] | None = None
    parts: list[PartRead] = []


class RefundRead(msgspec.Struct, frozen=True, kw_only=True):
    """A refund; `refunded_fen` of it has arrived so far."""

    id: UUID
    number: str
    source: str
    bill_id: UUID | None
    party_id: UUID | None
    suspense_id: UUID | None
    payment_id: UUID | None
    org_id: UUID | None
    title: str
    amount_fen: int
    refunded_fen: int
    lines: list[LineAsk]
    policy: list[PolicyLine]
    split: str
    reason: str
    cause: str | None
    effective_on: dt.date | None
    status: str
    error: str | None
    requested_by: str
    requested_by_kind: str
    approved_by: str | None
    approved_at: dt.datetime | None
    finished_at: dt.datetime | None
    batch_id: UUID | None
    version: int
    created_at: dt.datetime
    items: list[ItemRead] = []


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """What one payment would give back, and how: `channel` (original route) or `manual` (a person transfers it, and why)."""

    payment_id: UUID
    channel: str
    order_number: str
    paid_at: dt.datetime
    amount_fen: int
    way: str
    why: str = ""


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """What can go back now, line by line as policies say, and which payments would give it."""

    free_fen: int
    policy: list[PolicyLine]
    planned: list[Planned] = []


class TransferAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The verified account of the original payer to which a person transfers the money, and how it was verified."""

    holder: str
    account: str
    bank: str
    evidence: str
