"""How grave a difference is and how long it may take: one table for runs, rules and the page (docs/reconciliation.md)."""

import datetime as dt
import re
from pathlib import Path

import pytest

from core import clock
from core.reconciliation.severity import GRADES, due_at, severity

DOC = Path(__file__).parents[2] / "docs" / "reconciliation.md"


@pytest.mark.parametrize(
    ("amount_fen", "age_hours", "grave"),
    [
        (0, 0, "low"), (99_999, 23.9, "low"), (100_000, 0, "medium"), (1, 24, "medium"), (1_000_000, 0, "high"), (1, 72, "high"),
        (10_000_000, 0, "critical"), (1, 120, "critical"),
    ],
)  # fmt: skip
def test_the_amount_or_the_age_makes_a_difference_grave(amount_fen, age_hours, grave):
    assert severity(amount_fen, age_hours) == grave


def test_the_graver_the_sooner():
    now = clock.now()
    limits = [due_at(now, grade.code) - now for grade in GRADES]
    assert limits == sorted(limits) == [dt.timedelta(days=days) for days in (1, 3, 5, 7)]


def test_the_page_of_the_documentation_names_the_same_hours():
    told = re.search(r"due after ([\d, ]+) h", DOC.read_text(encoding="utf-8")).group(1)
    assert [int(hours) for hours in told.split(",")] == [grade.due_hours for grade in GRADES]
