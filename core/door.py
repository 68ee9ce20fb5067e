"""The door of every request: which tenant, who asks, with what right — then one transaction around one handler.

Handlers declare what they need and get it by name: `session` (the open transaction, already authenticated), `actor` (staff or API key),
`payer` (H5), `client` (the client's profile), `platform`. The right a staff route asks for is its `opt={"permission": "…"}`; a route
without one does not start (`permission="any"` asks for log-in only, `"public"` for nothing). `by_key` there says that all a handler asks
for is found by a key (`Database.tenant`).
A handler that calls the outside must hold no transaction: it takes `asker` or `paying` instead of `session`, or ends its session first
(`Session.ending`).
"""

import inspect
import secrets
import time
from collections.abc import AsyncIterator
from uuid import UUID

import structlog
from litestar import Litestar, Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.exceptions import ImproperlyConfiguredException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from core import ids
from core.database import Session, looking
from core.errors import NotAuthenticated, NotFound, NotPermitted
from core.exports import clear
from core.hookspecs import Role
from core.identity import sessions
from core.identity.actor import Actor
from core.payers import access
from core.payers.access import Payer
from core.platform import Platform
from core.support.viewing import service as viewing
from core.tenancy.branding import branding
from core.tenancy.directory import ClientProfile
from core.web import lists, proof
from core.web.branding import Branding
from core.web.i18n import gettext, listed
from core.web.menu import MenuItem, menu_for
from core.web.templating import CSRF_FIELD, Person

STAFF_COOKIE = "banyan_session"
PAYER_COOKIE = "banyan_payer"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
ADMITTED_SECONDS = 3.0
"""How long it counts that somebody was let in before the request's body was read."""


class CsrfRefused(NotPermitted):
    code = "CSRF_REFUSED"
    message = "页面已过期，请刷新后重新提交"


class ClientSuspended(NotPermitted):
    code = "CLIENT_SUSPENDED"
    message = "{name} 的服务已暂停，请联系开户网点"


class RequestContext:
    """ASGI middleware: a request id in the log and in the answer, and the security headers on every answer."""

    def __init__(self, app: ASGIApp, sources: str = "") -> None:
        self._app = app
        self._policy = (
            f"default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self' {sources}; connect-src 'self' {sources}; "
            f"frame-src 'self' {sources}; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
        ).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)

        async def with_headers(message: object) -> None:
            if message["type"] == "http.response.start":
                if looking.only_looks():
                    _only_pages(message)
                message.setdefault("headers", [])
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", request_id.encode()),
                    (b"x-content-type-options", b"nosniff"),
                    (b"referrer-policy", b"same-origin"),
                    (b"content-security-policy", self._policy),
                ]
            await send(message)

        try:
            with looking.request():
                await self._app(scope, receive, with_headers)
        finally:  # the framework forgets a transaction whose request broke off before its handler was called
            for session in scope["state"].get("sessions", ()):
                await session.abandon()


def _only_pages(message: Message) -> None:
    """Behind every handler: who only looks is given pages, never a file. A page that has forgotten to refuse ends here."""
    headers = dict(message.get("headers", ()))
    kind = headers.get(b"content-type", b"text/html")
    if b"content-disposition" in headers or not kind.startswith((b"text/html", b"text/event-stream", b"application/json")):
        raise looking.OnlyLooking()


def _bearer(request: Request) -> str:
    """The token of the Authorization header; no browser sends one by itself, so it needs no proof of origin."""
    header = request.headers.get("authorization", "")
    return header[7:].strip() if header.lower().startswith("bearer ") else ""


def _token(request: Request) -> tuple[str, str]:
    """How staff or a system identifies itself: ("key" | "session", token). A key opens the API alone: pages are for people."""
    if _is_api(request) and (bearer := _bearer(request)):
        return "key", bearer
    return "session", request.cookies.get(STAFF_COOKIE, "")


