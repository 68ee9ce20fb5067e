"""Collection: what is owed, discounted, paid and open, by any level of the org tree or by fee item."""

from collections.abc import Iterable, Sequence

from core.billing.filters import BadFilter, BillFilter
from core.billing.units import Units
from core.database import Row, Session
from core.reports import repository
from core.reports.schemas import Collected, CollectionReport
from core.web.i18n import N_
from core.web.i18n import gettext as _

READ = "reports.collection.read"
ITEM = "item"
NOWHERE = N_("不属于任何一个")
MONEY = ("gross_fen", "discount_fen", "paid_fen", "open_fen", "given_up_fen")


def dimensions(units: Units) -> list[str]:
    """How this client's collection can be cut: the levels of its tree from the top down, and by item."""
    return [*units.kinds(), ITEM]


def usual(units: Units) -> str:
    """The level people look at first: the highest one that has more than one unit."""
    kinds = units.kinds()
    return next((kind for kind in kinds if len(units.in_order(kind)) > 1), kinds[-1] if kinds else ITEM)


async def report(session: Session, units: Units, asked: BillFilter, by: str) -> CollectionReport:
    """Collection of the bills that are meant, one row a unit or item; `by` empty takes the usual level."""
    by = by or usual(units)
    if by not in dimensions(units):
        raise BadFilter(value=by[:40])
    org_ids = units.scope(asked.org_id)
    money = await repository.sum_by_unit_and_item(session, asked, org_ids)
    counts = await repository.count_by_unit(session, asked, org_ids)
    rows = _by_item(money) if by == ITEM else _by_unit(units, by, money, counts)
    return CollectionReport(by=by, rows=rows, total=_row("", _("合计"), money, sum(row.bills for row in counts)))


def _by_item(money: Sequence[Row]) -> list[Collected]:
    codes = sorted({row.item_code for row in money})
    found = {code: [row for row in money if row.item_code == code] for code in codes}
    return [_row(code, rows[0].item_name, rows, sum(row.bills for row in rows)) for code, rows in found.items()]


def _by_unit(units: Units, kind: str, money: Sequence[Row], counts: Sequence[Row]) -> list[Collected]:
    place = {row.org_id: units.of_kind(row.org_id, kind) for row in [*money, *counts]}
    rows = []
    for unit in [*units.in_order(kind), None]:
        mine = [row for row in money if place[row.org_id] == unit]
        bills = sum(row.bills for row in counts if place[row.org_id] == unit)
        if mine or bills:
            label = units.path(unit.id, last=2) if unit else _(NOWHERE)
            rows.append(_row(str(unit.id) if unit else "", label, mine, bills))
    return rows


def _row(key: str, label: str, rows: Iterable[Row], bills: int) -> Collected:
    sums = dict.fromkeys(MONEY, 0)
    for row in rows:
        for name in MONEY:
            sums[name] += getattr(row, name)
    return Collected(key=key, label=label, bills=bills, **sums)
