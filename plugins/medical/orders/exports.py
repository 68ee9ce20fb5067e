"""Orders as they leave for Excel: amounts and categories' totals; names masked, no item is named."""

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from core.database import Session
from core.hookspecs import Export
from core.web.filters import status_label
from core.web.i18n import N_
from plugins.medical.orders import lists, repository, service

AT_ONCE = 1000
COLUMNS = (
    (N_("诊疗订单号"), "text"), (N_("HIS 单号"), "text"), (N_("接入厂商"), "text"), (N_("厂商订单号"), "text"), (N_("患者编号"), "text"),
    (N_("患者"), "name"), (N_("就诊号"), "text"), (N_("科室"), "text"), (N_("场景"), "text"), (N_("类型"), "text"), (N_("状态"), "text"),
    (N_("费用总额"), "money"), (N_("医保统筹"), "money"), (N_("个人账户"), "money"), (N_("账户共济"), "money"), (N_("医院负担"), "money"),
    (N_("现金部分"), "money"), (N_("已退"), "money"), (N_("账单号"), "text"), (N_("HIS流水号"), "text"), (N_("提交时间"), "datetime"),
    (N_("支付时间"), "datetime"),
)  # fmt: skip


async def rows(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """One row an order, the newest first."""
    asked = await lists.scoped(session, lists.asked_of(given), reach, None)
    before: UUID | None = None
    while True:
        found = await repository.list_page(session, asked, before, AT_ONCE)
        for row in found:
            yield (
                row.number, row.his_bill_no, row.vendor_name or "HIS", row.vendor_order_no or "", row.patient_no, row.patient_name,
                row.visit_no or "", row.department, status_label(row.scene, "medical.scene"), status_label(row.kind, "medical.order_kind"),
                status_label(row.status, "med_order"), row.total_fen, row.fund_fen, row.account_fen, row.mutual_aid_fen, row.hospital_fen,
                row.cash_fen, row.refunded_fen, row.bill_number or "", row.his_serial or "", row.created_at, row.paid_at,
            )  # fmt: skip
        if len(found) < AT_ONCE:
            return
        before = found[-1].id


ORDERS = Export("medical.orders", N_("诊疗订单"), service.READ, COLUMNS, rows)
