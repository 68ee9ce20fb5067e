"""What one cell of a foreign file says: an amount in fen, an instant, a number. Strict: nothing is rounded, nothing goes through a float."""

import datetime as dt
import re
from decimal import Decimal

from core.clock import SHANGHAI
from core.imports.sheets import Cell, ErrorValue, Formula
from core.money import MAX_FEN
from core.web.i18n import N_

LONGEST_NUMBER = 64
LONGEST_TEXT = 200
_AMOUNT = re.compile(r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,15})(?:\.([0-9]{0,9}))?", re.ASCII)
_PLAIN_YUAN = re.compile(r"-?[0-9]{1,9}\.[0-9]{2}", re.ASCII)
_NUMBER = re.compile(r"[!-~]{1,64}")
_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+[0-9]+", re.ASCII)
_CONTROL = re.compile("[\x00-\x1f\x7f]")
_MARKS = ("`", "'")
_BLANKS = " \t\r\n\u3000\ufeff\xa0"


class CellFault(Exception):
    """A cell that cannot be taken: the code and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def text(cell: Cell) -> str:
    """A cell as text, without the spaces, tabs and backticks that some systems put around values."""
    if isinstance(cell, str):
        found = cell.strip(_BLANKS)
        return found[1:].strip(_BLANKS) if found[:1] in _MARKS else found
    if isinstance(cell, Formula):
        raise CellFault("formula_cell", N_("单元格是公式，请在导出系统中导出为值"))
    if isinstance(cell, ErrorValue):
        raise CellFault("cell_error", N_("单元格是错误值（如 #N/A）"))
    if isinstance(cell, int | Decimal) and not isinstance(cell, bool):
        if abs(cell) >= 10**15:
            raise CellFault("number_lost_digits", N_("数字超过 15 位，Excel 已丢失末尾数字，请把该列导出为文本"))
        return f"{cell:f}" if isinstance(cell, Decimal) else str(cell)
    return str(cell)


def number(cell: Cell) -> str:
    """An order, refund or serial number: printable, without spaces inside, at most 64 characters."""
    found = text(cell)
    if not found:
        raise CellFault("missing_key", N_("单号为空"))
    if len(found) > LONGEST_NUMBER:
        raise CellFault("too_long_key", N_("单号超过 64 个字符"))
    if _SCIENTIFIC.fullmatch(found) and "+" in found:
        raise CellFault("number_lost_digits", N_("单号成了科学计数法，数字已丢失，请把该列导出为文本"))
    if not _NUMBER.fullmatch(found):
        raise CellFault("bad_key", N_("单号含有空格、中文或看不见的字符"))
    return found


def number_if_any(cell: Cell) -> str:
    """The same where a row may do without."""
    return number(cell) if text(cell) else ""


def plain(cell: Cell) -> str | None:
    """Any short text; None when the cell is blank."""
    found = text(cell)
    if len(found) > LONGEST_TEXT or _CONTROL.search(found):
        raise CellFault("bad_text", N_("文字过长或含有看不见的字符"))
    return found or None


def fen(cell: Cell, unit: str) -> int:
    """An amount with its sign, in fen. Yuan may have two decimals, more only when they are zeros; fen none."""
    written = text(cell)
    if _PLAIN_YUAN.fullmatch(written) and unit == "yuan":  # nearly every amount is written like this
        return int(written[:-3] + written[-2:])
    written = written.replace("，", ",").removeprefix("¥").removeprefix("￥").removesuffix("元").strip(_BLANKS)
    if not _AMOUNT.fullmatch(written):
        raise CellFault("bad_amount", N_("金额应为数字，例如 1,234.50"))
    exact = Decimal(written.replace(",", "")) * (100 if unit == "yuan" else 1)
    if exact % 1:
        raise CellFault("amount_precision", N_("金额最多两位小数") if unit == "yuan" else N_("以分为单位的金额不能有小数"))
    if abs(exact) > MAX_FEN:
        raise CellFault("amount_too_large", N_("金额大得不合理"))
    return int(exact)


def instant(cell: Cell, clock: Cell, form: str) -> dt.datetime:
    """A moment in Shanghai; an Excel date cell is taken as it is, a day alone is its midnight."""
    if isinstance(cell, dt.datetime):
        return cell.replace(tzinfo=SHANGHAI)
    if isinstance(cell, dt.date):
        return dt.datetime.combine(cell, dt.time(), SHANGHAI)
    written, time = text(cell), text(clock)
    if time:
        written = f"{written} {time}"
    try:
        found = _parsed(written, form)
    except ValueError:
        raise CellFault("bad_time", N_("时间与映射中的格式不一致")) from None
    if not 2000 <= found.year <= 2199:
        raise CellFault("bad_time", N_("时间不合理，请核对年份"))
    return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)


def _parsed(written: str, form: str) -> dt.datetime:
    """A moment in one of the ways of writing it; the usual one is read without the slow general parser."""
    if form == "iso" or (form == "%Y-%m-%d %H:%M:%S" and len(written) == 19 and written[10] == " " and written.isascii()):
        return dt.datetime.fromisoformat(written)
    return dt.datetime.strptime(written, form)
