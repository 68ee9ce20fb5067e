"""What a tester does from outside the wire: connects customers, books credits, returns payments, has channels settle, lets days pass."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from asyncpg import Connection
from litestar import Router, get, post, put
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, JSONBody

from core.sandbox.bank import arrivals, book, customers, payments
from core.sandbox.bank.api import shown
from core.sandbox.bank.book import Account

Fen = Annotated[int, msgspec.Meta(gt=0, lt=10**15)]
AccountNumber = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z]{8,32}$")]
ChannelCode = Literal["wechatpay", "alipay", "unionpay", "stripe"]


class ConnectionCreate(msgspec.Struct, forbid_unknown_fields=True):
    """Merchant numbers of the same name settle to the account by themselves; others are told with `collects`."""

    name: str
    account_number: AccountNumber | None = None
    account_name: str = ""


class ConnectionRead(msgspec.Struct):
    """Everything a platform needs to work with this customer's clearing account."""

    base_url: str
    customer: str
    key_id: str
    private_key: str
    bank_public_key: str
    account_number: str
    account_name: str
    bank_name: str


class Collects(msgspec.Struct, forbid_unknown_fields=True):
    """A channel's merchant number that is to settle to an account."""

    channel: ChannelCode
    mchid: str


class Credit(msgspec.Struct, forbid_unknown_fields=True):
    """Money that comes onto an account by hand; a negative day count books it earlier."""

    amount_fen: Fen
    name: str = "测试汇款人"
    other: str = "6229080000000000010"
    summary: str = "转账汇款"
    reference: str = ""


class Settling(msgspec.Struct, forbid_unknown_fields=True):
    """Which bill day the channels are to settle now."""

    day: dt.date


class MakingGood(msgspec.Struct, forbid_unknown_fields=True):
    channel: ChannelCode
    mchid: str
    day: dt.date


class Ageing(msgspec.Struct, forbid_unknown_fields=True):
    days: Annotated[int, msgspec.Meta(ge=1, le=400)] = 1


class Closing(msgspec.Struct, forbid_unknown_fields=True):
    closed: bool


class Returning(msgspec.Struct, forbid_unknown_fields=True):
    reason: str = payments.RETURNED


class AccountShown(msgspec.Struct):
    """An account with its last entries, payments and what channels owe it."""

    account: Account
    balance_fen: int
    entries: list[book.Entry]
    payments: list[dict[str, object]]
    arrivals: list[dict[str, object]]


@post("/connections", summary="开立清算户并取得全部密钥")
async def connect(data: JSONBody[ConnectionCreate], state: State) -> ConnectionRead:
    """Open a clearing account and hand over its keys."""
    async with state.sandbox.pool.acquire() as connection, connection.transaction():
        number = data.account_number or book.new_number()
        if await book.find(connection, number):
            raise NotFoundException("这个账号已被使用")
        customer = await customers.register(connection, data.name)
        wanted = Account(number, data.account_name or f"{data.name}清算户", book.BANK_NAME, "clearing", customer.customer, False)
        account = await book.open_account(connection, wanted)
        _private, public = await customers.bank_pair(connection)
    base_url = f"{state.sandbox.settings.public_url}/bank/v1"
    mine = (customer.customer, customer.key_id, customer.private_pem)
    return ConnectionRead(base_url, *mine, public, account.number, account.name, account.bank_name)


@put("/accounts/{number:str}/collects", summary="指定某商户号结算到这个账户")
async def collects(number: FromPath[str], data: JSONBody[Collects], state: State) -> dict[str, str]:
    """Have a merchant number settle to this account."""
    async with state.sandbox.pool.acquire() as connection:
        await _account(connection, number)
        await arrivals.collect_to(connection, data.channel, data.mchid, number)
    return {"account": number}


@get("/accounts/{number:str}", summary="账户、分录、付款与渠道结算")
async def read_account(number: FromPath[str], state: State) -> AccountShown:
    """Everything about an account."""
    async with state.sandbox.pool.acquire() as connection:
        account = await _account(connection, number)
        return AccountShown(
            account=account,
            balance_fen=await book.balance(connection, number),
            entries=await book.latest(connection, number, 200),
            payments=[shown(one) for one in await payments.latest(connection, number, 200)],
            arrivals=[dict(row) for row in await arrivals.of_account(connection, number, 200)],
        )


@post("/accounts/{number:str}/credits", summary="手工入账")
async def credit(number: FromPath[str], data: JSONBody[Credit], state: State) -> dict[str, str]:
    """Book a credit by hand."""
    async with state.sandbox.pool.acquire() as connection, connection.transaction():
        await _account(connection, number)
        told = {"name": data.name, "other": data.other, "summary": data.summary, "reference": data.reference}
        return {"serial": await book.move(connection, number, data.amount_fen, **told)}


@put("/accounts/{number:str}/state", status_code=200, summary="销户或恢复")
async def set_state(number: FromPath[str], data: JSONBody[Closing], state: State) -> dict[str, bool]:
    """Close an account; payments to it fail then."""
    async with state.sandbox.pool.acquire() as connection:
        await _account(connection, number)
        await book.close(connection, number, data.closed)
    return {"closed": data.closed}


@post("/accounts/{number:str}/age", status_code=200, summary="把已有分录改到若干天前（用于对账单）")
async def age(number: FromPath[str], data: JSONBody[Ageing], state: State) -> dict[str, int]:
    """Let what was booked so far be some days older."""
    async with state.sandbox.pool.acquire() as connection, connection.transaction():
        await _account(connection, number)
        await payments.age(connection, number, data.days)
        return {"entries": await book.age(connection, number, data.days)}


@post("/payments/{customer:str}/{number:str}/return", status_code=200, summary="退汇一笔已付款")
async def send_back(customer: FromPath[str], number: FromPath[str], state: State, data: JSONBody[Returning | None] = None) -> dict[str, object]:
    """Return a payment that was made."""
    async with state.sandbox.pool.acquire() as connection, connection.transaction():
        found = await payments.find(connection, customer, number)
        if found is None or found.state != "paid":
            raise NotFoundException("没有这笔已付款的指令")
        await payments.send_back(connection, found, (data or Returning()).reason)
        return shown(await payments.find(connection, customer, number))


@post("/settle", status_code=200, summary="让各渠道立即结算某个账单日")
async def settle(data: JSONBody[Settling], state: State) -> dict[str, str]:
    """Have every channel settle a bill day now; one that is over is booked on the morning after it."""
    scale = state.sandbox.settings.time_scale
    async with state.sandbox.pool.acquire() as connection:
        async with connection.transaction():
            await arrivals.note_takings(connection, data.day, data.day + dt.timedelta(days=1), scale, at_once=True)
        await arrivals.settle_due(connection)
    return {"day": f"{data.day}"}


@post("/make-good", status_code=200, summary="补足短少或未到的渠道结算")
async def make_good(data: JSONBody[MakingGood], state: State) -> dict[str, str]:
    """Settle what a channel kept back."""
    async with state.sandbox.pool.acquire() as connection:
        if not await arrivals.make_good(connection, data.channel, data.mchid, data.day):
            raise NotFoundException("该商户号当日没有短少或未到的结算")
    return {"day": f"{data.day}"}


async def _account(connection: Connection, number: str) -> Account:
    account = await book.find(connection, number)
    if account is None:
        raise NotFoundException(f"没有账户 {number}")
    return account


router = Router(
    "/sandbox/api/bank",
    route_handlers=[connect, collects, read_account, credit, set_state, age, send_back, settle, make_good],
    tags=["银行"],
)
