"""The list of receipts as it leaves for Excel: the same filters, every row; names are masked as they leave."""

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from core.database import Session
from core.hookspecs import Export
from core.receipts import lists
from core.receipts import lists_repository as repository
from core.web.filters import status_label
from core.web.i18n import N_

AT_ONCE = 1000
COLUMNS = (
    (N_("收据号"), "text"),
    (N_("票据种类"), "text"),
    (N_("蓝字或红字"), "text"),
    (N_("状态"), "text"),
    (N_("金额"), "money"),
    (N_("编号"), "text"),
    (N_("缴费人"), "party"),
    (N_("账单号"), "text"),
    (N_("支付单号"), "text"),
    (N_("票据代码"), "text"),
    (N_("票据号码"), "text"),
    (N_("开具时间"), "datetime"),
)


async def rows(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """One row a receipt, the newest first."""
    asked, before = lists.asked_of(given), None
    while True:
        found = await repository.list_receipts(session, asked, reach, before, AT_ONCE)
        for row in found:
            read = lists.row_of(row)
            yield (
                read.number or "",
                status_label(read.ticket, "ticket"),
                status_label(read.kind, "receipt_kind"),
                status_label(read.status, "receipt"),
                read.amount_fen,
                read.party_number,
                row.party_name,
                read.bill_number,
                read.order_number,
                row.facts.get("code", ""),
                row.facts.get("number", ""),
                read.issued_at,
            )
        if len(found) < AT_ONCE:
            return
        before = found[-1].id


RECEIPTS = Export("receipts.receipts", N_("收据"), lists.READ, COLUMNS, rows)
