"""The time, in one place: instants are UTC, business days are those of Shanghai."""

import datetime as dt
import os
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_STEP = dt.timedelta(seconds=int(os.environ.get("CLOCK_STEP_SECONDS", "0")))
"""For chaos drills only: a process whose clock is wrong by so much."""


def now() -> dt.datetime:
    """The present instant, timezone-aware, UTC."""
    return dt.datetime.now(dt.UTC) + _STEP


def today() -> dt.date:
    """The business day of the present instant (day cut at 00:00 Shanghai, domain book §2.1)."""
    return business_day(now())


def business_day(at: dt.datetime) -> dt.date:
    """The Shanghai calendar day on which an instant falls."""
    return at.astimezone(SHANGHAI).date()
