"""WeChat Pay's trade bill (ALL, SUCCESS and REFUND), read by the names of its columns (WeChat Pay v3 §9.2, §14).

The key of a payment is 商户订单号, of a refund 商户退款单号; amounts are 订单金额 and 申请退款金额; a refund's fee is printed negative. A row
REVOKED gives a whole payment back and has no refund number: it goes by the order's.
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
from core.statements.sources.wechatpay_layouts import COUNTED, NEEDED, NEEDED_FOR_REFUNDS, SUMMED, TRADE_LAYOUTS, need
from core.statements.sources.wechatpay_rows import Rows
from core.web.i18n import N_

TEXT_LIMIT, NUMBER_LIMIT, LONG_LIMIT = 127, 32, 64
ABSENT = {
    "特约商户号": "0", "货币种类": "CNY", "微信退款单号": "0", "商户退款单号": "0", "退款金额": "0.00", "充值券退款金额": "0.00",
    "退款状态": "", "商品名称": "", "商户数据包": "", "申请退款金额": "0.00",
}  # fmt: skip
"""What stands for a column that a layout does not have."""
TIMES = ("退款成功时间", "退款申请时间", "交易时间")
"""When a row happened: the first of these that the layout has."""
PICKED = (*"商户号 特约商户号 微信订单号 商户订单号 交易状态 货币种类 应结订单金额 微信退款单号 商户退款单号 退款金额".split(),
          *"充值券退款金额 退款状态 商品名称 商户数据包 手续费 订单金额 申请退款金额".split())  # fmt: skip
MONEY = tuple(SUMMED.values())


def read(content: BinaryIO, expected: Expected, notes: Notes) -> Iterator[list[Line]]:
    """The lines of a trade bill; refuses the whole file for another merchant's rows, another day's, or totals that do not add up."""
    bill = _Bill(Rows(content, TRADE_LAYOUTS, COUNTED, notes), expected, notes)
    for batch in bill.rows.batches():
        if lines := bill.lines(*batch):
            yield lines
    bill.finish()


class _Bill:
    def __init__(self, rows: Rows, expected: Expected, notes: Notes) -> None:
        self.rows, self._expected, self._notes = rows, expected, notes
        need(rows.names, NEEDED)
        if any(name in rows.names for name in NEEDED_FOR_REFUNDS):
            need(rows.names, NEEDED_FOR_REFUNDS)
        filled = [name for name in PICKED if name not in rows.names]
        self._filled = [ABSENT[name] for name in filled]
        places = {name: place for place, name in enumerate((*rows.names, *filled))}
        self._time = next(name for name in TIMES if name in places)
        self._pick = itemgetter(places[self._time], *(places[name] for name in PICKED))
        self._trims = rows.names[-1] in (*PICKED, self._time)
        """Whether the last column, at which a carriage return may hang, is one that is read."""
        self._moments = Moments(expected.day)
        self._fen, self._fees = Fen(), Fen(decimals=8)
        self._texts: set[str] = set()
        self._sums = dict.fromkeys(MONEY, 0)
        self._odd: dict[str, Decimal | None] = dict.fromkeys(MONEY, Decimal())
        self._good = 0

    def lines(self, row_no: int, line_no: int, rows: list[str]) -> list[Line]:
        """Normalise rows. One that is out of order in any way raises TypeError or fails a test here, and is judged slowly."""
        pick, fen, fees, moments, texts = self._pick, self._fen, self._fees, self._moments, self._texts
        width, filled, trims, first = self.rows.width, self._filled, self._trims, row_no
        merchant = self._notes.merchant
        settled_sum = back_sum = coupon_sum = fee_sum = amount_sum = asked_sum = 0
        lines: list[Line] = []
        for row in rows:
            values = row[1:].split(",`")
            if len(values) != width or row[0] != "`":
                self.rows.taken = row_no - first
                break
            if trims:
                values[-1] = values[-1].removesuffix("\r")
            if filled:
                values += filled
            (time, mch, sub, theirs, ours, state, currency, settled, their_refund, our_refund, back, coupon, progress, goods, note,
             fee, amount, asked) = pick(values)  # fmt: skip
            at = moments[time]
            settled_fen, back_fen, coupon_fen = fen[settled], fen[back], fen[coupon]
            fee_fen, amount_fen, asked_fen = fees[fee], fen[amount], fen[asked]
            try:
                if mch != merchant and sub != merchant:
                    merchant = self._merchant(row_no, line_no, values)
                if at is None or currency != "CNY" or not 0 < len(ours) <= NUMBER_LIMIT or len(theirs) > LONG_LIMIT:
                    raise TypeError
                if not (ours.isascii() and theirs.isascii()):
                    raise TypeError
                bill = note if note.isascii() and len(note) <= LONG_LIMIT else _short(note)
                if state == "SUCCESS" and amount_fen >= 0:
                    line = (
                        row_no, line_no, "wechatpay", "pay", True, ours, None, theirs, None, amount_fen, fee_fen, settled_fen - fee_fen,
                        at, None, "success", bill, None,
                    )  # fmt: skip
                elif state == "REFUND" and asked_fen >= 0 and 1 < len(our_refund) <= LONG_LIMIT:
                    if not (our_refund.isascii() and their_refund.isascii()) or len(their_refund) > LONG_LIMIT:
                        raise TypeError
                    line = (
                        row_no, line_no, "wechatpay", "refund", True, our_refund, ours, their_refund, theirs, asked_fen, fee_fen,
                        -back_fen - fee_fen, at, None, progress.lower() or "success", bill, None,
                    )  # fmt: skip
                else:
                    line = self._revoked(row_no, line_no, values, at)
                amount_fen + settled_fen + back_fen + coupon_fen + fee_fen + asked_fen
            except TypeError:
                self._left_out(row_no, line_no, values)
            else:
                lines.append(line)
                settled_sum += settled_fen
                back_sum += back_fen
                coupon_sum += coupon_fen
                fee_sum += fee_fen
                amount_sum += amount_fen
                asked_sum += asked_fen
            if goods not in texts or "," in note:
                self._look_at(goods, note)
            row_no += 1
            line_no += 1
        self._good += len(lines)
        for name, fen_sum in zip(MONEY, (settled_sum, back_sum, coupon_sum, fee_sum, amount_sum, asked_sum), strict=True):
            self._sums[name] += fen_sum
        return lines

    def finish(self) -> None:
        """What can only be said at the end: the summary, the day, whether there was anything."""
        found = {name: self._odd[column] for name, column in SUMMED.items()}
        printed = {name: Decimal(self._sums[SUMMED[name]]) / 100 + odd for name, odd in found.items() if odd is not None}
        self.rows.finish(printed)
        self._notes.check_days(self._good)
        if not self.rows.count:
            self._notes.remarked("empty_day")

    def _merchant(self, row_no: int, line_no: int, values: list[str]) -> str:
        """Whose file it is: its first row says so; the client's own number where it has one. Another's row refuses the whole file."""
        row = self._named(values)
        sub = row["特约商户号"]
        stated = sub if sub not in ("0", "") else row["商户号"]
        known = self._expected.merchants
        found = next((number for number in (stated, row["商户号"]) if number in known), stated)
        if self._notes.merchant or (known and found not in known):
            own = self._notes.merchant or "、".join(sorted(known))
            said = f"文件里有商户 {found} 的账单，本客户的商户号是 {own}，请核对后重新选择文件"
            raise FileRefused("other_merchant", said, row=row_no, line=line_no, column="商户号", value=found)
        if not found:
            raise FileRefused("missing_column", "第一行没有商户号，无法判断是谁的账单", row=row_no, line=line_no, column="商户号")
        self._notes.merchant = found
        return found

    def _named(self, values: list[str]) -> dict[str, str]:
        return {**ABSENT, **{name: true(value) for name, value in zip(self.rows.names, values, strict=False)}}

    def _revoked(self, row_no: int, line_no: int, values: list[str], at: object) -> Line:
        """A pay-code payment taken back at once: a refund of the whole amount under the order's number."""
        row = self._named(values)
        amount_fen = self._fen[row["申请退款金额"]] or self._fen[row["订单金额"]]
        back_fen, fee_fen = self._fen[row["退款金额"]] or amount_fen, self._fees[row["手续费"]]
        if row["交易状态"] != "REVOKED" or amount_fen < 0:
            raise TypeError
        theirs = row["微信退款单号"] if row["微信退款单号"] not in ("0", "") else row["微信订单号"]
        return (
            row_no, line_no, "wechatpay", "refund", True, row["商户订单号"], row["商户订单号"], theirs[:LONG_LIMIT], row["微信订单号"],
            amount_fen, fee_fen, -back_fen - fee_fen, at, None, "revoked", None, None,
        )  # fmt: skip

    def _look_at(self, goods: str, note: str) -> None:
        """Notice texts that need a remark: a raw comma, an escape, endless names. A text seen once is not looked at again."""
        if len(self._texts) < 5_000:
            self._texts.add(goods)
        goods = true(goods)
        if "," in goods or "," in note or "\n" in goods:
            self._notes.repaired("unescaped_text")
        if len(goods) > TEXT_LIMIT:
            self._notes.repaired("too_long_text")
        if '"' in goods.removeprefix('"').removesuffix('"'):
            self._notes.remarked("escaped_text")  # documented, yet a reader of CSV would take the quotes for its own

    def _left_out(self, row_no: int, line_no: int, values: list[str]) -> None:
        """Say what is wrong with a row; what it prints still belongs to the totals of the summary."""
        row = self._named(values)
        for name in MONEY:
            printed, odd = amounts.exactly(row[name]), self._odd[name]
            self._odd[name] = None if printed is None or odd is None else odd + printed
        column, code = self._fault(row)
        self._notes.fault(fault(row_no, line_no, row["商户订单号"], column, row[column], code))

    def _fault(self, row: dict[str, str]) -> tuple[str, str]:
        """The first column that is wrong, and how."""
        refund = row["交易状态"] == "REFUND"
        for column, limit in (("商户订单号", NUMBER_LIMIT), ("微信订单号", LONG_LIMIT), ("商户退款单号", LONG_LIMIT), ("微信退款单号", LONG_LIMIT)):
            if len(row[column]) > limit:
                return column, "too_long_key"
        if not row["商户订单号"]:
            return "商户订单号", "missing_key"
        for column in ("商户订单号", "微信订单号", "商户退款单号", "微信退款单号"):
            if not row[column].isascii():
                return column, "bad_key"
        if refund and row["商户退款单号"] in ("0", ""):
            return "商户退款单号", "missing_key"
        main = "申请退款金额" if refund else "订单金额"
        for column in (main, *(each for each in MONEY if each != main)):
            if (self._fees if column == "手续费" else self._fen)[row[column]] is None:
                return column, amounts.fault_of(row[column])
        if self._fen[row[main]] < 0:
            return main, "negative_refund" if refund else "negative_payment"
        if self._moments[row.get(self._time, "")] is None:
            return self._time, moments.fault_of(row[self._time])
        if row["货币种类"] != "CNY":
            return "货币种类", "other_currency"
        return "交易状态", "unknown_status"


def _short(note: str) -> str | None:
    """What the merchant wrote along, where it can be a bill's number."""
    text = true(note)
    return text if len(text) <= LONG_LIMIT else None


SOURCE = StatementSource(code="wechatpay-trade", title=N_("微信支付交易账单"), side="channel", channel="wechatpay", read=read)
