"""T+N on the Chinese working-day calendar."""

import datetime as dt

import pytest

from core.settlement import working_days


@pytest.mark.parametrize(
    ("day", "days", "due"),
    [
        ("2026-11-19", 1, "2026-11-20"),
        ("2026-11-20", 1, "2026-11-23"),
        ("2026-09-30", 1, "2026-10-08"),
        ("2026-10-09", 1, "2026-10-10"),
        ("2026-02-13", 1, "2026-02-14"),
        ("2026-11-22", 0, "2026-11-23"),
        ("2026-11-20", 0, "2026-11-20"),
        ("2026-11-20", 3, "2026-11-25"),
    ],
)
def test_money_is_due_on_working_days(day, days, due):
    found = working_days.after(dt.date.fromisoformat(day), days)
    assert (found.on.isoformat(), found.guessed) == (due, False)


def test_beyond_the_published_holidays_weekends_are_free_and_it_is_said():
    year = working_days.last_known_year() + 1
    friday = next(day for day in (dt.date(year, 3, n) for n in range(1, 8)) if day.weekday() == 4)
    assert working_days.after(friday, 1) == working_days.Due(friday + dt.timedelta(days=3), guessed=True)
