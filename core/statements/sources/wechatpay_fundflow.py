"""WeChat Pay's fund flow (WeChat Pay v3 §9.2): every movement of the account with its balance, fees and withdrawals as lines of their own.

It stands beside the trade bill and takes no part in matching: it proves what was credited. `net_fen` carries the direction.
"""

from collections.abc import Iterator
from decimal import Decimal
from operator import itemgetter
from typing import BinaryIO

from core.statements.protocol import Expected, FileRefused, Line, Notes, StatementSource
from core.statements.sources import amounts, moments
from core.statements.sources.amounts import Fen
from core.statements.sources.faults import fault
from core.statements.sources.moments import Moments
from core.statements.sources.texts import true
from core.statements.sources.wechatpay_layouts import FUND_FLOW, FUND_FLOW_COUNTED, FUND_FLOW_NEEDED, need
from core.statements.sources.wechatpay_rows import Rows
from core.web.i18n import N_

KINDS = {
    "交易": "pay", "退款": "refund", "扣除交易手续费": "fee", "退还交易手续费": "fee", "提现": "payout", "充值/提现": "payout", "充值": "payout",
    "分账": "split", "分账回退": "split",
}  # fmt: skip
"""业务类型; anything else is an adjustment."""
SIGNS = {"收入": 1, "支出": -1}
NUMBER_LIMIT = 64


def read(content: BinaryIO, expected: Expected, notes: Notes) -> Iterator[list[Line]]:
    """The movements of a day; refuses another account's, and a summary that the rows do not bear out."""
    flow = _Flow(Rows(content, (FUND_FLOW,), FUND_FLOW_COUNTED, notes), expected, notes)
    for batch in flow.rows.batches():
        if lines := flow.lines(*batch):
            yield lines
    flow.finish()


class _Flow:
    def __init__(self, rows: Rows, expected: Expected, notes: Notes) -> None:
        self.rows, self._expected, self._notes = rows, expected, notes
        need(rows.names, FUND_FLOW_NEEDED)
        self._pick = itemgetter(*(rows.names.index(name) for name in FUND_FLOW_NEEDED))
        self._balance = rows.names.index("账户结余(元)") if "账户结余(元)" in rows.names else None
        self._fen, self._moments = Fen(), Moments(expected.day)
        self._counts = dict.fromkeys(SIGNS, 0)
        self._sums: dict[str, Decimal | None] = dict.fromkeys(SIGNS, Decimal())
        self._good = 0

    def lines(self, row_no: int, line_no: int, rows: list[str]) -> list[Line]:
        """Normalise movements; one that is out of order is left out and still belongs to the totals."""
        lines: list[Line] = []
        first = row_no
        for row in rows:
            values = row[1:].split(",`")
            if len(values) != self.rows.width or row[0] != "`":
                self.rows.taken = row_no - first
                break
            values[-1] = values[-1].removesuffix("\r")
            picked = tuple(map(true, self._pick(values)))
            self._sum(picked)
            if wrong := self._fault(picked):
                column, code = wrong
                self._notes.fault(fault(row_no, line_no, picked[2], column, picked[FUND_FLOW_NEEDED.index(column)], code))
            else:
                lines.append(self._line(row_no, line_no, picked))
                self._watch_balance(values, lines[-1][11])
            row_no += 1
            line_no += 1
        self._good += len(lines)
        return lines

    def _line(self, row_no: int, line_no: int, picked: tuple[str, ...]) -> Line:
        booked, business, entry, deed, direction, amount = picked
        kind, amount_fen, sign = KINDS.get(deed, "adjustment"), self._fen[amount], SIGNS[direction]
        fee_fen = -sign * amount_fen if kind == "fee" else None
        return (
            row_no, line_no, "wechatpay", kind, False, entry, None, business or None, None, amount_fen, fee_fen, sign * amount_fen,
            self._moments[booked], None, "success", None, entry,
        )  # fmt: skip

    def _sum(self, picked: tuple[str, ...]) -> None:
        direction, exact = picked[4], amounts.exactly(picked[5])
        if direction in SIGNS:
            before = self._sums[direction]
            self._counts[direction] += 1
            self._sums[direction] = None if exact is None or before is None else before + exact

    def _watch_balance(self, values: list[str], net_fen: int) -> None:
        """Keep the balance before the first movement and after the last."""
        balance = self._fen[values[self._balance]] if self._balance is not None else None
        if balance is not None:
            self._notes.facts.setdefault("opening_fen", balance - net_fen)
            self._notes.facts["closing_fen"] = balance

    def _fault(self, picked: tuple[str, ...]) -> tuple[str, str] | None:
        """The first column that is wrong, and how."""
        booked, business, entry, _, direction, amount = picked
        if not entry:
            return "资金流水单号", "missing_key"
        known = self._expected.merchants
        if not self._notes.merchant and known:
            self._notes.merchant = next((number for number in sorted(known) if entry.startswith(number)), "")
            if not self._notes.merchant:
                own = "、".join(sorted(known))
                raise FileRefused("other_merchant", f"资金流水单号 {entry} 不是商户 {own} 的，请核对后重新选择文件", column="资金流水单号", value=entry)
        for column, value in (("资金流水单号", entry), ("微信支付业务单号", business)):
            if len(value) > NUMBER_LIMIT or not value.isascii():
                return column, "too_long_key" if value.isascii() else "bad_key"
        if direction not in SIGNS:
            return "收支类型", "unknown_kind"
        if self._fen[amount] is None:
            return "收支金额(元)", amounts.fault_of(amount)
        if self._fen[amount] < 0:
            return "收支金额(元)", "negative_payment"
        return None if self._moments[booked] else ("记账时间", moments.fault_of(booked))

    def finish(self) -> None:
        """What can only be said at the end."""
        counts = {f"{name}笔数": Decimal(count) for name, count in self._counts.items()}
        sums = {f"{name}金额": printed for name, printed in self._sums.items() if printed is not None}
        self.rows.finish({**counts, **sums})
        self._notes.check_days(self._good)
        if not self.rows.count:
            self._notes.remarked("empty_day")


SOURCE = StatementSource(code="wechatpay-fundflow", title=N_("微信支付资金账单"), side="channel", channel="wechatpay", read=read, matched=False)
