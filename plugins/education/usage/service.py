"""What was used and waits for a bill, read for a plan; and what a plan billed of it, written down so that nothing is billed twice."""

import calendar
import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from msgspec import Struct

from core.database import Session
from plugins.education.pricing.rules import FeeItem
from plugins.education.pricing.usage import MealUse, MeterUse, Used
from plugins.education.usage import repository


class Waiting(Struct, frozen=True):
    """Readings and meal days that wait for a bill."""

    meters: Sequence[MeterUse] = ()
    meals: Sequence[MealUse] = ()


async def waiting(
    session: Session, items: Iterable[FeeItem], campuses: Mapping[UUID, str], until: dt.date | None, beside: UUID | None = None
) -> Waiting:
    """What was used of these items up to a day (None: ever) and is not billed; `campuses` are their names by org unit.

    What the plan `beside` billed itself counts as waiting still: so a published plan shows what it was made of.
    """
    codes = [item.code for item in items if item.metered]
    if not codes:
        return Waiting()
    meters = [
        MeterUse(
            source_id=row.id, item_code=row.item_code, campus=campuses.get(row.campus_id, ""), room=f"{row.building} {row.number}",
            meter_no=row.meter_no, since=row.since, read_on=row.read_on, previous=row.previous, value=row.value,
            lived=tuple(zip(row.numbers, row.days, strict=True)), billed=frozenset(row.billed),
        )
        for row in await repository.list_meters(session, codes, until, beside)
    ]  # fmt: skip
    meals = [
        MealUse(row.id, row.item_code, row.student_no, last_day(row.month), row.days)
        for row in await repository.list_meals(session, codes, until, beside)
    ]
    return Waiting(meters, meals)


async def mark(
    session: Session, plan_id: UUID, source: str, parts: Iterable[tuple[UUID, str, Used]], already: Collection[UUID]
) -> None:
    """Write down which parts (student, item, use) the bills of a plan carry; who had a bill of it before (`already`) got no new one."""
    rows = [(student, code, used.source_id, used.quantity, used.amount_fen) for student, code, used in parts if student not in already]
    if rows:
        await repository.mark(session, plan_id, source, rows)


def last_day(month: dt.date) -> dt.date:
    """The last day of the month that a day lies in."""
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])
