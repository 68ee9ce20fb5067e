"""What a tester or a test does from outside the wire: registers merchants, pays orders, looks at deliveries."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from litestar import Response, Router, get, post, put
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery, JSONBody

from core import clock
from core.sandbox import wallet
from core.sandbox.delivery import queue
from core.sandbox.wechatpay import keys, merchants, notices, orders, refunds, replies
from core.sandbox.wechatpay.merchants import Merchant
from core.sandbox.wechatpay.orders import Order

Signing = Literal["public_key", "certificate", "mixed"]


class MerchantCreate(msgspec.Struct, forbid_unknown_fields=True):
    """A number or appid left out is made up; one that exists already is returned with the keys it has."""

    name: str
    mchid: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{8,10}$")] | None = None
    appid: Annotated[str, msgspec.Meta(pattern=r"^wx[0-9a-zA-Z]{16}$")] | None = None
    signing: Signing = "public_key"
    mode: Literal["direct", "partner"] = "direct"
    """`partner`: a merchant of a service provider, under the provider's appid unless it is given one of its own."""
    sp_mchid: str | None = None
    """Its provider; one is made up where none is named."""


class MerchantRead(msgspec.Struct):
    """Everything a platform needs to collect as this merchant; `credentials` are named as our channel names them."""

    mchid: str
    appid: str
    name: str
    mode: str
    signing: str
    base_url: str
    credentials: dict[str, str]


class SigningWrite(msgspec.Struct, forbid_unknown_fields=True):
    signing: Signing


class Payment(msgspec.Struct, forbid_unknown_fields=True):
    """Who pays; a JSAPI order is always paid by the one whose openid it names."""

    user: str = wallet.DEFAULT_USER.code


class OrderRead(msgspec.Struct):
    order: dict[str, object]
    notify_url: str
    notices: list[str]
    deliveries: list[dict[str, object]]
    refunds: list[dict[str, object]]


class Ageing(msgspec.Struct, forbid_unknown_fields=True):
    days: Annotated[int, msgspec.Meta(ge=1, le=400)]


class AgedRead(msgspec.Struct):
    day: dt.date


class UserRead(msgspec.Struct):
    code: str
    name: str
    note: str
    openid: str


@post("/merchants", summary="登记商户号，取得全部密钥")
async def register(data: JSONBody[MerchantCreate], state: State) -> MerchantRead:
    """Register a merchant and hand over its keys."""
    mchid = data.mchid or f"19{keys.digits(8)}"
    async with state.sandbox.pool.acquire() as connection:
        provider = await _provider(connection, data) if data.mode == "partner" else None
        appid = data.appid or (provider.appid if provider else f"wx{keys.letters(16).lower()}")
        sp_mchid = provider.mchid if provider else None
        merchant = await merchants.register(connection, data.name, mchid, appid, data.signing, sp_mchid)
        return await _shown(connection, merchant, state.sandbox.settings.public_url)


async def _provider(connection: merchants.Connection, data: MerchantCreate) -> Merchant:
    """The service provider a new merchant names, or a new one."""
    if data.sp_mchid:
        return await _merchant(connection, data.sp_mchid)
    appid = f"wx{keys.letters(16).lower()}"
    return await merchants.register(connection, "榕城银行（服务商）", f"15{keys.digits(8)}", appid, data.signing)


@get("/merchants/{mchid:str}", summary="再次取得商户号的密钥")
async def read_merchant(mchid: FromPath[str], state: State) -> MerchantRead:
    """The keys of a merchant again."""
    async with state.sandbox.pool.acquire() as connection:
        return await _shown(connection, await _merchant(connection, mchid), state.sandbox.settings.public_url)


@put("/merchants/{mchid:str}/signing", summary="切换应答与通知的签名方式（平台证书、公钥、灰度混用）")
async def switch_signing(mchid: FromPath[str], data: JSONBody[SigningWrite], state: State) -> MerchantRead:
    """Switch how WeChat Pay signs to this merchant."""
    async with state.sandbox.pool.acquire() as connection:
        merchant = await _merchant(connection, mchid)
        await merchants.set_signing(connection, merchant.sp_mchid or mchid, data.signing)
        return await _shown(connection, await _merchant(connection, mchid), state.sandbox.settings.public_url)


@post("/platform-certificate", summary="更换平台证书（旧证书仍在列表中）")
async def renew_certificate(state: State) -> dict[str, str]:
    """Sign with a new platform certificate from now on."""
    async with state.sandbox.pool.acquire() as connection:
        return {"serial": await merchants.renew_certificate(connection)}


@get("/users", summary="可用的钱包用户及其在某公众号下的 openid")
async def users(appid: FromQuery[str]) -> list[UserRead]:
    """The wallet's users, as one appid knows them."""
    return [UserRead(u.code, u.name, u.note, wallet.openid(appid, u.code)) for u in wallet.USERS]


