"""What of a paid fee goes back when a child leaves on a day, by the rules that provinces made (domain book §3.6). Pure; money in fen.

The day named is the first without service. It counts as attended where a rule counts days or months from the start, as in the sources'
worked numbers: who leaves on the 40th day of 144 has had 27.8 % of the term. A whole refund (school at fault) is core's `full`, none
(books and clothes that were handed out) its `none`.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from msgspec import Struct

from core import money
from core.settlement.working_days import is_working_day
from core.web.i18n import N_
from plugins.education.pricing.rules import Term

Told = tuple[int, tuple[tuple[str, str], ...]]
RULE, SPAN, SUM = N_("退费规则"), N_("期间"), N_("计算")
ONE_DAY = dt.timedelta(days=1)

NOTHING_EATEN: Mapping[dt.date, int] = {}
BY_TERM_STEPS = (100, 70, 50, 40)
"""Percent given back before the start, in the first, second and third month; later nothing."""
BY_YEAR_STEPS = (100, 85, 75, 70)
BY_YEAR_SPRING = ((1, 50), (3, 20))
"""Of a year's fee after its third month: to the end of this month of the second term, this percent."""


class Charged(Struct, frozen=True):
    """A paid line: for which terms (one, or both of a year), and for how many months where fewer than the terms count (插班).

    `eaten` are the meal days that the canteen wrote down, by the month's first day.
    """

    paid_fen: int
    terms: tuple[Term, ...]
    months_billed: int | None = None
    eaten: Mapping[dt.date, int] = NOTHING_EATEN


def term_third(line: Charged, day: dt.date) -> Told:
    """Shanghai 沪价费〔2005〕029: less than a third of the term attended, two thirds back; else nothing. By term, so a year is two."""
    parts = money.split(line.paid_fen, [1] * len(line.terms))
    given_fen, told = 0, [(RULE, N_("学期未过三分之一退三分之二，之后不退"))]
    for term, fen in zip(line.terms, parts, strict=True):
        whole, passed = _days(term), _days_passed(term, day)
        back_fen = money.half_up(Decimal(fen) * 2 / 3) if passed * 3 < whole else 0
        told += [(SPAN, f"{term.starts_on} – {term.ends_on}"), (N_("已过天数"), f"{passed}/{whole}")]
        told.append((SUM, f"{money.format_yuan(fen)} × {'2/3' if back_fen else '0'}"))
        given_fen += back_fen
    return given_fen, tuple(told)


def term_steps(line: Charged, day: dt.date) -> Told:
    """Shaanxi (draft of 2018): before the start all, then less from month to month; a fee for the year has steps of its own."""
    percent = _year_percent(line.terms, day) if len(line.terms) > 1 else _step(BY_TERM_STEPS, _months_begun(line.terms[0], day))
    begun = sum(_months_begun(term, day) for term in line.terms)
    told = (
        (RULE, N_("按已就读月数分档退")),
        (SPAN, f"{line.terms[0].starts_on} – {line.terms[-1].ends_on}"),
        (N_("已开始的月数"), str(begun)),
        (SUM, f"{money.format_yuan(line.paid_fen)} × {percent}%"),
    )
    return money.percent_of(line.paid_fen, Decimal(percent)), told


def by_month(line: Charged, day: dt.date) -> Told:
    """教财〔2006〕2号: a term is five months (as registered), a year ten; a month that has begun is used up."""
    counted = sum(term.months_counted for term in line.terms)
    used = sum(min(term.months_counted, _months_begun(term, day)) for term in line.terms)
    whole = line.months_billed or counted
    left = min(whole, counted - used)
    return _share(line, left, whole, N_("按月退，已开始的月算已用"), N_("剩余月数"))


def by_days(line: Charged, day: dt.date) -> Told:
    """Days that are left of all days of the terms; the day named is the first that is not used."""
    whole = sum(_days(term) for term in line.terms)
    left = sum(_days(term) - min(_days(term), max(0, (day - term.starts_on).days)) for term in line.terms)
    return _share(line, left, whole, N_("按天退"), N_("剩余天数"))


