"""The wallet on the payer's phone: the pay page reached by H5 link, by JSAPI call, or by scanning a QR code."""

from typing import Annotated
from urllib.parse import parse_qs, urlsplit

import msgspec
from litestar import Request, Router, get, post
from litestar.datastructures import State
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect, Template

from core.payments.channels.wechatpay import crypto
from core.sandbox import wallet
from core.sandbox.pages import page
from core.sandbox.wechatpay import merchants, notices, orders
from core.sandbox.wechatpay.merchants import Merchant
from core.sandbox.wechatpay.oauth import is_web
from core.sandbox.wechatpay.orders import Order

EXPIRED = "支付链接无效或已过期，请返回商家页面重新发起支付。"


class WalletCall(msgspec.Struct, frozen=True):
    """What `getBrandWCPayRequest` was called with; the names are WeChat's."""

    appId: str = ""
    timeStamp: str = ""
    nonceStr: str = ""
    package: str = ""
    signType: str = ""
    paySign: str = ""


class Decision(msgspec.Struct):
    """What the payer pressed."""

    ticket: str
    press: Annotated[str, msgspec.Meta(pattern="^(pay|cancel)$")]
    user: str = wallet.DEFAULT_USER.code
    redirect_url: str = ""
    scene: str = "h5"


@get("/cgi-bin/mmpayweb-bin/checkmweb")
async def h5(state: State, prepay_id: FromQuery[str] = "", redirect_url: FromQuery[str] = "") -> Template:
    """The page an `h5_url` opens; afterwards the payer returns to `redirect_url`."""
    return await _cashier(state, prepay_id, "h5", redirect_url if is_web(redirect_url) else "")


@get("/cashier/jsapi")
async def jsapi(request: Request, state: State, prepay_id: FromQuery[str] = "") -> Template:
    """The sheet a wallet call opens, once its paySign is verified; a bare prepay id (a tester's link) needs none."""
    call = msgspec.convert(dict(request.query_params.items()), WalletCall)
    if call == WalletCall():
        return await _cashier(state, prepay_id, "jsapi")
    ticket = call.package.removeprefix("prepay_id=")
    async with state.sandbox.pool.acquire() as connection:
        order = await orders.find_by_ticket(connection, ticket)
        merchant = await merchants.find(connection, order.speaker) if order else None
    if order is None or merchant is None:
        return _refusal(EXPIRED)
    if not pay_sign_holds(call, order, merchant):
        return _refusal("支付验证签名失败（paySign）。")
    return await _cashier(state, ticket, "jsapi")


def pay_sign_holds(call: WalletCall, order: Order, merchant: Merchant) -> bool:
    """Whether the merchant signed exactly this call, for this appid."""
    message = crypto.client_message(call.appId, call.timeStamp, call.nonceStr, call.package)
    return (
        call.appId == order.appid
        and call.signType == "RSA"
        and call.package.startswith("prepay_id=")
        and crypto.signed_by(crypto.public_key(merchant.certificate_pem), message, call.paySign)
    )


@get("/scan")
async def scan(state: State, code_url: FromQuery[str] = "") -> Template:
    """What scanning a Native QR code does; without a code, a place to put one in."""
    if not code_url:
        return page("scan.html")
    return await _cashier(state, parse_qs(urlsplit(code_url).query).get("pr", [""])[0], "native")


@get("/cashier/orders/{mchid:str}/{out_trade_no:str}")
async def open_order(state: State, mchid: FromPath[str], out_trade_no: FromPath[str]) -> Redirect | Template:
    """A tester's way to the pay page of any order."""
    async with state.sandbox.pool.acquire() as connection:
        order = await orders.find(connection, mchid, out_trade_no)
        if order is None:
            return _refusal("没有这笔订单。", 404)
        ticket = await orders.issue_ticket(connection, order)
    if order.trade_type == "JSAPI":
        return Redirect(f"/cashier/jsapi?prepay_id={ticket}")
    return Redirect(f"/cgi-bin/mmpayweb-bin/checkmweb?prepay_id={ticket}")


@post("/cashier/pay", status_code=200)
async def decide(state: State, data: URLEncodedBody[Decision]) -> Template:
    """Pay or cancel, say what happened, and lead the payer back."""
    sandbox = state.sandbox
    back = data.redirect_url if is_web(data.redirect_url) else ""
    async with sandbox.pool.acquire() as connection:
        order = await orders.find_by_ticket(connection, data.ticket)
        if order is None:
            return _refusal(EXPIRED)
        merchant = await merchants.find(connection, order.mchid)
        payer = _payer_of(order) or wallet.user(data.user)
        outcome = "cancel"
        if data.press == "pay":
            outcome = "fail"
            if payer.can_pay:
                paid = await notices.pay(connection, order, wallet.openid(order.appid, payer.code))
                outcome = "ok" if paid else "gone"
                order = paid or order
    sandbox.notifier.wake()
    return page("outcome.html", outcome=outcome, order=order, merchant=merchant, payer=payer, back=back, scene=data.scene)


async def _cashier(state: State, ticket: str, scene: str, back: str = "") -> Template:
    """The pay page of a ticket."""
    async with state.sandbox.pool.acquire() as connection:
        order = await orders.find_by_ticket(connection, ticket)
        if order is None:
            return _refusal(EXPIRED)
        merchant = await merchants.find(connection, order.mchid)
    return page(
        "cashier.html",
        order=order,
        merchant=merchant,
        ticket=ticket,
        scene=scene,
        back=back,
        payer=_payer_of(order),
        users=wallet.USERS,
    )


def _payer_of(order: Order) -> wallet.WalletUser | None:
    """Who must pay: a JSAPI order belongs to one openid, the others to whoever opens them."""
    return wallet.holder(order.appid, order.openid) if order.openid else None


def _refusal(message: str, status: int = 400) -> Template:
    return page("problem.html", title="无法支付", message=message, status=status)


router = Router("/", route_handlers=[h5, jsapi, scan, open_order, decide])
