"""Take discounts off one line: percentages of its own amount, then fixed amounts, then waivers, never below zero (domain book §3.6)."""

from collections.abc import Iterable, Sequence

from core.money import percent_of
from plugins.education.pricing.families import FamilyPlace
from plugins.education.pricing.rules import BillableStudent, Condition, Discount, FeeItem

_TURN = {"percent": 0, "fixed": 2, "waive": 3}
Taken = list[tuple[Discount, int]]


def applies(condition: Condition, student: BillableStudent, place: FamilyPlace) -> bool:
    """Whether a discount was granted to the student, or everything it asks for is true of them."""
    return student.student_no in condition.granted or (
        not condition.by_application
        and all(getattr(student, key) in values for key, values in condition.equals.items())
        and (condition.child_from is None or place.rank >= condition.child_from)
        and (condition.child_to is None or place.rank <= condition.child_to)
        and (condition.student_nos is None or student.student_no in condition.student_nos)
    )


def earned_by(discounts: Iterable[Discount], student: BillableStudent, place: FamilyPlace) -> list[Discount]:
    """The discounts a student has, in the order they are taken, each kind by priority.

    Percentages of the line's own amount, then compound ones, then fixed amounts, then waivers.
    """
    return sorted((d for d in discounts if applies(d.condition, student, place)), key=_turn)


def _turn(discount: Discount) -> tuple[int, int]:
    return _TURN[discount.kind] + discount.compound, discount.priority


class Allowance:
    """One student's discounts while the lines of the bill are gone through: fixed amounts are used up from line to line."""

    def __init__(self, earned: Sequence[Discount]) -> None:
        self._earned = earned
        self._left = {d.code: d.amount_fen or 0 for d in earned if d.kind == "fixed"}

    def take_off(self, item: FeeItem, amount_fen: int) -> Taken:
        """The discounts on a line and what each takes off; they never exceed the line.

        Where one of them does not stack, the combination holding the best priority wins; between equals, what helps the family most.
        """
        if not item.may_be_discounted:
            return []
        here = [d for d in self._earned if not d.item_codes or item.code in d.item_codes]
        alone = [[d] for d in here if not d.stackable]
        together = [d for d in here if d.stackable]
        choices = [self._taken(amount_fen, choice) for choice in (together, *alone) if choice]
        best = max(choices, key=_merit, default=[])
        for discount, taken_fen in best:
            if discount.kind == "fixed":
                self._left[discount.code] -= taken_fen
        return best

    def _taken(self, amount_fen: int, discounts: Sequence[Discount]) -> Taken:
        left_fen = amount_fen
        taken: Taken = []
        for discount in discounts:
            if discount.kind == "percent":
                wanted = percent_of(left_fen if discount.compound else amount_fen, discount.percent or 0)
            else:
                wanted = self._left[discount.code] if discount.kind == "fixed" else left_fen
            if off := min(wanted, left_fen):
                taken.append((discount, off))
                left_fen -= off
        return taken


def _merit(taken: Taken) -> tuple[int, int]:
    return -min((d.priority for d, _ in taken), default=10**9), sum(off for _, off in taken)
