"""Insurance in the console: what the insurer owes, and a month against the insurer's files."""

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from core.database import Session
from core.identity.actor import Actor
from core.web.filters import status_label
from core.web.templating import render
from plugins.medical.insurance import lists, repository, words
from plugins.medical.insurance.states import SETTLEMENT

READ = {"permission": lists.READ}
PATH = "/console/medical/insurance"
FILTERS = ("q", "status", "clr_type", "period")


@get(PATH, opt=READ, include_in_schema=False)
async def settlement_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[str | None] = None
) -> Response:
    """Settlements by month, state and clearing type."""
    given = {name: request.query_params.get(name, "") for name in FILTERS}
    found = await lists.list_settlements(session, lists.asked_of(given), cursor)
    return render(
        request, "medical/insurance.html", found=found, filtered=any(given.values()), periods=[(name, name) for name in lists.months()],
        statuses=[(code, status_label(code, "medical.settlement")) for code in SETTLEMENT.states],
        types=[(name, name) for name in await repository.list_types(session)], may_export=actor.may("exports.make"),
        may_import=actor.may(lists.MANAGE) and actor.may("imports.make"), sees_orders=actor.may("medical.order.read"),
    )  # fmt: skip


@get(PATH + "/clearing", opt=READ, include_in_schema=False)
async def clearing_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], period: FromQuery[str] = "", verdict: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response:
    """A month's settlements against what the insurer paid and refused."""
    period = period or lists.months(1)[0]
    return render(
        request, "medical/clearing.html", found=await lists.compare(session, period, verdict, cursor), periods=[(name, name) for name in lists.months()],
        verdicts=[(code, status_label(code, "medical.clearing")) for code in words.VERDICTS], verdict=verdict,
        files=await repository.list_clearings(session, None, 10), may_export=actor.may("exports.make"),
        may_import=actor.may(lists.MANAGE) and actor.may("imports.make"),
    )  # fmt: skip


ROUTES = [settlement_list, clearing_page]
