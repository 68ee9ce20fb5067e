"""Readings and boarding students as they leave for Excel: the same filters, every row; names are masked as they leave."""

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from core.billing import filters, units
from core.database import Session
from core.hookspecs import Export
from core.paging import MOST
from core.web.filters import status_label
from core.web.i18n import N_
from plugins.education.dormitory import metering, repository, service
from plugins.education.dormitory.lists import BILLING
from plugins.education.dormitory.models import READING
from plugins.education.organisation import service as organisation
from plugins.education.pricing.rules import DORM
from plugins.education.roster.lists import words_of
from plugins.education.usage import measures
from plugins.education.usage import repository as usage

LEVELS = ("campus", "division", "grade", "class")
READING_COLUMNS = (
    (N_("校区"), "text"), (N_("楼栋"), "text"), (N_("房间号"), "text"), (N_("收费项目"), "text"), (N_("表号"), "text"), (N_("上期读数"), "text"),
    (N_("抄表日期"), "date"), (N_("本期读数"), "text"), (N_("用量"), "text"), (N_("计量单位"), "text"), (N_("状态"), "text"), (N_("出账"), "text"),
    (N_("备注"), "text"), (N_("抄表人"), "text"),
)  # fmt: skip
RESIDENT_COLUMNS = (
    (N_("校区"), "text"), (N_("学部"), "text"), (N_("年级"), "text"), (N_("班级"), "text"), (N_("学号"), "text"), (N_("姓名"), "name"),
    (N_("楼栋"), "text"), (N_("房间号"), "text"), (N_("入住日期"), "date"), (N_("住宿类缴费"), "text"),
)  # fmt: skip


async def readings(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """One row a reading, the newest first."""
    tree = await organisation.load(session)
    campuses = [unit for unit, path in tree.paths.items() if len(path) == 1 and (reach is None or unit in reach)]
    status, billing, names, before = given.get("status", ""), given.get("billing", ""), await metering.metered(session), None
    asked = {
        "campuses": campuses, "status": status if status in READING.states else "", "billing": billing if billing in BILLING else "",
        "search": words_of(given.get("q", "")),
    }  # fmt: skip
    while True:
        found = await repository.list_readings(session, **asked, before=before, limit=MOST)
        for row in found:
            item, unit = names.get(row.item_code, (row.item_code, ""))
            yield (
                tree.paths[row.campus_id][0], row.building, row.number, item, row.meter_no, f"{row.previous:f}", row.read_on, f"{row.value:f}",
                f"{row.value - row.previous:f}", unit, status_label(row.status, "education.reading"),
                status_label(row.billing, "education.billing"), row.remark, row.read_by,
            )  # fmt: skip
        if len(found) < MOST:
            return
        before = found[-1].id


async def residents(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """One row a boarding student, by number."""
    tree, after = await units.load(session, reach), ""
    own = [row.code for row, _measure in await measures.items_of(session, DORM)]
    placed = given.get("placed", "")
    asked = {
        "org_ids": tree.scope(filters.uuid_of(given.get("org"))), "search": words_of(given.get("q", "")),
        "placed": placed if placed in ("yes", "no") else "",
    }  # fmt: skip
    while True:
        found = await repository.list_residents(session, **asked, after=after, limit=MOST)
        paid = await usage.list_states(session, [row.id for row in found], own)
        for row in found:
            where = [unit.name if unit else "" for unit in (tree.of_kind(row.class_id, kind) for kind in LEVELS)]
            state = status_label(paid.get(row.id, "none"), "education.own_item")
            yield (*where, row.student_no, row.name, row.building or "", row.number or "", row.since, state)
        if len(found) < MOST:
            return
        after = found[-1].student_no


EXPORTS = (
    Export("education.readings", N_("抄表记录"), service.READ, READING_COLUMNS, readings),
    Export("education.residents", N_("寄宿生"), service.READ, RESIDENT_COLUMNS, residents),
)
