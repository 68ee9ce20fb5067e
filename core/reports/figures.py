"""The key figures of collection: how much of what is owed came in, what is late, and how many have paid."""

from collections.abc import Sequence
from uuid import UUID

from core import clock
from core.billing.filters import BillFilter
from core.billing.units import load
from core.database import Row, Session
from core.hookspecs import WorkItem
from core.identity.actor import Actor
from core.identity.worklist import Figure
from core.reports import sums_repository as repository
from core.reports.collection import READ
from core.web.charts import permille, shown
from core.web.filters import in_yuan, number
from core.web.i18n import N_
from core.web.i18n import gettext as _

STATUS = "billing.status.read"


async def _days(session: Session, reach: list[UUID] | None) -> Sequence[Row]:
    org_ids = (await load(session, reach)).scope(None)
    return [row for row in await repository.sum_bills(session, BillFilter(), org_ids) if row.by_day]


async def _summing_up(session: Session, days: Sequence[Row]) -> Figure | None:
    """What stands in a figure's place while there are bills and nobody has summed them up yet: the first minute after they were issued."""
    if days or not await repository.has_bills(session):
        return None
    return Figure("—", _("正在汇总，约一分钟后显示"))


async def rate(session: Session, by: Actor) -> Figure:
    """Collected of everything billed."""
    days = await _days(session, by.reach(READ))
    if early := await _summing_up(session, days):
        return early
    paid, owed = sum(row.paid_fen for row in days), sum(row.amount_fen for row in days)
    hint = _("应收 %(owed)s，实收 %(paid)s", owed=in_yuan(owed), paid=in_yuan(paid))
    return Figure(shown(permille(paid, owed), "percent"), hint, _("收缴率 = 实收 ÷（应收 − 减免）"), "good" if owed and paid >= owed else "")


async def late(session: Session, by: Actor) -> Figure:
    """What is unpaid past its due date."""
    days = await _days(session, by.reach(READ))
    if early := await _summing_up(session, days):
        return early
    past = [row for row in days if row.due_on < clock.today()]
    fen = sum(row.open_fen for row in past)
    return Figure(in_yuan(fen), _("%(n)s 张账单", n=number(sum(row.owing for row in past))), _("已过到期日还没有缴的部分"), "warn" if fen else "")


async def cleared(session: Session, by: Actor) -> Figure | None:
    """How many bills are paid, for those who see who has paid and no amounts."""
    if by.may(READ):
        return None
    days = await _days(session, by.reach(STATUS))
    if early := await _summing_up(session, days):
        return early
    done, bills = sum(row.cleared for row in days), sum(row.bills for row in days)
    tone = "good" if bills and done == bills else ""
    return Figure(f"{number(done)} / {number(bills)}", shown(permille(done, bills), "percent"), _("已缴清的账单 ÷ 全部账单"), tone)


FIGURES = (
    WorkItem("reports.rate", N_("收缴率"), READ, rate, "/console/reports/charts", position=910),
    WorkItem("reports.late", N_("逾期欠费"), READ, late, "/console/reports/unpaid?status=overdue", position=920),
    WorkItem("reports.cleared", N_("已缴清"), STATUS, cleared, "/console/unpaid", position=910),
)
