"""Alipay in the sandbox: what it is made of, and what happens there by itself."""

import datetime as dt

from asyncpg import Connection

from core.sandbox import wallet
from core.sandbox.alipay import admin, bills, cashier, gateway, merchants, notices, refunds, trades
from core.sandbox.alipay.tables import TABLES
from core.sandbox.world import AccountLine, OrderLine, World

LADDER_SECONDS = (240, 600, 600, 3600, 7200, 21600, 54000)
"""Waits between one attempt and the next: eight attempts within 25 hours (§7)."""
STATES = {
    "NEW": "待付款人打开",
    "WAIT_BUYER_PAY": "未支付",
    "TRADE_SUCCESS": "已支付",
    "TRADE_FINISHED": "已完结",
    "TRADE_CLOSED": "已关闭",
}


async def tick(connection: Connection, scale: float) -> dt.datetime | None:
    """Pay what is to be paid after its close, end what nobody paid in time, let slow refunds through."""
    for trade in await trades.due_for_late_payment(connection):
        await notices.pay(connection, trade, trade.buyer or wallet.DEFAULT_USER.code)
    async with connection.transaction():
        for trade in await trades.timed_out(connection):
            await notices.close(connection, trade)
    async with connection.transaction():
        for refund in await refunds.due(connection):
            trade = await trades.find(connection, refund.mchid, refund.out_trade_no, lock=True)
            assert trade is not None
            await notices.refunded(connection, trade, refund)
    return min((at for at in (await trades.next_due(connection), await refunds.next_due(connection)) if at is not None), default=None)


async def list_orders(connection: Connection, limit: int) -> list[OrderLine]:
    """The last trades for the sandbox's first page."""
    return [
        OrderLine(
            channel=notices.CODE,
            account=trade.mchid,
            number=trade.out_trade_no,
            title=trade.subject,
            amount_fen=trade.total_fen,
            way=cashier.WAYS[trade.product],
            state=STATES[trade.standing],
            pay_path=f"/alipay/orders/{trade.mchid}/{trade.out_trade_no}" if trade.payable else "",
            path=f"/sandbox/api/alipay/orders/{trade.mchid}/{trade.out_trade_no}",
            created_at=trade.asked_at,
        )
        for trade in await trades.latest(connection, limit)
    ]


async def list_accounts(connection: Connection) -> list[AccountLine]:
    """The sellers for the sandbox's first page."""
    signing = {"public_key": "公钥模式", "certificate": "证书模式"}
    return [
        AccountLine(channel=notices.CODE, account=m.mchid, name=m.name, note=f"{m.appid} · {signing[m.signing]}")
        for m in await merchants.list_all(connection)
    ]


WORLD = World(
    code=notices.CODE,
    title="支付宝",
    tables=TABLES,
    routers=(gateway.router, cashier.router, bills.router, admin.router),
    ladder_seconds=LADDER_SECONDS,
    ready=merchants.ensure_root,
    dress=notices.dress,
    accepted=notices.accepted,
    tick=tick,
    orders=list_orders,
    accounts=list_accounts,
)