async def _check_csrf(request: Request, expected: str) -> None:
    if request.method in SAFE_METHODS:
        return
    given = request.headers.get("x-csrf-token") or request.headers.get("x-csrftoken", "")
    if not given and "form" in request.headers.get("content-type", ""):
        given = str((await request.form()).get(CSRF_FIELD, ""))
    if not expected or not secrets.compare_digest(proof.unmasked(given).encode(), expected.encode()):
        raise CsrfRefused()


def _log_in_context(tenant_id: UUID, user_id: str) -> None:
    structlog.contextvars.bind_contextvars(tenant_id=str(tenant_id), user_id=user_id)


def roles_in_force(platform: Platform, profile: ClientProfile | None) -> dict[str, Role]:
    """The roles that count here and now: with a plugin's switch go all rights that its roles bundle."""
    if profile is None:
        return sessions.roles_for(platform.plugins, "bank", ())
    return sessions.roles_for(platform.plugins, "client", profile.plugins)


async def _admit_staff(request: Request, session: Session, way: tuple[str, str], profile: ClientProfile | None, permission: str) -> Actor:
    """Load who asks in the open transaction and check the right."""
    platform: Platform = request.app.state.platform
    ip = request.client.host if request.client else ""
    kind, token = way
    actor = await sessions.load_actor(
        session, roles_in_force(platform, profile), kind=kind, token_hash=platform.vault.route_hash(kind, token), ip=ip,
        request_id=request.scope["state"]["request_id"],
    )  # fmt: skip
    if actor is None:
        raise NotAuthenticated()
    _log_in_context(session.tenant_id, actor.id)
    if kind == "session":
        await _check_csrf(request, actor.csrf)
    if permission != "any":
        actor.need(permission)
    return actor


def _admit_visitor(request: Request, visit: viewing.Visit) -> Actor:
    """Who looks in has the rights of the visit, whatever the bank's own are."""
    if (permission := request.route_handler.opt["permission"]) != "any":
        visit.actor.need(permission)
    request.state.visitor = visit.visitor
    return visit.actor


async def _staff_tenant(request: Request) -> tuple[UUID, str, str]:
    platform: Platform = request.app.state.platform
    kind, token = _token(request)
    tenant_id = await platform.routes.find(kind, token) if token else None
    if tenant_id is None:
        raise NotAuthenticated()
    return tenant_id, kind, token


async def _staff_client(request: Request, tenant_id: UUID) -> ClientProfile | None:
    """The client of a staff request (None for the bank); its plugins decide which routes exist for it."""
    platform: Platform = request.app.state.platform
    is_bank = tenant_id == await platform.directory.bank_id()
    side = request.route_handler.opt.get("side", "client")
    looks_in = is_bank and side == "client" and not _is_api(request)
    if is_bank != (side == "bank") and side != "both" and not looks_in:
        raise NotFound()
    if is_bank and not looks_in:
        return None
    profile = (await _visit(request)).profile if looks_in else await platform.directory.profile(tenant_id)
    if profile.status in ("suspended", "closed") and request.route_handler.opt["permission"] != "any":
        raise ClientSuspended(name=profile.name)
    _check_plugin(request, profile)
    return profile


async def _visit(request: Request) -> viewing.Visit:
    """The bank's support on a client's page: not found without a view that is open; from here on this request can only read."""
    state = request.scope["state"]
    if "visit" not in state:
        platform: Platform = request.app.state.platform
        bank_id, kind, token = await _staff_tenant(request)
        async with platform.database.tenant(bank_id) as session:
            by = await _admit_staff(request, session, (kind, token), None, "any")
            view = await viewing.open_view(session, by)
        asked = viewing.Look(request.method, request.url.path, sorted(set(request.query_params) - {"lang"}))
        state["visit"] = await viewing.look(platform, by, view, asked)
        looking.from_now_on()
    return state["visit"]


def _check_plugin(request: Request, profile: ClientProfile | None) -> None:
    plugin = request.route_handler.opt.get("plugin", "core")
    if plugin != "core" and (profile is None or not profile.has(plugin)):
        raise NotFound()


