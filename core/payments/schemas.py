"""Payments as pages and programs see them."""

import datetime as dt
from uuid import UUID

import msgspec

from core.payments.channels.protocol import Prepared


class PayItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One bill of a charge and how much of it is to be paid now."""

    bill_id: UUID
    amount_fen: int


class OrderRead(msgspec.Struct, frozen=True, kw_only=True):
    """A payment order. People see three states: paid (`succeeded`), not paid (`closed`, `failed`), being checked (the rest)."""

    id: UUID
    number: str
    status: str
    channel: str
    scene: str
    amount_fen: int
    currency: str
    description: str
    expires_at: dt.datetime
    created_at: dt.datetime
    decided_at: dt.datetime | None
    last_error: str | None
    prepared: Prepared | None
    items: list[PayItem]

    @property
    def bill_ids(self) -> list[UUID]:
        """The bills of the charge."""
        return [item.bill_id for item in self.items]


class PaymentRead(msgspec.Struct, frozen=True, kw_only=True):
    """Money that came."""

    id: UUID
    order_number: str
    channel: str
    channel_txn_id: str
    scene: str
    amount_fen: int
    refunded_fen: int
    paid_at: dt.datetime


class PaymentOption(msgspec.Struct, frozen=True, kw_only=True):
    """A way of paying that is offered here and now; `payments_needed` says how many charges the limit makes of an amount."""

    channel: str
    scene: str
    title: str
    limit_fen: int | None
    payments_needed: int
    available: bool
    why: str = ""
    hint: str = ""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel's word came to: `booked`, `duplicate`, `suspense`, `closed`, `pending` or `mismatch`."""

    outcome: str
    order_number: str
    payment_id: UUID | None = None
    facts: dict[str, object] = {}
