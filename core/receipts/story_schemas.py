"""Receipts as staff and programs list and read them."""

import datetime as dt
from typing import Annotated
from uuid import UUID

import msgspec

from core.receipts.schemas import ReceiptRead


class ReceiptRow(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt in a list; the person's name is masked. `refused` waits for somebody: its issuer said no."""

    id: UUID
    number: str | None
    ticket: str
    kind: str
    status: str
    amount_fen: int
    payment_id: UUID
    order_number: str
    bill_id: UUID
    bill_number: str
    party_name: str
    party_number: str
    issued_at: dt.datetime | None
    created_at: dt.datetime
    flushing: bool
    refused: bool


class ReceiptPage(msgspec.Struct, frozen=True):
    """Receipts, the newest first, with how many are meant and what they come to (red ones taken off, voided ones left out)."""

    items: list[ReceiptRow]
    next_cursor: str | None
    receipts: int
    amount_fen: int


class ReceiptStory(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt in full, what it replaced and was replaced by, and the address on which anybody can check it."""

    row: ReceiptRow
    receipt: ReceiptRead
    others: list[ReceiptRead]
    check_url: str


class FlushRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a receipt is wrong, and whether it is issued again under today's names."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    reissue: bool = True


class FlushProposed(msgspec.Struct, frozen=True):
    """A second person decides."""

    approval_id: UUID
