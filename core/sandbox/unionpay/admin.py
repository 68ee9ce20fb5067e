"""What a tester or a test does from outside the wire: registers merchants, pays orders, looks at refunds and deliveries."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from asyncpg import Connection
from litestar import Response, Router, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, JSONBody

from core.sandbox import wallet
from core.sandbox.delivery import queue
from core.sandbox.unionpay import merchants, rules, trades, wire
from core.sandbox.unionpay.merchants import Merchant
from core.sandbox.unionpay.notices import CHANNEL
from core.sandbox.unionpay.trades import Trade


class MerchantCreate(msgspec.Struct, forbid_unknown_fields=True):
    """A number left out is made up; one that exists already is returned with the certificate it has."""

    name: str
    mchid: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{15}$")] | None = None


class MerchantRead(msgspec.Struct):
    """Everything a platform needs to collect as this merchant; `credentials` are named as our channel names them."""

    mchid: str
    appid: str
    name: str
    base_url: str
    credentials: dict[str, str]


class Payment(msgspec.Struct, forbid_unknown_fields=True):
    """Who pays, and whether it is a success with a defect (A6)."""

    user: str = wallet.DEFAULT_USER.code
    code: Literal["00", "A6"] = "00"


class Ageing(msgspec.Struct, forbid_unknown_fields=True):
    days: Annotated[int, msgspec.Meta(ge=1, le=400)]


class OrderRead(msgspec.Struct):
    order: dict[str, object]
    refunds: list[dict[str, object]]
    notices: list[str]
    deliveries: list[dict[str, object]]


@post("/merchants", summary="登记商户号，取得全部证书")
async def register(data: JSONBody[MerchantCreate], state: State) -> MerchantRead:
    """Register a merchant and hand over its certificate and UnionPay's."""
    async with state.sandbox.pool.acquire() as connection:
        merchant = await merchants.register(connection, data.name, data.mchid or merchants.new_mchid())
        return await _shown(connection, merchant, state.sandbox.settings.public_url)


@get("/merchants/{mchid:str}", summary="再次取得商户号的证书")
async def read_merchant(mchid: FromPath[str], state: State) -> MerchantRead:
    """The certificates of a merchant again."""
    async with state.sandbox.pool.acquire() as connection:
        merchant = await merchants.find(connection, mchid)
        if merchant is None:
            raise NotFoundException(f"没有商户号 {mchid}")
        return await _shown(connection, merchant, state.sandbox.settings.public_url)


@post("/signer", status_code=200, summary="更换银联签名证书（同一机构颁发，商户无需改动）")
async def renew_signer(state: State) -> dict[str, str]:
    """Sign with a new certificate from now on."""
    async with state.sandbox.pool.acquire() as connection:
        await merchants.renew_signer(connection)
        return {"serial": (await merchants.signer(connection)).cert_id}


@get("/orders/{mchid:str}/{number:str}", summary="订单或退款、通知与每次投递")
async def read_order(mchid: FromPath[str], number: FromPath[str], state: State) -> OrderRead:
    """A payment, a refund or an undo, with everything that was sent about it."""
    async with state.sandbox.pool.acquire() as connection:
        trade = await _trade(connection, mchid, number)
        return OrderRead(
            order=_seen(trade),
            refunds=[_seen(refund) for refund in await trades.list_reversals(connection, mchid, number)],
            notices=await queue.states(connection, CHANNEL, mchid, number),
            deliveries=await queue.deliveries(connection, CHANNEL, mchid, number),
        )


@post("/orders/{mchid:str}/{number:str}/pay", status_code=200, summary="立即支付一笔订单")
async def pay(mchid: FromPath[str], number: FromPath[str], state: State, data: JSONBody[Payment | None] = None) -> Response[dict[str, object]]:
    """Pay an order that has arrived here, without a page; 409 when it cannot be paid (any more)."""
    wanted = data or Payment()
    async with state.sandbox.pool.acquire() as connection:
        trade = await _trade(connection, mchid, number)
        paid = await rules.pay(connection, trade, wallet.user(wanted.user).name, wanted.code)
        shown = _seen(paid or await _trade(connection, mchid, number))
    state.sandbox.notifier.wake()
    return Response(shown, status_code=200 if paid else 409)


@post("/orders/{mchid:str}/{number:str}/age", status_code=200, summary="把已完成的交易移到若干天以前，便于测试对账文件")
async def age(mchid: FromPath[str], number: FromPath[str], data: JSONBody[Ageing], state: State) -> dict[str, dt.date | None]:
    """Let a decided trade be of an earlier day; tells its settlement day."""
    async with state.sandbox.pool.acquire() as connection:
        return {"day": await trades.age(connection, await _trade(connection, mchid, number), data.days)}


@post("/orders/{mchid:str}/{number:str}/notify", status_code=200, summary="重新发送通知")
async def notify_again(mchid: FromPath[str], number: FromPath[str], state: State) -> dict[str, int]:
    """Send the notifications of a trade once more."""
    async with state.sandbox.pool.acquire() as connection:
        count = await queue.send_again(connection, CHANNEL, mchid, number)
    state.sandbox.notifier.wake()
    return {"notices": count}


def _seen(trade: Trade) -> dict[str, object]:
    """A trade as a query would tell it, and whom it is told."""
    fields: dict[str, object] = {"merId": trade.mchid, "orderId": trade.order_id, "txnTime": trade.txn_time, "txnType": trade.txn_type}
    fields |= {"respCode": trade.standing, "respMsg": wire.WORDS[trade.standing], "backUrl": trade.back_url, "payer": trade.payer}
    return fields | wire.settlement(trade) | {"feeAmt": trade.fee_fen}


async def _shown(connection: Connection, merchant: Merchant, public_url: str) -> MerchantRead:
    held = await merchants.certificates(connection)
    credentials = {
        "sign_certificate": merchant.pair.container(merchants.PASSWORD),
        "sign_certificate_password": merchants.PASSWORD,
        "root_certificate": held["root"].certificate_pem,
        "middle_certificate": held["middle"].certificate_pem,
    }
    return MerchantRead(merchant.mchid, "", merchant.name, public_url, credentials)


async def _trade(connection: Connection, mchid: str, number: str) -> Trade:
    trade = await trades.find(connection, mchid, number)
    if trade is None:
        raise NotFoundException(f"商户号 {mchid} 没有交易 {number}")
    return trade


router = Router("/sandbox/api/unionpay", route_handlers=[register, read_merchant, renew_signer, read_order, pay, age, notify_again])
