"""Statements as they leave for Excel: the list of the page, or one file's lines."""

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from core.billing.filters import uuid_of
from core.database import Session
from core.hookspecs import Export
from core.statements import lists, lists_repository
from core.statements.rights import READ
from core.web.filters import status_label
from core.web.i18n import N_

AT_ONCE = 1000
FILE_COLUMNS = (
    (N_("账单日期"), "date"),
    (N_("来源"), "text"),
    (N_("商户号"), "text"),
    (N_("文件"), "text"),
    (N_("版本"), "number"),
    (N_("结论"), "text"),
    (N_("状态"), "text"),
    (N_("说明"), "text"),
    (N_("文件行数"), "number"),
    (N_("载入行"), "number"),
    (N_("未通过的行"), "number"),
    (N_("收款笔数"), "number"),
    (N_("收款"), "money"),
    (N_("退款笔数"), "number"),
    (N_("退款"), "money"),
    (N_("手续费"), "money"),
    (N_("收到方式"), "text"),
    (N_("经办人"), "text"),
    (N_("收到时间"), "datetime"),
)
LINE_COLUMNS = (
    (N_("行"), "number"),
    (N_("文件第几行"), "number"),
    (N_("渠道"), "text"),
    (N_("类型"), "text"),
    (N_("参与对账"), "text"),
    (N_("单号"), "text"),
    (N_("订单号"), "text"),
    (N_("渠道流水号"), "text"),
    (N_("金额"), "money"),
    (N_("手续费"), "money"),
    (N_("时间"), "datetime"),
    (N_("状态"), "text"),
    (N_("账单号"), "text"),
    (N_("业务流水号"), "text"),
)


async def files(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """One row a file, in the order of the page."""
    asked, before = lists.asked_of(given), None
    while True:
        found = await lists_repository.list_page(session, asked, before, AT_ONCE)
        for row in found:
            yield (
                row.bill_on, row.source, row.merchant_number, row.file_name, row.version, status_label(row.verdict, "statement_verdict"),
                status_label(row.status, "statement"), row.reason, row.lines, row.rows_loaded, row.rejected_rows, row.pay_count,
                row.pay_amount_fen, row.refund_count, row.refund_amount_fen, row.fee_fen, status_label(row.origin, "statement_origin"),
                row.made_by, row.created_at,
            )  # fmt: skip
        if len(found) < AT_ONCE:
            return
        before = (found[-1].created_at, found[-1].id)


async def lines(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """One row a line of the file that `statement` names."""
    statement_id, asked, after = uuid_of(given.get("statement")), lists.lines_asked_of(given), 0
    while statement_id is not None:
        found = await lists_repository.list_lines(session, statement_id, asked, after, AT_ONCE)
        for row in found:
            yield (
                row.row_no, row.line_no, status_label(row.channel, "statement_channel"), status_label(row.kind, "statement_kind"),
                "是" if row.counts else "否", row.number, row.order_number or "", row.channel_number or "", row.amount_fen, row.fee_fen,
                row.happened_at, row.status, row.bill_number or "", row.serial or "",
            )  # fmt: skip
        if len(found) < AT_ONCE:
            return
        after = found[-1].row_no


FILES = Export("statements.files", N_("对账文件"), READ, FILE_COLUMNS, files)
LINES = Export("statements.lines", N_("对账文件各行"), READ, LINE_COLUMNS, lines)
