"""Alipay's 业务明细 (Alipay §8.1): a zip of GBK text, `#` lines around the table, a TAB behind ids and times; or its bare CSV.

The zip's right entry is told by its first line. 业务类型 gives the direction: amounts and fees are taken without their sign.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from operator import itemgetter
from typing import BinaryIO

from core.statements.protocol import Expected, FileRefused, Line, Notes, StatementSource
from core.statements.sources import amounts, moments
from core.statements.sources.alipay_text import Report, lines_of
from core.statements.sources.amounts import Fen
from core.statements.sources.faults import fault
from core.statements.sources.moments import Moments
from core.web.i18n import N_

TITLE = "支付宝业务明细查询"
LAYOUT = (
    "支付宝交易号 商户订单号 业务类型 商品名称 创建时间 完成时间 门店编号 门店名称 操作员 终端号 对方账户 订单金额（元） 商家实收（元） 支付宝红包（元）"
    " 集分宝（元） 支付宝优惠（元） 商家优惠（元） 券核销金额（元） 券名称 商家红包消费金额（元） 卡消费金额（元） 退款批次号/请求号"
    " 服务费（元） 分润（元） 备注"
).split()
REFUND_NUMBERS = ("退款批次号/请求号", "退款批次号", "退款请求号")
NEEDED = "支付宝交易号 商户订单号 业务类型 完成时间 订单金额（元） 商家实收（元） 服务费（元）".split()
OPTIONAL = {"分润（元）": "0.00", "商家优惠（元）": "0.00"}
KINDS = {"交易": "pay", "退款": "refund"}
PAID = re.compile(r"交易合计：([0-9]+)笔，商家实收共(-?[0-9]+(?:\.[0-9]+)?)元，商家优惠共(-?[0-9]+(?:\.[0-9]+)?)元")
RETURNED = re.compile(r"退款合计：([0-9]+)笔，商家实收退款共(-?[0-9]+(?:\.[0-9]+)?)元，商家优惠退款共(-?[0-9]+(?:\.[0-9]+)?)元")
NUMBER_LIMIT = 64


def read(content: BinaryIO, expected: Expected, notes: Notes) -> Iterator[list[Line]]:
    """The lines of a 业务明细; refuses the file for another account or day, or totals that do not add up."""
    report = Report(content, TITLE, LAYOUT, expected, notes)
    trades = _Trades(report, expected, notes)
    for rows in report.batches(trades.pick):
        if lines := trades.lines(rows):
            yield lines
    trades.finish()


class _Trades:
    def __init__(self, report: Report, expected: Expected, notes: Notes) -> None:
        self._report, self._notes = report, notes
        report.need(NEEDED)
        refund = next((name for name in REFUND_NUMBERS if name in report.names), "")
        if not refund:
            report.need(REFUND_NUMBERS[:1])
        filled = [name for name in OPTIONAL if name not in report.names]
        places = {name: place for place, name in enumerate((*report.names, *filled))}
        self._filled = [OPTIONAL[name] for name in filled]
        self._picked = (*NEEDED, refund, *OPTIONAL)
        self._pick = itemgetter(*(places[name] for name in self._picked))
        self._fen, self._moments = Fen(), Moments(expected.day)
        self._sums: dict[str, list[Decimal | int]] = {kind: [0, 0, 0] for kind in KINDS}
        self._good = 0

    def pick(self, values: list[str]) -> Sequence[str]:
        """The values that are read, of a row of the table."""
        return self._pick([*values, *self._filled] if self._filled else values)

    def lines(self, rows: list[tuple[int, int, list[str]]]) -> list[Line]:
        """Normalise rows; one that is out of order is left out and still belongs to the totals."""
        lines: list[Line] = []
        for row_no, line_no, picked in rows:
            self._sum(picked)
            wrong = self._fault(picked)
            if wrong:
                column, code = wrong
                value = picked[self._picked.index(column)]
                self._notes.fault(fault(row_no, line_no, picked[1], column, value, code))
            else:
                lines.append(self._line(row_no, line_no, picked))
        self._good += len(lines)
        return lines

    def _line(self, row_no: int, line_no: int, picked: Sequence[str]) -> Line:
        theirs, ours, type_, done, amount, received, fee, batch, share, _ = picked
        fen, kind = self._fen, KINDS[type_]
        cost = abs(fen[fee])
        if kind == "pay":
            net_fen = abs(fen[received]) - cost - abs(fen[share])
            return (
                row_no, line_no, "alipay", kind, True, ours, None, theirs, None, fen[amount], cost, net_fen, self._moments[done], None,
                "success", None, None,
            )  # fmt: skip
        net_fen = cost + abs(fen[share]) - abs(fen[received])
        return (
            row_no, line_no, "alipay", kind, True, batch, ours, theirs, theirs, abs(fen[amount]), -cost, net_fen, self._moments[done], None,
            "success", None, None,
        )  # fmt: skip

    def _sum(self, picked: Sequence[str]) -> None:
        """Add to what the totals at the end should be; an amount that is none makes them incomparable."""
        found = self._sums.get(picked[2])
        if found is None:
            return
        found[0] += 1
        for place, printed in ((1, picked[5]), (2, picked[9])):
            fen = self._fen[printed]
            exact = amounts.exactly(printed) if fen is None else fen
            if exact is None or found[place] is None:
                found[place] = None
            else:
                found[place] += exact if fen is not None else exact * 100

    def _fault(self, picked: Sequence[str]) -> tuple[str, str] | None:
        """The first column that is wrong, and how."""
        theirs, ours, type_, done, amount, *_ = picked
        batch = picked[7]
        kind = KINDS.get(type_)
        if kind is None:
            return "业务类型", "unknown_kind"
        number, column = (batch, self._picked[7]) if kind == "refund" else (ours, "商户订单号")
        if not number:
            return column, "missing_key"
        if len(ours) > NUMBER_LIMIT or len(batch) > NUMBER_LIMIT or len(theirs) > NUMBER_LIMIT:
            numbers = (("商户订单号", ours), (self._picked[7], batch), ("支付宝交易号", theirs))
            return next(name for name, value in numbers if len(value) > NUMBER_LIMIT), "too_long_key"
        for place in (4, 5, 6, 8, 9):
            if self._fen[picked[place]] is None:
                return self._picked[place], amounts.fault_of(picked[place])
        if kind == "pay" and self._fen[amount] < 0:
            return "订单金额（元）", "negative_payment"
        return None if self._moments[done] else ("完成时间", moments.fault_of(done))

    def finish(self) -> None:
        """What can only be said at the end: the totals, the day, whether there was anything."""
        for kind, pattern in (("交易", PAID), ("退款", RETURNED)):
            count, *sums = self._sums[kind]
            totals = (count, *(None if fen is None else Decimal(fen) / 100 for fen in sums))
            for name, printed, found in zip(("笔数", "商家实收", "商家优惠"), self._report.total(pattern), totals, strict=True):
                if found is not None and not self._report.unreadable and abs(printed) != abs(found):
                    said = f"文件末尾{kind}合计的{name}是 {printed}，各行合计是 {found}，请重新下载"
                    raise FileRefused("summary_mismatch", said, column=f"{kind}合计", value=str(printed))
        self._report.finish()
        self._notes.check_days(self._good)


SOURCE = StatementSource(
    code="alipay-trade", title=N_("支付宝业务明细"), side="channel", channel="alipay", read=read, suffixes=(".zip", ".csv"), container=True,
    lines=lines_of(TITLE),
)  # fmt: skip
