"""When a merchant's money is due: so many Chinese working days after the day it was taken (T+N).

The calendar of public holidays comes from `chinesecalendar`, which knows a year once the State Council has published it. Where it does not
know a year yet, weekends are free and the rest is not, and a person is told.
"""

import datetime as dt
import functools

import chinese_calendar
import msgspec


class Due(msgspec.Struct, frozen=True):
    """A day of settlement; `guessed` when it depends on a year whose holidays are not published yet."""

    on: dt.date
    guessed: bool


@functools.lru_cache(maxsize=4096)
def is_working_day(day: dt.date) -> tuple[bool, bool]:
    """Whether banks settle on a day, and whether that is a guess from weekends alone."""
    try:
        return chinese_calendar.is_workday(day), False
    except NotImplementedError:
        return day.weekday() < 5, True


def after(day: dt.date, working_days: int) -> Due:
    """The settlement day of a bill date; T+0 is the day itself, or the next working day."""
    left, guessed, due = working_days, False, day
    working, guess = is_working_day(due)
    guessed = guess
    while left > 0 or not working:
        due += dt.timedelta(days=1)
        working, guess = is_working_day(due)
        guessed = guessed or guess
        left -= working
    return Due(due, guessed)


def last_known_year() -> int:
    """The last year whose holidays the calendar knows."""
    return max(chinese_calendar.constants.workdays | chinese_calendar.constants.holidays).year
