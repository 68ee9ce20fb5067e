"""What a cell may hold and what is kept of it. Every rule takes a cell and gives a `Reading`, or raises `CellProblem`.

Text is trimmed first, of half- and full-width spaces. Blank cells never reach a rule: `lines.py` settles them.
The rules are those of the school samples' README and domain book §2.1; codes are the samples' words.
"""

import re
from collections.abc import Collection
from datetime import date, datetime, timedelta
from decimal import Decimal
from operator import mul
from typing import Any, NamedTuple

from core.imports.sheets import Cell
from core.money import MAX_FEN


class Reading(NamedTuple):
    """The value kept, and how the cell wrote it when that was not the standard way (a code of `lines.NOTES`)."""

    value: Any
    how: str | None = None


class CellProblem(Exception):
    """A cell that cannot be kept: the code of the fault, and a sentence for the person who has to mend it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


_BLANKS = " \t\r\n\v\f\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\u200b\ufeff"
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffd]")
_EMOJI = re.compile(
    "[\U0001f000-\U0001fbff\U000e0020-\U000e007f\u2190-\u21ff\u2300-\u23ff\u2500-\u27bf\u2900-\u297f\u2b00-\u2bff"
    "\u20e3\ufe0f\u24c2\u3030\u303d\u3297\u3299\xa9\xae\u2122\u2139]"
)
_RARE = re.compile("[\u3400-\u4dbf\uf900-\ufaff\U00020000-\U0003ffff]")
_INJECTION = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]+")
_PHONE = re.compile(r"1[3-9][0-9]{9}")
_FULL_WIDTH_DIGITS = {ord("０") + i: str(i) for i in range(10)}

MAX_NAME = 50
_EXCEL_LAST_DAY = 2_958_465


def trim(text: str) -> Reading:
    """Take the spaces off both ends and say which kind they were."""
    kept = text.strip(_BLANKS)
    if len(kept) == len(text):
        return Reading(kept)
    return Reading(kept, "full_width_space" if "\u3000" in text.replace(kept, "", 1) else "half_width_space")


def is_blank(cell: Cell) -> bool:
    """Whether a cell holds nothing, or spaces only."""
    return isinstance(cell, str) and not cell.strip(_BLANKS)


def text(cell: Cell, longest: int = 200) -> Reading:
    """Any text up to a length. A number is kept as its digits, unless Excel has already lost some of them."""
    if isinstance(cell, str):
        reading = trim(cell)
    elif isinstance(cell, bool):
        reading = Reading("是" if cell else "否")
    elif isinstance(cell, int | Decimal):
        if abs(cell) >= 10**15:
            raise CellProblem("number_lost_digits", "数字超过 15 位，Excel 已丢失末尾数字，请把单元格设为文本后重新填写")
        reading = Reading(f"{cell:f}" if isinstance(cell, Decimal) else str(cell))
    else:
        reading = Reading(cell.isoformat()[:10] if isinstance(cell, date) else str(cell))
    if len(reading.value) > longest:
        raise CellProblem("text_too_long", f"文字有 {len(reading.value)} 个，最多 {longest} 个，请缩短")
    if _UNREADABLE.search(reading.value):
        raise CellProblem("unreadable_character", "含有看不见或无法识别的字符，请删去后重新填写")
    return reading


def choice(cell: Cell, allowed: Collection[str], code: str) -> Reading:
    """One of the allowed words, exactly."""
    reading = text(cell)
    if reading.value not in allowed:
        raise CellProblem(code, f"“{_shown(reading.value)}”不在允许的取值内，请填写：{'、'.join(allowed)}")
    return reading


def name(cell: Cell) -> Reading:
    """A person's name: any script, `·`, rare characters; no emoji, no mark-up, nothing a spreadsheet would run as a formula."""
    if not isinstance(cell, str):
        raise CellProblem("name_not_text", "姓名应为文字，请改为文本后重新填写")
    reading = trim(cell)
    value = reading.value
    if len(value) > MAX_NAME:
        raise CellProblem("name_too_long", f"姓名有 {len(value)} 个字，最多 {MAX_NAME} 个，请核对")
    if value.startswith(_INJECTION):
        raise CellProblem("formula_injection_name", "姓名不能以 =、+、-、@ 开头，请删去该符号")
    if _EMOJI.search(value):
        raise CellProblem("emoji_in_name", "姓名含有表情符号，请删去")
    if "<" in value or ">" in value:
        raise CellProblem("html_in_name", "姓名不能含有尖括号 < >，请删去")
    if _UNREADABLE.search(value) or "\n" in value or "\r" in value or "\t" in value:
        raise CellProblem("unreadable_character", "姓名含有换行或看不见的字符，请删去后重新填写")
    return reading


def name_remarks(value: str) -> tuple[str, ...]:
    """What is unusual but right about a name, so that the person who checks need not wonder."""
    rare = ("name_rare_character",) if _RARE.search(value) else ()
    return (*rare, "name_middle_dot") if "·" in value else rare


