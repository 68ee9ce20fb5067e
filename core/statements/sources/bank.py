"""The bank's day statement of a clearing account: every movement, checked to the fen from the opening balance to the closing one.

What channels settle carries 〈channel〉 〈merchant number〉 〈bill date〉 in 附言, what we paid out our own number; everything else is `adjustment`
and waits for a person. Money in is 贷, money out 借; `net_fen` of a line carries the sign. One wrong row makes every balance behind it wrong:
so nothing is left out here, a faulty file is refused whole.
"""

import csv
import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from core.statements.protocol import CHUNK_ROWS, Expected, FileRefused, Line, Notes, StatementSource
from core.statements.sources import amounts, moments
from core.statements.sources.amounts import Fen
from core.statements.sources.faults import WORDS
from core.statements.sources.moments import Moments
from core.statements.sources.texts import Text
from core.web.i18n import N_

CHANNEL = "bank"
HEADER = ("交易日期", "交易时间", "流水号", "借贷标志", "发生额", "余额", "对方户名", "对方账号", "摘要", "附言", "凭证号")
NEEDED = ("交易日期", "交易时间", "流水号", "借贷标志", "发生额", "余额", "附言")
IN, OUT = "贷", "借"
CHANNELS = {"微信支付": "wechatpay", "微信": "wechatpay", "支付宝": "alipay", "银联": "unionpay", "银行卡": "stripe"} | {
    code: code for code in ("wechatpay", "alipay", "unionpay", "stripe")
}
_SETTLED = re.compile(rf"({'|'.join(CHANNELS)})[ /]([0-9A-Za-z_-]{{4,64}})[ /]([0-9]{{8}})", re.ASCII)
_OUR_NUMBER = re.compile(r"[0-9A-Za-z]{16,32}", re.ASCII)
TEXT_LIMIT = 128


def read(content: BinaryIO, expected: Expected, notes: Notes) -> Iterator[list[Line]]:
    """Read a bank statement; every row and both totals are checked before the last lines are given."""
    text = Text(content)
    reader = _Reader(expected, notes)
    for block in text.blocks():
        try:
            rows = list(csv.reader(block, strict=True))
        except csv.Error:
            raise FileRefused("not_a_statement", "文件里的引号不成对，无法分列，请重新下载") from None
        for values in rows:
            reader.take(values)
            if len(reader.lines) >= CHUNK_ROWS:
                yield reader.given()
    reader.finish()
    if reader.lines:
        yield reader.given()


