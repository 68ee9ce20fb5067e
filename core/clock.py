"""The time, in one place: instants are UTC, business days are those of Shanghai."""

import datetime as dt
import os
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_STEP = dt.timedelta(seconds=int(os.environ.get("CLOCK_STEP_SECONDS", "0")))
"""For chaos drills only: a process whose clock is wrong by so much."""


def leap_to(at: dt.datetime | None) -> int:
    """For chaos drills only: from now on it is `at` in this process (None: the true time again); answers the step in seconds."""
    global _STEP
    _STEP = dt.timedelta(seconds=round((at - dt.datetime.now(dt.UTC)).total_seconds())) if at else dt.timedelta()
    return int(_STEP.total_seconds())


def now() -> dt.datetime:
    """The present instant, timezone-aware, UTC."""
    return dt.datetime.now(dt.UTC) + _STEP


def seconds() -> float:
    """The present instant as seconds since 1970, as protocols stamp their messages."""
    return now().timestamp()


def today() -> dt.date:
    """The business day of the present instant (day cut at 00:00 Shanghai, domain book §2.1)."""
    return business_day(now())


def business_day(at: dt.datetime) -> dt.date:
    """The Shanghai calendar day on which an instant falls."""
    return at.astimezone(SHANGHAI).date()
