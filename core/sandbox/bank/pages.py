"""The bank's own pages in the sandbox: accounts, entries, payments, what channels settle; credits and returns by hand."""

import datetime as dt

from litestar import Router, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from core import clock
from core.money import BadAmount, yuan
from core.sandbox.bank import arrivals, book, payments
from core.sandbox.pages import page

SHOWN = 100
STATES = {"accepted": "已受理", "paid": "已付款", "failed": "失败", "returned": "已退汇"}
SETTLED = {"due": "待结算", "settled": "已结算", "short": "短少", "missing": "未结算"}


@get("/")
async def accounts(state: State) -> Template:
    """Every account of the bank."""
    async with state.sandbox.pool.acquire() as connection:
        found = await book.list_all(connection)
    return page("bank_accounts.html", accounts=found, yesterday=clock.today() - dt.timedelta(days=1))


@get("/{number:str}")
async def account(number: FromPath[str], state: State) -> Template:
    """One account with everything that moved on it."""
    async with state.sandbox.pool.acquire() as connection:
        found = await book.find(connection, number)
        if found is None:
            raise NotFoundException("没有这个账户")
        context = {
            "account": found,
            "balance": await book.balance(connection, number),
            "entries": await book.latest(connection, number, SHOWN),
            "payments": await payments.latest(connection, number, SHOWN),
            "arrivals": await arrivals.of_account(connection, number, SHOWN),
        }
    return page("bank_account.html", states=STATES, settled=SETTLED, **context)


@post("/{number:str}/credits")
async def credit(number: FromPath[str], state: State, data: URLEncodedBody[dict[str, str]]) -> Redirect | Template:
    """Book a credit by hand."""
    try:
        amount_fen = yuan(data.get("amount", ""))
    except BadAmount:
        amount_fen = 0
    if amount_fen <= 0:
        return page("problem.html", status=400, title="没有入账", message="金额应为正数，如 100.00")
    async with state.sandbox.pool.acquire() as connection, connection.transaction():
        if await book.find(connection, number) is None:
            raise NotFoundException("没有这个账户")
        told = {"other": "6229080000000000010", "summary": "转账汇款", "reference": data.get("reference", "")[:60]}
        await book.move(connection, number, amount_fen, name=data.get("name", "")[:60] or "测试汇款人", **told)
    return Redirect(f"/bank/{number}", status_code=303)


@post("/{number:str}/returns")
async def send_back(number: FromPath[str], state: State, data: URLEncodedBody[dict[str, str]]) -> Redirect:
    """Return a payment that was made from this account."""
    async with state.sandbox.pool.acquire() as connection, connection.transaction():
        own = await book.find(connection, number)
        found = await payments.find(connection, own.customer or "", data.get("payment", "")) if own else None
        if found is not None and found.state == "paid":
            await payments.send_back(connection, found, payments.RETURNED)
    return Redirect(f"/bank/{number}", status_code=303)


@post("/settle")
async def settle(state: State, data: URLEncodedBody[dict[str, str]]) -> Redirect | Template:
    """Have the channels settle a bill day now."""
    try:
        day = dt.date.fromisoformat(data.get("day", ""))
    except ValueError:
        return page("problem.html", status=400, title="没有结算", message="日期应写作 2026-11-20")
    async with state.sandbox.pool.acquire() as connection:
        async with connection.transaction():
            scale = state.sandbox.settings.time_scale
            await arrivals.note_takings(connection, day, day + dt.timedelta(days=1), scale, at_once=True)
        await arrivals.settle_due(connection)
    return Redirect("/bank/", status_code=303)


router = Router("/bank", route_handlers=[accounts, account, credit, send_back, settle])
