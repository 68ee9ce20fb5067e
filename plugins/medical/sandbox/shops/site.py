"""The pages of the merchant sites: three with markup of their own, behind a log-in."""

import asyncio
import datetime as dt
import hmac
import secrets
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from litestar import Request, Response, Router, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from plugins.medical.sandbox.shops import files, orders
from plugins.medical.sandbox.shops.orders import Shop

_PAGES = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True)
LATER = dt.timedelta(days=1)


async def _shop(state: State, code: str) -> Shop:
    async with state.sandbox.pool.acquire() as connection:
        found = await orders.find(connection, code)
    if found is None:
        raise NotFoundException("没有这家店铺")
    await asyncio.sleep(found.switches.slow_seconds)
    return found


async def _inside(request: Request, state: State, shop: Shop) -> bool:
    """Whether somebody is logged in; with `revoked_mid_run` the session is over after its first page."""
    token = request.cookies.get("shop", "")
    async with state.sandbox.pool.acquire() as connection:
        steps = await connection.fetchval("UPDATE sandbox.shop_session SET steps = steps + 1 WHERE token = $1 AND code = $2 RETURNING steps", token, shop.code)
    return steps is not None and not (shop.switches.revoked_mid_run and steps > 2)


def _page(shop: Shop, name: str, **context: object) -> Response:
    html = _PAGES.get_template("shop.html").render(shop=shop, page=name, base=f"/shops/{shop.code}", changed=shop.switches.page_changed, **context)
    return Response(html, media_type="text/html; charset=utf-8", headers={"Cache-Control": "no-store"})


@get("/{code:str}")
async def login_page(code: FromPath[str], state: State) -> Response:
    """The log-in form, or a riddle for people."""
    shop = await _shop(state, code)
    return _page(shop, "login", error="")


@post("/{code:str}/login", status_code=200)
async def login(request: Request, code: FromPath[str], state: State) -> Response:
    """Log in."""
    shop = await _shop(state, code)
    form = await request.form()
    known = hmac.compare_digest(str(form.get("login", "")).encode(), shop.login.encode())
    right = hmac.compare_digest(str(form.get("password", "")).encode(), shop.password.encode())
    if not (known and right) or shop.switches.locked_out:
        return _page(shop, "login", error="账号或密码错误")
    token = secrets.token_urlsafe(24)
    async with state.sandbox.pool.acquire() as connection:
        await connection.execute("INSERT INTO sandbox.shop_session (token, code) VALUES ($1, $2)", token, code)
    answer = Redirect(f"/shops/{code}/home", status_code=303)
    answer.set_cookie("shop", token, path=f"/shops/{code}", httponly=True, samesite="lax")
    return answer


@get("/{code:str}/home")
async def home(request: Request, code: FromPath[str], state: State) -> Response:
    """The menu."""
    shop = await _shop(state, code)
    return _page(shop, "home") if await _inside(request, state, shop) else Redirect(f"/shops/{code}", status_code=303)


@get("/{code:str}/bills")
async def bills(request: Request, code: FromPath[str], state: State, day: FromQuery[str] = "") -> Response:
    """The bills of a day."""
    shop = await _shop(state, code)
    if not await _inside(request, state, shop):
        return Redirect(f"/shops/{code}", status_code=303)
    if shop.switches.elsewhere:
        return Redirect(shop.switches.elsewhere, status_code=302)
    on = _day(day)
    async with state.sandbox.pool.acquire() as connection:
        found = await orders.list_day(connection, code, on) if on else []
    return _page(shop, "bills", day=day, count=0 if shop.switches.no_data else len(found), asked=on is not None)


@get("/{code:str}/bills/file")
async def file(request: Request, code: FromPath[str], state: State, day: FromQuery[str] = "") -> Response:
    """The file of a day."""
    shop = await _shop(state, code)
    on = _day(day)
    if on is None or not await _inside(request, state, shop):
        return Redirect(f"/shops/{code}", status_code=303)
    wrong = shop.switches
    async with state.sandbox.pool.acquire() as connection:
        found = await orders.list_day(connection, code, on)
    written = files.write(shop.platform, on + LATER if wrong.other_day else on, found, wrong.format_changed, wrong.formula)
    name = f"bill_{on:%Y%m%d}.{files.SUFFIX[shop.platform]}"
    content = files.PAGE if wrong.html_file else written
    return Response(content, media_type="application/octet-stream", headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


router = Router("/shops", route_handlers=[login_page, login, home, bills, file])
