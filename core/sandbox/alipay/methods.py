"""The business behind the gateway: one function for each method that answers the merchant (Alipay §4–§6, §8)."""

import datetime as dt
from collections.abc import Awaitable, Callable

import msgspec
from asyncpg import Connection

from core import clock
from core.payments.channels.alipay import wire
from core.sandbox.alipay import bills, content, notices, people, refunds, trades
from core.sandbox.alipay.errors import BusinessError, has_success, invalid, no_such_trade, wrong_state
from core.sandbox.alipay.merchants import Merchant
from core.sandbox.alipay.trades import Trade
from core.sandbox.faults import repository as faults

QR_PREFIX = "https://qr.alipay.com/"
CANCEL_WITHIN = dt.timedelta(days=1)


class Call(msgspec.Struct, frozen=True):
    """A call that has been proved: for whom, with which parameters and business content."""

    merchant: Merchant
    parameters: dict[str, str]
    content: dict
    public_url: str

    def asked(self, product: str) -> content.Asked:
        """The new trade this call asks for. Raises BusinessError."""
        return content.read(product, self.content, self.parameters, self.merchant.mchid, self.merchant.appid)


Answer = dict[str, object]
Method = Callable[[Connection, Call], Awaitable[Answer]]
DONE: Answer = {"code": "10000", "msg": "Success"}


async def precreate(connection: Connection, call: Call) -> Answer:
    """A QR code; the trade begins when somebody scans it."""
    trade = await trades.place(connection, call.asked("precreate"))
    ticket = await trades.issue_ticket(connection, trade, "bax")
    return DONE | {"out_trade_no": trade.out_trade_no, "qr_code": QR_PREFIX + ticket}


async def create(connection: Connection, call: Call) -> Answer:
    """A trade for one buyer, at once."""
    trade = await trades.reach(connection, await trades.place(connection, call.asked("create")))
    return DONE | {"out_trade_no": trade.out_trade_no, "trade_no": trade.trade_no}


async def pay(connection: Connection, call: Call) -> Answer:
    """Take the money of whoever shows this pay code; some wallets ask for a password first."""
    shown = people.shown_by(content.text(call.content, "auth_code"))
    if content.text(call.content, "scene") not in ("bar_code", ""):
        raise invalid("scene 不支持")
    if shown is None:
        raise BusinessError("ACQ.PAYMENT_AUTH_CODE_INVALID", "支付失败，获取顾客账户信息失败，请顾客刷新付款码后重新收款")
    person, asks = shown
    trade = await trades.place(connection, call.asked("pay"))
    if not await trades.use_code(connection, content.text(call.content, "auth_code"), trade):
        raise BusinessError("ACQ.PAYMENT_AUTH_CODE_INVALID", "付款码已被使用")
    if not person.can_pay:
        raise BusinessError("ACQ.BUYER_BALANCE_NOT_ENOUGH", "买家余额不足")
    trade = await trades.reach(connection, trade)
    if asks:
        return {"code": "10003", "msg": "order success pay inprocess"} | _named(trade) | _buyer(trade, person.code)
    paid = await notices.pay(connection, trade, person.code)
    if paid is None:
        raise has_success()
    return DONE | _shown(paid) | {"gmt_payment": wire.local(paid.paid_at or clock.now())}


async def query(connection: Connection, call: Call) -> Answer:
    """A trade as it stands."""
    trade = await trades.find_named(connection, call.merchant.mchid, call.content)
    if trade is None or not trade.exists:
        raise no_such_trade()
    return DONE | _shown(trade)


async def close(connection: Connection, call: Call) -> Answer:
    """End an unpaid trade, as often as it is asked."""
    trade = await trades.find_named(connection, call.merchant.mchid, call.content, lock=True)
    late = None
    if trade is not None and not trade.paid:
        drawn = await faults.draw(connection, "pay_after_close", trade.mchid, trade.out_trade_no)
        late = clock.now() + dt.timedelta(seconds=drawn["pay_after_close"].lasts) if drawn else None
    if trade is None or not trade.exists:
        if trade is not None and late is not None:
            await trades.mark_late(connection, trade, late)
        raise no_such_trade()
    if trade.paid:
        raise wrong_state()
    return DONE | _named(await notices.close(connection, trade, late))


async def cancel(connection: Connection, call: Call) -> Answer:
    """Undo a trade: close it where unpaid, give everything back where paid. One that never was is undone already."""
    trade = await trades.find_named(connection, call.merchant.mchid, call.content, lock=True)
    if trade is None or not trade.exists:
        return DONE | {"out_trade_no": content.text(call.content, "out_trade_no"), "retry_flag": "N"}
    if not trade.paid:
        return DONE | _named(await notices.close(connection, trade)) | {"retry_flag": "N", "action": "close"}
    if trade.paid_at and clock.now() - trade.paid_at > CANCEL_WITHIN:
        raise BusinessError("ACQ.TRADE_CANCEL_TIME_OUT", "超过撤销时间范围")
    left = trade.total_fen - trade.refunded_fen
    if left:
        refund = await refunds.keep(connection, trade, left, trade.out_trade_no, "撤销", "PROCESSING")
        trade = await notices.refunded(connection, trade, refund)
    return DONE | _named(trade) | {"retry_flag": "N", "action": "refund"}


