"""The order of the children of one family: by 入学日期, then 学号, among those who are 在读 (domain book §3.6)."""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from plugins.education.pricing.rules import ENROLLED, BillableStudent


class FamilyPlace(NamedTuple):
    """Which child of how many a student is."""

    children: int
    rank: int


class Families:
    """All children of a client by 家长1手机号. A child who is not 在读 pays nothing and moves nobody's place."""

    def __init__(self, students: Iterable[BillableStudent]) -> None:
        self._children: dict[str, list[tuple[date, str]]] = {}
        for student in students:
            if student.status == ENROLLED and student.family:
                self._children.setdefault(student.family, []).append(_order(student))
        for children in self._children.values():
            children.sort()

    def place(self, student: BillableStudent) -> FamilyPlace:
        """The student's place; without a family, the only child. One who is not 在读 gets the place they would have."""
        children = self._children.get(student.family or "", [])
        own = _order(student)
        before = bisect_left(children, own)
        listed = before < len(children) and children[before] == own
        return FamilyPlace(len(children) + (not listed), before + 1)


def _order(student: BillableStudent) -> tuple[date, str]:
    return student.entry_on or date.max, student.student_no
