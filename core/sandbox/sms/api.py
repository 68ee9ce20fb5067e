"""Where the platform hands in text messages, and where tests read them back."""

import msgspec
from litestar import Router, get, post
from litestar.datastructures import State
from litestar.params import FromQuery, JSONBody

from core.sandbox.sms import repository
from core.sandbox.sms.repository import Message


class SmsSend(msgspec.Struct, forbid_unknown_fields=True):
    phone: str
    text: str


@post("/", summary="收下一条短信")
async def send(data: JSONBody[SmsSend], state: State) -> Message:
    """Accept a message, as an SMS gateway would."""
    async with state.sandbox.pool.acquire() as connection:
        return await repository.add(connection, data.phone, data.text)


@get("/", summary="最近的短信，新的在前")
async def latest(state: State, phone: FromQuery[str | None] = None) -> list[Message]:
    """The last messages, of one phone or of all."""
    async with state.sandbox.pool.acquire() as connection:
        return await repository.latest(connection, phone)


router = Router("/sandbox/api/sms", route_handlers=[send, latest])
