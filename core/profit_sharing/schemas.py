"""Profit sharing as pages and programs see it."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

import msgspec


class ReceiverAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who may be given shares: a merchant by number and full name, or a person by openid (a name helps to prove it)."""

    account_id: UUID
    kind: str
    account: str
    name: str = ""
    relation: str = "PARTNER"
    reason: str = ""


class ReceiverRead(msgspec.Struct, frozen=True, kw_only=True):
    """A receiver; the name is masked, and a person's number too."""

    id: UUID
    mchid: str
    kind: str
    account: str
    name: str
    relation: str
    status: str
    error: str | None
    made_by: str
    checked_by: str | None
    created_at: dt.datetime


class ShareAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a receiver is to be given: an amount, or a percentage of the payment (half up to a fen)."""

    receiver_id: UUID
    amount_fen: int = 0
    percent: Decimal | None = None
    description: str = ""


class SplitAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payment to be shared; `release` gives the rest to its merchant at the same time."""

    payment_id: UUID
    shares: list[ShareAsk]
    reason: str
    release: bool = False


class ReleaseAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give what was not shared of a payment to its merchant, for good."""

    payment_id: UUID
    reason: str


class ReturnAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take a share back from a merchant that received it, whole or in part."""

    split_id: UUID
    position: int
    amount_fen: int
    reason: str


class RemoveAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why."""

    reason: str


class ReturnRead(msgspec.Struct, frozen=True, kw_only=True):
    """A share taken back."""

    id: UUID
    number: str
    split_id: UUID
    position: int
    amount_fen: int
    reason: str
    state: str
    error: str | None
    made_by: str
    checked_by: str | None
    created_at: dt.datetime
    finished_at: dt.datetime | None
    proved_fen: int | None
    proved_on: dt.date | None


class ShareRead(msgspec.Struct, frozen=True, kw_only=True):
    """What one receiver was to be given, and what became of it."""

    position: int
    receiver_id: UUID
    kind: str
    account: str
    name: str
    amount_fen: int
    returned_fen: int
    description: str
    state: str
    reason: str | None
    journal_id: UUID | None


class SplitRead(msgspec.Struct, frozen=True, kw_only=True):
    """One request to the channel: shares, or a release."""

    id: UUID
    number: str
    payment_id: UUID
    kind: str
    release: bool
    amount_fen: int
    reason: str
    state: str
    reference: str | None
    error: str | None
    made_by: str
    checked_by: str | None
    checked_at: dt.datetime | None
    created_at: dt.datetime
    sent_at: dt.datetime | None
    finished_at: dt.datetime | None
    proved_fen: int | None
    """What the channel's fund flow says left under this number."""
    proved_on: dt.date | None
    shares: list[ShareRead] = []
    returns: list[ReturnRead] = []


class SharedPayment(msgspec.Struct, frozen=True, kw_only=True):
    """A payment that is frozen for sharing, and how far it got: `waiting`, `under_way`, `shared` or `released`."""

    id: UUID
    order_number: str
    mchid: str
    amount_fen: int
    refunded_fen: int
    shared_fen: int
    free_fen: int
    stage: str
    paid_at: dt.datetime
    split_until: dt.datetime


class PaymentPage(msgspec.Struct, frozen=True):
    """Payments that are frozen for sharing, the newest first."""

    items: list[SharedPayment]
    next_cursor: str | None


class PaymentSharing(msgspec.Struct, frozen=True, kw_only=True):
    """One payment with every request about it."""

    payment: SharedPayment
    splits: list[SplitRead]