class _Reader:
    """Where the reading stands: the running balance, the sums, and the lines not handed on yet."""

    def __init__(self, expected: Expected, notes: Notes) -> None:
        self._expected = expected
        self._notes = notes
        self._fen = Fen()
        self._moments = Moments(expected.day)
        self._names: list[str] = []
        self._line = self._row = 0
        self._opening: int | None = None
        self._balance = 0
        self._sums = {IN: 0, OUT: 0}
        self._counts = {IN: 0, OUT: 0}
        self._totalled = self._closed = False
        self.lines: list[Line] = []

    def given(self) -> list[Line]:
        """Hand on what was read."""
        lines, self.lines = self.lines, []
        return lines

    def take(self, values: Sequence[str]) -> None:
        """One line of the file."""
        self._line += 1
        if not self._names:
            self._head(values)
        elif self._closed:
            if any(value.strip() for value in values):
                raise FileRefused("summary_mismatch", "期末余额之后还有内容，文件可能是拼接的，请重新下载", line=self._line)
        elif values and values[0] == "借方合计":
            self._totals(values)
        elif values and values[0] == "期末余额":
            self._closing(values)
        else:
            self._movement(values)

    def finish(self) -> None:
        """At the end of the file."""
        if not self._names:
            raise FileRefused("not_a_statement", "文件不是银行对账单：没有找到账号、账单日期与表头", line=1)
        if not self._closed:
            raise FileRefused("truncated_text", "文件没有期末余额，可能没有传完整，请重新下载", line=self._line)
        self._notes.lines = self._row
        if not self._row:
            self._notes.remarked("empty_day")
        self._notes.facts |= {
            "opening_fen": self._opening, "closing_fen": self._balance, "in_count": self._counts[IN], "in_fen": self._sums[IN],
            "out_count": self._counts[OUT], "out_fen": self._sums[OUT],
        }  # fmt: skip

    def _head(self, values: Sequence[str]) -> None:
        if self._line == 1:
            self._whose(dict(zip(values[::2], values[1::2], strict=False)))
        elif self._line == 2:
            self._when(dict(zip(values[::2], values[1::2], strict=False)))
        else:
            names = [value.strip() for value in values]
            missing = next((name for name in NEEDED if name not in names), "")
            if missing or len(set(names)) != len(names):
                raise FileRefused("missing_column", f"文件缺少“{missing or '表头'}”一列，请重新下载完整的对账单", line=self._line, column=missing)
            if tuple(names) != HEADER:
                self._notes.repaired("column_order")
            self._names = names

    def _whose(self, told: dict[str, str]) -> None:
        number = told.get("账号", "").strip()
        if not number or told.get("币种", "人民币") != "人民币":
            raise FileRefused("not_a_statement", "文件开头不是人民币账户的对账单，请确认选对了文件", line=1)
        known = self._expected.merchants
        if known and number not in known:
            said = f"文件是账户 {_masked(number)} 的对账单，不是本客户的清算户，请核对后重新选择文件"
            raise FileRefused("other_merchant", said, line=1, column="账号", value=_masked(number))
        self._notes.merchant = number

    def _when(self, told: dict[str, str]) -> None:
        day = told.get("账单日期", "").strip()
        if day != f"{self._expected.day:%Y-%m-%d}":
            said = f"文件是 {day or '另一天'} 的对账单，不是 {self._expected.day:%Y-%m-%d} 的"
            raise FileRefused("other_date", said, line=2, column="账单日期", value=day[:40])
        self._opening = self._fen[told.get("期初余额", "").strip()]
        if self._opening is None:
            self._refuse("bad_amount", "期初余额", told.get("期初余额", ""))
        self._balance = self._opening

    def _movement(self, values: Sequence[str]) -> None:
        if len(values) != len(self._names):
            self._refuse("field_count", "", ",".join(values)[:60])
        self._row += 1
        row = dict(zip(self._names, (value.strip() for value in values), strict=True))
        at, serial, flag = self._moments[f"{row['交易日期']} {row['交易时间']}"], row["流水号"], row["借贷标志"]
        amount_fen, balance_fen = self._fen[row["发生额"]], self._fen[row["余额"]]
        if at is None:
            self._refuse(moments.fault_of(f"{row['交易日期']} {row['交易时间']}"), "交易时间", f"{row['交易日期']} {row['交易时间']}")
        if flag not in self._sums:
            self._refuse("unknown_kind", "借贷标志", flag)
        if not 0 < len(serial) <= 64:
            self._refuse("too_long_key" if serial else "missing_key", "流水号", serial)
        if len(row["附言"]) > TEXT_LIMIT:
            self._refuse("too_long_key", "附言", row["附言"])
        if amount_fen is None or amount_fen <= 0:
            self._refuse("bad_amount" if amount_fen is not None else amounts.fault_of(row["发生额"]), "发生额", row["发生额"])
        if balance_fen is None:
            self._refuse(amounts.fault_of(row["余额"]), "余额", row["余额"])
        signed = amount_fen if flag == IN else -amount_fen
        self._balance += signed
        if balance_fen != self._balance:
            said = f"第 {self._row} 行的余额接不上：按发生额应为 {_yuan(self._balance)}，文件里是 {row['余额']}，可能缺行或被改动，请重新下载"
            raise FileRefused("balance_mismatch", said, row=self._row, line=self._line, column="余额", value=row["余额"][:40])
        self._sums[flag] += amount_fen
        self._counts[flag] += 1
        self.lines.append(self._line_of(row, at, serial, signed))

    def _line_of(self, row: dict[str, str], at: dt.datetime, serial: str, signed: int) -> Line:
        said, voucher = row["附言"], row.get("凭证号") or None
        channel, kind, number, order_number, settle_on = CHANNEL, "adjustment", serial, None, None
        status = "credit" if signed > 0 else "debit"
        if settled := _SETTLED.fullmatch(said):
            channel, kind = CHANNELS[settled[1]], "pay" if signed > 0 else "refund"
            order_number, settle_on = settled[2], _day(settled[3])
            if settle_on is None:
                channel, kind, order_number = CHANNEL, "adjustment", None
        elif _OUR_NUMBER.fullmatch(said):
            number = said
            kind, status = ("payout", "debit") if signed < 0 else ("adjustment", "returned")
        return (
            self._row, self._line, channel, kind, kind in ("pay", "refund"), number, order_number, serial, None, abs(signed), 0, signed, at,
            settle_on, status, said or None, voucher,
        )  # fmt: skip

    def _totals(self, values: Sequence[str]) -> None:
        told = {OUT: values[1:3], IN: values[4:6]}
        for flag, words in told.items():
            count, total = (words[0].strip(), self._fen[words[1].strip()]) if len(words) == 2 else ("", None)
            if total != self._sums[flag] or count != str(self._counts[flag]):
                said = f"{flag}方合计与明细不符：明细 {self._counts[flag]} 笔共 {_yuan(self._sums[flag])}，请重新下载"
                raise FileRefused("summary_mismatch", said, line=self._line, column=f"{flag}方合计", value=",".join(words)[:60])
        self._totalled = True

    def _closing(self, values: Sequence[str]) -> None:
        printed = values[1].strip() if len(values) > 1 else ""
        if not self._totalled or self._fen[printed] != self._balance:
            said = f"期末余额对不上：期初加发生额是 {_yuan(self._balance)}，文件里是 {printed or '空'}，请重新下载"
            raise FileRefused("summary_mismatch", said, line=self._line, column="期末余额", value=printed[:40])
        self._closed = True

    def _refuse(self, code: str, column: str, value: str) -> None:
        said = f"第 {self._row} 行：{WORDS[code]}" if self._row else WORDS[code]
        raise FileRefused(code, said, row=self._row, line=self._line, column=column, value=value[:200])


def _day(printed: str) -> dt.date | None:
    try:
        return dt.datetime.strptime(printed, "%Y%m%d").date()
    except ValueError:
        return None


def _yuan(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def _masked(number: str) -> str:
    return number if len(number) <= 8 else f"{number[:4]}…{number[-4:]}"


SOURCE = StatementSource(code="bank", title=N_("银行清算户对账单"), side="funds", channel=CHANNEL, read=read, matched=False)
