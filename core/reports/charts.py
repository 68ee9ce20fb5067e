"""Five pictures of how collection goes: against what is due, by unit, by channel, by age, and from the bill sent out to the bill paid."""

import datetime as dt
from collections.abc import Sequence

import msgspec

from core import clock
from core.billing.filters import BillFilter
from core.billing.units import Units
from core.database import Row, Session
from core.reports import collection
from core.reports import sums_repository as repository
from core.web.i18n import gettext as _

AGES = ((1, 30), (31, 60), (61, 90), (91, None))
"""Days since a bill fell due."""
MOST_POINTS = 62
STEPS_DAYS = (1, 7, 30, 91)


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """What had fallen due and what had been booked at the end of a day; `paid_fen` is None for days to come."""

    day: dt.date
    due_fen: int
    paid_fen: int | None


class Age(msgspec.Struct, frozen=True, kw_only=True):
    """What is unpaid of bills that fell due between two days (None: no limit); `late` is false for what is not due yet."""

    first: dt.date | None
    last: dt.date | None
    bills: int
    fen: int
    late: bool = True


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """What a unit was billed, paid and still owes."""

    key: str
    label: str
    billed_fen: int
    paid_fen: int
    open_fen: int


class Funnel(msgspec.Struct, frozen=True, kw_only=True):
    """Bills sent out, of them looked at by a payer (or paid in part), of them paid in full."""

    issued: int
    seen: int
    cleared: int


class Charts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the pictures show."""

    today: dt.date
    progress: list[Progress]
    by: str
    places: list[Place]
    channels: list[tuple[str, int]]
    ages: list[Age]
    funnel: Funnel
    written_at: dt.datetime | None


async def draw(session: Session, units: Units, asked: BillFilter) -> Charts:
    """The five pictures of the bills that are meant, within the asker's reach."""
    org_ids, today = units.scope(asked.org_id), clock.today()
    bills = await repository.sum_bills(session, asked, org_ids)
    booked = await repository.sum_days(session, asked, org_ids)
    days = [row for row in bills if row.by_day]
    channels: dict[str, int] = {}
    for row in booked:
        channels[row.channel] = channels.get(row.channel, 0) + row.fen
    by = collection.usual(units)
    return Charts(
        today=today,
        progress=progress(days, booked, today),
        by=by,
        places=_places(units, by, [row for row in bills if not row.by_day]),
        channels=sorted(channels.items(), key=lambda pair: -pair[1]),
        ages=_ages(days, today),
        funnel=Funnel(issued=sum(row.bills for row in days), seen=sum(row.seen for row in days), cleared=sum(row.cleared for row in days)),
        written_at=await repository.last_written(session),
    )


def progress(days: Sequence[Row], booked: Sequence[Row], today: dt.date) -> list[Progress]:
    """Both sums at a few days, evenly spaced, today among them."""
    if not days:
        return []
    last = max(today, days[-1].due_on)
    first = min([days[0].due_on, *(row.day for row in booked[:1])]) - dt.timedelta(days=1)
    length = (last - first).days
    step = next((days for days in STEPS_DAYS if length // days <= MOST_POINTS), length // MOST_POINTS + 1)
    marks = sorted({last - dt.timedelta(days=back) for back in range(0, length + 1, step)} | {first, min(today, last)})
    return [
        Progress(
            day=mark, due_fen=sum(row.amount_fen for row in days if row.due_on <= mark),
            paid_fen=sum(row.fen for row in booked if row.day <= mark) if mark <= today else None,
        )
        for mark in marks
    ]  # fmt: skip


def _ages(days: Sequence[Row], today: dt.date) -> list[Age]:
    spans: list[tuple[dt.date | None, dt.date | None, bool]] = [(today, None, False)]
    for young, old in AGES:
        spans.append((today - dt.timedelta(days=old) if old else None, today - dt.timedelta(days=young), True))
    made = []
    for first, last, late in spans:
        mine = [row for row in days if (first is None or row.due_on >= first) and (last is None or row.due_on <= last)]
        made.append(Age(first=first, last=last, late=late, bills=sum(row.owing for row in mine), fen=sum(row.open_fen for row in mine)))
    return made


def _places(units: Units, by: str, rows: Sequence[Row]) -> list[Place]:
    if by == collection.ITEM:
        return []
    sums: dict[str, list[int]] = {}
    for row in rows:
        unit = units.of_kind(row.org_id, by)
        mine = sums.setdefault(str(unit.id) if unit else "", [0, 0, 0])
        for place, fen in enumerate((row.amount_fen, row.paid_fen, row.open_fen)):
            mine[place] += fen
    order = [(str(unit.id), units.path(unit.id, last=2)) for unit in units.in_order(by)] + [("", _(collection.NOWHERE))]
    return [
        Place(key=key, label=label, billed_fen=sums[key][0], paid_fen=sums[key][1], open_fen=sums[key][2]) for key, label in order if key in sums
    ]
