"""The charts of collection: five pictures of the same bills, each with its table."""

from litestar import Request, Response, get
from litestar.di import NamedDependency

from core.billing import filters, lists_repository, units
from core.database import Session
from core.identity.actor import Actor
from core.reports import charts, collection, pictures
from core.reports.words import level_title
from core.tenancy.directory import ClientProfile
from core.web.filters import period as period_words
from core.web.templating import render

PATH = "/console/reports/charts"
KEPT = ("org", "period")


@get(PATH, opt={"permission": collection.READ}, include_in_schema=False)
async def charts_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile]
) -> Response:
    """Five charts of the bills that are meant."""
    asked = filters.read(request.query_params)
    tree = await units.load(session, actor.reach(collection.READ))
    drawn = await charts.draw(session, tree, asked)
    kept = {name: value for name in KEPT if (value := request.query_params.get(name))}
    shown = {
        "progress": pictures.progress(drawn, kept), "funnel": pictures.funnel(drawn, kept), "channels": pictures.channels(drawn),
        "ages": pictures.ages(drawn, kept), "places": pictures.places(drawn, kept, level_title(drawn.by, client.plugins)),
    }  # fmt: skip
    periods = [(period, period_words(period)) for period in await lists_repository.list_periods(session)]
    return render(request, "reports/charts.html", drawn=drawn, pictures=shown, asked=asked, units=tree.choices(), periods=periods)


ROUTES = [charts_page]
