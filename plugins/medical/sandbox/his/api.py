"""What the payment platform asks a HIS for: book, look, take back; everything is signed both ways, as `core/sandbox/fiscal/signing.py` signs."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import msgspec
from asyncpg import Connection
from litestar import Request, Response, Router, get, post
from litestar.datastructures import State
from litestar.params import FromPath

from core.sandbox.faults import repository as faults
from core.sandbox.faults.repository import Fault
from core.sandbox.fiscal import signing
from plugins.medical.sandbox.his import bookings, hospitals
from plugins.medical.sandbox.his.bookings import Booking, Refused
from plugins.medical.sandbox.his.hospitals import Hospital

Work = Callable[[Connection, Hospital, bool], Awaitable[list[Booking]]]


class Drawn(msgspec.Struct, frozen=True):
    """The faults that happen in one step of one key."""

    step: str
    faults: Mapping[str, Fault]

    def has(self, what: str) -> bool:
        return f"his_{self.step}_{what}" in self.faults

    async def wait(self, *whats: str) -> None:
        for what in whats:
            if fault := self.faults.get(f"his_{self.step}_{what}"):
                await asyncio.sleep(fault.lasts)


async def answer(request: Request, state: State, step: str, key: str, work: Work) -> Response:
    """Prove who asks, do the work, sign the answer; the faults that were asked for happen on the way."""
    sandbox = state.sandbox
    async with sandbox.pool.acquire() as connection:
        hospital = await hospitals.find(connection, request.headers.get("x-app-id", ""))
        if hospital is None:
            return Response({"code": "APP_UNKNOWN", "message": "应用不存在"}, status_code=401)
        why = await signing.proved(request, hospital.secret, sandbox.settings.clock_window_seconds)
        if why:
            return Response({"code": "SIGN_ERROR", "message": why}, status_code=401)
        drawn = Drawn(step, await faults.draw(connection, f"his_{step}_", hospital.app_id, key))
    if drawn.has("lost"):
        await drawn.wait("lost")
        return _signed(request, hospital, 503, {"code": "SYSTEM_ERROR", "message": "系统繁忙"}, drawn)
    if drawn.has("error"):
        return _signed(request, hospital, 500, {"code": "SYSTEM_ERROR", "message": "系统繁忙"}, drawn)
    try:
        if drawn.has("refuse"):
            raise Refused("院内规则不允许")
        async with sandbox.pool.acquire() as connection:
            found = await work(connection, hospital, drawn.has("twice"))
    except Refused as error:
        return _signed(request, hospital, 422, {"code": "REFUSED", "message": str(error)}, drawn)
    await drawn.wait("timeout", "late")
    if not found:
        return _signed(request, hospital, 404, {"code": "NOT_FOUND", "message": "没有这一笔"}, drawn)
    return _signed(request, hospital, 200, _told(found, drawn), drawn)


def _told(found: list[Booking], drawn: Drawn) -> dict[str, object]:
    last = found[-1]
    amount_fen = last.amount_fen + (100 if drawn.has("amount") else 0)
    serials = [booking.serial for booking in found]
    return {"number": last.key, "state": last.state, "serial": last.serial, "serials": serials, "amount_fen": amount_fen, "booked_at": last.booked_at}


def _signed(request: Request, hospital: Hospital, status: int, content: dict, drawn: Drawn) -> Response:
    body = msgspec.json.encode(content)
    headers = signing.signed_headers(hospital.secret, status, request.headers.get("x-nonce", ""), body, drawn.has("tamper"))
    return Response(body, status_code=status, media_type="application/json", headers=headers)


async def _payload(request: Request) -> dict:
    try:
        return msgspec.json.decode(await request.body(), type=dict)
    except msgspec.MsgspecError:
        return {}


def _booking_of(kind: str, key: str, payload: dict) -> Work:
    return lambda connection, hospital, again: bookings.book(connection, hospital.app_id, kind, key, payload, again=again)


def _look(kind: str, key: str) -> Work:
    return lambda connection, hospital, _: bookings.find_all(connection, hospital.app_id, kind, key)


@get("/ping", summary="连接测试")
async def ping(request: Request, state: State) -> Response:
    """Whether keys and clock are right."""

    async def nothing(connection: Connection, hospital: Hospital, again: bool) -> list[Booking]:
        return []

    return await answer(request, state, "query", "", nothing)


@post("/payments", status_code=200, summary="上账（同一单号重复提交为同一笔）")
async def post_payment(request: Request, state: State) -> Response:
    """Book a paid order."""
    payload = await _payload(request)
    number = str(payload.get("number") or "")
    return await answer(request, state, "payment", number, _booking_of("payment", number, payload))


@get("/payments/{number:str}", summary="查询上账")
async def query_payment(request: Request, state: State, number: FromPath[str]) -> Response:
    """What is booked for an order."""
    return await answer(request, state, "query", number, _look("payment", number))


@post("/payments/{number:str}/cancel", status_code=200, summary="撤销上账（未上账的单号从此不可再上账）")
async def cancel_payment(request: Request, state: State, number: FromPath[str]) -> Response:
    """Take a payment out of the books."""
    return await answer(request, state, "cancel", number, lambda connection, hospital, _: bookings.cancel(connection, hospital.app_id, number))


@post("/payments/{number:str}/corrections", status_code=200, summary="更正上账金额")
async def correct_payment(request: Request, state: State, number: FromPath[str]) -> Response:
    """Book another amount."""
    fen = (await _payload(request)).get("amount_fen")
    amount_fen = fen if isinstance(fen, int) and not isinstance(fen, bool) else -1

    async def work(connection: Connection, hospital: Hospital, again: bool) -> list[Booking]:
        if amount_fen < 0:
            raise Refused("金额无效")
        return await bookings.correct(connection, hospital.app_id, number, amount_fen)

    return await answer(request, state, "payment", number, work)


@post("/refunds", status_code=200, summary="退费记账（同一退费单号重复提交为同一笔）")
async def post_refund(request: Request, state: State) -> Response:
    """Book a refund."""
    payload = await _payload(request)
    number = str(payload.get("refund_no") or "")
    return await answer(request, state, "refund", number, _booking_of("refund", number, payload))


@get("/refunds/{number:str}", summary="查询退费记账")
async def query_refund(request: Request, state: State, number: FromPath[str]) -> Response:
    """What is booked for a refund."""
    return await answer(request, state, "query", number, _look("refund", number))


@post("/insurance/{setl_id:str}/reversals", status_code=200, summary="撤销医保结算（同一撤销号重复提交为同一笔）")
async def reverse(request: Request, state: State, setl_id: FromPath[str]) -> Response:
    """Take an insurance settlement back, once."""
    payload = await _payload(request)
    reversal_no = str(payload.get("reversal_no") or "")

    async def work(connection: Connection, hospital: Hospital, again: bool) -> list[Booking]:
        known = await bookings.find_all(connection, hospital.app_id, "reversal", setl_id)
        if not reversal_no or (known and known[0].payload.get("reversal_no") != reversal_no):
            raise Refused("该结算已用另一撤销号撤销" if known else "缺少撤销号")
        return await bookings.book(connection, hospital.app_id, "reversal", setl_id, payload, again=again)

    return await answer(request, state, "reversal", setl_id, work)


@get("/insurance/{setl_id:str}/reversals", summary="查询医保撤销")
async def query_reversal(request: Request, state: State, setl_id: FromPath[str]) -> Response:
    """Whether a settlement was taken back."""
    return await answer(request, state, "query", setl_id, _look("reversal", setl_id))


HANDLERS = [ping, post_payment, query_payment, cancel_payment, correct_payment, post_refund, query_refund, reverse, query_reversal]
router = Router("/his/v1", route_handlers=HANDLERS, tags=["医院 HIS"])
