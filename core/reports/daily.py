"""The daily report: what was booked for each fee item in each unit, between two days."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

from core import clock
from core.billing.filters import BadFilter, day_of
from core.billing.units import Units
from core.database import Session
from core.errors import InvalidRequest
from core.payments.lists import begin_of, end_of
from core.reports import collection, repository
from core.reports.schemas import DailyItem, DailyReport, Place
from core.web.i18n import gettext as _

LONGEST_DAYS = 366


class SpanTooLong(InvalidRequest):
    code = "SPAN_TOO_LONG"
    message = "请选择不超过 {days} 天的日期范围，且开始不晚于结束"


def days_of(given: Mapping[str, str]) -> tuple[dt.date, dt.date]:
    """The days asked for; today when none is."""
    start = day_of(given.get("start")) or day_of(given.get("until")) or clock.today()
    return start, day_of(given.get("until")) or max(start, clock.today())


async def report(session: Session, units: Units, start: dt.date, until: dt.date, org_id: UUID | None, by: str) -> DailyReport:
    """Item × unit; a moved payment is taken off where it left and counted where it went, on the day it was moved."""
    if not 0 <= (until - start).days < LONGEST_DAYS:
        raise SpanTooLong(days=LONGEST_DAYS)
    kinds = units.kinds()
    by = by or (collection.usual(units) if kinds else "")
    if by and by not in kinds:
        raise BadFilter(value=by[:40])
    rows = await repository.sum_booked(session, begin_of(start), end_of(until), units.scope(org_id))
    unit_of = {row.org_id: units.of_kind(row.org_id, by) for row in rows}
    present = {unit.id if unit else None for unit in unit_of.values()}
    places = [Place(unit.id, unit.name) for unit in units.in_order(by) if unit.id in present]
    if None in present:
        places.append(Place(None, _("其他") if places else _("金额")))
    cells: dict[tuple[str, UUID | None], int] = {}
    names: dict[str, str] = {}
    for row in rows:
        unit = unit_of[row.org_id]
        key = (row.item_code, unit.id if unit else None)
        cells[key] = cells.get(key, 0) + row.amount_fen
        names[row.item_code] = row.item_name
    items = [_item(code, names[code], [cells.get((code, place.id), 0) for place in places]) for code in sorted(names)]
    totals = [sum(item.amounts_fen[n] for item in items) for n in range(len(places))]
    return DailyReport(start=start, until=until, by=by, places=places, items=items, totals_fen=totals, total_fen=sum(totals))


def _item(code: str, name: str, amounts: list[int]) -> DailyItem:
    return DailyItem(item_code=code, item_name=name, amounts_fen=amounts, total_fen=sum(amounts))
