"""The charts of reconciliation: each with a table beside it, each number with its rows."""

import datetime as dt

from litestar import Request, Response, get
from litestar.di import NamedDependency

from core import clock
from core.database import Session
from core.errors import NotFound
from core.identity.actor import Actor
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.trace import charts, pictures, rights
from core.trace.charts import AGES
from core.trace.reckoning import terms_for
from core.web.i18n import gettext as _
from core.web.templating import render

PATH = "/console/recon-charts"
READ = {"permission": rights.RECON}


@get(PATH, opt=READ, include_in_schema=False)
async def charts_page(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
) -> Response:
    """Four charts of a span of days."""
    if actor.reach(rights.RECON) is not None:
        raise NotFound()
    first, last = charts.span_of(request.query_params)
    drawn = await charts.draw(session, terms_for(platform, client), first, last)
    spans = _ages(clock.today())
    shown = {"ages": pictures.ages(drawn, [label for label, _from, _to in spans]), "closings": pictures.closings(drawn)}
    shown |= {"rates": pictures.rates(drawn), "leaks": pictures.leaks(drawn)}
    return render(request, "trace/charts.html", drawn=drawn, pictures=shown, first=first, last=last, ages=spans)


def _ages(today: dt.date) -> list[tuple[str, str, str]]:
    """The ages in words, and the days between which their differences were first seen."""
    words = []
    for young, old in AGES:
        label = _("%(young)s–%(old)s 天", young=young, old=old) if old is not None else _("%(young)s 天以上", young=young)
        words.append((label, (today - dt.timedelta(days=old)).isoformat() if old is not None else "", (today - dt.timedelta(days=young)).isoformat()))
    return words


ROUTES = [charts_page]
