"""The bill list as it leaves for Excel: the same filters, every row; names are masked as they leave."""

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from core.billing import filters, lists, lists_repository, units
from core.database import Session
from core.hookspecs import Export
from core.web.filters import status_label
from core.web.i18n import N_

AT_ONCE = 1000
COLUMNS = (
    (N_("单位"), "text"),
    (N_("编号"), "text"),
    (N_("姓名"), "name"),
    (N_("账单号"), "text"),
    (N_("账单"), "text"),
    (N_("账期"), "text"),
    (N_("应收"), "money"),
    (N_("减免"), "money"),
    (N_("实收"), "money"),
    (N_("欠费"), "money"),
    (N_("核销"), "money"),
    (N_("到期日"), "date"),
    (N_("状态"), "text"),
    (N_("发布时间"), "datetime"),
)


async def rows(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """One row a bill, in the order of the page."""
    asked, sort = filters.read(given), filters.sort_of(given.get("sort", ""))
    tree = await units.load(session, reach)
    org_ids, after = tree.scope(asked.org_id), None
    while True:
        found = await lists_repository.list_bills(session, asked, org_ids, sort, after, AT_ONCE)
        for whole in found:
            row = lists.bill_row(whole, tree)
            yield (
                row.org,
                row.party_number,
                whole.party_name,
                row.number,
                row.title,
                row.period,
                row.gross_fen,
                row.discount_fen,
                row.paid_fen,
                row.open_fen,
                row.given_up_fen,
                row.due_on,
                status_label("overdue" if row.overdue else row.status, "bill"),
                row.issued_at,
            )
        if len(found) < AT_ONCE:
            return
        after = (found[-1].sort_value, found[-1].id)


BILLS = Export("billing.bills", N_("账单"), lists.READ, COLUMNS, rows)