@get("/orders/{mchid:str}/{out_trade_no:str}", summary="订单、通知与每次投递")
async def read_order(mchid: FromPath[str], out_trade_no: FromPath[str], state: State) -> OrderRead:
    """An order with everything that was sent about it."""
    async with state.sandbox.pool.acquire() as connection:
        order = await _order(connection, mchid, out_trade_no)
        return OrderRead(
            order=replies.transaction(order),
            notify_url=order.notify_url,
            notices=await queue.states(connection, notices.CHANNEL, mchid, out_trade_no),
            deliveries=await queue.deliveries(connection, notices.CHANNEL, mchid, out_trade_no),
            refunds=[refunds.shown(refund, order) for refund in await refunds.of_order(connection, mchid, out_trade_no)],
        )


@post("/orders/{mchid:str}/{out_trade_no:str}/pay", status_code=200, summary="立即支付一笔订单")
async def pay(
    mchid: FromPath[str], out_trade_no: FromPath[str], state: State, data: JSONBody[Payment | None] = None
) -> Response[dict[str, object]]:
    """Pay an order as a wallet user, without a page; 409 when it cannot be paid (any more)."""
    sandbox = state.sandbox
    async with sandbox.pool.acquire() as connection:
        order = await _order(connection, mchid, out_trade_no)
        openid = order.openid or wallet.openid(order.appid, (data or Payment()).user)
        paid = await notices.pay(connection, order, openid)
        shown = replies.transaction(paid or await _order(connection, mchid, out_trade_no))
    sandbox.notifier.wake()
    return Response(shown, status_code=200 if paid else 409)


@post("/orders/{mchid:str}/{out_trade_no:str}/notify", status_code=200, summary="重新发送通知")
async def notify_again(mchid: FromPath[str], out_trade_no: FromPath[str], state: State) -> dict[str, int]:
    """Send the notifications of an order once more."""
    async with state.sandbox.pool.acquire() as connection:
        count = await queue.send_again(connection, notices.CHANNEL, mchid, out_trade_no)
    state.sandbox.notifier.wake()
    return {"notices": count}


@post("/orders/{mchid:str}/{out_trade_no:str}/age", status_code=200, summary="让一笔已支付订单（及其退款）发生在若干天以前")
async def age(mchid: FromPath[str], out_trade_no: FromPath[str], data: JSONBody[Ageing], state: State) -> AgedRead:
    """Move a paid order into the past, so that the statement of its day is out."""
    async with state.sandbox.pool.acquire() as connection:
        paid_at = await orders.age(connection, mchid, out_trade_no, data.days)
    if paid_at is None:
        raise NotFoundException(f"商户号 {mchid} 没有已支付的订单 {out_trade_no}")
    return AgedRead(paid_at.astimezone(clock.SHANGHAI).date())


@post("/refunds/{mchid:str}/{out_refund_no:str}/close", status_code=200, summary="关闭一笔处理中或异常的退款（资金未动）")
async def close_refund(mchid: FromPath[str], out_refund_no: FromPath[str], state: State) -> dict[str, str]:
    """End a refund without money having moved; a new number is needed to try again."""
    async with state.sandbox.pool.acquire() as connection:
        closed = await refunds.close(connection, mchid, out_refund_no)
    if closed is None:
        raise NotFoundException(f"商户号 {mchid} 没有处理中的退款 {out_refund_no}")
    state.sandbox.notifier.wake()
    return {"status": closed.state}


async def _shown(connection: merchants.Connection, merchant: Merchant, public_url: str) -> MerchantRead:
    """A merchant with the keys it works with; a provider's merchant works with the provider's."""
    holder = await merchants.speaker(connection, merchant.sp_mchid or merchant.mchid)
    platform = await merchants.platform_keys(connection)
    newest = {kind: next(key for key in platform if key.kind == kind) for kind in ("certificate", "public_key")}
    credentials = {
        "app_secret": merchant.app_secret,
        "apiv3_key": holder.apiv3_key,
        "merchant_serial": holder.serial,
        "merchant_private_key": holder.private_pem,
        "merchant_certificate": holder.certificate_pem,
        "platform_public_key_id": newest["public_key"].serial,
        "platform_public_key": newest["public_key"].public_pem,
        "platform_certificate_serial": newest["certificate"].serial,
        "platform_certificates": "\n".join(key.public_pem for key in platform if key.kind == "certificate"),
    }
    if merchant.sp_mchid:
        credentials |= {"sp_mchid": holder.mchid, "sp_appid": holder.appid}
    mode = "partner" if merchant.sp_mchid else "direct"
    return MerchantRead(merchant.mchid, merchant.appid, merchant.name, mode, holder.signing, public_url, credentials)


async def _merchant(connection: merchants.Connection, mchid: str) -> Merchant:
    merchant = await merchants.find(connection, mchid)
    if merchant is None:
        raise NotFoundException(f"没有商户号 {mchid}")
    return merchant


async def _order(connection: merchants.Connection, mchid: str, out_trade_no: str) -> Order:
    order = await orders.find(connection, mchid, out_trade_no)
    if order is None:
        raise NotFoundException(f"商户号 {mchid} 没有订单 {out_trade_no}")
    return order


router = Router(
    "/sandbox/api/wechatpay",
    route_handlers=[
        register,
        read_merchant,
        switch_signing,
        renew_certificate,
        users,
        read_order,
        pay,
        notify_again,
        age,
        close_refund,
    ],
)
