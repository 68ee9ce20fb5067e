"""The buttons above a list: keep a view, drop it, have the menu open it, choose columns."""

from uuid import UUID

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.database import Session
from core.identity.actor import Actor
from core.lists import service
from core.web.i18n import gettext as _
from core.web.templating import CSRF_FIELD, redirect

ANYBODY = {"permission": "any", "side": "both"}
VIEWS = "/console/list-views"


def _back(page: str, query: str) -> str:
    """The list again, with its filters."""
    path = page if page.startswith("/bank/") else f"/console/{page}"
    return f"{path}?{query}" if query else path


async def _typed(request: Request) -> dict[str, str]:
    return {name: str(value) for name, value in (await request.form()).items() if name != CSRF_FIELD}


@post(VIEWS, opt=ANYBODY, include_in_schema=False)
async def save_view(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Keep what the list shows under a name."""
    typed = await _typed(request)
    path, query, default = typed.get("page", ""), typed.get("query", ""), typed.get("default") == "1"
    await service.save_view(session, path, typed.get("title", ""), query, shared=typed.get("shared") == "1", default=default, by=actor)
    said = _("视图已保存，以后从菜单打开就是它") if default else _("视图已保存")
    return redirect(request, _back(service.page_of(path), query), success=said)


@post(VIEWS + "/{view_id:uuid}/remove", opt=ANYBODY, include_in_schema=False)
async def remove_view(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], view_id: FromPath[UUID]) -> Response:
    """Drop one's own view; the next page offers to bring it back."""
    view = await service.remove_view(session, view_id, actor)
    path = _back(view.page, "")
    again = {"page": path, "title": view.title, "query": view.query, "shared": "1" if view.shared else ""}
    return redirect(request, path, undo=(VIEWS, again), info=_("视图“%(title)s”已删除", title=view.title))


@post(VIEWS + "/{view_id:uuid}/default", opt=ANYBODY, include_in_schema=False)
async def set_default(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], view_id: FromPath[UUID]) -> Response:
    """Let the menu open the list with this view, or plain again."""
    wanted = (await _typed(request)).get("wanted") == "1"
    view = await service.open_by_default(session, view_id, wanted, actor)
    said = _("从菜单打开时，将直接显示“%(title)s”", title=view.title) if wanted else _("从菜单打开时，将显示全部")
    return redirect(request, _back(view.page, view.query), success=said)


@post("/console/list-columns", opt=ANYBODY, include_in_schema=False)
async def choose_columns(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Show these columns of a list from now on."""
    form = await request.form()
    path, query = str(form.get("page", "")), str(form.get("query", ""))
    titles = {place: str(title) for place, title in enumerate(form.getall("title", []))}
    shown = {int(place) for place in form.getall("show", []) if str(place).isdecimal()} if form.get("all") != "1" else set(titles)
    await service.choose_columns(session, path, str(form.get("table", "")), titles, shown, actor)
    return redirect(request, _back(service.page_of(path), query))


ROUTES = [save_view, remove_view, set_default, choose_columns]
