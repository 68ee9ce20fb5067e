"""What units ask the platforms for: issue, look, take back. Everything is signed both ways."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
from asyncpg import Connection
from litestar import Request, Response, Router, get, post
from litestar.datastructures import State
from litestar.params import FromPath

from core.sandbox.faults import repository as faults
from core.sandbox.fiscal import replies, signing, tickets, units
from core.sandbox.fiscal.tickets import Refused, Ticket, Used
from core.sandbox.fiscal.units import Unit

Work = Callable[[Connection, Unit], Awaitable[Ticket | None]]


async def answer(request: Request, state: State, number: str, work: Work) -> Response:
    """Prove who asks, do the work, sign the answer; the faults that were asked for happen on the way."""
    sandbox = state.sandbox
    async with sandbox.pool.acquire() as connection:
        unit = await units.find(connection, request.headers.get("x-app-id", ""))
        if unit is None or unit.kind != request.scope["path"].split("/")[1]:
            return Response({"code": "APP_UNKNOWN", "message": "应用不存在"}, status_code=401)
        why = await signing.proved(request, unit.secret, sandbox.settings.clock_window_seconds)
        if why:
            return Response({"code": "SIGN_ERROR", "message": why}, status_code=401)
        drawn = await faults.draw(connection, "api_", unit.app_id, number)
        if "api_error" in drawn:
            return _signed(request, unit, 500, {"code": "SYSTEM_ERROR", "message": "系统繁忙"}, drawn)
        try:
            ticket = await work(connection, unit)
        except Refused as error:
            return _signed(request, unit, 422, {"state": "refused", "message": str(error)}, drawn)
        except Used as error:
            return _signed(request, unit, 409, {"code": "NUMBER_USED", "message": f"{error} 已用于另一张票据"}, drawn)
    for kind in ("api_delay", "api_timeout"):
        if kind in drawn:
            await asyncio.sleep(drawn[kind].lasts)
    if ticket is None:
        return _signed(request, unit, 404, {"code": "NOT_FOUND", "message": "票据不存在"}, drawn)
    return _signed(request, unit, 200, replies.told(unit, ticket, sandbox.settings.public_url), drawn)


def _signed(request: Request, unit: Unit, status: int, content: dict, drawn: dict) -> Response:
    body = msgspec.json.encode(content)
    headers = signing.signed_headers(unit.secret, status, request.headers.get("x-nonce", ""), body, "api_tamper" in drawn)
    return Response(body, status_code=status, media_type="application/json", headers=headers)


@post("/tickets", status_code=200, summary="开具票据（同一编号重复提交为同一张）")
async def issue(request: Request, state: State) -> Response:
    """Issue a ticket."""
    body = await request.body()
    scale = state.sandbox.settings.time_scale
    return await answer(request, state, _number(body), lambda connection, unit: tickets.issue(connection, unit, body, scale))


@get("/tickets/{number:str}", summary="按业务流水号查询票据")
async def query(request: Request, state: State, number: FromPath[str]) -> Response:
    """Look at a ticket."""
    return await answer(request, state, number, lambda connection, unit: tickets.find(connection, unit.app_id, number))


@post("/tickets/{number:str}/red-flush", status_code=200, summary="红冲票据")
async def red_flush(request: Request, state: State, number: FromPath[str]) -> Response:
    """Take a ticket back."""
    body = await request.body()
    scale = state.sandbox.settings.time_scale
    return await answer(request, state, _number(body), lambda connection, unit: tickets.red_flush(connection, unit, number, body, scale))


def _number(body: bytes) -> str:
    try:
        payload = msgspec.json.decode(body, type=dict)
    except msgspec.MsgspecError:
        return ""
    return str(payload.get("busNo") or payload.get("orderNo") or "")


fiscal_router = Router("/fiscal/v1", route_handlers=[issue, query, red_flush], tags=["财政电子票据"])
einvoice_router = Router("/einvoice/v1", route_handlers=[issue, query, red_flush], tags=["数电发票"])
