"""Where the platform hands in text messages and asks what became of them, and where tests read them back."""

import asyncio

import msgspec
from litestar import Response, Router, get, post
from litestar.datastructures import State
from litestar.params import FromQuery, JSONBody

from core.sandbox.faults import repository as faults
from core.sandbox.sms import repository
from core.sandbox.sms.repository import Message, Report


class SmsSend(msgspec.Struct, forbid_unknown_fields=True):
    """`number` is the sender's own: the same one again is the same message."""

    phone: str
    text: str
    number: str | None = None


class Numbers(msgspec.Struct, forbid_unknown_fields=True):
    numbers: list[str]


@post("/", summary="收下一条短信（同一编号重复提交为同一条）")
async def send(data: JSONBody[SmsSend], state: State) -> Response:
    """Accept a message, as an SMS gateway would; faults are drawn with the phone in the place of the merchant."""
    async with state.sandbox.pool.acquire() as connection:
        drawn = await faults.draw(connection, "text_", data.phone, data.number)
        if "text_error" in drawn:
            return Response({"code": "SYSTEM_ERROR", "message": "系统繁忙"}, status_code=500)
        if "text_refuse" in drawn:
            return Response({"code": "BLACKLISTED", "message": "号码在黑名单中"}, status_code=422)
        later = drawn["text_slow"].lasts * state.sandbox.settings.time_scale if "text_slow" in drawn else 0.0
        kept = await repository.add(connection, data.phone, data.text, data.number, "空号" if "text_lost" in drawn else None, later)
    for kind in ("text_delay", "text_timeout"):
        if kind in drawn:
            await asyncio.sleep(drawn[kind].lasts)
    return Response(kept, status_code=201)


@post("/reports", status_code=200, summary="查询送达情况")
async def reports(data: JSONBody[Numbers], state: State) -> list[Report]:
    """The phone network's word on some messages."""
    async with state.sandbox.pool.acquire() as connection:
        return await repository.reports(connection, data.numbers[:500])


@get("/", summary="最近的短信，新的在前")
async def latest(state: State, phone: FromQuery[str | None] = None) -> list[Message]:
    """The last messages, of one phone or of all."""
    async with state.sandbox.pool.acquire() as connection:
        return await repository.latest(connection, phone)


router = Router("/sandbox/api/sms", route_handlers=[send, reports, latest])
