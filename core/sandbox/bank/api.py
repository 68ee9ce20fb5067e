"""What a platform asks of the bank: pay, look, fetch a day's statement. Everything is signed both ways."""

import asyncio
import datetime as dt
import hashlib
from collections.abc import Awaitable, Callable

import msgspec
from asyncpg import Connection
from litestar import Request, Response, Router, get, post
from litestar.datastructures import State
from litestar.params import FromPath

from core import clock
from core.sandbox.bank import book, customers, payments, signing, statement
from core.sandbox.bank.book import Account
from core.sandbox.bank.customers import Customer
from core.sandbox.bank.payments import Payment, Refused
from core.sandbox.faults import repository as faults

Work = Callable[[Connection, Customer], Awaitable[dict[str, object] | bytes]]


async def answer(request: Request, state: State, number: str, work: Work) -> Response:
    """Prove who asks, do the work, sign the answer; the faults that were asked for happen on the way."""
    sandbox = state.sandbox
    async with sandbox.pool.acquire() as connection:
        private_pem, _public = await customers.bank_pair(connection)
        try:
            customer = await signing.proved(connection, request, sandbox.settings.clock_window_seconds)
        except signing.Unproved as error:
            return _signed(request, private_pem, 401, {"code": "SIGN_ERROR", "message": str(error)}, False)
        drawn = await faults.draw(connection, "api_", customer.customer, number)
        if "api_error" in drawn:
            return _signed(request, private_pem, 500, {"code": "SYSTEM_ERROR", "message": "系统繁忙"}, False)
        try:
            status, content = 200, await work(connection, customer)
        except Refused as error:
            status, content = error.status, {"code": error.code, "message": str(error)}
    sandbox.notifier.wake()
    for kind in ("api_delay", "api_timeout"):
        if kind in drawn:
            await asyncio.sleep(drawn[kind].lasts)
    return _signed(request, private_pem, status, content, "api_tamper" in drawn)


def _signed(request: Request, private_pem: str, status: int, content: dict[str, object] | bytes, tampered: bool) -> Response:
    body = content if isinstance(content, bytes) else msgspec.json.encode(content)
    media_type = "text/csv; charset=utf-8" if isinstance(content, bytes) else "application/json"
    headers = signing.signed_headers(private_pem, request, status, body, tampered)
    return Response(body, status_code=status, media_type=media_type, headers=headers)


@post("/payments", status_code=200, summary="提交付款指令（同一指令号重复提交为同一笔）")
async def pay(request: Request, state: State) -> Response:
    """Take a payment instruction."""
    body, scale = await request.body(), state.sandbox.settings.time_scale

    async def work(connection: Connection, customer: Customer) -> dict[str, object]:
        return shown(await payments.place(connection, customer.customer, body, scale))

    return await answer(request, state, _number(body), work)


@get("/payments/{number:str}", summary="按指令号查询付款")
async def query(request: Request, state: State, number: FromPath[str]) -> Response:
    """What became of an instruction."""

    async def work(connection: Connection, customer: Customer) -> dict[str, object]:
        found = await payments.find(connection, customer.customer, number)
        if found is None:
            raise Refused(404, "NOT_FOUND", "没有这笔付款指令")
        return shown(found)

    return await answer(request, state, number, work)


@get("/statements/{number:str}/{day:str}", summary="某日对账单的文件名、大小与摘要")
async def order_statement(request: Request, state: State, number: FromPath[str], day: FromPath[str]) -> Response:
    """Where a day's statement lies and what it hashes to."""

    async def work(connection: Connection, customer: Customer) -> dict[str, object]:
        account, on = await _account_day(connection, customer, number, day)
        content = await _written(connection, account, on)
        if content is None:
            raise Refused(404, "NO_STATEMENT", "该日没有发生额")
        digest = hashlib.sha256(content).hexdigest()
        path = f"/bank/v1/statements/{number}/{day}/{digest}"
        return {"account": number, "day": f"{on:%Y-%m-%d}", "file_name": statement.file_name(account, on), "size": len(content), "sha256": digest, "path": path}

    return await answer(request, state, number, work)


@get("/statements/{number:str}/{day:str}/{digest:str}", summary="下载对账单")
async def download(request: Request, state: State, number: FromPath[str], day: FromPath[str], digest: FromPath[str]) -> Response:
    """The file itself, as long as it is still the one that was announced."""

    async def work(connection: Connection, customer: Customer) -> bytes:
        account, on = await _account_day(connection, customer, number, day)
        content = await _written(connection, account, on)
        if content is None or hashlib.sha256(content).hexdigest() != digest:
            raise Refused(410, "STATEMENT_CHANGED", "对账单已重新生成，请重新查询")
        return content

    return await answer(request, state, number, work)


async def _account_day(connection: Connection, customer: Customer, number: str, day: str) -> tuple[Account, dt.date]:
    account = await book.find(connection, number)
    if account is None or account.customer != customer.customer:
        raise Refused(403, "ACCOUNT_NOT_YOURS", "账户不属于该客户")
    try:
        on = dt.date.fromisoformat(day)
    except ValueError:
        raise Refused(400, "PARAMETER_ERROR", "日期应为YYYY-MM-DD") from None
    if on >= clock.today():
        raise Refused(409, "STATEMENT_CREATING", "对账单次日生成，请稍后再试")
    return account, on


async def _written(connection: Connection, account: Account, day: dt.date) -> bytes | None:
    entries = await book.list_day(connection, account.number, day)
    if not entries:
        return None
    opening = await book.balance(connection, account.number, dt.datetime.combine(day, dt.time(), clock.SHANGHAI))
    return statement.written(account, day, opening, entries)


def shown(payment: Payment) -> dict[str, object]:
    """An instruction as its customer reads it."""
    return {
        "number": payment.number,
        "amount_fen": payment.amount_fen,
        "state": payment.state,
        "serial": payment.serial,
        "paid_at": payment.paid_at,
        "returned_at": payment.returned_at,
        "reason": payment.reason,
    }


def _number(body: bytes) -> str:
    try:
        return str(msgspec.json.decode(body, type=dict).get("number", ""))
    except msgspec.MsgspecError:
        return ""


router = Router("/bank/v1", route_handlers=[pay, query, order_statement, download], tags=["银行"])
