"""What a tester or a test does from outside the wire: registers sellers, pays trades, has statements made, looks at deliveries."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from asyncpg import Connection
from litestar import Response, Router, get, post, put
from litestar.datastructures import State
from litestar.exceptions import ClientException, NotFoundException
from litestar.params import FromPath, FromQuery, JSONBody

from core import clock
from core.sandbox import wallet
from core.sandbox.alipay import bills, keys, merchants, notices, people, refunds, trades
from core.sandbox.alipay.merchants import Merchant
from core.sandbox.alipay.refunds import Refund
from core.sandbox.alipay.trades import Trade
from core.sandbox.delivery import queue


class MerchantCreate(msgspec.Struct, forbid_unknown_fields=True):
    """A number left out is made up; a seller that exists already is returned with the keys it has."""

    name: str
    mchid: Annotated[str, msgspec.Meta(pattern=r"^2088[0-9]{12}$")] | None = None
    appid: Annotated[str, msgspec.Meta(pattern=r"^20[0-9]{14}$")] | None = None
    signing: Literal["public_key", "certificate"] = "public_key"
    mode: Literal["direct", "partner"] = "direct"


class MerchantRead(msgspec.Struct):
    """Everything a platform needs to collect as this seller; `credentials` are named as our channel names them."""

    mchid: str
    appid: str
    name: str
    signing: str
    mode: str
    base_url: str
    credentials: dict[str, str]


class Payment(msgspec.Struct, forbid_unknown_fields=True):
    """Who pays; a trade made for one buyer is always paid by that one."""

    user: str = wallet.DEFAULT_USER.code


class Ageing(msgspec.Struct, forbid_unknown_fields=True):
    days: Annotated[int, msgspec.Meta(ge=1, le=3650)]


class TradeRead(msgspec.Struct):
    order: dict[str, object]
    notify_url: str
    notices: list[str]
    deliveries: list[dict[str, object]]
    refunds: list[Refund]


class UserRead(msgspec.Struct):
    code: str
    name: str
    note: str
    buyer_id: str
    open_id: str


@post("/merchants", summary="登记商户（PID）与应用，取得全部密钥")
async def register(data: JSONBody[MerchantCreate], state: State) -> MerchantRead:
    """Register a seller and hand over its keys."""
    async with state.sandbox.pool.acquire() as connection:
        try:
            merchant = await merchants.register(
                connection,
                name=data.name,
                mchid=data.mchid or f"2088{keys.digits(12)}",
                appid=data.appid or f"2021{keys.digits(12)}",
                signing=data.signing,
                partner=data.mode == "partner",
            )
        except ValueError as error:
            raise ClientException(str(error)) from error
        return await _shown(connection, merchant, state)


@get("/merchants/{mchid:str}", summary="再次取得商户的密钥")
async def read_merchant(mchid: FromPath[str], state: State) -> MerchantRead:
    """The keys of a seller again."""
    async with state.sandbox.pool.acquire() as connection:
        return await _shown(connection, await _merchant(connection, mchid), state)


@get("/users", summary="可用的钱包用户及其在某应用下的 open_id")
async def users(appid: FromQuery[str]) -> list[UserRead]:
    """The wallet's people, as one app knows them."""
    return [UserRead(u.code, u.name, u.note, people.buyer_id(u.code), people.open_id(appid, u.code)) for u in wallet.USERS]


@post("/pay-codes", status_code=200, summary="取得一个付款码")
async def pay_code(state: State, user: FromQuery[str] = wallet.DEFAULT_USER.code, asks: FromQuery[bool] = False) -> dict[str, str]:
    """A fresh pay code of somebody; `asks` has the wallet want a password first."""
    return {"auth_code": people.pay_code(wallet.user(user).code, asks=asks)}


@get("/orders/{mchid:str}/{out_trade_no:str}", summary="订单、退款、通知与每次投递")
async def read_order(mchid: FromPath[str], out_trade_no: FromPath[str], state: State) -> TradeRead:
    """A trade with everything that was sent about it."""
    async with state.sandbox.pool.acquire() as connection:
        trade = await _trade(connection, mchid, out_trade_no)
        return TradeRead(
            order=_told(trade),
            notify_url=trade.notify_url,
            notices=await queue.states(connection, notices.CODE, mchid, out_trade_no),
            deliveries=await queue.deliveries(connection, notices.CODE, mchid, out_trade_no),
            refunds=await refunds.of_trade(connection, trade),
        )


