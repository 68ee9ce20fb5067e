"""UnionPay's rules: what it takes, what becomes of it, and whom it tells (UnionPay sheet §5–§8, §11)."""

import datetime as dt
import re
import secrets
from collections.abc import Mapping

from asyncpg import Connection

from core import clock
from core.sandbox.faults import repository as faults
from core.sandbox.unionpay import notices, trades
from core.sandbox.unionpay.merchants import Merchant
from core.sandbox.unionpay.trades import CONSUME, REFUND, UNDO, Trade
from core.sandbox.unionpay.wire import WireError, check, check_now, moment

REFUND_WINDOW = dt.timedelta(days=335)
REFUND_SECONDS = 1.0
"""How long a refund takes that nothing holds up."""
FEE_TEN_THOUSANDTHS, FEE_CEILING_FEN = 50, 2_000
_GOODS = re.compile(r"commodityName=([^&}]*)")


def fee_of(amount_fen: int) -> int:
    """A debit card's fee: half a percent, at most twenty yuan, rounded half up."""
    return min((amount_fen * FEE_TEN_THOUSANDTHS + 5_000) // 10_000, FEE_CEILING_FEN)


async def place(connection: Connection, merchant: Merchant, fields: Mapping[str, str], way: str) -> Trade:
    """Take a payment to be paid on a page (front) or in the app; a number used before is refused. Raises WireError."""
    check(fields, "channelType", "orderId", "txnTime", "txnAmt", "currencyCode", "backUrl")
    if (fields["txnType"], fields["txnSubType"], fields["bizType"]) != (CONSUME, "01", "000201"):
        raise WireError("10", "txnType/txnSubType/bizType")
    check_now(fields)
    lapses_at = moment(fields["payTimeout"], "payTimeout") if "payTimeout" in fields else clock.now() + dt.timedelta(hours=1)
    if lapses_at <= clock.now():
        raise WireError("69")
    goods = _GOODS.search(fields.get("riskRateInfo", ""))
    late = (await faults.draw(connection, "pay_after_close", merchant.mchid, fields["orderId"])).get("pay_after_close")
    trade = Trade(
        mchid=merchant.mchid,
        order_id=fields["orderId"],
        txn_time=fields["txnTime"],
        txn_type=CONSUME,
        way=way,
        channel_type=fields["channelType"],
        description=goods[1] if goods else "",
        amount_fen=int(fields["txnAmt"]),
        back_url=fields["backUrl"],
        front_url=fields.get("frontUrl", ""),
        req_reserved=fields.get("reqReserved", ""),
        ticket=f"{secrets.randbelow(9 * 10**20) + 10**20}",
        lapses_at=lapses_at,
        due_at=lapses_at + dt.timedelta(seconds=late.lasts) if late else None,
        due_code="00" if late else None,
    )
    if not await trades.add(connection, trade):
        raise WireError("12")
    return trade


async def pay(connection: Connection, trade: Trade, payer: str, code: str = "00", *, late: bool = False) -> Trade | None:
    """Take the payer's money and tell the merchant, in one transaction; None when it cannot be paid (any more)."""
    async with connection.transaction():
        held = await trades.find(connection, trade.mchid, trade.order_id, lock=True)
        if held is None or held.txn_type != CONSUME or held.done or (held.lapsed and not late and held.due_at is None):
            return None
        paid = await trades.decide(connection, held, code, clock.now(), fee_fen=fee_of(held.amount_fen), payer=payer)
        if paid is not None:
            await notices.tell(connection, paid)
        return paid


async def reverse(connection: Connection, merchant: Merchant, fields: Mapping[str, str], scale: float) -> Trade:
    """Take a refund or an undo: it comes through by itself a little later, and is told then. Raises WireError."""
    check(fields, "channelType", "orderId", "txnTime", "txnAmt", "backUrl", "origQryId")
    if fields["txnType"] not in (REFUND, UNDO) or (fields["txnSubType"], fields["bizType"]) != ("00", "000201"):
        raise WireError("10", "txnType/txnSubType/bizType")
    if await trades.find(connection, merchant.mchid, fields["orderId"]):
        raise WireError("12")
    check_now(fields)
    async with connection.transaction():
        taken = await _taken(connection, merchant, fields, scale)
    if taken is None:
        raise WireError("64", "商户可用余额不足")
    return taken


async def _taken(connection: Connection, merchant: Merchant, fields: Mapping[str, str], scale: float) -> Trade | None:
    """The refund or undo as it is kept; None, and the fault used up, when the merchant is to have too little money. Raises WireError."""
    paid = await trades.find_by_query_id(connection, merchant.mchid, fields["origQryId"], lock=True)
    if paid is None or paid.txn_type != CONSUME or not paid.done:
        raise WireError("35")
    amount_fen = int(fields["txnAmt"])
    gone_fen = sum(reversal.amount_fen for reversal in await trades.reversals(connection, paid))
    _check_reversal(paid, fields["txnType"], amount_fen, gone_fen)
    drawn = await faults.draw(connection, "refund_", merchant.mchid, paid.order_id)
    if "refund_short" in drawn:
        return None
    seconds = drawn["refund_slow"].lasts if "refund_slow" in drawn else REFUND_SECONDS
    now = clock.now()
    trace_no, query_id = trades.traced(now)
    taken = Trade(
        mchid=merchant.mchid,
        order_id=fields["orderId"],
        txn_time=fields["txnTime"],
        txn_type=fields["txnType"],
        way="back",
        channel_type=fields["channelType"],
        description=paid.description,
        amount_fen=amount_fen,
        back_url=fields["backUrl"],
        req_reserved=fields.get("reqReserved", ""),
        orig_order_id=paid.order_id,
        orig_query_id=paid.query_id,
        query_id=query_id,
        trace_no=trace_no,
        payer=paid.payer,
        due_at=now + dt.timedelta(seconds=seconds * scale),
        due_code="01" if "refund_fail" in drawn else "00",
    )
    if not await trades.add(connection, taken):
        raise WireError("12")
    return taken


def _check_reversal(paid: Trade, txn_type: str, amount_fen: int, gone_fen: int) -> None:
    """Whether a payment can still give this back. Raises WireError."""
    if gone_fen >= paid.amount_fen or (txn_type == UNDO and gone_fen):
        raise WireError("45")
    if txn_type == UNDO:
        if amount_fen != paid.amount_fen:
            raise WireError("36")
        if trades.settlement_day(clock.now()) != paid.settle_on:
            raise WireError("35", "已过清算日，不能撤销")
    elif gone_fen + amount_fen > paid.amount_fen:
        raise WireError("36")
    elif paid.traced_at is None or clock.now() - paid.traced_at > REFUND_WINDOW:
        raise WireError("35", "已超过退货期限")


async def come_through(connection: Connection) -> None:
    """Everything that happens by itself and is due: late payments, refunds, undos."""
    for trade in await trades.due(connection):
        if trade.txn_type == CONSUME:
            await pay(connection, trade, "迟到的付款", trade.due_code or "00", late=True)
            continue
        async with connection.transaction():
            paid = await trades.find(connection, trade.mchid, trade.orig_order_id or "")
            fee_fen = (2 * paid.fee_fen * trade.amount_fen + paid.amount_fen) // (2 * paid.amount_fen) if paid else 0
            ended = await trades.decide(connection, trade, trade.due_code or "00", clock.now(), fee_fen=fee_fen)
            if ended is not None:
                await notices.tell(connection, ended)
