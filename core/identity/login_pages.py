"""The door for people: `/login` and its steps, and the way out."""

import secrets

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromQuery, URLEncodedBody

from core import clock
from core.database import Session
from core.errors import NotPermitted, PlatformError
from core.identity import audit, login, second_factor, sessions_repository
from core.identity.actor import Actor
from core.identity.errors import LoginStepExpired
from core.identity.login import Entered, Visitor
from core.identity.schemas import CodeForm, LoginForm, NewPasswordForm
from core.platform import Platform
from core.web import proof
from core.web.error_words import translated
from core.web.i18n import gettext as _
from core.web.templating import CSRF_FIELD, redirect, render

COOKIE = "banyan_session"
PUBLIC = {"permission": "public", "side": "both"}


class ForeignForm(NotPermitted):
    code = "CSRF_REFUSED"
    message = "页面已过期，请刷新后重新提交"


def _cookie(request: Request, platform: Platform, token: str) -> Cookie:
    gone = {"max_age": 0} if not token else {}
    return Cookie(COOKIE, value=token, path="/", httponly=True, samesite="lax", secure=platform.settings.secure_cookies, **gone)


def _home(entered_bank: bool, asked: str) -> str:
    """Where one wanted to go, if that is a page of one's own house."""
    home = "/bank" if entered_bank else "/console"
    return asked if asked == home or asked.startswith((home + "/", "/account")) else home


