"""Reports as people and programs read them. Everything is derived from bills and where payments lie; nothing is kept twice."""

import datetime as dt
from uuid import UUID

import msgspec


class Collected(msgspec.Struct, frozen=True, kw_only=True):
    """What one unit or fee item comes to: gross − discount = paid + open + given up.

    `key` is the unit's id, or the item's code; empty for bills that lie under no unit of this level.
    """

    key: str
    label: str
    bills: int
    gross_fen: int
    discount_fen: int
    paid_fen: int
    open_fen: int
    given_up_fen: int


class CollectionReport(msgspec.Struct, frozen=True, kw_only=True):
    """Collection by one dimension; `by` is a kind of org unit or `item`."""

    by: str
    rows: list[Collected]
    total: Collected


class DailyItem(msgspec.Struct, frozen=True, kw_only=True):
    """What came in for one fee item, by unit (in the order of the report's units)."""

    item_code: str
    item_name: str
    amounts_fen: list[int]
    total_fen: int


class Place(msgspec.Struct, frozen=True):
    """A unit as a column of a report; no id for what lies under no such unit."""

    id: UUID | None
    name: str


class DailyReport(msgspec.Struct, frozen=True, kw_only=True):
    """Money that was booked onto bills between two days, both included, by item and unit."""

    start: dt.date
    until: dt.date
    by: str
    places: list[Place]
    items: list[DailyItem]
    totals_fen: list[int]
    total_fen: int


class Debtor(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who owes; the name is masked."""

    party_id: UUID
    number: str
    name: str
    org: str
    bills: int
    open_fen: int
    due_on: dt.date
    overdue_days: int


class DebtorPage(msgspec.Struct, frozen=True):
    """Who owes, by number, and what all of them owe together."""

    items: list[Debtor]
    next_cursor: str | None
    people: int
    open_fen: int


class DiscountRow(msgspec.Struct, frozen=True, kw_only=True):
    """A discount on one bill line, with the rule that gave it."""

    bill_id: UUID
    bill_number: str
    line_no: int
    number: str
    name: str
    org: str
    item_code: str
    item_name: str
    gross_fen: int
    discount_fen: int
    net_fen: int
    reason: str


class DiscountPage(msgspec.Struct, frozen=True):
    """The discount ledger, and what all discounts come to."""

    items: list[DiscountRow]
    next_cursor: str | None
    lines: int
    discount_fen: int


class DetailRow(msgspec.Struct, frozen=True, kw_only=True):
    """One bill line and, if money lies on it, one payment of it.

    A line that several payments fill stands in several rows; gross, discount and open stand in the first only, so that columns add up.
    """

    bill_id: UUID
    bill_number: str
    line_no: int
    org_id: UUID | None
    org: str
    number: str
    name: str
    item_code: str
    item_name: str
    gross_fen: int | None
    discount_fen: int | None
    paid_fen: int
    open_fen: int | None
    payment_id: UUID | None
    channel: str | None
    paid_at: dt.datetime | None
    order_number: str | None
    channel_txn_id: str | None
    receipt_number: str | None
    status: str


class DetailPage(msgspec.Struct, frozen=True):
    """Payment details."""

    items: list[DetailRow]
    next_cursor: str | None