def _show_staff(request: Request, actor: Actor, profile: ClientProfile | None) -> None:
    platform: Platform = request.app.state.platform
    side = "bank" if profile is None else "console"
    enabled = frozenset() if profile is None else profile.plugins
    choices = lists.read(actor.lists, actor.id)
    opened = {key: choice.default_query for key, choice in choices.items() if choice.default_query}
    items = [
        MenuItem(i.title, i.path, i.icon, i.section, i.permission, i.position, query=opened.get(lists.page_key(i.path), ""))
        for code, i in platform.plugins.collect_all("register_menu")
        if i.side == side and (code == "core" or code in enabled)
    ]
    labels = {code: role.title for code, role in roles_in_force(platform, profile).items()}
    state: State = request.state
    label = gettext("银行客服（只读）") if "visit" in request.scope["state"] else listed(gettext(labels[r]) for r in sorted(actor.roles) if r in labels)
    state.actor = Person(actor.name, label)
    state.menu = menu_for(items, actor.rights.keys())
    state.clear_exports = clear.codes(platform, profile, actor) if profile and "visit" not in request.scope["state"] else frozenset()
    state.lists = None if "visit" in request.scope["state"] else choices
    state.csrf_token = actor.csrf
    state.client = branding(profile) if profile else Branding(name="榕 Banyan")


def _payer_path(request: Request) -> str:
    code = request.path_params.get("client_code")
    if not code:
        raise ImproperlyConfiguredException(f"{request.route_handler} stands under /h5/ but names no client_code")
    return str(code)


async def _payer_client(request: Request) -> ClientProfile:
    state = request.scope["state"]
    if "client_profile" in state:
        return state["client_profile"]
    platform: Platform = request.app.state.platform
    profile = await platform.directory.by_code(_payer_path(request))
    if profile.status != "active":
        raise ClientSuspended(name=profile.name)
    _check_plugin(request, profile)
    request.state.client = branding(profile)
    state["client_profile"] = profile
    return profile


async def _admit_payer(request: Request, session: Session) -> Payer:
    """The payer's device session; `permission="payer"` routes need a phone-verified payer.

    Pages begin a session where there is none. A program begins one itself (`POST …/session`) and shows its token.
    """
    platform: Platform = request.app.state.platform
    bearer = _bearer(request)
    token = bearer or request.cookies.get(PAYER_COOKIE, "")
    payer = await access.load(session, platform.vault.route_hash("payer", token)) if token else None
    if payer is None and (bearer or _is_api(request)):
        raise NotAuthenticated()
    if payer is None:
        token = ids.token()
        payer = await access.begin(session, platform.vault.route_hash("payer", token))
        request.scope["state"]["new_payer_token"] = token
        if request.method not in SAFE_METHODS:
            raise CsrfRefused()
    elif not bearer:
        await _check_csrf(request, payer.csrf)
    _log_in_context(session.tenant_id, str(payer.payer_id or payer.session_id))
    request.state.csrf_token = payer.csrf
    if request.route_handler.opt.get("permission") == "payer" and payer.payer_id is None:
        raise access.PayerUnknown()
    return payer


async def provide_session(request: Request) -> AsyncIterator[Session]:
    """The one transaction of a request: authenticated before the handler sees it, committed before the answer leaves."""
    platform: Platform = request.app.state.platform
    if request.route_handler.opt.get("side") == "payer":
        profile = await _payer_client(request)
        async with platform.database.tenant(profile.id, by_key=True) as session:
            request.scope["state"].setdefault("sessions", []).append(session)
            request.scope["state"]["payer"] = await _admit_payer(request, session)
            yield session
        return
    tenant_id, kind, token = await _staff_tenant(request)
    profile = await _staff_client(request, tenant_id)
    visit = request.scope["state"].get("visit")
    by_key = bool(request.route_handler.opt.get("by_key"))
    async with platform.database.tenant(visit.profile.id if visit else tenant_id, by_key=by_key) as session:
        request.scope["state"].setdefault("sessions", []).append(session)
        if visit:
            actor = _admit_visitor(request, visit)
        else:
            actor = _just_admitted(request) or await _admit_staff(request, session, (kind, token), profile, request.route_handler.opt["permission"])
        if not _is_api(request):
            _show_staff(request, actor, profile)
        request.scope["state"] |= {"staff": actor, "client_profile": profile}
        yield session


