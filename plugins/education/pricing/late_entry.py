"""What a 插班 student who enters late pays of the tuition: the started months of what is left (domain book §3.6)."""

from decimal import Decimal

from core.money import half_up
from plugins.education.pricing.rules import LATE_ENTRANT, TUITION, BillableStudent, FeeItem, Term

YEAR, JANUARY = "year", 1


def months_billed(student: BillableStudent, term: Term) -> int:
    """How many of the term's counted months a student is charged for: all, unless they are 插班 and entered after its first day.

    Calendar months from the month of entry to the month of the term's end, both counted whole, never more than a full term.
    """
    entry = student.entry_on
    if student.student_type != LATE_ENTRANT or entry is None or entry <= term.starts_on:
        return term.months_counted
    months = (term.ends_on.year - entry.year) * 12 + term.ends_on.month - entry.month + 1
    return min(max(months, 0), term.months_counted) if entry <= term.ends_on else 0


def share_of(item: FeeItem, student: BillableStudent, term: Term) -> tuple[int, int]:
    """For how many months of how many an item is charged: tuition by what is left of its term or year, everything else in full."""
    months, counted = months_billed(student, term), term.months_counted
    if item.category != TUITION:
        return counted, counted
    if item.period != YEAR:
        return months, counted
    if term.code.endswith("-1"):  # the second term is still to come, whole
        return months + counted, 2 * counted
    return _autumn(student, term) + months, 2 * counted


def amount_of(price_fen: int, months: int, counted: int) -> int:
    """A line before discounts, rounded half up to a fen."""
    return price_fen if months == counted else half_up(Decimal(price_fen) * months / counted)


def _autumn(student: BillableStudent, spring: Term) -> int:
    """The months of the year's first term, which ends in January, seen from its second."""
    entry = student.entry_on
    if student.student_type != LATE_ENTRANT or entry is None:
        return spring.months_counted
    months = (spring.starts_on.year - entry.year) * 12 + JANUARY - entry.month + 1
    return min(max(months, 0), spring.months_counted)
