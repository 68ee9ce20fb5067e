"""What a tester or a test does from outside the wire: registers accounts, sets webhooks, pays orders, looks at deliveries."""

import datetime as dt
from typing import Annotated

import msgspec
from asyncpg import Connection
from litestar import Response, Router, get, post, put
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, JSONBody

from core import clock
from core.sandbox.delivery import queue
from core.sandbox.stripe import accounts, api, cards, charging, events, intents, money, replies
from core.sandbox.stripe.accounts import Account
from core.sandbox.stripe.errors import WireError
from core.sandbox.stripe.intents import Intent
from core.sandbox.stripe.names import letters


class AccountCreate(msgspec.Struct, forbid_unknown_fields=True):
    """An account number left out is made up; one that exists already is returned with the keys it has."""

    name: str
    mchid: Annotated[str, msgspec.Meta(pattern=r"^acct_[0-9a-zA-Z]{6,32}$")] | None = None
    webhook_url: str = ""


class AccountRead(msgspec.Struct):
    """Everything a platform needs to collect on this account; `credentials` are named as our channel names them."""

    mchid: str
    appid: str
    name: str
    base_url: str
    credentials: dict[str, str]
    webhook_url: str
    webhook_events: list[str]


class WebhookWrite(msgspec.Struct, forbid_unknown_fields=True):
    """Where webhooks go; without `events` the kinds stay as they are."""

    url: str
    events: list[str] | None = None


class Payment(msgspec.Struct, forbid_unknown_fields=True):
    """Which card pays; whoever holds it answers the bank's questions with yes."""

    card: str = cards.CARDS[0].number
    user: str | None = None


class Ageing(msgspec.Struct, forbid_unknown_fields=True):
    days: int = 2


class AgedRead(msgspec.Struct):
    """The business day a payment is of now."""

    day: dt.date


class OrderRead(msgspec.Struct):
    order: dict[str, object]
    notify_url: str
    notices: list[str]
    deliveries: list[dict[str, object]]
    refunds: list[dict[str, object]]


@post("/merchants", summary="登记收款账户，取得全部密钥")
async def register(data: JSONBody[AccountCreate], state: State) -> AccountRead:
    """Register an account and hand over its keys."""
    async with state.sandbox.pool.acquire() as connection:
        account = await accounts.register(connection, data.name, data.mchid or f"acct_{letters(16)}", data.webhook_url)
        return _shown(account, state.sandbox.settings.public_url)


@get("/merchants/{mchid:str}", summary="再次取得收款账户的密钥")
async def read_account(mchid: FromPath[str], state: State) -> AccountRead:
    """The keys of an account again."""
    async with state.sandbox.pool.acquire() as connection:
        return _shown(await _account(connection, mchid), state.sandbox.settings.public_url)


@put("/merchants/{mchid:str}/webhook", summary="设置通知地址与通知种类")
async def set_webhook(mchid: FromPath[str], data: JSONBody[WebhookWrite], state: State) -> AccountRead:
    """Where this account's webhooks go from now on."""
    async with state.sandbox.pool.acquire() as connection:
        await accounts.set_webhook(connection, mchid, data.url, data.events)
        return _shown(await _account(connection, mchid), state.sandbox.settings.public_url)


@post("/merchants/{mchid:str}/webhook-secret", status_code=200, summary="更换通知签名密钥（新旧同时签名，直到结束更换）")
async def roll_secret(mchid: FromPath[str], state: State) -> AccountRead:
    """Begin to change the webhook secret."""
    async with state.sandbox.pool.acquire() as connection:
        await accounts.roll_secret(connection, mchid)
        return _shown(await _account(connection, mchid), state.sandbox.settings.public_url)


@post("/merchants/{mchid:str}/webhook-secret/end", status_code=200, summary="结束更换：只用新密钥签名")
async def end_roll(mchid: FromPath[str], state: State) -> AccountRead:
    """End the change of the webhook secret."""
    async with state.sandbox.pool.acquire() as connection:
        await accounts.end_roll(connection, mchid)
        return _shown(await _account(connection, mchid), state.sandbox.settings.public_url)