def _just_admitted(request: Request) -> Actor | None:
    """Whom `known_first` let in a moment ago; whoever took longer over the body is asked again, a right may have ended meanwhile."""
    until, actor = request.scope["state"].get("admitted", (0.0, None))
    return actor if time.monotonic() < until else None


async def provide_asker(request: Request) -> Actor:
    """Staff, checked in a transaction that is over before the handler runs."""
    async for _ in provide_session(request):
        pass
    return request.scope["state"]["staff"]


async def provide_paying(request: Request) -> Payer:
    """A payer, checked in a transaction that is over before the handler runs."""
    async for _ in provide_session(request):
        pass
    return request.scope["state"]["payer"]


def provide_actor(request: Request, session: NamedDependency[Session]) -> Actor:
    """Who asks, on staff pages and in the API."""
    return request.scope["state"]["staff"]


def provide_payer(request: Request, session: NamedDependency[Session]) -> Payer:
    """Who pays, on H5 pages."""
    return request.scope["state"]["payer"]


async def provide_client(request: Request) -> ClientProfile:
    """The client of this request. Litestar resolves it beside `session`, so it asks for itself (profiles are remembered)."""
    if request.route_handler.opt.get("side") == "payer":
        return await _payer_client(request)
    tenant_id, _, _ = await _staff_tenant(request)
    profile = await _staff_client(request, tenant_id)
    if profile is None:
        raise NotFound()
    return profile


def provide_platform(request: Request) -> Platform:
    """The running system."""
    return request.app.state.platform


def _is_api(request: ASGIConnection) -> bool:
    return request.scope["path"].startswith("/api/")


async def known_first(connection: ASGIConnection, _: BaseRouteHandler) -> None:
    """Guard: who writes through the API is known, and may, before the body is read: strangers do not learn how it should look."""
    asks = connection.route_handler.opt.get("permission", "public")
    if _is_api(connection) and connection.scope["method"] not in SAFE_METHODS and asks != "public":
        async for _session in provide_session(connection):
            pass
        state = connection.scope["state"]
        if "staff" in state and "visit" not in state:
            state["admitted"] = time.monotonic() + ADMITTED_SECONDS, state["staff"]


def one_after_another(app: Litestar) -> None:
    """Let a handler's dependencies be resolved in turn, the transaction last. Litestar gives each of those that do not need one another
    a task of its own; ours wait for next to nothing or for the same, and the tasks were a tenth of what a request costs.
    """
    for route in app.routes:
        for _, wants in getattr(route, "route_handler_map", {}).values():
            batches = [sorted(batch, key=lambda each: (each.key == "session", each.key)) for batch in wants.dependency_batches]
            wants.dependency_batches = [{each} for batch in batches for each in batch]


ADMITTING = frozenset(("session", "asker", "paying", "actor", "payer"))
"""Dependencies in which who asks is checked; a handler that takes none of them would answer anybody."""


def check_routes(handlers: list[HTTPRouteHandler]) -> None:
    """Stop the start when a route does not say who may use it, or would not find out."""
    for handler in handlers:
        permission = handler.opt.get("permission")
        if permission is None and handler.http_methods != {"OPTIONS"}:
            raise ImproperlyConfiguredException(f"{handler} ({handler.paths}) says no permission")
        if permission not in (None, "public") and not ADMITTING & set(inspect.signature(handler.fn).parameters):
            raise ImproperlyConfiguredException(f"{handler} ({handler.paths}) takes none of {', '.join(sorted(ADMITTING))}: nobody is checked")
