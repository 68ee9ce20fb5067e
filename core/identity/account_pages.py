"""One's own account, at `/account` for everybody: password, second factor, sessions."""

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import URLEncodedBody

from core import clock
from core.database import Session
from core.errors import NotFound, PlatformError
from core.identity import account, accounts, second_factor, sessions_repository
from core.identity.actor import Actor
from core.identity.errors import SecondFactorForced
from core.identity.faces import BANK, house
from core.identity.schemas import CodeForm, NewPasswordForm
from core.identity.sessions import IDLE
from core.platform import Platform
from core.web.error_words import translated
from core.web.i18n import N_
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

ANY = {"permission": "any", "side": "both"}


BROWSERS = (
    ("MicroMessenger", N_("微信")),
    ("AlipayClient", N_("支付宝")),
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux"))


def device_of(agent: str) -> str:
    """A browser and its system in two words, as people know them."""
    found = [next((_(word) for mark, word in known if mark in agent), "") for known in (BROWSERS, SYSTEMS)]
    return " · ".join(word for word in found if word) or _("未知设备")


async def _shown(request: Request, session: Session, actor: Actor, **more: object) -> dict[str, object]:
    if actor.kind != "user":
        raise NotFound()
    face, now = house(request), clock.now()
    user = await accounts.find(session, account.own_id(actor))
    live = await sessions_repository.list_live_sessions(session, user.id, now, now - IDLE)
    return {
        "layout": face.layout,
        "home": face.base,
        "user": user,
        "live": live,
        "current": actor.session_id,
        "forced": face is BANK,
        "errors": {},
        "device_of": device_of,
        **more,
    }


@get("/account", opt=ANY, include_in_schema=False)
async def account_page(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """What is mine to change."""
    return render(request, "identity/account.html", **await _shown(request, session, actor))


@post("/account/password", opt=ANY, include_in_schema=False)
async def change_password(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], data: URLEncodedBody[NewPasswordForm]
) -> Response:
    """A new password; every other session of mine ends."""
    errors: dict[str, str] = {}
    if data.password != data.again:
        errors = {"again": _("两次输入的密码不一致")}
    else:
        try:
            await account.change_password(platform, asker, data.current, data.password)
        except PlatformError as error:
            errors = {"current" if error.code in ("PASSWORD_WRONG", "TOO_MANY_ATTEMPTS") else "password": translated(error)}
    if not errors:
        return redirect(request, "/account", success=_("密码已修改，其他登录已全部结束"))
    async with platform.database.tenant(asker.tenant_id) as session:
        return render(request, "identity/account.html", status=422, **await _shown(request, session, asker, errors=errors))


@post("/account/sessions/end", opt=ANY, include_in_schema=False)
async def end_others(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """End my sessions elsewhere."""
    await account.end_other_sessions(session, actor)
    return redirect(request, "/account", success=_("其他登录已全部结束"))


@get("/account/second-factor", opt=ANY, include_in_schema=False)
async def factor_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform]
) -> Response:
    """Offer an authenticator to bind."""
    return await _offer(request, session, actor, platform)


async def _offer(request: Request, session: Session, actor: Actor, platform: Platform, failure: PlatformError | None = None) -> Response:
    shown = await _shown(request, session, actor)
    user = shown["user"]
    uri, secret, ticket = second_factor.offer(await platform.vault.keys(session), user.id, user.login)
    errors = {"code": translated(failure)} if failure else {}
    more = {"uri": uri, "secret": secret, "ticket": ticket, "errors": errors}
    return render(request, "identity/second_factor.html", status=failure.status if failure else 200, **(shown | more))


@post("/account/second-factor", opt=ANY, include_in_schema=False)
async def factor_bind(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], data: URLEncodedBody[CodeForm]
) -> Response:
    """Bind it."""
    try:
        async with platform.database.tenant(asker.tenant_id) as session:
            await account.bind_second_factor(session, await platform.vault.keys(session), asker, data.ticket, data.code)
    except PlatformError as error:
        async with platform.database.tenant(asker.tenant_id) as session:
            return await _offer(request, session, asker, platform, error)
    return redirect(request, "/account", success=_("动态验证码已启用，下次登录时使用"))


@post("/account/second-factor/drop", opt=ANY, include_in_schema=False)
async def factor_drop(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Do without; bank people may not."""
    if house(request) is BANK:
        raise SecondFactorForced()
    await account.drop_second_factor(session, actor)
    return redirect(request, "/account", success=_("动态验证码已停用"))


ROUTES = [account_page, change_password, end_others, factor_page, factor_bind, factor_drop]
