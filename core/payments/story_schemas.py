"""Orders, payments and suspense items, in lists and in full."""

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec

from core.ledger.book_schemas import JournalRead


class OrderRow(msgspec.Struct, frozen=True, kw_only=True):
    """A payment order in a list."""

    id: UUID
    number: str
    description: str
    channel: str
    scene: str
    amount_fen: int
    status: str
    channel_txn_id: str | None
    created_at: dt.datetime
    decided_at: dt.datetime | None
    last_error: str | None


class OrderPage(msgspec.Struct, frozen=True):
    """Orders, the newest first."""

    items: list[OrderRow]
    next_cursor: str | None


class OrderBill(msgspec.Struct, frozen=True, kw_only=True):
    """A bill of an order; outside the asker's reach only its amount is told."""

    bill_id: UUID | None
    number: str
    title: str
    party: str
    amount_fen: int


class NoticeRead(msgspec.Struct, frozen=True, kw_only=True):
    """What the channel told us, and what it came to."""

    received_at: dt.datetime
    outcome: str


class OrderStory(msgspec.Struct, frozen=True, kw_only=True):
    """An order with its bills, the channel's notices and the money that came."""

    order: OrderRow
    mchid: str
    expires_at: dt.datetime
    next_query_at: dt.datetime | None
    queries: int
    bills: list[OrderBill]
    notices: list[NoticeRead]
    payment_ids: list[UUID]


class PaymentRow(msgspec.Struct, frozen=True, kw_only=True):
    """Money that came; `suspense_fen` of it still lies in suspense."""

    id: UUID
    order_number: str
    channel: str
    mchid: str
    channel_txn_id: str
    scene: str
    amount_fen: int
    refunded_fen: int
    suspense_fen: int
    paid_at: dt.datetime
    booked_at: dt.datetime


class PaymentPage(msgspec.Struct, frozen=True):
    """Payments, the newest first, with the sums of everything the filter means."""

    items: list[PaymentRow]
    next_cursor: str | None
    payments: int
    amount_fen: int


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a part of a payment lies: on a bill line, as a person's credit, in suspense."""

    kind: str
    amount_fen: int
    bill_id: UUID | None
    bill: str
    item: str
    party: str


class ReceiptRow(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt of a payment; it has no number until it is issued."""

    number: str | None
    bill_number: str
    amount_fen: int
    issued_at: dt.datetime | None


class PaymentStory(msgspec.Struct, frozen=True, kw_only=True):
    """A payment: where each fen lies, the journals behind it, its receipts."""

    payment: PaymentRow
    places: list[Place]
    journals: list[JournalRead]
    receipts: list[ReceiptRow]


class SuspenseRead(msgspec.Struct, frozen=True, kw_only=True):
    """Money without an owner yet; `payer` is who sent it where a bank told us, masked."""

    id: UUID
    reason: str
    status: str
    amount_fen: int
    left_fen: int
    payment_id: UUID | None
    channel: str | None
    channel_txn_id: str | None
    paid_at: dt.datetime | None
    payer: str
    facts: dict[str, Any]
    resolution: str | None
    resolved_by: str | None
    resolved_at: dt.datetime | None
    created_at: dt.datetime


class SuspensePage(msgspec.Struct, frozen=True):
    """Suspense items, the newest first; `open_fen` lies in all open ones."""

    items: list[SuspenseRead]
    next_cursor: str | None
    open_items: int
    open_fen: int


class CloseRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Propose that an item be closed that holds no money; `reason` says what was found."""

    reason: str


class ResolveRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Propose where an item's money goes: onto a bill, or to a person as credit."""

    amount_fen: int
    reason: str
    bill_id: UUID | None = None
    party_id: UUID | None = None
