"""Days of reconciliation as they leave for Excel."""

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from core.database import Session
from core.hookspecs import Export
from core.reconciliation import rights
from core.reconciliation.runs import lists as runs_lists
from core.web.filters import status_label
from core.web.i18n import N_

COLUMNS = (
    (N_("账单日期"), "date"),
    (N_("状态"), "text"),
    (N_("一致笔数"), "number"),
    (N_("一致收款"), "money"),
    (N_("一致退款"), "money"),
    (N_("差异"), "number"),
    (N_("按类"), "text"),
    (N_("缺少文件"), "text"),
    (N_("经办人"), "text"),
    (N_("最近对账"), "datetime"),
    (N_("关账人"), "text"),
    (N_("关账时间"), "datetime"),
)


async def rows(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """One row a day, the newest first."""
    asked, cursor = runs_lists.asked_of(given), None
    while True:
        page = await runs_lists.list_runs(session, asked, cursor, 200)
        for row in page.items:
            total = row.matched.get("total", {})
            classes = " ".join(f"{code} {told['count']}" for code, told in row.by_class.items())
            gaps = " ".join(f"{gap['source']} {gap['merchant_number']}".strip() for gap in row.missing)
            yield (
                row.bill_on, status_label(row.status, "recon_run"), row.matched_rows, total.get("pay_amount_fen", 0),
                total.get("refund_amount_fen", 0), row.found, classes, gaps, row.made_by, row.finished_at, row.closed_by or "", row.closed_at,
            )  # fmt: skip
        cursor = page.next_cursor
        if cursor is None:
            return


RUNS = Export("reconciliation.runs", N_("对账"), rights.READ, COLUMNS, rows)
