"""Routes in the console: which merchant number takes which payments, in which order."""

from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.database import Session
from core.errors import PlatformError
from core.identity.actor import Actor
from core.payments.accounts import view as accounts_view
from core.payments.accounts.desk import MANAGE, READ
from core.payments.routing import desk as routes_desk
from core.platform import Platform
from core.web.error_words import translated
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

PATH = "/console/channels/routes"
ACT = {"permission": MANAGE}


@get(PATH, opt={"permission": READ}, include_in_schema=False)
async def route_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform]
) -> Response:
    """The routes, the first tried first."""
    return await _page(request, session, actor, platform)


@post(PATH, opt=ACT, include_in_schema=False)
async def route_add(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform]
) -> Response:
    """One more."""
    form = await request.form()
    typed = {name: str(value) for name, value in form.items()}
    try:
        given = routes_desk.given_of(typed, [str(scene) for scene in form.getall("scene", [])])
        await routes_desk.add(session, actor, platform.channels, given)
    except PlatformError as error:
        return await _page(request, session, actor, platform, typed, translated(error), error.status)
    return redirect(request, PATH, success=_("已添加"))


@post(PATH + "/{route_id:uuid}/on", opt=ACT, include_in_schema=False)
async def route_on(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], route_id: FromPath[UUID]
) -> Response:
    """Use it."""
    await routes_desk.set_active(session, actor, route_id, True)
    return redirect(request, PATH, success=_("已启用"))


@post(PATH + "/{route_id:uuid}/off", opt=ACT, include_in_schema=False)
async def route_off(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], route_id: FromPath[UUID]
) -> Response:
    """Use it no more."""
    await routes_desk.set_active(session, actor, route_id, False)
    return redirect(request, PATH, success=_("已停用"))


@post(PATH + "/{route_id:uuid}/remove", opt=ACT, include_in_schema=False)
async def route_remove(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], route_id: FromPath[UUID]
) -> Response:
    """Forget it."""
    await routes_desk.remove(session, actor, route_id)
    return redirect(request, PATH, success=_("已删除"))


async def _page(
    request: Request, session: Session, actor: Actor, platform: Platform, typed: dict[str, str] | None = None, fault: str = "",
    status: int = 200,
) -> Response:
    accounts = await accounts_view.listed(session, platform.channels)
    scenes = sorted({scene for account in accounts for scene in account.scenes})
    return render(
        request, "payments/routes.html", status=status, found=await routes_desk.listed(session), accounts=accounts, scenes=scenes,
        typed=typed or {}, fault=fault, may_act=actor.may(MANAGE),
    )  # fmt: skip


ROUTES = [route_list, route_add, route_on, route_off, route_remove]