@post("/orders/{mchid:str}/{out_trade_no:str}/pay", status_code=200, summary="立即支付一笔订单（网页订单须先打开其支付地址）")
async def pay(
    mchid: FromPath[str], out_trade_no: FromPath[str], state: State, data: JSONBody[Payment | None] = None
) -> Response[dict[str, object]]:
    """Pay a trade as a wallet user, without a page; 409 when it cannot be paid (any more)."""
    sandbox = state.sandbox
    async with sandbox.pool.acquire() as connection:
        trade = await _trade(connection, mchid, out_trade_no)
        paid = await notices.pay(connection, trade, trade.buyer or wallet.user((data or Payment()).user).code)
        shown = _told(paid or await _trade(connection, mchid, out_trade_no))
    sandbox.notifier.wake()
    return Response(shown, status_code=200 if paid else 409)


@post("/orders/{mchid:str}/{out_trade_no:str}/finish", status_code=200, summary="交易完结（不可再退款）")
async def finish(mchid: FromPath[str], out_trade_no: FromPath[str], state: State) -> dict[str, object]:
    """Have a paid trade finished, as happens when its refund time is over."""
    async with state.sandbox.pool.acquire() as connection:
        await trades.finish(connection, await _trade(connection, mchid, out_trade_no))
        return _told(await _trade(connection, mchid, out_trade_no))


@post("/orders/{mchid:str}/{out_trade_no:str}/notify", status_code=200, summary="重新发送通知")
async def notify_again(mchid: FromPath[str], out_trade_no: FromPath[str], state: State) -> dict[str, int]:
    """Send the notifications of a trade once more."""
    async with state.sandbox.pool.acquire() as connection:
        count = await queue.send_again(connection, notices.CODE, mchid, out_trade_no)
    state.sandbox.notifier.wake()
    return {"notices": count}


@post("/orders/{mchid:str}/{out_trade_no:str}/age", status_code=200, summary="让一笔已支付订单（及其退款）发生在若干天以前")
async def age(mchid: FromPath[str], out_trade_no: FromPath[str], data: JSONBody[Ageing], state: State) -> dict[str, str]:
    """Move a paid trade into the past, so that the statement of its day is out."""
    async with state.sandbox.pool.acquire() as connection:
        paid_at = await trades.age(connection, await _trade(connection, mchid, out_trade_no), data.days)
    if paid_at is None:
        raise NotFoundException(f"商户 {mchid} 没有已支付的订单 {out_trade_no}")
    return {"day": paid_at.astimezone(clock.SHANGHAI).date().isoformat()}


@put("/statements/{mchid:str}/{day:date}", status_code=200, summary="立即出某日账单（不等次日九点）")
async def cut_statement(mchid: FromPath[str], day: FromPath[dt.date], state: State) -> dict[str, str]:
    """Have a day's statement made now."""
    async with state.sandbox.pool.acquire() as connection:
        await bills.cut(connection, (await _merchant(connection, mchid)).mchid, day)
    return {"mchid": mchid, "day": day.isoformat()}


async def _shown(connection: Connection, merchant: Merchant, state: State) -> MerchantRead:
    credentials = {"app_private_key": merchant.app_private}
    if merchant.signing == "certificate":
        credentials |= {"app_cert": merchant.app_cert, "alipay_cert": merchant.alipay_cert}
        credentials["alipay_root_cert"] = await merchants.root_certificate(connection)
    else:
        credentials["alipay_public_key"] = merchant.alipay_public
    if merchant.app_auth_token:
        credentials["app_auth_token"] = merchant.app_auth_token
    mode = "partner" if merchant.app_auth_token else "direct"
    public_url = state.sandbox.settings.public_url
    return MerchantRead(merchant.mchid, merchant.appid, merchant.name, merchant.signing, mode, public_url, credentials)


def _told(trade: Trade) -> dict[str, object]:
    hidden = ("canonical", "notify_url")
    return {name: value for name, value in msgspec.structs.asdict(trade).items() if name not in hidden} | {"trade_status": trade.standing}


async def _merchant(connection: Connection, mchid: str) -> Merchant:
    merchant = await merchants.find(connection, mchid)
    if merchant is None:
        raise NotFoundException(f"没有商户 {mchid}")
    return merchant


async def _trade(connection: Connection, mchid: str, out_trade_no: str) -> Trade:
    trade = await trades.find(connection, mchid, out_trade_no)
    if trade is None:
        raise NotFoundException(f"商户 {mchid} 没有订单 {out_trade_no}（网页订单在付款人打开支付地址后才存在）")
    return trade


router = Router(
    "/sandbox/api/alipay",
    route_handlers=[register, read_merchant, users, pay_code, read_order, pay, finish, notify_again, age, cut_statement],
)
