"""What Alipay tells a merchant after a payment, a close or a refund, and how it is made to misbehave (Alipay §7)."""

import datetime as dt
import secrets
from urllib.parse import quote, urlencode

import msgspec
from asyncpg import Connection

from core import clock
from core.payments.channels import rsa
from core.payments.channels.alipay import crypto, wire
from core.sandbox.alipay import merchants, people, refunds, trades
from core.sandbox.alipay.merchants import Merchant
from core.sandbox.alipay.refunds import Refund
from core.sandbox.alipay.trades import Trade
from core.sandbox.delivery import queue
from core.sandbox.world import Post, Told

CODE = "alipay"
CLOSE_TOLD = frozenset({"wap", "app"})
"""The products whose closed trades are told of; the others hear of payments and partial refunds only."""
STALE_SECONDS = 2 * 86400
_HEADERS = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "User-Agent": "Mozilla/4.0"}


async def pay(connection: Connection, trade: Trade, payer: str) -> Trade | None:
    """Take the payer's money and queue the notification of it, in one transaction; None when it cannot be paid."""
    async with connection.transaction():
        paid = await trades.mark_paid(connection, trade, payer)
        if paid is not None:
            await _tell(connection, paid)
        return paid


async def close(connection: Connection, trade: Trade, pay_due_at: dt.datetime | None = None) -> Trade:
    """End an unpaid trade and tell of it where the product does."""
    async with connection.transaction():
        closed = await trades.close(connection, trade, pay_due_at)
        if closed.product in CLOSE_TOLD and closed.state != trade.state:
            await _tell(connection, closed)
        return closed


async def refunded(connection: Connection, trade: Trade, refund: Refund) -> Trade:
    """Money went back: tell of it, at the address the *payment* named; of a whole refund only where closes are told."""
    async with connection.transaction():
        done = await refunds.mark_done(connection, refund)
        trade = await trades.mark_refunded(connection, trade, refund.amount_fen)
        if trade.state != "TRADE_CLOSED" or trade.product in CLOSE_TOLD:
            await _tell(connection, trade, done)
        return trade


async def _tell(connection: Connection, trade: Trade, refund: Refund | None = None) -> None:
    if not trade.notify_url:
        return
    notify_id = f"{clock.now().astimezone(clock.SHANGHAI):%Y%m%d}00222{secrets.token_hex(12)}"
    told = _told(trade, refund) | {"notify_id": notify_id}
    await queue.tell(
        connection,
        channel=CODE,
        account=trade.mchid,
        number=trade.out_trade_no,
        url=trade.notify_url,
        event_id=notify_id,
        payload=msgspec.json.encode(told),
        facts={"product": trade.product, "status": trade.state},
    )


def _told(trade: Trade, refund: Refund | None) -> dict[str, str]:
    """The parameters of a notification, without signature and time; none is ever empty."""
    told = {
        "notify_type": "trade_status_sync",
        "charset": "utf-8",
        "version": "1.0",
        "app_id": trade.appid,
        "auth_app_id": trade.appid,
        "trade_no": trade.trade_no or "",
        "out_trade_no": trade.out_trade_no,
        "seller_id": trade.mchid,
        "subject": trade.subject,
        "trade_status": trade.state,
        "total_amount": wire.yuan(trade.total_fen),
        "gmt_create": wire.local(trade.created_at) if trade.created_at else "",
        "gmt_close": wire.local(trade.closed_at) if trade.closed_at else "",
        "passback_params": trade.passback_params or "",
    }
    if trade.paid_at and trade.payer:
        amount = wire.yuan(trade.total_fen)
        told |= {
            "gmt_payment": wire.local(trade.paid_at),
            "buyer_id": people.buyer_id(trade.payer),
            "buyer_open_id": people.open_id(trade.appid, trade.payer),
            "buyer_logon_id": people.logon(trade.payer),
            **dict.fromkeys(("receipt_amount", "buyer_pay_amount", "invoice_amount"), amount),
            "point_amount": "0.00",
            "fund_bill_list": msgspec.json.encode([{"amount": amount, "fundChannel": "ALIPAYACCOUNT"}]).decode(),
        }
    if refund is not None and refund.refunded_at:
        told |= {
            "refund_fee": wire.yuan(trade.refunded_fen),
            "gmt_refund": f"{wire.local(refund.refunded_at)}.320",
            "out_biz_no": refund.out_request_no,
        }
    return {name: value for name, value in told.items() if value}


async def dress(connection: Connection, told: Told, twist: str | None) -> Post | None:
    """One POST of a notification, signed now; genuine without a twist."""
    merchant = await merchants.find(connection, told.account)
    assert merchant is not None
    said = msgspec.json.decode(told.payload, type=dict[str, str])
    match twist:
        case None:
            return _post(signed(merchant, said))
        case "notice_tamper_body":
            return _post(signed(merchant, said) | {"subject": said["subject"] + "（改）"}, twist)
        case "notice_tamper_signature":
            form = signed(merchant, said)
            return _post(form | {"sign": ("B" if form["sign"][0] == "A" else "A") + form["sign"][1:]}, twist)
        case "notice_tamper_amount":
            more = wire.yuan(wire.fen(said["total_amount"]) + 1)
            return _post(signed(merchant, said | {"total_amount": more}), twist)
        case "notice_tamper_merchant":
            return _post(signed(merchant, said | {"seller_id": f"{int(said['seller_id']) + 1}"}), twist)
        case "notice_stale":
            return _post(signed(merchant, said, seconds_ago=STALE_SECONDS), twist)
    return None


def signed(merchant: Merchant, said: dict[str, str], seconds_ago: float = 0) -> dict[str, str]:
    """A notification's form: sent now, signed with neither `sign` nor `sign_type` in the text (§7)."""
    at = clock.now() - dt.timedelta(seconds=seconds_ago)
    form = said | {"notify_time": wire.local(at)}
    text = crypto.request_text({name: value for name, value in form.items() if name != "sign_type"})
    return form | {"sign_type": crypto.SIGN_TYPE, "sign": rsa.sign(rsa.private_key(merchant.alipay_private), text)}


def _post(form: dict[str, str], twist: str | None = None) -> Post:
    return Post(urlencode(form, quote_via=quote, safe="").encode(), dict(_HEADERS), twist)


def accepted(status: int, body: str) -> bool:
    """Whether the merchant took it: exactly these seven letters."""
    return status == 200 and body == "success"
