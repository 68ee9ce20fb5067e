"""The settlement statement as Excel and as PDF, for one batch or a month."""

import asyncio
import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from core import clock
from core.database import Session
from core.exports import workbook
from core.money import capital, format_yuan
from core.printing.font import writable
from core.settlement import statement
from core.settlement.statement import Line
from core.settlement.statement_sheet import Sheet

PDF = "application/pdf"


async def batch_excel(session: Session, batch_id: UUID, client: str) -> tuple[str, bytes]:
    """One batch as Excel; answers the file's name and content."""
    batch, lines = await statement.of_batch(session, batch_id)
    return f"结算单-{batch.number}.xlsx", _excel(lines, client, f"{batch.merchant_name} {batch.bill_on}")


async def month_excel(session: Session, first: dt.date, client: str) -> tuple[str, bytes]:
    """A month as Excel."""
    return f"结算单-{first:%Y%m}.xlsx", _excel(await statement.of_month(session, first), client, f"{first:%Y年%m月}")


async def batch_pdf(session: Session, batch_id: UUID, client: str) -> tuple[str, bytes]:
    """One batch as PDF."""
    batch, lines = await statement.of_batch(session, batch_id)
    facts = [
        ("批次号", batch.number), ("商户", f"{batch.merchant_name}（{batch.merchant_code}）"), ("交易日期", f"{batch.bill_on}"),
        ("结算日期", f"{batch.settle_on}"), ("状态", statement.STATES[batch.status]), ("收款户名", batch.account_name or "—"),
        ("收款账号", batch.account_masked or "—"), ("入账流水号", batch.bank_serial or "—"), ("经办", batch.made_by), ("复核", batch.checked_by or "—"),
    ]  # fmt: skip
    return f"结算单-{batch.number}.pdf", await _pdf(client, "结算单", facts, lines, by_day=False)


async def month_pdf(session: Session, first: dt.date, client: str, facts: Sequence[tuple[str, str]]) -> tuple[str, bytes]:
    """A month as PDF; `facts` say who signed it."""
    lines = await statement.of_month(session, first)
    return f"结算单-{first:%Y%m}.pdf", await _pdf(client, "月度结算单", [("月份", f"{first:%Y年%m月}"), *facts], lines, by_day=True)


def _excel(lines: Sequence[Line], client: str, what: str) -> bytes:
    sums = statement.total(lines)
    foot = (
        None, "合计", "", "", sums["pay_count"], sums["gross_fen"], sums["refund_count"], sums["refund_fen"], "", sums["cost_fen"],
        sums["adjust_fen"], sums["net_fen"], sums["paid_fen"], "", "", "", "", "",
    )  # fmt: skip
    remarks = [f"{client} {what}", f"应结金额大写：{capital(sums['net_fen'])}", f"导出时间：{clock.now().astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M:%S}"]
    return workbook.write("结算单", statement.COLUMNS, [*(line.cells() for line in lines), foot], remarks)


async def _pdf(client: str, title: str, facts: Sequence[tuple[str, str]], lines: Sequence[Line], *, by_day: bool) -> bytes:
    sums = statement.total(lines)
    head = (("结算日期", 22, False), ("商户", 46, False)) if by_day else ()
    columns = (
        *head, ("渠道", 26 if by_day else 40, False), ("笔数", 14, True), ("交易金额", 29, True), ("退款笔数", 16, True), ("退款金额", 25, True),
        ("费率", 15, False), ("手续费", 23, True), ("调整金额", 24, True), ("应结金额", 29, True),
    )  # fmt: skip
    if not by_day:
        columns = (*columns, ("实结金额", 29, True))
    sheet = Sheet(
        client=writable(client), title=title, facts=[(label, writable(value)) for label, value in facts], columns=columns,
        rows=[_cells(line, by_day) for line in lines], sums=_sums(sums, by_day), in_words=capital(sums["net_fen"]), made_at=clock.now(),
    )  # fmt: skip
    return await asyncio.to_thread(_drawn, sheet)


def _cells(line: Line, by_day: bool) -> tuple[str, ...]:
    head = (f"{line.settle_on}", writable(line.merchant_name)) if by_day else ()
    told = (
        line.channel, f"{line.pay_count}", format_yuan(line.gross_fen), f"{line.refund_count}", format_yuan(line.refund_fen), line.rate,
        format_yuan(line.cost_fen), format_yuan(line.adjust_fen), format_yuan(line.net_fen),
    )  # fmt: skip
    return (*head, *told) if by_day else (*told, format_yuan(line.paid_fen))


def _sums(sums: dict[str, int], by_day: bool) -> tuple[str, ...]:
    head = ("合计", "", "") if by_day else ("合计",)
    told = (
        *head, f"{sums['pay_count']}", format_yuan(sums["gross_fen"]), f"{sums['refund_count']}", format_yuan(sums["refund_fen"]), "",
        format_yuan(sums["cost_fen"]), format_yuan(sums["adjust_fen"]), format_yuan(sums["net_fen"]),
    )  # fmt: skip
    return told if by_day else (*told, format_yuan(sums["paid_fen"]))


def _drawn(sheet: Sheet) -> bytes:
    from core.settlement.statement_printing import draw  # brings the PDF library, which takes half a second the first time

    return draw(sheet)
