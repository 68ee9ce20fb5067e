"""A payer's own bills, payments and receipts at the API's door."""

import datetime as dt
from typing import Annotated
from uuid import UUID

import msgspec

from core.billing.schemas import BillRead
from core.notices.schemas import InboxItem
from core.payments.schemas import OrderRead, PayItem, PaymentOption
from core.receipts.schemas import ReceiptRead


class PersonRead(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody the payer may pay for; `own` is false where only a pay code opened the way: then name and place are masked."""

    party_id: UUID
    name: str
    org_name: str
    own: bool
    open_fen: int
    open_bills: int


class People(msgspec.Struct, frozen=True):
    """Everyone the payer may pay for, and the credit they have together, fen."""

    items: list[PersonRead]
    credit_fen: int
    next_cursor: str | None = None


class Bills(msgspec.Struct, frozen=True):
    """Bills with their lines explained, the first due first."""

    items: list[BillRead]
    next_cursor: str | None = None


class PayCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The sixteen digits of one bill."""

    pay_code: Annotated[str, msgspec.Meta(max_length=40)]


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Exactly these optional lines of the bill in this version."""

    version: int
    line_nos: frozenset[int]


class CreditUsed(msgspec.Struct, frozen=True):
    """How much of the family's credit went onto the bill."""

    used_fen: int


class Options(msgspec.Struct, frozen=True):
    """The ways of paying offered for some bills, in the order they should be shown."""

    items: list[PaymentOption]
    amount_fen: int
    next_cursor: str | None = None


class OrderCreate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One charge over some bills, by a channel and scene that were offered. JSAPI needs the wallet's `openid`.

    `return_url` is where the wallet goes back to; `{number}` in it becomes the order's number.
    """

    items: Annotated[list[PayItem], msgspec.Meta(min_length=1, max_length=50)]
    channel: Annotated[str, msgspec.Meta(max_length=20)]
    scene: Annotated[str, msgspec.Meta(max_length=20)]
    openid: Annotated[str, msgspec.Meta(max_length=128)] | None = None
    return_url: Annotated[str, msgspec.Meta(max_length=500, pattern=r"^https?://[^\s]+$")] | None = None


class OrderState(msgspec.Struct, frozen=True):
    """An order and, once it is paid, when."""

    order: OrderRead
    paid_at: dt.datetime | None


class Receipts(msgspec.Struct, frozen=True):
    """Receipts, the newest first."""

    items: list[ReceiptRead]
    next_cursor: str | None = None


class Messages(msgspec.Struct, frozen=True):
    """Entries of the payer's inbox, the newest first; `unread` counts those not looked at, listed here or not."""

    items: list[InboxItem]
    unread: int
    next_cursor: str | None = None


class MessagesRead(msgspec.Struct, frozen=True):
    """How many were new until now, and how many still are."""

    read: int
    unread: int
