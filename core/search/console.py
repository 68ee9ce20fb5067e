"""The page and the drop-down of the search box, for clients and for the bank."""

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery

from core.database import Session
from core.identity.actor import Actor
from core.platform import Platform
from core.search import service
from core.search.sources import LONGEST, read
from core.web.i18n import N_
from core.web.i18n import gettext as _
from core.web.templating import render

PAGES = N_("功能页面")


async def _show(request: Request, session: Session, actor: Actor, typed: str, layout: str) -> Response:
    """The whole page, or for the box only what was found."""
    platform: Platform = request.app.state.platform
    client = request.scope["state"].get("client_profile")
    enabled = client.plugins if client else None
    for_box = request.headers.get("HX-Request") == "true"
    groups = await service.search(session, platform, enabled, actor, typed, service.LIMIT if for_box else service.WHOLE)
    if lines := service.pages(request.state.get("menu") or [], typed, _):
        groups.append(service.Group("pages", PAGES, lines[: service.LIMIT]))
    return render(
        request, "search/found.html" if for_box else "search/page.html", groups=groups, typed=typed[:LONGEST], layout=layout,
        too_short=bool(typed.strip()) and read(typed) is None, hints=[source.hint for source in service.sources(platform, enabled, actor)],
        all_href=f"{request.url.path}?{request.url.query}",
    )  # fmt: skip


@get("/console/search", opt={"permission": "any"}, include_in_schema=False)
async def search_client(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], q: FromQuery[str] = ""
) -> Response:
    """People, bills, payments, receipts and refunds by whatever somebody has in hand."""
    return await _show(request, session, actor, q, "layouts/console.html")


@get("/bank/search", opt={"permission": "any", "side": "bank"}, include_in_schema=False)
async def search_bank(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], q: FromQuery[str] = ""
) -> Response:
    """Clients and branches."""
    return await _show(request, session, actor, q, "layouts/bank.html")


ROUTES: list[HTTPRouteHandler] = [search_client, search_bank]
