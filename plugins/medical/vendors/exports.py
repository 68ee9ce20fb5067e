"""A day's statement of one vendor or of all as it leaves for Excel; nobody is named in it."""

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from core import clock
from core.billing import filters
from core.database import Session
from core.hookspecs import Export
from core.web.filters import status_label
from core.web.i18n import N_
from plugins.medical.vendors import service, statements

AT_ONCE = 1000
COLUMNS = (
    (N_("业务日期"), "date"), (N_("接入厂商"), "text"), (N_("应用编号"), "text"), (N_("类型"), "text"), (N_("诊疗订单号"), "text"),
    (N_("HIS 单号"), "text"), (N_("厂商订单号"), "text"), (N_("场景"), "text"), (N_("支付方式"), "text"), (N_("商户订单号"), "text"),
    (N_("渠道订单号"), "text"), (N_("金额"), "money"), (N_("时间"), "datetime"),
)  # fmt: skip


async def rows(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """One row for each payment and refund of an order, by time."""
    on = filters.day_of(given.get("on")) or clock.today()
    vendor = await service.find_by_app_id(session, given["app_id"]) if given.get("app_id") else None
    cursor = None
    while True:
        page = await statements.read(session, on, vendor, cursor, AT_ONCE)
        for line in page.items:
            yield (
                on, line.vendor or "HIS", line.app_id or "", status_label(line.kind, "medical.statement_line"), line.order_number,
                line.his_bill_no, line.vendor_order_no or "", status_label(line.scene, "medical.scene"), status_label(line.channel, "channel"),
                line.number, line.channel_number or "", line.amount_fen, line.at,
            )  # fmt: skip
        cursor = page.next_cursor
        if cursor is None:
            return


STATEMENT = Export("medical.vendor_statement", N_("厂商对账单"), statements.READ, COLUMNS, rows)
