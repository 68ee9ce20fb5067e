"""The list of students as it leaves for Excel: the same filters, every row; names are masked as they leave, ids and phones are not in it."""

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from core.billing import filters, units
from core.database import Session
from core.hookspecs import Export
from core.web.filters import status_label
from core.web.i18n import N_
from plugins.education.roster import lists, repository
from plugins.education.roster.errors import StudentNotFound
from plugins.education.roster.models import STUDENT

AT_ONCE = 1000
LEVELS = ("campus", "division", "grade", "class")
COLUMNS = (
    (N_("校区"), "text"),
    (N_("学部"), "text"),
    (N_("年级"), "text"),
    (N_("班级"), "text"),
    (N_("学号"), "text"),
    (N_("姓名"), "name"),
    (N_("是否寄宿"), "text"),
    (N_("学生类型"), "text"),
    (N_("入学日期"), "date"),
    (N_("学籍状态"), "text"),
)


async def rows(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """One row a student, by number."""
    tree, status, after = await units.load(session, reach), given.get("status", ""), ""
    if status and status not in STUDENT.states:
        raise StudentNotFound()
    asked = {"search": lists.words_of(given.get("q", "")), "org_ids": tree.scope(filters.uuid_of(given.get("org"))), "status": status or None}
    while True:
        found = await repository.list_page(session, **asked, after=after, limit=AT_ONCE)
        for row in found:
            place = [tree.of_kind(row.class_id, kind) for kind in LEVELS]
            where = [unit.name if unit else "" for unit in place]
            yield (
                *where, row.student_no, row.name, row.boarding, row.student_type, row.entry_on, status_label(row.status, "education.student"),
            )  # fmt: skip
        if len(found) < AT_ONCE:
            return
        after = found[-1].student_no


STUDENTS = Export("education.students", N_("学生名册"), lists.READ, COLUMNS, rows)
