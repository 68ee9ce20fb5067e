"""Four pictures of how reconciliation goes: open differences by age, time to close, match rate, fees beyond the contract."""

import datetime as dt
from collections.abc import Mapping

import msgspec

from core import clock
from core.billing.filters import BadFilter, day_of
from core.database import Session
from core.payments.lists import end_of
from core.reconciliation.states import OPEN
from core.trace import charts_repository as repository
from core.trace.equation import Number, Terms

LONGEST_DAYS = 92
USUAL = dt.timedelta(days=29)
AGES = ((0, 1), (2, 3), (4, 7), (8, 30), (31, None))
"""Days since a difference was first seen."""


class ClassAges(msgspec.Struct, frozen=True, kw_only=True):
    """Open differences of one class, by age."""

    klass: str
    ages: list[Number]
    total: Number


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    """How many hours after its end a day was closed (None: it is not yet, `hours_so_far` have passed)."""

    day: dt.date
    status: str
    closed_by: str | None
    hours: int | None
    hours_so_far: int


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """How many lines of a channel's file agreed with everything else."""

    day: dt.date
    channel: str
    matched: int
    lines: int


class Leak(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel charged beyond the contract on a day, of all its fees."""

    day: dt.date
    channel: str
    count: int
    open: int
    leak_fen: int
    fee_fen: int


class Charts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of one span of days."""

    first: dt.date
    last: dt.date
    ages: list[ClassAges]
    closings: list[Closing]
    rates: list[Rate]
    leaks: list[Leak]

    @property
    def channels(self) -> list[str]:
        """The channels that have files."""
        return sorted({rate.channel for rate in self.rates})


def span_of(values: Mapping[str, str]) -> tuple[dt.date, dt.date]:
    """The days asked for, the last thirty when none is; BadFilter for too long a span."""
    last = day_of(values.get("until")) or clock.today()
    first = day_of(values.get("start")) or last - USUAL
    if not 0 <= (last - first).days < LONGEST_DAYS:
        raise BadFilter(value=f"{first} – {last}")
    return first, last


async def draw(session: Session, terms: Terms, first: dt.date, last: dt.date) -> Charts:
    """The four pictures."""
    days = await repository.list_days(session, first, last)
    files = await repository.list_files(session, first, last, terms.siblings)
    matched = {row.day: row.matched for row in days}
    fees = {(row.day, row.channel): row.fee_fen for row in files}
    return Charts(
        first=first,
        last=last,
        ages=await _ages(session),
        closings=[_closing(row) for row in days],
        rates=[
            Rate(day=row.day, channel=row.channel, matched=_rows(matched[row.day], row.channel), lines=row.n)
            for row in files if row.n and row.day in matched
        ],
        leaks=[
            Leak(day=row.day, channel=row.channel, count=row.n, open=row.open, leak_fen=row.fen, fee_fen=fees.get((row.day, row.channel), 0))
            for row in await repository.list_fees(session, first, last, OPEN)
        ],
    )  # fmt: skip


async def _ages(session: Session) -> list[ClassAges]:
    found: dict[str, dict[int, Number]] = {}
    for row in await repository.list_ages(session, clock.today(), OPEN):
        found.setdefault(row.klass, {})[row.age] = Number(row.n, row.fen)
    made = []
    for klass, ages in sorted(found.items()):
        total = Number(sum(number.count for number in ages.values()), sum(number.fen for number in ages.values()))
        made.append(ClassAges(klass=klass, ages=[ages.get(age, Number()) for age in range(len(AGES))], total=total))
    return made


def _closing(row: object) -> Closing:
    end = end_of(row.day)
    closed = row.closed_at if row.status == "closed" else None
    hours = None if closed is None else max(0, int((closed - end).total_seconds()) // 3600)
    return Closing(
        day=row.day, status=row.status, closed_by=row.closed_by, hours=hours,
        hours_so_far=max(0, int((clock.now() - end).total_seconds()) // 3600),
    )  # fmt: skip


def _rows(matched: Mapping[str, object], channel: str) -> int:
    told = matched.get(channel, {})
    return int(told.get("rows", 0)) if isinstance(told, dict) else 0
