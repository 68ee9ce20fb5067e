"""Runs and store days as they leave for Excel."""

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from core.database import Session
from core.hookspecs import Export
from core.web.filters import status_label
from core.web.i18n import N_
from plugins.medical.robots import lists, service

AT_ONCE = 500
DAY_COLUMNS = (
    (N_("账单日期"), "date"), (N_("平台"), "text"), (N_("门店编码"), "text"), (N_("门店"), "text"), (N_("平台订单数"), "number"),
    (N_("平台结算金额"), "money"), (N_("门店订单数"), "number"), (N_("门店结算金额"), "money"), (N_("差额"), "money"), (N_("不一致订单"), "number"),
    (N_("状态"), "text"), (N_("说明"), "text"), (N_("复核人"), "text"),
)  # fmt: skip
RUN_COLUMNS = (
    (N_("账单日期"), "date"), (N_("机器人"), "text"), (N_("平台"), "text"), (N_("状态"), "text"), (N_("原因"), "text"), (N_("尝试次数"), "number"),
    (N_("订单数"), "number"), (N_("平台结算金额"), "money"), (N_("完成时间"), "datetime"),
)  # fmt: skip


async def day_rows(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """One row a store day, in the order of the page."""
    asked, cursor = lists.asked_of(given, reach), None
    while True:
        shown, cursor = await lists.read_days(session, asked, cursor, AT_ONCE)
        for row in shown:
            yield (
                row.bill_on, status_label(row.platform, "medical.shop_platform"), row.store_code, row.store, row.shop_orders, row.shop_fen, row.till_orders,
                row.till_fen, row.gap_fen, row.differences, status_label(row.status, "medical.store_day"), row.reason or "", row.accepted_by or "",
            )  # fmt: skip
        if cursor is None:
            return


async def run_rows(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """One row a run, in the order of the page."""
    asked, cursor = lists.asked_of(given, reach), None
    while True:
        shown, cursor = await lists.read_runs(session, asked, cursor, AT_ONCE)
        for row in shown:
            yield (
                row.bill_on, row.robot, status_label(row.platform, "medical.shop_platform"), status_label(row.status, "medical.robot_run"),
                status_label(row.error, "medical.robot_why") if row.error else "", row.tries, row.lines, row.settle_fen, row.finished_at,
            )  # fmt: skip
        if cursor is None:
            return


ALL = (
    Export("medical.store_days", N_("门店日对账"), service.READ, DAY_COLUMNS, day_rows),
    Export("medical.robot_runs", N_("机器人运行"), service.READ, RUN_COLUMNS, run_rows),
)
