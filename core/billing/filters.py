"""Which bills are meant: the filters of lists, reports and exports, read from an address the same way everywhere."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

import msgspec

from core.errors import InvalidRequest

STATES = (
    "live",
    "open",
    "overdue",
    "received",
    "discounted",
    "issued",
    "partially_paid",
    "paid",
    "partially_refunded",
    "refunded",
    "written_off",
    "void",
)
"""`live` is every bill but void ones, `open` still owes, `overdue` owes past its day, `received` holds money; the rest are states."""

SORTS = ("-issued_at", "issued_at", "due_on", "-due_on", "amount_fen", "-amount_fen")


class BadFilter(InvalidRequest):
    code = "BAD_FILTER"
    message = "查询条件“{value}”无效，请清除后重试"


class BillFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What narrows a list of bills; empty means everything within reach.

    `text` is a name, pinyin, a person's number, a bill's number or its pay code.
    """

    text: str = ""
    status: str = ""
    org_id: UUID | None = None
    item: str = ""
    period: str = ""
    source: str = ""
    due_from: dt.date | None = None
    due_to: dt.date | None = None
    party_id: UUID | None = None

    @property
    def by_item(self) -> bool:
        """Whether amounts are those of one fee item instead of whole bills."""
        return bool(self.item)


def read(values: Mapping[str, str]) -> BillFilter:
    """The filter that a page's address or an export names; BadFilter when a value cannot be one."""
    status = word_of(values, "status")
    if status and status not in STATES:
        raise BadFilter(value=status[:40])
    return BillFilter(
        text=word_of(values, "q"),
        status=status,
        org_id=uuid_of(values.get("org")),
        item=word_of(values, "item"),
        period=word_of(values, "period"),
        source=word_of(values, "source"),
        due_from=day_of(values.get("due_from")),
        due_to=day_of(values.get("due_to")),
        party_id=uuid_of(values.get("party")),
    )


def word_of(values: Mapping[str, str], name: str) -> str:
    """What somebody typed: one line, not too long, without what a database cannot hold."""
    return " ".join(values.get(name, "").replace("\0", "").split())[:128]


def day_of(text: str | None) -> dt.date | None:
    """A day as date fields write it."""
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise BadFilter(value=text[:40]) from None


def uuid_of(text: str | None) -> UUID | None:
    """An identifier in an address."""
    try:
        return UUID(text) if text else None
    except ValueError:
        raise BadFilter(value=text[:40]) from None


def sort_of(text: str) -> str:
    """The wanted order, the newest first unless said otherwise."""
    if text and text not in SORTS:
        raise BadFilter(value=text[:40])
    return text or SORTS[0]
