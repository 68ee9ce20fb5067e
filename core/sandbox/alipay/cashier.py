"""The wallet on the payer's phone: the cashier behind a web page, a scanned code, a mini program; and the pay code to be shown at a window."""

import datetime as dt
from typing import Annotated
from urllib.parse import urlencode, urlsplit

import msgspec
import segno
from litestar import Router, get, post
from litestar.datastructures import State
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect, Template

from core import clock
from core.payments.channels import rsa
from core.payments.channels.alipay import crypto, wire
from core.sandbox import wallet
from core.sandbox.alipay import merchants, notices, people, trades
from core.sandbox.alipay.merchants import Merchant
from core.sandbox.alipay.trades import Trade
from core.sandbox.pages import page

EXPIRED = "支付链接无效或已过期，请返回商家页面重新发起支付。"
WAYS = {"wap": "手机网站支付", "page": "电脑网站支付", "app": "App 支付", "precreate": "扫码支付", "create": "小程序支付", "pay": "付款码支付"}


class Decision(msgspec.Struct):
    """What the payer pressed."""

    ticket: str
    press: Annotated[str, msgspec.Meta(pattern="^(pay|cancel)$")]
    user: str = wallet.DEFAULT_USER.code


@get("/cashier")
async def open_cashier(state: State, ticket: FromQuery[str] = "") -> Template:
    """The cashier a signed page request leads to; the trade begins here."""
    return await _cashier(state, ticket)


@get("/scan")
async def scan(state: State, code: FromQuery[str] = "") -> Template:
    """What scanning a QR code does; without a code, a place to put one in."""
    if not code:
        return page("alipay_scan.html")
    return await _cashier(state, code.rstrip("/").rpartition("/")[2])


@get("/trade-pay")
async def trade_pay(state: State, tradeNO: FromQuery[str] = "") -> Redirect | Template:
    """The sheet that `my.tradePay` opens in a mini program."""
    async with state.sandbox.pool.acquire() as connection:
        trade = await trades.find_by_trade_no(connection, tradeNO)
        if trade is None:
            return _refusal(EXPIRED)
        ticket = await trades.issue_ticket(connection, trade)
    return Redirect(f"/alipay/cashier?ticket={ticket}")


@get("/orders/{mchid:str}/{out_trade_no:str}")
async def open_order(state: State, mchid: FromPath[str], out_trade_no: FromPath[str]) -> Redirect | Template:
    """A tester's way to the cashier of any trade."""
    async with state.sandbox.pool.acquire() as connection:
        trade = await trades.find(connection, mchid, out_trade_no)
        if trade is None:
            return _refusal("没有这笔订单。", 404)
        ticket = await trades.issue_ticket(connection, trade)
    return Redirect(f"/alipay/cashier?ticket={ticket}")


@get("/pay-code", sync_to_thread=False)
def pay_code(user: FromQuery[str] = wallet.DEFAULT_USER.code, asks: FromQuery[bool] = False) -> Template:
    """The pay code on somebody's phone, to be read at a window."""
    person = wallet.user(user)
    code = people.pay_code(person.code, asks=asks)
    drawn = segno.make(code, micro=False).svg_inline(scale=6, border=1, omitsize=False)
    return page("alipay_pay_code.html", person=person, asks=asks, code=code, drawn=drawn, users=wallet.USERS)


@post("/pay", status_code=200)
async def decide(state: State, data: URLEncodedBody[Decision]) -> Template:
    """Pay or cancel, say what happened, and lead the payer back."""
    sandbox = state.sandbox
    async with sandbox.pool.acquire() as connection:
        trade = await trades.find_by_ticket(connection, data.ticket)
        if trade is None:
            return _refusal(EXPIRED)
        merchant = await merchants.find(connection, trade.mchid)
        payer = wallet.user(trade.buyer or data.user)
        outcome = "cancel"
        if data.press == "pay":
            outcome = "fail"
            if payer.can_pay:
                paid = await notices.pay(connection, trade, payer.code)
                outcome = "ok" if paid else "gone"
                trade = paid or trade
    sandbox.notifier.wake()
    return page("alipay_outcome.html", outcome=outcome, trade=trade, merchant=merchant, payer=payer, back=_back(merchant, trade))


async def _cashier(state: State, ticket: str) -> Template:
    async with state.sandbox.pool.acquire() as connection:
        trade = await trades.find_by_ticket(connection, ticket)
        if trade is None:
            return _refusal(EXPIRED)
        merchant = await merchants.find(connection, trade.mchid)
        trade = await trades.reach(connection, trade)
    state.sandbox.notifier.wake()
    payer = wallet.user(trade.buyer) if trade.buyer else None
    shown = {"trade": trade, "merchant": merchant, "way": WAYS[trade.product], "back": _back(merchant, trade)}
    return page("alipay_cashier.html", ticket=ticket, payer=payer, users=wallet.USERS, **shown)


def _back(merchant: Merchant | None, trade: Trade) -> str:
    """Where the payer returns to, with what Alipay adds to the address: for show only, never proof of payment (§4)."""
    if merchant is None or urlsplit(trade.return_url).scheme not in ("http", "https"):
        return ""
    if not trade.paid:
        return trade.return_url
    said = {
        "app_id": trade.appid,
        "auth_app_id": trade.appid,
        "method": f"alipay.trade.{trade.product}.pay.return",
        "charset": "utf-8",
        "version": "1.0",
        "timestamp": wire.local(clock.now().astimezone(dt.UTC)),
        "out_trade_no": trade.out_trade_no,
        "trade_no": trade.trade_no or "",
        "total_amount": wire.yuan(trade.total_fen),
        "seller_id": trade.mchid,
    }
    sign = rsa.sign(rsa.private_key(merchant.alipay_private), crypto.request_text(said))
    query = urlencode(said | {"sign_type": crypto.SIGN_TYPE, "sign": sign})
    return f"{trade.return_url}{'&' if '?' in trade.return_url else '?'}{query}"


def _refusal(message: str, status: int = 400) -> Template:
    return page("problem.html", title="无法支付", message=message, status=status)


router = Router("/alipay", route_handlers=[open_cashier, scan, trade_pay, open_order, pay_code, decide])
