"""The hospital's tree in the console: campuses, departments, windows, terminals, stores, each with its code."""

from collections.abc import Sequence

from litestar import Request, Response, get
from litestar.di import NamedDependency

from core.database import Row, Session
from core.identity import org
from core.identity.actor import Actor
from core.web.templating import render
from plugins.medical.organisation.levels import KINDS

IMPORT = "medical.org.import"
READ = "identity.org.read"


@get("/console/medical/organisation", opt={"permission": READ}, include_in_schema=False)
async def organisation_page(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Group → hospital → campus → department, window, terminal; chain → store."""
    units = await org.list_units(session, actor.reach(READ))
    counts = [(kind, sum(unit.kind == kind for unit in units)) for kind in KINDS]
    return render(
        request, "medical/organisation.html", tree=_nested(units), counts=[pair for pair in counts if pair[1]],
        may_import=actor.may(IMPORT), may_edit=actor.may("identity.org.manage"),
    )  # fmt: skip


def _nested(units: Sequence[Row]) -> list[dict[str, object]]:
    """The units as `show.tree` draws them; what lies above the reach is left out."""
    nodes = {
        unit.id: {
            "id": unit.id, "label": f"{unit.name}（{unit.code}）" if unit.code else unit.name, "href": f"/console/org?unit={unit.id}",
            "children": [],
        }
        for unit in units
    }  # fmt: skip
    roots = []
    for unit in units:
        (nodes[unit.parent_id]["children"] if unit.parent_id in nodes else roots).append(nodes[unit.id])
    return roots


ROUTES = [organisation_page]
