"""UnionPay in the sandbox: what it is made of, and what happens there by itself."""

import datetime as dt

from asyncpg import Connection

from core.sandbox.unionpay import admin, api, cashier, merchants, notices, rules, trades
from core.sandbox.unionpay.tables import TABLES
from core.sandbox.unionpay.trades import Trade
from core.sandbox.world import AccountLine, OrderLine, World

WAYS = {"front": "网页", "app": "App"}


async def tick(connection: Connection, scale: float) -> dt.datetime | None:
    """Let refunds and undos come through, and late payments arrive."""
    await rules.come_through(connection)
    return await trades.next_due(connection)


async def list_orders(connection: Connection, limit: int) -> list[OrderLine]:
    """The last payments for the sandbox's first page."""
    return [
        OrderLine(
            channel=notices.CHANNEL,
            account=trade.mchid,
            number=trade.order_id,
            title=trade.description,
            amount_fen=trade.amount_fen,
            way=WAYS.get(trade.way, trade.way),
            state=_state(trade),
            pay_path="" if trade.done or trade.lapsed else f"/unionpay/cashier/{trade.ticket}",
            path=f"/sandbox/api/unionpay/orders/{trade.mchid}/{trade.order_id}",
            created_at=trade.created_at,
        )
        for trade in await trades.latest(connection, limit)
    ]


def _state(trade: Trade) -> str:
    return "已支付" if trade.done else "已失效" if trade.lapsed else "未支付"


async def list_accounts(connection: Connection) -> list[AccountLine]:
    """The merchant numbers for the sandbox's first page."""
    return [AccountLine(channel=notices.CHANNEL, account=m.mchid, name=m.name, note=f"certId {m.pair.cert_id}") for m in await merchants.list_all(connection)]


WORLD = World(
    code=notices.CHANNEL,
    title="银联在线支付",
    tables=TABLES,
    routers=(api.gateway, api.files, cashier.router, admin.router),
    ladder_seconds=notices.LADDER_SECONDS,
    ready=merchants.ready,
    dress=notices.dress,
    accepted=notices.accepted,
    tick=tick,
    orders=list_orders,
    accounts=list_accounts,
)
