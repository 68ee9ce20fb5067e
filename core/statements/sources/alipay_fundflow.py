"""Alipay's 账务明细 (Alipay §8.2): every movement of the account; fees are lines of their own. Beside 业务明细, not matched."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import BinaryIO

from core.statements.protocol import Expected, FileRefused, Line, Notes, StatementSource
from core.statements.sources import amounts, moments
from core.statements.sources.alipay_text import Report, Row, lines_of
from core.statements.sources.amounts import Fen
from core.statements.sources.faults import fault
from core.statements.sources.moments import Moments
from core.web.i18n import N_

TITLE = "支付宝账务明细查询"
LAYOUT = "账务流水号 业务流水号 商户订单号 商品名称 发生时间 对方账号 收入金额（+元） 支出金额（-元） 账户余额（元） 交易渠道 业务类型 备注".split()
NEEDED = "账务流水号 业务流水号 商户订单号 发生时间 收入金额（+元） 支出金额（-元） 业务类型".split()
IN, OUT = "收入金额（+元）", "支出金额（-元）"
KINDS = {"在线支付": "pay", "交易付款": "pay", "交易退款": "refund", "收费": "fee", "提现": "payout", "交易分账": "split"}
TOTALS = {OUT: re.compile(r"支出合计：([0-9]+)笔，共(-?[0-9]+(?:\.[0-9]+)?)元"), IN: re.compile(r"收入合计：([0-9]+)笔，共(-?[0-9]+(?:\.[0-9]+)?)元")}
NUMBER_LIMIT = 64


def read(content: BinaryIO, expected: Expected, notes: Notes) -> Iterator[list[Line]]:
    """The movements of a day; refuses another account's or day's report, or totals that do not add up."""
    report = Report(content, TITLE, LAYOUT, expected, notes)
    report.need(NEEDED)
    fen, days = Fen(), Moments(expected.day)
    sums: dict[str, Decimal | None] = {IN: Decimal(), OUT: Decimal()}
    good = 0
    for rows in report.batches():
        lines = [line for row in rows if (line := _line(row, report.names, fen, days, sums, notes))]
        good += len(lines)
        if lines:
            yield lines
    for column, pattern in TOTALS.items():
        printed, found = report.total(pattern)[1], sums[column]
        if found is not None and not report.unreadable and abs(printed) != abs(found):
            said = f"文件末尾的{column}合计是 {printed}，各行合计是 {found}，请重新下载"
            raise FileRefused("summary_mismatch", said, column=column, value=str(printed))
    report.finish()
    notes.check_days(good)


def _line(row: Row, names: list[str], fen: Fen, days: Moments, sums: dict[str, Decimal | None], notes: Notes) -> Line | None:
    """A movement as a line; one that is out of order is noted and left out."""
    row_no, line_no, values = row
    cells = dict(zip(names, values, strict=True))
    entry, business, order = cells["账务流水号"], cells["业务流水号"], cells["商户订单号"]
    printed = {column: cells[column] or "0.00" for column in (IN, OUT)}
    for column, text in printed.items():
        exact, before = amounts.exactly(text), sums[column]
        sums[column] = None if exact is None or before is None else before + exact
    wrong = next(((column, amounts.fault_of(text)) for column, text in printed.items() if fen[text] is None), None)
    long = next((name for name in NEEDED[:3] if len(cells[name]) > NUMBER_LIMIT), None)
    at = days[cells["发生时间"]]
    if not entry:
        wrong = "账务流水号", "missing_key"
    elif long:
        wrong = long, "too_long_key"
    elif not wrong and at is None:
        wrong = "发生时间", moments.fault_of(cells["发生时间"])
    if wrong:
        notes.fault(fault(row_no, line_no, entry, wrong[0], cells[wrong[0]], wrong[1]))
        return None
    kind = KINDS.get(cells["业务类型"], "adjustment")
    net_fen = abs(fen[printed[IN]]) - abs(fen[printed[OUT]])
    return (
        row_no, line_no, "alipay", kind, False, entry, order or None, business or None, None, abs(net_fen), -net_fen if kind == "fee" else None,
        net_fen, at, None, "success", None, entry,
    )  # fmt: skip


SOURCE = StatementSource(
    code="alipay-fundflow", title=N_("支付宝账务明细"), side="channel", channel="alipay", read=read, suffixes=(".zip", ".csv"), container=True,
    matched=False, lines=lines_of(TITLE),
)  # fmt: skip
