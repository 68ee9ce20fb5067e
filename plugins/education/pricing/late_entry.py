"""What a 插班 student who enters during the term pays of the tuition: the started months of the rest of the term (domain book §3.6)."""

from decimal import Decimal

from core.money import half_up
from plugins.education.pricing.rules import LATE_ENTRANT, TUITION, BillableStudent, FeeItem, Term


def months_billed(student: BillableStudent, term: Term) -> int:
    """How many of the term's counted months a student is charged for: all, unless they are 插班 and entered after its first day.

    Calendar months from the month of entry to the month of the term's end, both counted whole, never more than a full term.
    """
    entry = student.entry_on
    if student.student_type != LATE_ENTRANT or entry is None or entry <= term.starts_on:
        return term.months_counted
    months = (term.ends_on.year - entry.year) * 12 + term.ends_on.month - entry.month + 1
    return min(max(months, 0), term.months_counted) if entry <= term.ends_on else 0


def amount_of(item: FeeItem, price_fen: int, months: int, term: Term) -> int:
    """A line before discounts: tuition by started months, rounded half up to a fen; everything else in full."""
    if item.category != TUITION or months == term.months_counted:
        return price_fen
    return half_up(Decimal(price_fen) * months / term.months_counted)
