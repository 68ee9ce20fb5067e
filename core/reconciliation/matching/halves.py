"""What one side says of one payment or refund, and what all sides together say of it."""

import datetime as dt
from uuid import UUID

import msgspec

SIDES = ("business", "platform", "channel")


class Half(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One side's row. Amounts are positive fen; a fee is the merchant's cost, a returned one negative, None where the side knows none."""

    amount_fen: int
    fee_fen: int | None = None
    at: dt.datetime | None = None
    order_number: str | None = None
    channel_number: str | None = None
    channel_order_number: str | None = None
    bill_number: str | None = None
    serial: str | None = None
    merchant_number: str | None = None
    statement_id: UUID | None = None
    row_no: int | None = None
    payment_id: UUID | None = None
    refund_item_id: UUID | None = None
    suspense_id: UUID | None = None
    copies: int = 1
    """Rows of the same number in this side's files: more than one is itself a difference, their amounts are summed."""
    run_on: dt.date | None = None
    """The later day in whose files it came, for what joined a difference afterwards."""


class Item(msgspec.Struct, kw_only=True):
    """One payment or refund as the sides show it, by channel, kind and our own number."""

    channel: str
    kind: str
    number: str
    halves: dict[str, Half] = {}
    platform_status: str | None = None
    """What the platform's row says where it takes no part: closed, failed, pending."""
    closed_bill: str | None = None
    facts: dict[str, object] = {}

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is compared by."""
        return (self.channel, self.kind, self.number)

    @property
    def present(self) -> tuple[bool, bool, bool]:
        """Whether business, platform and channel have it."""
        return tuple(side in self.halves for side in SIDES)

    def first(self, name: str, *sides: str) -> object:
        """The first of some sides that knows a field."""
        for side in sides or SIDES:
            half = self.halves.get(side)
            value = getattr(half, name) if half is not None else None
            if value is not None:
                return value
        return None

    @property
    def order_number(self) -> str | None:
        """The order: a payment's own number, or that of the payment a refund gives back."""
        return self.number if self.kind == "pay" else self.first("order_number", "platform", "channel", "business")