async def refund(connection: Connection, call: Call) -> Answer:
    """Give money back. Success of the call is not proof: `fund_change` says whether money moved in it."""
    trade = await trades.find_named(connection, call.merchant.mchid, call.content, lock=True)
    amount_fen, number = content.amount(call.content, "refund_amount"), content.text(call.content, "out_request_no")
    before = await refunds.check(connection, trade, amount_fen, number)
    assert trade is not None
    moved = False
    if before is None:
        drawn = await faults.draw(connection, "refund_", trade.mchid, trade.out_trade_no)
        if "refund_short" in drawn:
            raise BusinessError("ACQ.SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足")
        due_at = clock.now() + dt.timedelta(seconds=drawn["refund_slow"].lasts) if "refund_slow" in drawn else None
        state = "FAILED" if "refund_fail" in drawn else "PROCESSING"
        reason = content.text(call.content, "refund_reason")
        kept = await refunds.keep(connection, trade, amount_fen, number or trade.out_trade_no, reason, state, due_at)
        moved = state == "PROCESSING" and due_at is None
        trade = await notices.refunded(connection, trade, kept) if moved else trade
    at = {"gmt_refund_pay": wire.local(clock.now())} if moved else {}
    back = wire.yuan(amount_fen if moved else 0)
    return (
        DONE | _named(trade) | _buyer(trade, trade.payer or "") | at
        | {"fund_change": "Y" if moved else "N", "refund_fee": wire.yuan(trade.refunded_fen), "send_back_fee": back}
    )  # fmt: skip


async def refund_query(connection: Connection, call: Call) -> Answer:
    """A refund by its request number; one that is unknown, failed or under way gives the same empty yes."""
    trade = await trades.find_named(connection, call.merchant.mchid, call.content)
    if trade is None or not trade.exists:
        raise no_such_trade()
    number = content.text(call.content, "out_request_no")
    if not number:
        raise invalid("out_request_no 不能为空")
    found = await refunds.find(connection, trade, number)
    if found is None or found.state != "SUCCESS" or found.refunded_at is None:
        return dict(DONE)
    return DONE | _named(trade) | {
        "out_request_no": found.out_request_no,
        "refund_reason": found.reason,
        "total_amount": wire.yuan(trade.total_fen),
        "refund_amount": wire.yuan(found.amount_fen),
        "refund_status": "REFUND_SUCCESS",
        "gmt_refund_pay": wire.local(found.refunded_at),
    }


async def bill_address(connection: Connection, call: Call) -> Answer:
    """Where a day's statement can be fetched for the next thirty seconds."""
    if content.text(call.content, "bill_type") != "trade":
        raise BusinessError("INVAILID_ARGUMENTS", "入参不合法：沙箱只有 trade 账单")
    return DONE | {"bill_download_url": await bills.address(connection, call.merchant, content.text(call.content, "bill_date"), call.public_url)}


def _named(trade: Trade) -> Answer:
    return {"trade_no": trade.trade_no, "out_trade_no": trade.out_trade_no}


def _buyer(trade: Trade, person: str) -> Answer:
    return {
        "buyer_logon_id": people.logon(person),
        "buyer_user_id": people.buyer_id(person),
        "buyer_open_id": people.open_id(trade.appid, person),
    }


def _shown(trade: Trade) -> Answer:
    """A trade as queries show it; what belongs to payment is absent before."""
    shown = _named(trade) | {"trade_status": trade.standing, "total_amount": wire.yuan(trade.total_fen)}
    if not trade.paid_at or not trade.payer:
        return shown
    amount = wire.yuan(trade.total_fen)
    return (
        shown | _buyer(trade, trade.payer) | dict.fromkeys(("receipt_amount", "buyer_pay_amount", "invoice_amount"), amount)
        | {"point_amount": "0.00", "send_pay_date": wire.local(trade.paid_at)}
        | {"fund_bill_list": [{"amount": amount, "fund_channel": "ALIPAYACCOUNT"}]}
    )  # fmt: skip


METHODS: dict[str, Method] = {
    "alipay.trade.precreate": precreate,
    "alipay.trade.create": create,
    "alipay.trade.pay": pay,
    "alipay.trade.query": query,
    "alipay.trade.close": close,
    "alipay.trade.cancel": cancel,
    "alipay.trade.refund": refund,
    "alipay.trade.fastpay.refund.query": refund_query,
    "alipay.data.dataservice.bill.downloadurl.query": bill_address,
}
PAGES = {"alipay.trade.wap.pay": "wap", "alipay.trade.page.pay": "page", "alipay.trade.app.pay": "app"}
