"""How a payer's page is declared: `@page("/…")` shows, `@action("/…")` changes; both know the device behind the phone.

Paths stand under `/h5/{client_code:str}`. Somebody who must be known but is not is sent to the client's front page.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from core import ids
from core.database import Session
from core.identity.actor import Actor
from core.payers import access
from core.payers.access import LIFETIME, Payer, PayerUnknown
from core.platform import Platform
from core.web.templating import redirect

COOKIE = "banyan_payer"
ROOT = "/h5/{client_code:str}"


def keep_device(app: ASGIApp) -> ASGIApp:
    """Middleware: the phone keeps the token of a device session that was just begun or renewed, for this client's pages only."""

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        async def with_cookie(message: Message) -> None:
            token = scope["state"].get("new_payer_token")
            if message["type"] == "http.response.start" and token and message["status"] < 400:
                message["headers"] = [*message.get("headers", []), (b"set-cookie", _cookie(scope, token).encode())]
            await send(message)

        await app(scope, receive, with_cookie)

    return middleware


def _cookie(scope: Scope, token: str) -> str:
    secure = "; Secure" if scope["litestar_app"].state.platform.settings.secure_cookies else ""
    path = "/".join(scope["path"].split("/")[:3])
    return f"{COOKIE}={token}; Path={path}; Max-Age={int(LIFETIME.total_seconds())}; HttpOnly; SameSite=Lax{secure}"


def to_front_page(request: Request, error: PayerUnknown) -> Response:
    """Pages that need a known payer lead others to where they can bind or log in."""
    return redirect(request, home(request), info=error.message)


def home(request: Request) -> str:
    """The client's front page for payers."""
    return f"/h5/{request.path_params['client_code']}"


def page(path: str = "", permission: str = "device") -> Callable[[Any], Any]:
    """A page; `permission="payer"` is for those whose phone was verified."""
    return get(ROOT + path, **_options(permission))


def action(path: str, permission: str = "device") -> Callable[[Any], Any]:
    """A form's target."""
    return post(ROOT + path, status_code=200, **_options(permission))


def _options(permission: str) -> dict[str, Any]:
    return {
        "opt": {"side": "payer", "permission": permission},
        "middleware": [keep_device],
        "exception_handlers": {PayerUnknown: to_front_page},
        "include_in_schema": False,
    }


def address_of(request: Request) -> str:
    """Where the phone connects from."""
    return request.client.host if request.client else ""


def actor_of(request: Request, payer: Payer, tenant_id: UUID, payer_id: UUID | None = None) -> Actor:
    """Who acts, for the audit trail."""
    return access.actor_of(
        payer, tenant_id, ip=address_of(request), request_id=request.scope["state"].get("request_id", ""), payer_id=payer_id
    )


async def recognise(request: Request, session: Session, platform: Platform, payer: Payer, payer_id: UUID) -> None:
    """This device belongs to a payer from now on; its token and form proof change."""
    token = ids.token()
    await access.recognise(session, payer, payer_id, platform.vault.route_hash("payer", token))
    request.scope["state"]["new_payer_token"] = token
