"""Web authorization: the page in WeChat that tells a site who is visiting, and the exchange of its code."""

import datetime as dt
from urllib.parse import urlencode, urlsplit

import msgspec
from litestar import MediaType, Request, Response, Router, get
from litestar.datastructures import Cookie, State
from litestar.params import FromQuery
from litestar.response import Redirect, Template

from core import clock
from core.sandbox import wallet
from core.sandbox.pages import page
from core.sandbox.wechatpay import keys, merchants

CODE_LIFE = dt.timedelta(minutes=5)
REMEMBERED = "sandbox_wallet_user"


@get("/connect/oauth2/authorize")
async def consent(
    request: Request,
    state: State,
    appid: FromQuery[str] = "",
    redirect_uri: FromQuery[str] = "",
) -> Template:
    """Ask which wallet user is looking; goes on by itself with the last one after a moment."""
    async with state.sandbox.pool.acquire() as connection:
        known = await merchants.app_secret(connection, appid)
    if known is None or not is_web(redirect_uri):
        return _nowhere()
    return page(
        "consent.html",
        users=wallet.USERS,
        chosen=wallet.user(request.cookies.get(REMEMBERED, "")),
        query=dict(request.query_params.items()),
        site=urlsplit(redirect_uri).netloc,
    )


@get("/connect/oauth2/grant")
async def grant(
    request: Request,
    state: State,
    user: FromQuery[str],
    appid: FromQuery[str],
    redirect_uri: FromQuery[str],
) -> Response:
    """Send the visitor back with a one-time code that stands for the chosen user."""
    code, chosen = keys.letters(32), wallet.user(user)
    async with state.sandbox.pool.acquire() as connection:
        if await merchants.app_secret(connection, appid) is None or not is_web(redirect_uri):
            return _nowhere()
        await merchants.keep_code(connection, code, appid, chosen.code, clock.now() + CODE_LIFE)
    query = urlencode({"code": code, "state": request.query_params.get("state", "")})
    target = f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{query}"
    remembered = Cookie(REMEMBERED, value=chosen.code, httponly=True, samesite="lax")
    return Redirect(target, status_code=302, cookies=[remembered])


@get("/sns/oauth2/access_token", media_type=MediaType.TEXT)
async def access_token(
    state: State,
    appid: FromQuery[str] = "",
    secret: FromQuery[str] = "",
    code: FromQuery[str] = "",
    grant_type: FromQuery[str] = "",
) -> bytes:
    """Exchange a code for the openid, once; WeChat answers errors with 200 and an `errcode`, as text."""
    async with state.sandbox.pool.acquire() as connection:
        known = await merchants.app_secret(connection, appid)
        if known is None:
            return _error(40013, "invalid appid")
        if secret != known:
            return _error(40125, "invalid appsecret")
        if grant_type != "authorization_code":
            return _error(40002, "invalid grant_type")
        user, problem = await merchants.use_code(connection, code, appid)
    if user is None:
        return _error(40163, "code been used") if problem == "used" else _error(40029, "invalid code")
    return msgspec.json.encode(
        {
            "access_token": keys.letters(64),
            "expires_in": 7200,
            "refresh_token": keys.letters(64),
            "openid": wallet.openid(appid, user),
            "scope": "snsapi_base",
        }
    )


def is_web(address: str) -> bool:
    """Whether an address is an ordinary web address (and not a script)."""
    parts = urlsplit(address)
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _nowhere() -> Template:
    return page("problem.html", title="无法授权", message="appid 未登记，或 redirect_uri 不是网址。", status=400)


def _error(code: int, message: str) -> bytes:
    return msgspec.json.encode({"errcode": code, "errmsg": message})


router = Router("/", route_handlers=[consent, grant, access_token])
