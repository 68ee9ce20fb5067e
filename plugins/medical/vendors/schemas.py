"""Vendors' statements as programs and pages read them."""

import datetime as dt
from uuid import UUID

import msgspec


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """Money of one order on one day: `kind` pay or refund, `amount_fen` below zero where it went back. Nobody is named."""

    kind: str
    at: dt.datetime
    order_number: str
    his_bill_no: str
    vendor_order_no: str | None
    app_id: str | None
    vendor: str | None
    scene: str
    order_kind: str
    channel: str
    number: str
    channel_number: str | None
    amount_fen: int


class Sum(msgspec.Struct, frozen=True, kw_only=True):
    """A vendor's day in sums; without a vendor the orders are HIS's own."""

    vendor_id: UUID | None
    app_id: str | None
    vendor: str | None
    pays: int
    pay_fen: int
    refunds: int
    refund_fen: int

    @property
    def net_fen(self) -> int:
        return self.pay_fen - self.refund_fen


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """A day's statement: of one vendor, or of all of the hospital's."""

    on: dt.date
    app_id: str | None
    pays: int
    pay_fen: int
    refunds: int
    refund_fen: int
    net_fen: int
    vendors: list[Sum]
    items: list[Line]
    next_cursor: str | None