def by_meal_days(line: Charged, day: dt.date) -> Told:
    """Days that were not eaten of all meal days of the terms: 4,500 for 100 days with 72 left gives 3,240 back.

    A month that the canteen has not written down counts with its working days before the day named.
    """
    whole = sum(meal_days_of(term) for term in line.terms)
    eaten, told = 0, []
    for month in sorted({month for term in line.terms for month in _months_of(term)}):
        if month in line.eaten:
            eaten += line.eaten[month]
            told.append((N_("已登记用餐"), f"{month:%Y-%m} {line.eaten[month]} 天"))
        elif guessed := sum(_school_days(term, month, day) for term in line.terms):
            eaten += guessed
            told.append((N_("未登记，按工作日计"), f"{month:%Y-%m} {guessed} 天"))
    fen, rest = _share(line, max(0, whole - eaten), whole, N_("按未用餐天数退"), N_("未用餐天数"))
    return fen, (*rest[:2], *told, *rest[2:])


RULES: dict[str, Callable[[Charged, dt.date], Told]] = {
    "term_third": term_third, "term_steps": term_steps, "by_month": by_month, "by_days": by_days,
    "by_meal_days": by_meal_days,
}  # fmt: skip
OWN = ("term_third", "term_steps", "by_meal_days")
"""Those that core does not know; `by_month` and `by_days` are core's words, reckoned here on the school's terms."""


def meal_days_of(term: Term) -> int:
    """On how many days of a term meals are served: as registered, else its working days."""
    return term.teaching_days or sum(_school_days(term, month, term.ends_on + ONE_DAY) for month in _months_of(term))


def _months_of(term: Term) -> list[dt.date]:
    months, month = [], term.starts_on.replace(day=1)
    while month <= term.ends_on:
        months.append(month)
        month = (month + dt.timedelta(days=32)).replace(day=1)
    return months


def _school_days(term: Term, month: dt.date, before: dt.date) -> int:
    """The working days of a month that lie in a term and before a day."""
    following = (month + dt.timedelta(days=32)).replace(day=1)
    day, end = max(month, term.starts_on), min(following, term.ends_on + ONE_DAY, before)
    return sum(is_working_day(day + n * ONE_DAY)[0] for n in range(max(0, (end - day).days)))


def _share(line: Charged, left: int, whole: int, rule: str, what: str) -> Told:
    fen = money.half_up(Decimal(line.paid_fen) * left / whole)
    span = f"{line.terms[0].starts_on} – {line.terms[-1].ends_on}"
    return fen, ((RULE, rule), (SPAN, span), (what, f"{left}/{whole}"), (SUM, f"{money.format_yuan(line.paid_fen)} × {left}/{whole}"))


def _year_percent(terms: Sequence[Term], day: dt.date) -> int:
    begun, spring = _months_begun(terms[0], day), _months_begun(terms[1], day)
    if begun < len(BY_YEAR_STEPS) and not spring:
        return BY_YEAR_STEPS[begun]
    return next((percent for last, percent in BY_YEAR_SPRING if spring <= last), 0)


def _step(steps: Sequence[int], begun: int) -> int:
    return steps[begun] if begun < len(steps) else 0


def _days(term: Term) -> int:
    return (term.ends_on - term.starts_on).days + 1


def _days_passed(term: Term, day: dt.date) -> int:
    return min(_days(term), max(0, (day - term.starts_on).days + 1))


def _months_begun(term: Term, day: dt.date) -> int:
    """Months counted from the first day that have begun on a day: the first day itself is in the first month."""
    if day < term.starts_on:
        return 0
    months = (day.year - term.starts_on.year) * 12 + day.month - term.starts_on.month
    return months + (day.day >= term.starts_on.day)
