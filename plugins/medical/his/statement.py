"""The statement of a hospital's information system: what the cashiers, machines and the app booked on a day, as CSV or Excel.

Compared is 现金支付, the part that passed through a channel; a row 退费 is a refund whose 商户订单号 is the refund's number.
"""

import datetime as dt
from collections.abc import Iterator
from typing import BinaryIO

from core.statements.protocol import CHUNK_ROWS, Expected, Line, Notes, StatementSource
from core.statements.sources import amounts, tables, workbooks
from core.statements.sources.amounts import Fen
from core.statements.sources.faults import fault
from core.statements.sources.moments import moment
from core.web.i18n import N_

LAYOUT = tuple(
    "业务日期 HIS流水号 患者编号 姓名(掩码) 业务类型 收费员 窗口 支付方式 商户订单号 交易金额 医保统筹 个人账户 现金支付 交易时间 原HIS流水号".split()
)
NEEDED = tuple("业务日期 HIS流水号 业务类型 支付方式 商户订单号 现金支付 交易时间 原HIS流水号".split())
NUMBERS = ("HIS流水号", "商户订单号", "原HIS流水号")
CHANNELS = {"微信": "wechatpay", "支付宝": "alipay", "银联": "unionpay", "境外卡": "stripe"}
BESIDE = {"现金": "cash", "银行卡POS": "pos", "医保": "insurance"}
"""What does not pass through a channel of ours: kept, and not compared."""
REFUND = "退费"
LONGEST = 64


def read(content: BinaryIO, expected: Expected, notes: Notes) -> Iterator[list[Line]]:
    """The lines of a HIS statement; a row of another day, an unknown way of paying or a number that Excel has eaten is left out."""
    table = workbooks.rows if workbooks.is_workbook(content) else _text
    fen, day = Fen(), expected.day.isoformat()
    chunk: list[Line] = []
    loaded = 0
    for row_no, line_no, values in table(content, LAYOUT, NEEDED, notes):
        if wrong := _fault(values, fen, day):
            column, code = wrong
            notes.fault(fault(row_no, line_no, str(values[4]), column, values[NEEDED.index(column)], code))
            continue
        _, serial, deed, way, number, cash, booked, _ = values
        kind, channel = ("refund" if deed == REFUND else "pay"), CHANNELS.get(way)
        loaded += 1
        notes.ignored_lines += channel is None
        chunk.append(
            (row_no, line_no, channel or BESIDE[way], kind, channel is not None, number or serial, None, None, None, abs(fen[cash]), None,
             None, _booked(booked), None, "booked", None, serial)
        )  # fmt: skip
        if len(chunk) >= CHUNK_ROWS:
            yield chunk
            chunk = []
    notes.check_days(loaded)
    if chunk:
        yield chunk


def _text(content: BinaryIO, layout: tuple[str, ...], needed: tuple[str, ...], notes: Notes) -> Iterator[tables.Row]:
    return tables.rows(content, layout, needed, notes, crlf=True, bom=True, whole=_whole)


def _whole(values: tuple[str, ...]) -> bool:
    """Whether a last row without a line end is complete: its last column is a serial like the row's own, and empty for a payment only."""
    _, serial, deed, *_, original = values
    return len(original) == len(serial) if deed == REFUND else not original


def _fault(values: tuple, fen: Fen, day: str) -> tuple[str, str] | None:
    """The first column that is wrong, and how."""
    for column, value in zip(NEEDED, values, strict=True):
        if isinstance(value, workbooks.Formula):
            return column, "formula"
        if column in NUMBERS and isinstance(value, workbooks.Number):
            return column, "number_not_text"
    on, serial, deed, way, number, cash, booked, _ = values
    if way not in CHANNELS and way not in BESIDE:
        return "支付方式", "unknown_channel"
    if not serial or (way in CHANNELS and not number):
        return ("商户订单号" if serial else "HIS流水号"), "missing_key"
    for column, value in (("商户订单号", number), ("HIS流水号", serial)):
        if len(value) > LONGEST:
            return column, "too_long_key"
    cash_fen = fen[cash]
    if cash_fen is None:
        return "现金支付", amounts.fault_of(cash)
    if deed == REFUND and cash_fen > 0:
        return "现金支付", "negative_refund"
    if deed != REFUND and cash_fen < 0:
        return "现金支付", "negative_payment"
    if on[:10] != day:
        return "业务日期", "other_date"
    return ("交易时间", "bad_time") if _booked(booked) is None else None


def _booked(printed: str) -> dt.datetime | None:
    """When a row was booked; a typed cell of midnight shows its date alone."""
    return moment(f"{printed} 00:00:00" if len(printed) == 10 else printed)


SOURCE = StatementSource(
    code="his", title=N_("医院 HIS 对账单"), side="business", read=read, suffixes=(".csv", ".xlsx", ".gz"), container=True,
    lines=workbooks.lines, totals=False,
)  # fmt: skip
