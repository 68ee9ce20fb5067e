"""Alipay's one address, `/gateway.do`: calls of merchants' servers, and the browsers they send there (Alipay §1, §2.2)."""

import asyncio

from asyncpg import Connection
from litestar import Request, Response, Router, route
from litestar.datastructures import State
from litestar.response import Redirect

from core.sandbox.alipay import asking, replies, trades
from core.sandbox.alipay.asking import Asking
from core.sandbox.alipay.errors import BusinessError, GatewayError, unavailable
from core.sandbox.alipay.merchants import Merchant
from core.sandbox.alipay.methods import METHODS, PAGES, Call
from core.sandbox.faults import repository as faults
from core.sandbox.faults.repository import Fault


@route("/gateway.do", http_method=["GET", "POST"], status_code=200)
async def gateway(request: Request, state: State) -> Response:
    """Prove who calls, do what is asked, sign the answer; faults that were asked for happen on the way."""
    form = await request.body() if request.method == "POST" else b""
    asked = asking.read(request.scope["query_string"], form)
    method = asked.parameters.get("method", "")
    if method in PAGES:
        return await _page(request, state, asked, PAGES[method])
    try:
        async with state.sandbox.pool.acquire() as connection:
            merchant = await asking.proved(connection, asked)
            call = Call(merchant, asked.parameters, asking.business(asked.parameters), state.sandbox.settings.public_url)
            drawn = await faults.draw(connection, "api_", merchant.mchid, asked.number)
            content = await _answer(connection, call, method, "api_error" in drawn)
    except GatewayError as refusal:
        return replies.unsigned(method, refusal.content, asked.charset)
    state.sandbox.notifier.wake()
    await _wait(drawn)
    return replies.signed(merchant, method, content, asked.charset, tampered="api_tamper" in drawn)


async def _answer(connection: Connection, call: Call, method: str, broken: bool) -> dict[str, object]:
    """What the business says. A refusal is committed too: it may have used up a pay code or a counted fault, or ordained a late payment."""
    async with connection.transaction():
        try:
            if broken:
                raise unavailable()
            return await METHODS[method](connection, call)
        except BusinessError as refusal:
            return refusal.content


async def _page(request: Request, state: State, asked: Asking, product: str) -> Response:
    """A browser (or an app) with a signed request: on to the cashier, or a page that says what is wrong."""
    try:
        async with state.sandbox.pool.acquire() as connection:
            merchant: Merchant = await asking.proved(connection, asked)
            call = Call(merchant, asked.parameters, asking.business(asked.parameters), state.sandbox.settings.public_url)
            drawn = await faults.draw(connection, "api_", merchant.mchid, asked.number)
            if "api_error" in drawn:
                raise unavailable()
            async with connection.transaction():
                trade = await trades.place(connection, call.asked(product))
                ticket = await trades.issue_ticket(connection, trade)
    except (GatewayError, BusinessError) as refusal:
        return _turned_away(request, refusal.content)
    await _wait(drawn)
    return Redirect(f"/alipay/cashier?ticket={ticket}", status_code=302)


def _turned_away(request: Request, content: dict[str, str]) -> Response:
    """The gateway's page for people: HTTP 200, in GBK (§3)."""
    engine = request.app.template_engine
    assert engine is not None
    shown = engine.get_template("alipay_refusal.html").render(**content)
    return Response(shown.encode("gbk", "xmlcharrefreplace"), media_type="text/html", encoding="GBK")


async def _wait(drawn: dict[str, Fault]) -> None:
    for kind in ("api_delay", "api_timeout"):
        if kind in drawn:
            await asyncio.sleep(drawn[kind].lasts)


router = Router("/", route_handlers=[gateway])
