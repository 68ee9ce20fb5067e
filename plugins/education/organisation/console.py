"""The school's tree in the console, each unit with how many students it has."""

from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency

from core.database import Row, Session
from core.identity import org
from core.identity.actor import Actor
from core.web.templating import render
from plugins.education.roster import lists
from plugins.education.roster import repository as roster
from plugins.education.roster.service import PRESENT

READ = {"permission": lists.READ}


@get("/console/education/organisation", opt=READ, include_in_schema=False)
async def organisation_page(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Group → school → campus → division → grade → class."""
    reach = actor.reach(lists.READ)
    units = await org.list_units(session, reach)
    counts: dict[UUID, int] = {}
    for row in await roster.count_by_class(session):
        if row.status in PRESENT and (reach is None or row.class_id in reach):
            counts[row.class_id] = counts.get(row.class_id, 0) + row.students
    kinds = [(kind, sum(unit.kind == kind for unit in units)) for kind in ("campus", "division", "grade", "class")]
    return render(
        request, "education/organisation.html", tree=_nested(units, counts), kinds=kinds, students=sum(counts.values()),
        may_import=actor.may("education.org.import"), may_edit=actor.may("identity.org.read"),
        may_print=actor.may("printing.sheet.make"),
    )  # fmt: skip


def _nested(units: list[Row], counts: dict[UUID, int]) -> list[dict[str, object]]:
    """The units as `show.tree` draws them, each counting the students under it; what lies above the reach is left out."""
    nodes = {
        unit.id: {
            "id": unit.id, "label": unit.name, "href": f"/console/education/students?org={unit.id}", "children": [],
            "count": counts.get(unit.id, 0),
        }
        for unit in units
    }  # fmt: skip
    roots = []
    for unit in units:
        (nodes[unit.parent_id]["children"] if unit.parent_id in nodes else roots).append(nodes[unit.id])
    for unit in reversed(units):
        if unit.parent_id in nodes:
            nodes[unit.parent_id]["count"] += nodes[unit.id]["count"]
    return roots


ROUTES = [organisation_page]
