"""What each line's own refund policy comes to on a day: shown before anybody confirms, never binding (domain book §3.6).

Core knows `none`, `full`, `by_days` and `by_month` (days or months of the line's period that have begun are used up). A plugin that knows
better, by its own formulas and calendar, says so through the hook `propose_refund`.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

import msgspec

from core import clock, money
from core.billing.schemas import BillRead, LineRead
from core.database import Row, Session
from core.refunds import policy_repository
from core.refunds.errors import BadRefund
from core.refunds.schemas import PolicyLine

EARLIEST, LATEST = dt.date(2000, 1, 1), dt.date(2100, 1, 1)
Told = tuple[int | None, list[tuple[str, str]]]


class Period(msgspec.Struct, frozen=True):
    """The span a line was charged for, as its rule keeps it: `{"period": {"starts_on": …, "ends_on": …}}`."""

    starts_on: dt.date
    ends_on: dt.date


async def quote(session: Session, bill: BillRead, effective_on: dt.date | None, free: Mapping[int, int]) -> list[PolicyLine]:
    """Line by line what the policy gives back, from the day on which the service ends (today without one); `free` is what is there."""
    check_day(effective_on)
    return lines_of(bill, await policy_repository.list_policies(session, [bill.id]), effective_on or clock.today(), free)


def lines_of(bill: BillRead, rows: Sequence[Row], day: dt.date, free: Mapping[int, int]) -> list[PolicyLine]:
    """The same from what is known of the bill's lines; pure."""
    policies, found = {row.line_no: row for row in rows}, []
    for line in bill.lines:
        if line.paid_fen:
            known = policies[line.line_no]
            fen, told = compute(line, known.policy or "none", known.period, day)
            cut = None if fen is None else min(fen, free.get(line.line_no, 0))
            found.append(
                PolicyLine(
                    line_no=line.line_no, item_name=line.item_name, policy=known.policy or "none", paid_fen=line.paid_fen,
                    free_fen=free.get(line.line_no, 0), amount_fen=cut, explanation=told,
                )
            )  # fmt: skip
    return found


def check_day(day: dt.date | None) -> dt.date | None:
    """The day on which a service ends, if it can be one; BadRefund for a slip of the pen such as the year 0202."""
    if day is not None and not EARLIEST <= day <= LATEST:
        raise BadRefund(why="停止使用的日期应在 2000 年到 2100 年之间")
    return day


def compute(line: LineRead, policy: str, period: object, day: dt.date) -> Told:
    """What a policy gives back of a paid line, with the reckoning in words; None where it cannot be computed."""
    rule = _RULES.get(policy)
    return rule(line, _period(period), day) if rule else (None, [("退费规则", f"{policy}，请按规定填写金额")])


def _none(_line: LineRead, _period: Period | None, _day: dt.date) -> Told:
    return 0, [("退费规则", "不退")]


def _full(line: LineRead, _period: Period | None, _day: dt.date) -> Told:
    return line.paid_fen, [("退费规则", "全额退")]


def _by_days(line: LineRead, period: Period | None, day: dt.date) -> Told:
    """Days from the start up to and including the day before `day` are used."""
    if period is None:
        return None, [("退费规则", "按天退，但没有记录起止日期，请填写金额")]
    whole = (period.ends_on - period.starts_on).days + 1
    left = min(whole, max(0, (period.ends_on - day).days + 1))
    return _share(line, left, whole, "按天退", f"{period.starts_on} 至 {period.ends_on} 共 {whole} 天，剩余 {left} 天")


def _by_month(line: LineRead, period: Period | None, day: dt.date) -> Told:
    """A month that has begun is used; nothing is used before the start."""
    if period is None:
        return None, [("退费规则", "按月退，但没有记录起止日期，请填写金额")]
    whole = _months(period.starts_on, period.ends_on)
    used = 0 if day < period.starts_on else min(whole, _months(period.starts_on, day))
    return _share(line, whole - used, whole, "按月退（当月算已用）", f"共 {whole} 个月，剩余 {whole - used} 个月")


def _share(line: LineRead, left: int, whole: int, name: str, reckoning: str) -> Told:
    fen = money.half_up(Decimal(line.paid_fen) * left / whole)
    return fen, [("退费规则", name), ("期间", reckoning), ("计算", f"{money.format_yuan(line.paid_fen)} × {left}/{whole}")]


def _months(start: dt.date, end: dt.date) -> int:
    return max(0, (end.year - start.year) * 12 + end.month - start.month + 1)


def _period(value: object) -> Period | None:
    try:
        return msgspec.convert(value, Period)
    except msgspec.ValidationError:
        return None


_RULES: dict[str, Callable[[LineRead, Period | None, dt.date], Told]] = {
    "none": _none, "full": _full, "by_days": _by_days, "by_month": _by_month,
}  # fmt: skip


def proposed(lines: Sequence[PolicyLine], answers: Sequence[Mapping[int, Told]]) -> list[PolicyLine]:
    """The same lines with what plugins said of theirs; the first that speaks of a line is heard, cut to what is there."""
    said: dict[int, Told] = {}
    for answer in answers:
        for line_no, told in answer.items():
            said.setdefault(line_no, told)
    return [_heard(line, said[line.line_no]) if line.line_no in said else line for line in lines]


def _heard(line: PolicyLine, told: Told) -> PolicyLine:
    fen = None if told[0] is None else max(0, min(told[0], line.free_fen))
    return msgspec.structs.replace(line, amount_fen=fen, explanation=list(told[1]))
