"""Students as the search box finds them: within reach, names clear only for those who keep the roster, as the list shows them."""

from core.billing import units
from core.database import Session
from core.identity.actor import Actor
from core.payers.finding import find_people
from core.search.sources import Asked, Found, Source
from core.web.i18n import N_
from plugins.education.roster import repository
from plugins.education.roster.lists import LEVELS, READ, shown_name
from plugins.education.schema import metadata

PLUGIN = metadata.schema


async def students(session: Session, asked: Asked, by: Actor, limit: int) -> list[Found]:
    """Students by name, pinyin, number, or the phone of somebody who answers for them."""
    reach = by.reach(READ)
    people = await find_people(session, asked, reach, limit, plugin=PLUGIN)
    if not people:
        return []
    states = {row.id: row.status for row in await repository.list_states(session, [row.id for row in people])}
    tree = await units.load(session, reach)
    return [
        Found(
            title=shown_name(by, row.org_id, row.name), detail=f"{row.number} · {tree.path(row.org_id, LEVELS)}",
            href=f"/console/education/students/{row.id}", status=states[row.id], machine="education.student", key=str(row.id),
        )
        for row in people
        if row.id in states
    ]  # fmt: skip


SOURCES = (
    Source(
        code="education.students", title=N_("学生"), permissions=(READ,), find=students, position=10,
        list_path="/console/education/students?q={q}", hint=N_("学生：姓名、拼音、学号、家长手机号或后四位"),
    ),
)  # fmt: skip