def phone(cell: Cell) -> Reading:
    """A mobile number of 11 digits. Full-width digits are converted; a number cell is good while all 11 digits are there."""
    if isinstance(cell, bool) or not isinstance(cell, str | int):
        raise CellProblem("bad_phone", "手机号应为 11 位数字，请把单元格设为文本后重新填写")
    if isinstance(cell, int):
        reading = Reading(str(cell), "phone_stored_as_number")
    else:
        reading = trim(cell)
        plain = reading.value.translate(_FULL_WIDTH_DIGITS)
        if plain != reading.value:
            reading = Reading(plain, "full_width_digits_phone")
    if _PHONE.fullmatch(reading.value):
        return reading
    if _SCIENTIFIC.fullmatch(reading.value):
        raise CellProblem("phone_scientific_text", "手机号成了科学计数法，数字已丢失，请把单元格设为文本后重新填写")
    raise CellProblem("bad_phone", "手机号应为 1 开头、第二位 3 至 9 的 11 位数字，请核对")


def digits(cell: Cell, length: int) -> Reading:
    """A number of a fixed count of digits, such as 学号: fewer digits means that leading zeros were lost, and nobody guesses them."""
    if isinstance(cell, int) and not isinstance(cell, bool):
        reading = Reading(str(cell), "student_no_stored_as_number")
    elif isinstance(cell, str):
        reading = trim(cell)
    else:
        raise CellProblem("bad_student_no", f"学号应为 {length} 位数字，请把单元格设为文本后重新填写")
    value = reading.value
    if value.isascii() and value.isdigit():
        if len(value) == length:
            return reading
        if len(value) < length:
            raise CellProblem(
                "student_no_leading_zero_lost",
                f"学号只有 {len(value)} 位，应为 {length} 位，开头的 0 可能已丢失，请把单元格设为文本后重新填写",
            )
    raise CellProblem("bad_student_no", f"学号应为 {length} 位数字，请核对")


_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"


def check_digit(first_17: str) -> str:
    """The last character of a resident id, from the 17 digits before it (GB 11643)."""
    return _ID_CHECKS[sum(map(mul, _ID_WEIGHTS, map(int, first_17))) % 11]


def resident_id(cell: Cell) -> Reading:
    """A 居民身份证 number: 18 characters, check digit, an existing day of birth; a small x becomes X."""
    value, how = other_id(cell)
    if len(value) != 18:
        raise CellProblem("id_bad_length", f"身份证号应为 18 位，现在是 {len(value)} 位，请核对")
    if value[17] == "x":
        value, how = value[:17] + "X", "id_lowercase_x"
    if not (value.isascii() and value[:17].isdigit() and (value[17].isdigit() or value[17] == "X")):
        raise CellProblem("id_bad_characters", "身份证号应为 17 位数字加 1 位数字或 X，请核对")
    expected = check_digit(value[:17])
    if value[17] != expected:
        raise CellProblem("id_bad_check_digit", f"身份证号校验位不对（按前 17 位应为 {expected}），请核对每一位")
    try:
        holder_of(value)
    except ValueError:
        raise CellProblem("id_impossible_birth", "身份证号中的出生日期不存在，请核对") from None
    return Reading(value, how)


def holder_of(number: str) -> tuple[date, str]:
    """The day of birth and the gender (男 or 女) that a checked resident id tells of its holder."""
    born_on = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    return born_on, "男" if int(number[16]) % 2 else "女"


def other_id(cell: Cell) -> Reading:
    """A passport or travel permit number: text without a check digit, kept as written."""
    if not isinstance(cell, str):
        raise CellProblem("id_stored_as_number", "证件号码被存成了数字，已不可靠，请把单元格设为文本后重新填写")
    reading = trim(cell)
    value = reading.value
    if _SCIENTIFIC.fullmatch(value) and "." in value:
        raise CellProblem("id_stored_as_number", "证件号码成了科学计数法，数字已丢失，请把单元格设为文本后重新填写")
    if len(value) > 40:
        raise CellProblem("id_bad_length", f"证件号码有 {len(value)} 个字符，最多 40 个，请核对")
    if value.startswith(_INJECTION) or "<" in value or _UNREADABLE.search(value):
        raise CellProblem("id_bad_characters", "证件号码含有不允许的字符，请核对")
    return reading


_DATE_TEXTS = (
    (re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"), "date_text_iso"),
    (re.compile(r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})"), "date_text_slash"),
    (re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})"), "date_text_compact"),
)
_SERIAL_TEXT = re.compile(r"[1-9][0-9]{4}")
EARLIEST, LATEST = date(1910, 1, 1), date(2199, 12, 31)
"""Days outside are typing errors: a year alone, read as a serial number, falls in 1905."""


