"""Orders that HIS did not take, as they leave for Excel."""

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from core.billing.filters import word_of
from core.database import Session
from core.hookspecs import Export
from core.web.filters import status_label
from core.web.i18n import N_
from plugins.medical.his import lists, repository

AT_ONCE = 500
COLUMNS = (
    (N_("订单号"), "text"), (N_("HIS 账单号"), "text"), (N_("内容"), "text"), (N_("场景"), "text"), (N_("金额"), "money"), (N_("收款时间"), "datetime"),
    (N_("失败时间"), "datetime"), (N_("原因"), "text"), (N_("自动处理时间"), "datetime"),
)  # fmt: skip


async def rows(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """One row an order, in the order of the page."""
    typed, after = word_of(given, "q")[:64], None
    while True:
        found = await repository.list_failed(session, typed, after, AT_ONCE)
        for row in found:
            yield (
                row.number, row.his_bill_no, row.title, status_label(row.scene, "medical.scene"), row.cash_fen, row.paid_at, row.post_failed_at,
                row.post_error or "", row.post_at,
            )  # fmt: skip
        if len(found) < AT_ONCE:
            return
        after = (found[-1].post_failed_at, found[-1].id)


POST_FAILURES = Export("medical.post_failures", N_("上账失败"), lists.READ, COLUMNS, rows)
