"""One request to the gateway from its key to its answer: who asks, what goes wrong by order, and nothing done twice."""

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable

import msgspec
from asyncpg import Connection
from litestar import Request, Response
from litestar.datastructures import State

from core.sandbox.faults import repository as faults
from core.sandbox.faults.repository import Fault
from core.sandbox.settings import SandboxSettings
from core.sandbox.stripe import accounts, errors, expanding, idempotency
from core.sandbox.stripe.accounts import Account
from core.sandbox.stripe.forms import Form
from core.sandbox.stripe.names import letters


class Asked(msgspec.Struct, frozen=True):
    """A request on its way: who asks for what, and where the sandbox is."""

    connection: Connection
    account: Account
    form: Form
    settings: SandboxSettings


class Answered(msgspec.Struct, frozen=True):
    """What the work came to: an object of the gateway, or the body of a refusal that leaves traces (402)."""

    content: dict[str, object]
    status: int = 200


Work = Callable[[Asked], Awaitable[Answered]]
NumberOf = Callable[[Asked], Awaitable[str | None]]


async def answer(request: Request, state: State, work: Work, number_of: NumberOf) -> Response:
    """Authenticate, draw the faults of the order it is about, do the work once under its key, answer."""
    sandbox, request_id = state.sandbox, f"req_{letters(14)}"
    raw = await request.body() if request.method == "POST" else request.scope["query_string"]
    key = request.headers.get("idempotency-key", "") if request.method == "POST" else ""
    drawn: dict[str, Fault] = {}
    try:
        async with sandbox.pool.acquire() as connection:
            account = await _asking(connection, request)
            asked = Asked(connection, account, Form.read(raw), sandbox.settings)
            drawn = await faults.draw(connection, "api_", account.mchid, await number_of(asked))
            if "api_error" in drawn:
                raise errors.broken()
            response = await (_once(asked, request, key, request_id, work, drawn) if key else _done(asked, request_id, work))
    except errors.WireError as error:
        response = _response(error.status, error.body, request_id)
    sandbox.notifier.wake()
    for kind in ("api_delay", "api_timeout"):
        if kind in drawn:
            await asyncio.sleep(drawn[kind].lasts)
    if "api_tamper" in drawn:
        response = _response(response.status_code, response.content[: len(response.content) // 2], request_id)
    return response


async def _asking(connection: Connection, request: Request) -> Account:
    """The account whose secret key came as Bearer, or as the user of Basic. Raises WireError."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            value = base64.b64decode(value).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            value = ""
    account = await accounts.find_by_key(connection, value) if value.startswith("sk_") else None
    if account is None:
        raise errors.unauthorized()
    return account


async def _done(asked: Asked, request_id: str, work: Work) -> Response:
    """Do the work in one transaction."""
    async with asked.connection.transaction():
        answered = await work(asked)
        content = await _expanded(asked, answered)
    return _response(answered.status, msgspec.json.encode(content), request_id)


async def _once(asked: Asked, request: Request, key: str, request_id: str, work: Work, drawn: dict[str, Fault]) -> Response:
    """Do the work unless this key's answer is stored already; the answer is stored in the transaction of the work."""
    connection, mchid = asked.connection, asked.account.mchid
    question = idempotency.asked(request.url.path, asked.form)
    stored = await idempotency.claim(connection, mchid, key, question, request_id)
    if stored is not None:
        headers = {"Idempotent-Replayed": "true", "Original-Request": stored.request_id}
        return _response(stored.status, stored.body, request_id, headers | {"Idempotency-Key": key})
    try:
        if "api_error_kept" in drawn:
            failure = errors.broken()
            await idempotency.keep(connection, mchid, key, failure.status, failure.body)
            raise failure
        async with connection.transaction():
            answered = await work(asked)
            body = msgspec.json.encode(await _expanded(asked, answered))
            await idempotency.keep(connection, mchid, key, answered.status, body)
    except errors.WireError as error:
        if not error.early:
            await idempotency.keep(connection, mchid, key, error.status, error.body)
        raise
    finally:
        await idempotency.release(connection, mchid, key)
    return _response(answered.status, body, request_id, {"Idempotency-Key": key})


async def _expanded(asked: Asked, answered: Answered) -> dict[str, object]:
    if answered.status != 200:
        return answered.content
    return await expanding.expand(asked.connection, asked.account.mchid, answered.content, asked.form.many("expand"))


def _response(status: int, body: bytes, request_id: str, headers: dict[str, str] | None = None) -> Response:
    return Response(body, status_code=status, headers={"Request-Id": request_id, **(headers or {})}, media_type="application/json")