def from_serial(serial: int, epoch_1904: bool = False) -> date | None:
    """The day of an Excel serial number. Excel believes in 29 February 1900 (60), which never was; workbooks of 1904 count from there."""
    if epoch_1904:
        return date(1904, 1, 1) + timedelta(days=serial) if 0 <= serial <= _EXCEL_LAST_DAY - 1462 else None
    if serial == 60 or not 1 <= serial <= _EXCEL_LAST_DAY:
        return None
    return date(1899, 12, 31 if serial < 60 else 30) + timedelta(days=serial)


def day(cell: Cell, epoch_1904: bool = False) -> Reading:
    """A date cell, an Excel serial number, or the text 2026/9/1, 2026-09-01 or 20260901; the day must exist."""
    if isinstance(cell, datetime):
        midnight = not (cell.hour or cell.minute or cell.second)
        reading = Reading(cell.date(), None if midnight else "date_with_time")
    elif isinstance(cell, date):
        reading = Reading(cell)
    elif isinstance(cell, str):
        reading = _day_of_text(trim(cell), epoch_1904)
    elif isinstance(cell, bool):
        raise _bad_date()
    elif isinstance(cell, int) and 10_000_000 <= cell <= 99_999_999:
        reading = _day_of_text(Reading(str(cell)), epoch_1904)
    else:
        serial = from_serial(int(cell), epoch_1904)
        if serial is None:
            raise _impossible_date()
        reading = Reading(serial, "date_excel_serial")
    if not EARLIEST <= reading.value <= LATEST:
        raise CellProblem("date_out_of_range", f"日期 {reading.value.isoformat()} 不合理，请核对年份")
    return reading


def _day_of_text(trimmed: Reading, epoch_1904: bool) -> Reading:
    value, spaces = trimmed
    for pattern, how in _DATE_TEXTS:
        if match := pattern.fullmatch(value):
            try:
                found = date(*map(int, match.groups()))
            except ValueError:
                raise _impossible_date() from None
            return Reading(found, spaces if spaces and how == "date_text_iso" else how)
    if _SERIAL_TEXT.fullmatch(value) and (found := from_serial(int(value), epoch_1904)):
        return Reading(found, "date_excel_serial")
    raise _bad_date()


def _impossible_date() -> CellProblem:
    return CellProblem("impossible_date", "这个日期不存在，请核对年、月、日")


def _bad_date() -> CellProblem:
    return CellProblem("bad_date", "日期无法识别，请写成 2026-09-01、2026/9/1 或 20260901")


def money(cell: Cell) -> Reading:
    """Yuan as whole fen: at least 0, at most two decimals, no scientific notation, never through a float."""
    amount = _decimal(cell, "bad_amount", "金额应为数字，例如 18000 或 268.30")
    if amount < 0:
        raise CellProblem("negative_amount", "金额不能是负数，请核对")
    if amount * 100 > MAX_FEN:
        raise CellProblem("amount_too_large", "金额大得不合理，请核对")
    if amount * 100 % 1:
        raise CellProblem("amount_too_precise", "金额最多两位小数，请核对")
    return Reading(int(amount * 100))


def percent(cell: Cell) -> Reading:
    """A percentage from 1 to 100, with at most four decimals; `50`, `50%` and 50.0 are the same.

    Below 1 is refused: a cell formatted as per cent holds 0.5 where it shows 50%, and nobody gives half a per cent.
    """
    if isinstance(cell, str) and cell.strip(_BLANKS).endswith(("%", "％")):
        cell = cell.strip(_BLANKS)[:-1]
    share = _decimal(cell, "bad_percent", "比例应为 1 至 100 之间的数字，例如 50")
    if not 1 <= share <= 100 or share * 10000 % 1:
        raise CellProblem("bad_percent", "比例应在 1 至 100 之间，最多四位小数；减免 50% 请填 50，不要用百分比格式")
    return Reading(share)


_PLAIN_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,18})(?:\.[0-9]{1,18})?")


def _decimal(cell: Cell, code: str, message: str) -> Decimal:
    if isinstance(cell, str):
        value = trim(cell).value.replace("，", ",").removeprefix("¥").removeprefix("￥").removesuffix("元").strip(_BLANKS)
        if not _PLAIN_NUMBER.fullmatch(value):
            raise CellProblem(code, message)
        return Decimal(value.replace(",", ""))
    if isinstance(cell, bool) or not isinstance(cell, int | Decimal):
        raise CellProblem(code, message)
    return Decimal(cell)


def whole_number(cell: Cell, lowest: int, highest: int) -> Reading:
    """A whole number between two bounds."""
    amount = _decimal(cell, "bad_number", f"应为 {lowest} 至 {highest} 的整数")
    if not lowest <= amount <= highest or amount % 1:
        raise CellProblem("bad_number", f"应为 {lowest} 至 {highest} 的整数，请核对")
    return Reading(int(amount))


def _shown(value: str) -> str:
    return value if len(value) <= 20 else value[:20] + "…"
