"""The hospital's reports as they leave for Excel; nobody is named in them but the cashier of a shift."""

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

import msgspec

from core.counter import shifts
from core.database import Session
from core.hookspecs import Export
from core.identity.actor import system
from core.web.filters import status_label
from core.web.i18n import N_
from plugins.medical.reports import service

AT_ONCE = 500
_REVENUE = (
    (N_("科室 / 日期 / 类型"), "text"), (N_("订单数"), "number"), (N_("费用总额"), "money"), (N_("医保支付"), "money"), (N_("医院负担"), "money"),
    (N_("现金部分"), "money"), (N_("已退"), "money"), (N_("现金净额"), "money"),
)  # fmt: skip
_SHIFTS = (
    (N_("收费员"), "text"), (N_("窗口"), "text"), (N_("开班时间"), "datetime"), (N_("交班时间"), "datetime"), (N_("状态"), "text"),
    (N_("现金笔数"), "number"), (N_("现金收入"), "money"), (N_("POS 笔数"), "number"), (N_("POS 刷卡"), "money"), (N_("付款码笔数"), "number"),
    (N_("付款码"), "money"), (N_("支票笔数"), "number"), (N_("支票"), "money"), (N_("合计笔数"), "number"), (N_("合计"), "money"),
    (N_("应有现金"), "money"), (N_("盘点现金"), "money"), (N_("差异"), "money"), (N_("差异原因"), "text"),
)  # fmt: skip


async def revenue(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """One row a department, day, kind or scene."""
    for row in (await service.revenue(session, given, reach)).rows:
        yield (
            row.label, row.orders, row.total_fen, row.insured_fen, row.hospital_fen, row.cash_fen, row.refunded_fen, row.net_cash_fen,
        )  # fmt: skip


async def days(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """One row a shift, the newest first."""
    by = msgspec.structs.replace(system(session.tenant_id), rights={shifts.READ: None})
    cursor: str | None = None
    while True:
        found, cursor = await service.list_days(session, by, given.get("status", ""), cursor, AT_ONCE)
        for row in found:
            ways = [part for kind in service.TAKEN for part in row.taken[kind]]
            yield (
                row.cashier, row.window, row.opened_at, row.submitted_at, status_label(row.status, "counter.shift"), *ways, row.count,
                row.amount_fen, row.expected_fen, row.counted_fen, row.variance_fen, row.variance_reason or "",
            )  # fmt: skip
        if cursor is None:
            return


ALL = (
    Export("medical.revenue", N_("科室收入"), service.REVENUE, _REVENUE, revenue),
    Export("medical.shifts", N_("收费员日结"), service.SHIFTS, _SHIFTS, days),
)
