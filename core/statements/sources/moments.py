"""Times as statement files print them, in Shanghai's time, to instants."""

import datetime as dt
import re

from core.clock import SHANGHAI

REMEMBERED = 90_000
_PRINTED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}", re.ASCII)
DAY = dt.timedelta(days=1)


class Moments(dict[str, dt.datetime | None]):
    """`2026-03-01 06:24:14` → the instant, when it lies in the day; else None. A day has few seconds: they are remembered.

    `cut_minutes` is when the day ends, counted from its midnight; 0 is midnight (1380: the day begins at 23:00 of the day before).
    """

    def __init__(self, day: dt.date, cut_minutes: int = 0) -> None:
        super().__init__()
        midnight = dt.datetime.combine(day, dt.time(), SHANGHAI)
        begin = midnight - DAY + dt.timedelta(minutes=cut_minutes) if cut_minutes else midnight
        self._begin, self._end = begin.astimezone(dt.UTC), (begin + DAY).astimezone(dt.UTC)
        self._ahead = SHANGHAI.utcoffset(begin) if SHANGHAI.utcoffset(begin) == SHANGHAI.utcoffset(begin + DAY) else None
        self._dates = {begin.date().isoformat(), day.isoformat()} if self._ahead is not None else set()

    def __missing__(self, printed: str) -> dt.datetime | None:
        if len(self) > REMEMBERED:
            self.clear()
        at = self._usual(printed) or moment(printed)
        found = self[printed] = at if at is not None and self._begin <= at < self._end else None
        return found

    def _usual(self, printed: str) -> dt.datetime | None:
        """The instant of a time of this day as nearly all are printed, without asking the calendar of time zones again."""
        if printed[:10] not in self._dates or len(printed) != 19 or printed[10] not in " T" or not printed[13] == printed[16] == ":":
            return None
        try:
            return dt.datetime.fromisoformat(f"{printed}+00:00") - self._ahead
        except ValueError:
            return None


class Days(dict[str, dt.date | None]):
    """The date of a printed local time, whichever day it is; None for anything else. A file names few: they are remembered."""

    def __missing__(self, printed: str) -> dt.date | None:
        if len(self) > REMEMBERED:
            self.clear()
        found = self[printed] = None if moment(printed) is None else dt.date.fromisoformat(printed[:10])
        return found


def moment(printed: str) -> dt.datetime | None:
    """The instant of a printed local time; None for anything else."""
    if not _PRINTED.fullmatch(printed):
        return None
    try:
        return dt.datetime.fromisoformat(printed).replace(tzinfo=SHANGHAI).astimezone(dt.UTC)
    except ValueError:
        return None


def fault_of(printed: str) -> str:
    """Why `Moments` refused: another day, or no time at all."""
    return "bad_time" if moment(printed) is None else "other_date"
