"""Money is whole fen. Decimals live only inside a calculation, and each rule here has a worked example in docs/money.md."""

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from core.errors import InvalidRequest

MAX_FEN = 10_000_000_000_00
"""Ten thousand million yuan: no single amount in this trade is larger, so anything above is a typing error."""


class BadAmount(InvalidRequest):
    code = "BAD_AMOUNT"
    message = "金额“{value}”无效，请填写最多两位小数的元数，例如 1234.50"


_WRITTEN = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)", re.ASCII)
"""As people write amounts: no exponents, no underscores, no digits of other scripts."""


def yuan(value: str | int | Decimal) -> int:
    """Turn yuan as people write them (`1,234.50`) into fen; refuses more than two decimals, non-numbers and giants."""
    plain = f"{value:f}" if isinstance(value, Decimal) else str(value)
    written = plain.strip().replace(",", "").replace("，", "").removeprefix("¥").removeprefix("￥").strip()
    if not _WRITTEN.fullmatch(written):
        raise BadAmount(value=value)
    fen = Decimal(written) * 100
    if fen != fen.to_integral_value() or abs(fen) > MAX_FEN:
        raise BadAmount(value=value)
    return int(fen)


def format_yuan(amount_fen: int) -> str:
    """Fen as yuan with thousands separators and two decimals: 123450 → `1,234.50`."""
    sign = "-" if amount_fen < 0 else ""
    return f"{sign}{abs(amount_fen) // 100:,}.{abs(amount_fen) % 100:02d}"


def half_up(value: Decimal) -> int:
    """Round a fen amount half away from zero, once, at the bill line (domain book §2.1)."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def percent_of(amount_fen: int, percent: Decimal | int) -> int:
    """A percentage of an amount, rounded half up to a fen: 5 % of 2,146,050 is 107,303."""
    return half_up(Decimal(amount_fen) * Decimal(percent) / 100)


def split(total_fen: int, weights: Sequence[int]) -> list[int]:
    """Share a total by weight so that the parts add up: floors first, the left-over fen to the largest remainders.

    Ties go to the earlier part. All weights zero shares nothing unless the total is zero too.
    """
    whole = sum(weights)
    if whole == 0:
        if total_fen:
            raise BadAmount(value=total_fen)
        return [0 for _ in weights]
    parts = [total_fen * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total_fen * weights[i] % whole), i))
    for i in by_remainder[: total_fen - sum(parts)]:
        parts[i] += 1
    return parts


def instalments(total_fen: int, percents: Sequence[Decimal | int]) -> list[int]:
    """Cut a total by percentages: all but the last are rounded half up, the last takes the rest."""
    if sum(Decimal(p) for p in percents) != 100 or any(Decimal(p) <= 0 for p in percents):
        raise InvalidRequest("分期比例之和必须等于 100%，且每期大于 0", percents=[str(p) for p in percents])
    first = [percent_of(total_fen, p) for p in percents[:-1]]
    return [*first, total_fen - sum(first)]


def equal_instalments(total_fen: int, count: int) -> list[int]:
    """Cut a total into equal parts: all but the last rounded half up, the last takes the rest (vector E1)."""
    each = half_up(Decimal(total_fen) / count)
    return [each] * (count - 1) + [total_fen - each * (count - 1)]


_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_SMALL_UNITS = ("", "拾", "佰", "仟")
_BIG_UNITS = ("", "万", "亿", "万亿")


def _capital_section(section: int) -> str:
    text, zero = "", False
    for power in (3, 2, 1, 0):
        digit = section // 10**power % 10
        if digit:
            text += ("零" if zero else "") + _DIGITS[digit] + _SMALL_UNITS[power]
            zero = False
        else:
            zero = bool(text)
    return text


def capital(amount_fen: int) -> str:
    """An amount in the upper-case characters that receipts carry: 123450 → `壹仟贰佰叁拾肆元伍角整`."""
    if amount_fen < 0:
        return "负" + capital(-amount_fen)
    units, jiao, fen = amount_fen // 100, amount_fen // 10 % 10, amount_fen % 10
    text, gap = "", False
    for power in (3, 2, 1, 0):
        section = units // 10000**power % 10000
        if not section:
            gap = bool(text)
            continue
        if text and (gap or section < 1000):
            text += "零"
        text += _capital_section(section) + _BIG_UNITS[power]
        gap = False
    if text:
        text += "元"
    if not jiao and not fen:
        return (text or "零元") + "整"
    if jiao:
        text += _DIGITS[jiao] + "角"
    elif text:
        text += "零"
    return text + (_DIGITS[fen] + "分" if fen else "整")
