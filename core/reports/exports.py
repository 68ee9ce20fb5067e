"""Reports as they leave for Excel. A plugin may offer payment details with its own levels of the org tree as columns (domain book §3.7)."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from core.billing import filters, units
from core.database import Session
from core.hookspecs import Export
from core.payments.lists import begin_of, end_of
from core.reports import collection, daily, ledgers
from core.reports.schemas import DetailRow
from core.web.filters import percent, status_label
from core.web.i18n import N_

AT_ONCE = 1000
READ = collection.READ
DETAILS = ".payment_details"
"""A plugin's own payment details have a code that ends so; the page offers them instead of core's."""

Rows = AsyncIterator[Sequence[Any]]
Given = Mapping[str, str]


async def _paged(ask: Callable[[str | None], Any]) -> AsyncIterator[Any]:
    cursor = None
    while True:
        page = await ask(cursor)
        for item in page.items:
            yield item
        cursor = page.next_cursor
        if cursor is None:
            return


def span_of(given: Given) -> ledgers.Span:
    """The days between which money was booked, as instants."""
    return begin_of(filters.day_of(given.get("start"))), end_of(filters.day_of(given.get("until")))


def payment_details(code: str, title: str, levels: Sequence[tuple[str, str]], number_title: str) -> Export:
    """Payment details with one column for each level `(kind of unit, column title)`; without levels the unit's path is one column."""
    places = tuple((label, "text") for _kind, label in levels) or ((N_("单位"), "text"),)
    columns = (
        *places,
        (number_title, "text"),
        (N_("姓名"), "name"),
        (N_("收费项目"), "text"),
        (N_("应收"), "money"),
        (N_("减免"), "money"),
        (N_("实收"), "money"),
        (N_("欠费"), "money"),
        (N_("支付方式"), "text"),
        (N_("支付时间"), "datetime"),
        (N_("商户订单号"), "text"),
        (N_("渠道订单号"), "text"),
        (N_("票据号"), "text"),
        (N_("状态"), "text"),
    )

    async def rows(session: Session, given: Given, reach: list[UUID] | None) -> Rows:
        tree, asked, span = await units.load(session, reach), filters.read(given), span_of(given)
        async for row in _paged(lambda cursor: ledgers.details(session, tree, asked, span, cursor, AT_ONCE, shown=str)):
            where = [_name_of(tree, row.org_id, kind) for kind, _label in levels] or [row.org]
            yield (*where, *_told(row))

    return Export(code, title, READ, columns, rows)


def _name_of(tree: units.Units, org_id: UUID | None, kind: str) -> str:
    unit = tree.of_kind(org_id, kind)
    return unit.name if unit else ""


def _told(row: DetailRow) -> tuple[Any, ...]:
    return (
        row.number,
        row.name,
        row.item_name,
        row.gross_fen,
        row.discount_fen,
        row.paid_fen,
        row.open_fen,
        status_label(row.channel, "channel") if row.channel else "",
        row.paid_at,
        row.order_number,
        row.channel_txn_id,
        row.receipt_number,
        status_label(row.status, "bill"),
    )


async def collection_rows(session: Session, given: Given, reach: list[UUID] | None) -> Rows:
    """The collection report as the page shows it, with its total."""
    tree = await units.load(session, reach)
    found = await collection.report(session, tree, filters.read(given), given.get("by", ""))
    for row in [*found.rows, found.total]:
        rate = percent(row.paid_fen, row.gross_fen - row.discount_fen)
        yield (row.label, row.bills, row.gross_fen, row.discount_fen, row.paid_fen, row.open_fen, row.given_up_fen, rate)


async def daily_rows(session: Session, given: Given, reach: list[UUID] | None) -> Rows:
    """The daily report, one row an item and unit."""
    tree = await units.load(session, reach)
    start, until = daily.days_of(given)
    found = await daily.report(session, tree, start, until, filters.uuid_of(given.get("org")), given.get("by", ""))
    for item in found.items:
        for place, fen in zip(found.places, item.amounts_fen, strict=True):
            if fen:
                yield (item.item_code, item.item_name, place.name, fen)


async def debtor_rows(session: Session, given: Given, reach: list[UUID] | None) -> Rows:
    """Who owes."""
    tree, asked = await units.load(session, reach), filters.read(given)
    async for row in _paged(lambda cursor: ledgers.debtors(session, tree, asked, cursor, AT_ONCE, shown=str)):
        yield (row.org, row.number, row.name, row.bills, row.open_fen, row.due_on, row.overdue_days)


async def discount_rows(session: Session, given: Given, reach: list[UUID] | None) -> Rows:
    """The discount ledger."""
    tree, asked = await units.load(session, reach), filters.read(given)
    async for row in _paged(lambda cursor: ledgers.discounts(session, tree, asked, cursor, AT_ONCE, shown=str)):
        yield (row.org, row.number, row.name, row.bill_number, row.item_name, row.gross_fen, row.discount_fen, row.net_fen, row.reason)


EXPORTS = (
    payment_details("reports" + DETAILS, N_("缴费明细"), (), N_("编号")),
    Export(
        "reports.collection",
        N_("收缴统计"),
        READ,
        (
            (N_("单位或项目"), "text"), (N_("账单数"), "number"), (N_("应收"), "money"), (N_("减免"), "money"), (N_("实收"), "money"),
            (N_("欠费"), "money"), (N_("核销"), "money"), (N_("收缴率"), "text"),
        ),
        collection_rows,
    ),
    Export(
        "reports.daily",
        N_("收款日报"),
        READ,
        ((N_("项目编码"), "text"), (N_("收费项目"), "text"), (N_("单位"), "text"), (N_("入账金额"), "money")),
        daily_rows,
    ),
    Export(
        "reports.unpaid",
        N_("欠费清单"),
        READ,
        (
            (N_("单位"), "text"), (N_("编号"), "text"), (N_("姓名"), "name"), (N_("账单数"), "number"), (N_("欠费"), "money"),
            (N_("最早到期日"), "date"), (N_("逾期天数"), "number"),
        ),
        debtor_rows,
    ),
    Export(
        "reports.discounts",
        N_("减免台账"),
        READ,
        (
            (N_("单位"), "text"), (N_("编号"), "text"), (N_("姓名"), "name"), (N_("账单号"), "text"), (N_("收费项目"), "text"),
            (N_("原价"), "money"), (N_("减免"), "money"), (N_("应缴"), "money"), (N_("依据"), "text"),
        ),
        discount_rows,
    ),
)  # fmt: skip
