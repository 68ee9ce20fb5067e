"""Refunds as they leave for Excel: the list of the page, or a batch's result file."""

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from core.database import Session
from core.hookspecs import Export
from core.refunds import lists, lists_repository, repository, service
from core.web.filters import status_label
from core.web.i18n import N_

AT_ONCE = 500
COLUMNS = (
    (N_("退款单号"), "text"),
    (N_("来源"), "text"),
    (N_("账单号"), "text"),
    (N_("编号"), "text"),
    (N_("姓名"), "name"),
    (N_("退款金额"), "money"),
    (N_("已退金额"), "money"),
    (N_("状态"), "text"),
    (N_("原因"), "text"),
    (N_("渠道退款号"), "text"),
    (N_("商户订单号"), "text"),
    (N_("失败说明"), "text"),
    (N_("申请人"), "text"),
    (N_("批准人"), "text"),
    (N_("申请时间"), "datetime"),
    (N_("完成时间"), "datetime"),
)


async def rows(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """One row a refund, in the order of the page."""
    asked, before = lists.asked_of(given), None
    while True:
        found = await lists_repository.list_page(session, asked, reach, before, AT_ONCE)
        for row in found:
            items = await repository.list_story(session, row.id)
            yield (
                row.number,
                status_label(row.source, "refund_source"),
                row.bill_number or "",
                row.party_number or "",
                row.party_name or "",
                row.amount_fen,
                row.refunded_fen,
                status_label(row.status, "refund"),
                row.reason,
                " ".join(item.number for item in items if item.state not in ("closed", "cancelled")),
                " ".join(dict.fromkeys(item.order_number for item in items)),
                row.error or " ".join(dict.fromkeys(item.error for item in items if item.error)),
                row.requested_by,
                row.approved_by or "",
                row.created_at,
                row.finished_at,
            )
        if len(found) < AT_ONCE:
            return
        before = found[-1].id


REFUNDS = Export("refunds.refunds", N_("退款明细"), service.READ, COLUMNS, rows)
