"""Collection: what is owed, discounted, paid and open, by any level of the org tree or by fee item."""

from collections.abc import Iterable, Sequence
from uuid import UUID

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
    money = await repository.sum_by_unit(session, asked, org_ids)
    if by == ITEM:
        rows = [_row(row.item_code, row.item_name, [row], row.bills) for row in await repository.sum_by_item(session, asked, org_ids)]
    else:
        rows = _by_unit(units, by, money)
    return CollectionReport(by=by, rows=rows, total=_row("", _("合计"), money, sum(row.bills for row in money)))


def _by_unit(units: Units, kind: str, money: Sequence[Row]) -> list[Collected]:
    placed: dict[UUID | None, list[Row]] = {}
    for row in money:
        unit = units.of_kind(row.org_id, kind)
        placed.setdefault(unit and unit.id, []).append(row)
    rows = []
    for unit in [*units.in_order(kind), None]:
        if mine := placed.get(unit and unit.id):
            label = units.path(unit.id, last=2) if unit else _(NOWHERE)
            rows.append(_row(str(unit.id) if unit else "", label, mine, sum(row.bills for row in mine)))
    return rows


def _row(key: str, label: str, rows: Iterable[Row], bills: int) -> Collected:
    sums = dict.fromkeys(MONEY, 0)
    for row in rows:
        for name in MONEY:
            sums[name] += getattr(row, name)
    return Collected(key=key, label=label, bills=bills, **sums)
