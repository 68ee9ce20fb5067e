"""Receipts as pages and programs read them."""

import datetime as dt
from uuid import UUID

import msgspec


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What a receipt said when it was made; later changes of names or bills do not change it."""

    client: str
    payer: str
    party_number: str
    title: str
    period: str
    lines: list[tuple[str, int]]
    channel: str
    payment_number: str
    paid_at: dt.datetime
    seal: str


class ReceiptRead(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt; without a number it is still being issued, which takes seconds."""

    id: UUID
    payment_id: UUID
    bill_id: UUID
    number: str | None
    verify_code: str
    amount_fen: int
    status: str
    content: Content
    issued_at: dt.datetime | None
    created_at: dt.datetime
