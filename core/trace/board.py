"""The day board: every day a row of the equation, its six numbers side by side; green where it closes, else what is open and what waits."""

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec

from core import clock
from core.billing.filters import BadFilter, day_of, word_of
from core.database import Session
from core.trace import board_repository as repository
from core.trace import equation
from core.trace.equation import SIX, Cell, Gap, Number, Terms
from core.trace.models import STATES
from core.trace.reckoning import cell_of, touched, worst

FRESH_DAYS = 5
"""Days that changed after they were reckoned and are reckoned anew for the page."""


class DayRow(msgspec.Struct, frozen=True, kw_only=True):
    """One day over its channels (or one channel): the six numbers, what is open by class, what waits."""

    day: dt.date
    state: str
    run_status: str
    numbers: dict[str, Number]
    open: dict[str, Number]
    waiting: Number
    strange_fen: int
    channels: list[str]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A month, narrowed by state and channel."""

    month: dt.date
    state: str = ""
    channel: str = ""


def asked_of(values: Mapping[str, str]) -> Asked:
    """What the page's address asks for; this month when nothing is said."""
    typed = word_of(values, "month")
    state = word_of(values, "state")
    if state and state not in STATES:
        raise BadFilter(value=state[:40])
    month = (day_of(f"{typed[:7]}-01") if typed else None) or clock.today().replace(day=1)
    return Asked(month=month, state=state, channel=word_of(values, "channel"))


def last_of(month: dt.date) -> dt.date:
    """A month's last day."""
    return (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)


async def cells(session: Session, terms: Terms, first: dt.date, last: dt.date) -> list[Cell]:
    """The cells of a span: as they were reckoned, and anew where something changed since."""
    kept = [cell_of(row) for row in await repository.list_days(session, first, last)]
    changed = await touched(session, await repository.last_written(session))
    fresh = [day for day in changed if first <= day <= last][:FRESH_DAYS]
    return sorted([cell for cell in kept if cell.day not in fresh] + await equation.reckon(session, fresh, terms), key=lambda c: (c.day, c.channel))


async def month(session: Session, terms: Terms, asked: Asked) -> list[DayRow]:
    """The month's days, the newest first."""
    found = await cells(session, terms, asked.month, last_of(asked.month))
    found = [cell for cell in found if asked.channel in ("", cell.channel)]
    days = sorted({cell.day for cell in found}, reverse=True)
    rows = [row_of(day, [cell for cell in found if cell.day == day]) for day in days]
    return [row for row in rows if asked.state in ("", row.state)]


async def day(session: Session, terms: Terms, on: dt.date) -> list[Cell]:
    """One day by channel, reckoned now."""
    return await equation.reckon(session, [on], terms)


def row_of(day: dt.date, cells: Sequence[Cell]) -> DayRow:
    """A day's cells together."""
    numbers = {name: Number(sum(c.number(name).count for c in cells), sum(c.number(name).fen for c in cells)) for name in SIX}
    opened: dict[str, Number] = {}
    for cell in cells:
        for klass, number in cell.open.items():
            before = opened.get(klass, Number())
            opened[klass] = Number(before.count + number.count, before.fen + number.fen)
    gaps: list[Gap] = [gap for cell in cells for gap in cell.gaps.values()]
    expected = Number(sum(cell.expected.count for cell in cells), sum(cell.expected.fen for cell in cells))
    return DayRow(
        day=day, state=worst(cell.state for cell in cells), run_status=next((cell.run_status for cell in cells if cell.run_status), ""),
        numbers=numbers, open=dict(sorted(opened.items())), waiting=expected, strange_fen=sum(abs(gap.strange_fen) for gap in gaps),
        channels=[cell.channel for cell in cells],
    )  # fmt: skip


def total(rows: Sequence[DayRow]) -> dict[str, Number]:
    """The six numbers of all rows."""
    return {name: Number(sum(row.numbers[name].count for row in rows), sum(row.numbers[name].fen for row in rows)) for name in SIX}
