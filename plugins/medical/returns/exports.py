"""Returns as they leave for Excel."""

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from core.database import Session
from core.hookspecs import Export
from core.web.filters import status_label
from core.web.i18n import N_
from plugins.medical.returns import lists, repository, service

AT_ONCE = 500
COLUMNS = (
    (N_("退费号"), "text"), (N_("退费单号"), "text"), (N_("订单号"), "text"), (N_("患者编号"), "text"), (N_("内容"), "text"), (N_("退现金"), "money"),
    (N_("状态"), "text"), (N_("医保"), "text"), (N_("退款单号"), "text"), (N_("原因"), "text"), (N_("说明"), "text"), (N_("申请人"), "text"),
    (N_("申请时间"), "datetime"), (N_("完成时间"), "datetime"), (N_("告知 HIS 时间"), "datetime"),
)  # fmt: skip


async def rows(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """One row a return, in the order of the page."""
    asked, before = lists.asked_of(given), None
    while True:
        found = await repository.list_page(session, asked, before, AT_ONCE)
        for row in found:
            insurance = status_label(row.insurance, "medical.return_insurance") if row.insurance else ""
            yield (
                row.number, row.his_refund_no, row.order_number, row.patient_no, row.order_title, row.cash_fen, status_label(row.status, "medical.return"),
                insurance, row.refund_number or "", row.reason, row.error or "", row.made_by, row.created_at, row.finished_at, row.told_at,
            )  # fmt: skip
        if len(found) < AT_ONCE:
            return
        before = found[-1].id


RETURNS = Export("medical.returns", N_("退费明细"), service.READ, COLUMNS, rows)
