"""Which standard prices an item for a student: the most specific match wins, a tie is an error (domain book §3.4)."""

from collections.abc import Iterable, Sequence
from datetime import date

from plugins.education.pricing.errors import StandardsTied
from plugins.education.pricing.rules import SCOPE, BillableStudent, FeeItem, FeeStandard

Tie = tuple[FeeStandard, FeeStandard]


def resolve(standards: Iterable[FeeStandard], student: BillableStudent, on: date) -> FeeStandard | None:
    """The standard of one item that applies to a student on a day, or None when none does; raises `StandardsTied`."""
    found = _best(standards, student, on)
    if isinstance(found, tuple):
        raise tied([(found, student.student_no)])
    return found


def _best(standards: Iterable[FeeStandard], student: BillableStudent, on: date) -> FeeStandard | Tie | None:
    matches = [s for s in standards if s.starts_on <= on <= s.ends_on and student.fits(s.scope)]
    most = max((len(s.scope) for s in matches), default=0)
    best = [s for s in matches if len(s.scope) == most]
    if len(best) > 1:
        return best[0], best[1]
    return best[0] if best else None


def tied(ties: Sequence[tuple[Tie, str]]) -> StandardsTied:
    """The error for some ties, each with a student it was met at."""
    shown = [
        {"item_code": a.item_code, "standards": [a.describe(), b.describe()], "rows": [a.row, b.row], "student_no": student_no} for (a, b), student_no in ties
    ]
    first = f"{shown[0]['item_code']} 的{shown[0]['standards'][0]}与{shown[0]['standards'][1]}"
    return StandardsTied(count=len(ties), first=first, ties=shown)


class PriceList:
    """The standards in force on a day, ready to be asked for many students: students of the same kind are resolved once."""

    def __init__(self, items: Sequence[FeeItem], standards: Iterable[FeeStandard], on: date) -> None:
        self.items = items
        self._on = on
        self._by_item: dict[str, list[FeeStandard]] = {item.code: [] for item in items}
        for standard in standards:
            if standard.item_code in self._by_item:
                self._by_item[standard.item_code].append(standard)
        self._known: dict[tuple[str, ...], list[tuple[FeeItem, FeeStandard]]] = {}
        self.ties: list[tuple[Tie, str]] = []

    def priced_items(self, student: BillableStudent) -> list[tuple[FeeItem, FeeStandard]]:
        """The items a student is charged for, each with the standard that prices it; an item without a match is left out.

        Ties are gathered in `ties`, so that all of them can be told at once.
        """
        kind = _kind(student)
        found = self._known.get(kind)
        if found is None:
            found = self._known[kind] = []
            for item in self.items:
                best = _best(self._by_item[item.code], student, self._on)
                if isinstance(best, tuple):
                    if best not in [tie for tie, _ in self.ties]:
                        self.ties.append((best, student.student_no))
                elif best is not None:
                    found.append((item, best))
        return found

    def chosen_for(self, priced: object) -> dict[str, FeeStandard]:
        """The standards, by item, that priced a student of this list or anything with the same place and kind (a finished bill)."""
        return {item.code: standard for item, standard in self._known.get(_kind(priced), ())}


def _kind(student: object) -> tuple[str, ...]:
    return tuple(getattr(student, key) for key in SCOPE)
