"""How grave a difference is and until when it should be settled: one table, read by runs, by assignment rules and by their page."""

import datetime as dt

import msgspec


class Grade(msgspec.Struct, frozen=True):
    """A severity: from which amount (fen) or from which age (hours) it applies, and how many hours there are to settle it."""

    code: str
    from_fen: int
    from_hours: int
    due_hours: int

    @property
    def due_days(self) -> int:
        return self.due_hours // 24


GRADES = (
    Grade("critical", 10_000_000, 120, 24),
    Grade("high", 1_000_000, 72, 72),
    Grade("medium", 100_000, 24, 120),
    Grade("low", 0, 0, 168),
)
"""The gravest first: the first that fits counts."""
BY_CODE = {grade.code: grade for grade in GRADES}


def severity(amount_fen: int, age_hours: float) -> str:
    """How grave a difference is, by amount and by how long it has been waiting."""
    return next((grade.code for grade in GRADES if amount_fen >= grade.from_fen or age_hours >= grade.from_hours), GRADES[-1].code)


def due_at(opened_at: dt.datetime, grave: str) -> dt.datetime:
    """When it should be settled."""
    return opened_at + dt.timedelta(hours=BY_CODE[grave].due_hours)