@get("/orders/{mchid:str}/{number:str}", summary="订单、退款、通知与每次投递（退款单号也可查其通知）")
async def read_order(mchid: FromPath[str], number: FromPath[str], state: State) -> OrderRead:
    """An order with everything that was sent about it; by a refund's number, its order with what was sent about the refund."""
    async with state.sandbox.pool.acquire() as connection:
        account = await _account(connection, mchid)
        order = await _order(connection, mchid, number)
        return OrderRead(
            order=replies.intent(order),
            notify_url=account.webhook_url,
            notices=await queue.states(connection, events.CHANNEL, mchid, number),
            deliveries=await queue.deliveries(connection, events.CHANNEL, mchid, number),
            refunds=[replies.refund(one) for one in await money.refunds_of(connection, mchid, order.id)],
        )


@post("/orders/{mchid:str}/{number:str}/pay", status_code=200, summary="立即用测试卡支付一笔订单")
async def pay(mchid: FromPath[str], number: FromPath[str], state: State, data: JSONBody[Payment | None] = None) -> Response[dict[str, object]]:
    """Pay an order with a test card, without a page; 402 when the card is declined, 409 when the order cannot be paid (any more)."""
    sandbox = state.sandbox
    async with sandbox.pool.acquire() as connection, connection.transaction():
        account, found = await _account(connection, mchid), await _order(connection, mchid, number)
        intent = await intents.find(connection, mchid, found.id, lock=True)
        try:
            method = await api.typed_card(connection, mchid, (data or Payment()).card, 12, 2050)
            outcome = await charging.pay_with(connection, account, intent, method)
        except WireError as error:
            return Response(error.content, status_code=409 if error.status == 400 else error.status)
    sandbox.notifier.wake()
    return Response(outcome.refusal or replies.intent(outcome.intent), status_code=402 if outcome.refusal else 200)


@post("/orders/{mchid:str}/{number:str}/notify", status_code=200, summary="重新发送通知")
async def notify_again(mchid: FromPath[str], number: FromPath[str], state: State) -> dict[str, int]:
    """Send the webhooks of an order, or of a refund, once more."""
    async with state.sandbox.pool.acquire() as connection:
        count = await queue.send_again(connection, events.CHANNEL, mchid, number)
    state.sandbox.notifier.wake()
    return {"notices": count}


@post("/orders/{mchid:str}/{number:str}/age", status_code=200, summary="把订单及其资金变动改到若干天前（用于对账单）")
async def age(mchid: FromPath[str], number: FromPath[str], data: JSONBody[Ageing], state: State) -> AgedRead:
    """Let an order be some days older, with all its money."""
    async with state.sandbox.pool.acquire() as connection, connection.transaction():
        order = await _order(connection, mchid, number)
        paid_at = await money.age(connection, order.id, data.days)
    if paid_at is None:
        raise NotFoundException(f"收款账户 {mchid} 没有已支付的订单 {number}")
    return AgedRead(paid_at.astimezone(clock.SHANGHAI).date())


@get("/cards", summary="测试卡号及其行为")
async def test_cards() -> list[dict[str, str]]:
    """Every test card and what it does."""
    return [{"number": card.number, "brand": card.brand, "note": card.note, "payment_method": card.token} for card in cards.CARDS]


def _shown(account: Account, public_url: str) -> AccountRead:
    credentials = {
        "secret_key": account.secret_key,
        "publishable_key": account.publishable_key,
        "webhook_secret": account.webhook_secret,
        "script_url": f"{public_url}/v3/stripe.js",
    }
    if account.previous_webhook_secret:
        credentials["previous_webhook_secret"] = account.previous_webhook_secret
    return AccountRead(account.mchid, "", account.name, public_url, credentials, account.webhook_url, account.webhook_events)


async def _account(connection: Connection, mchid: str) -> Account:
    account = await accounts.find(connection, mchid)
    if account is None:
        raise NotFoundException(f"没有收款账户 {mchid}")
    return account


async def _order(connection: Connection, mchid: str, number: str) -> Intent:
    """An order by its number, or by the number of one of its refunds."""
    order = await intents.find_by_number(connection, mchid, number)
    if order is None and (made := await money.find_by_number(connection, mchid, number)):
        order = await intents.find(connection, mchid, made.payment_intent)
    if order is None:
        raise NotFoundException(f"收款账户 {mchid} 没有订单 {number}")
    return order


router = Router(
    "/sandbox/api/stripe",
    route_handlers=[register, read_account, set_webhook, roll_secret, end_roll, read_order, pay, notify_again, age, test_cards],
)