def _from_our_page(request: Request) -> None:
    """A form on a foreign page must not log anybody in."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise ForeignForm()


def _arrived(request: Request, platform: Platform, entered: Entered, asked: str) -> Response:
    steps = {"code": "/login/code", "enrol": "/login/enrol", "password": "/login/password"}
    path = _home(entered.bank, asked) if entered.step == "in" else steps[entered.step]
    if entered.step != "in" and asked:
        path += "?next=" + _home(entered.bank, asked)
    response = redirect(request, path)
    response.set_cookie(_cookie(request, platform, entered.token))
    return response


async def _visitor(request: Request, platform: Platform, form_csrf: bool = False) -> Visitor:
    who = await login.visitor(platform, request.cookies.get(COOKIE, ""))
    if form_csrf:
        given = str((await request.form()).get(CSRF_FIELD, ""))
        if not secrets.compare_digest(proof.unmasked(given).encode(), who.session.csrf.encode()):
            raise ForeignForm()
    request.state.csrf_token = who.session.csrf
    return who


@get("/login", opt=PUBLIC, include_in_schema=False)
async def login_page(request: Request, platform: NamedDependency[Platform], next: FromQuery[str] = "") -> Response:
    """Name and password; someone between the steps goes on where they were only by starting again."""
    return render(request, "pages/login.html", action="/login", next=next)


@post("/login", opt=PUBLIC, include_in_schema=False)
async def enter(request: Request, platform: NamedDependency[Platform], data: URLEncodedBody[LoginForm]) -> Response:
    """The first step."""
    _from_our_page(request)
    ip, agent = request.client.host if request.client else "", request.headers.get("user-agent", "")
    try:
        entered = await login.begin(platform, data.username, data.password, ip, agent)
    except PlatformError as error:
        shown = {"action": "/login", "next": data.next, "username": data.username, "failure": translated(error)}
        return render(request, "pages/login.html", status=error.status, **shown)
    return _arrived(request, platform, entered, data.next)


@get("/login/code", opt=PUBLIC, include_in_schema=False)
async def code_page(request: Request, platform: NamedDependency[Platform], next: FromQuery[str] = "") -> Response:
    """The second step, for those who have an authenticator."""
    try:
        await _visitor(request, platform)
    except LoginStepExpired:
        return redirect(request, "/login", warning=_(LoginStepExpired.message))
    return render(request, "pages/login.html", action="/login/code", step="code", next=next)


@post("/login/code", opt=PUBLIC, include_in_schema=False)
async def enter_code(request: Request, platform: NamedDependency[Platform], data: URLEncodedBody[CodeForm]) -> Response:
    """Judge the code."""
    try:
        who = await _visitor(request, platform, form_csrf=True)
        entered = await login.enter_code(platform, who, data.code)
    except LoginStepExpired as error:
        return redirect(request, "/login", warning=translated(error))
    except PlatformError as error:
        errors = {"code": translated(error)}
        return render(request, "pages/login.html", status=error.status, action="/login/code", step="code", next=data.next, errors=errors)
    return _arrived(request, platform, entered, data.next)


@get("/login/enrol", opt=PUBLIC, include_in_schema=False)
async def enrol_page(request: Request, platform: NamedDependency[Platform], next: FromQuery[str] = "") -> Response:
    """The second step, for bank people who have no authenticator yet."""
    try:
        who = await _visitor(request, platform)
        login.expect(who, "enrol")
    except LoginStepExpired:
        return redirect(request, "/login", warning=_(LoginStepExpired.message))
    return await _enrolment(request, platform, who, next)


async def _enrolment(request: Request, platform: Platform, who: Visitor, asked: str, failure: PlatformError | None = None) -> Response:
    async with platform.database.tenant(who.tenant_id) as session:
        uri, secret, ticket = second_factor.offer(await platform.vault.keys(session), who.user.id, who.user.login)
    errors = {"code": translated(failure)} if failure else {}
    shown = {"uri": uri, "secret": secret, "ticket": ticket, "next": asked, "errors": errors}
    return render(request, "identity/enrol.html", status=failure.status if failure else 200, **shown)


@post("/login/enrol", opt=PUBLIC, include_in_schema=False)
async def enrol(request: Request, platform: NamedDependency[Platform], data: URLEncodedBody[CodeForm]) -> Response:
    """Bind the authenticator."""
    try:
        who = await _visitor(request, platform, form_csrf=True)
        entered = await login.enrol(platform, who, data.ticket, data.code)
    except LoginStepExpired as error:
        return redirect(request, "/login", warning=translated(error))
    except ForeignForm:
        raise
    except PlatformError as error:
        return await _enrolment(request, platform, who, data.next, error)
    return _arrived(request, platform, entered, data.next)


@get("/login/password", opt=PUBLIC, include_in_schema=False)
async def password_page(request: Request, platform: NamedDependency[Platform], next: FromQuery[str] = "") -> Response:
    """The last step, for those who came in with a one-time password."""
    try:
        login.expect(await _visitor(request, platform), "password")
    except LoginStepExpired:
        return redirect(request, "/login", warning=_(LoginStepExpired.message))
    return render(request, "identity/first_password.html", next=next, errors={})


@post("/login/password", opt=PUBLIC, include_in_schema=False)
async def replace_password(request: Request, platform: NamedDependency[Platform], data: URLEncodedBody[NewPasswordForm]) -> Response:
    """Take a password of one's own."""
    try:
        who = await _visitor(request, platform, form_csrf=True)
        if data.password != data.again:
            errors = {"again": _("两次输入的密码不一致")}
            return render(request, "identity/first_password.html", status=422, next=data.next, errors=errors)
        entered = await login.replace_password(platform, who, data.password)
    except LoginStepExpired as error:
        return redirect(request, "/login", warning=translated(error))
    except ForeignForm:
        raise
    except PlatformError as error:
        errors = {"password": translated(error)}
        return render(request, "identity/first_password.html", status=error.status, next=data.next, errors=errors)
    return _arrived(request, platform, entered, data.next)


@post("/logout", opt={"permission": "any", "side": "both"}, include_in_schema=False)
async def log_out(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform]
) -> Response:
    """End this session."""
    await sessions_repository.end_session(session, actor.session_id, clock.now())
    await platform.routes.remove(session, "session", request.cookies.get(COOKIE, ""))
    await audit.record(session, actor, "identity.session.end", "session", actor.session_id)
    response = redirect(request, "/login", success=_("已退出登录"))
    response.set_cookie(_cookie(request, platform, ""))
    return response


ROUTES = [login_page, enter, code_page, enter_code, enrol_page, enrol, password_page, replace_password, log_out]
