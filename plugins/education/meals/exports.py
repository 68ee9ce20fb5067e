"""A month's meal days as they leave for Excel: the same filters, every row; names are masked as they leave."""

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from core import clock
from core.billing import filters, units
from core.database import Session
from core.hookspecs import Export
from core.paging import MOST
from core.web.filters import status_label
from core.web.i18n import N_
from plugins.education.meals import repository, service
from plugins.education.roster.lists import words_of
from plugins.education.usage import repository as usage

LEVELS = ("campus", "division", "grade", "class")
COLUMNS = (
    (N_("校区"), "text"), (N_("学部"), "text"), (N_("年级"), "text"), (N_("班级"), "text"), (N_("学号"), "text"), (N_("姓名"), "name"),
    (N_("收费项目"), "text"), (N_("月份"), "text"), (N_("用餐天数"), "number"), (N_("缴费"), "text"),
)  # fmt: skip


async def rows(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """One row a student, by number."""
    tree, known, after = await units.load(session, reach), await service.items(session), ""
    if not known:
        return
    item = await service.chosen(session, given.get("item") or known[0].code)
    month = service.read_month(given.get("month") or f"{clock.today():%Y-%m}")
    written = given.get("written", "")
    asked = {
        "item_code": item.code, "month": month, "org_ids": tree.scope(filters.uuid_of(given.get("org"))), "search": words_of(given.get("q", "")),
        "written": written if written in ("yes", "no") else "",
    }  # fmt: skip
    while True:
        found = await repository.list_page(session, **asked, after=after, limit=MOST)
        paid = await usage.list_states(session, [row.id for row in found], [item.code])
        for row in found:
            where = [unit.name if unit else "" for unit in (tree.of_kind(row.class_id, kind) for kind in LEVELS)]
            yield (
                *where, row.student_no, row.name, item.name, f"{month:%Y-%m}", row.days, status_label(paid.get(row.id, "none"), "education.own_item"),
            )  # fmt: skip
        if len(found) < MOST:
            return
        after = found[-1].student_no


EXPORTS = (Export("education.meal_days", N_("用餐天数"), service.READ, COLUMNS, rows),)
