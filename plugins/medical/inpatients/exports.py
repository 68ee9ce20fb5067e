"""Stays as they leave for Excel: the same filters, every row; names are masked as they leave."""

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from core.database import Session
from core.hookspecs import Export
from core.web.filters import status_label
from core.web.i18n import N_
from plugins.medical.inpatients import lists, repository

AT_ONCE = 1000
COLUMNS = (
    (N_("住院号"), "text"),
    (N_("患者编号"), "text"),
    (N_("患者"), "name"),
    (N_("科室"), "text"),
    (N_("病区"), "text"),
    (N_("床号"), "text"),
    (N_("入院日期"), "date"),
    (N_("状态"), "text"),
    (N_("清单合计"), "money"),
    (N_("预交金余额"), "money"),
    (N_("总费用"), "money"),
    (N_("个人应付"), "money"),
    (N_("待补缴"), "money"),
    (N_("应退还"), "money"),
    (N_("办结期限"), "date"),
    (N_("办结时间"), "datetime"),
)


async def rows(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """One row a stay, the latest first."""
    values = {**lists.values_of(given, reach), "limit": AT_ONCE}
    while True:
        found = await repository.list_page(session, values)
        balances = await repository.balances(session, [row.visit_id for row in found])
        for row in found:
            yield (
                row.visit_no, row.patient_no, row.name, row.department, row.ward, row.bed, row.began_on,
                status_label(row.status, "medical.admission"), row.lists_fen, balances.get(row.visit_id, 0), row.total_fen, row.cash_fen,
                row.shortage_fen, row.surplus_fen, row.due_on, row.closed_at,
            )  # fmt: skip
        if len(found) < AT_ONCE:
            return
        values |= {"after_at": found[-1].created_at, "after_id": found[-1].id}


STAYS = Export("medical.inpatients", N_("住院患者"), lists.READ, COLUMNS, rows)
