"""The card gateway in the sandbox: what it is made of, and what happens there by itself."""

import datetime as dt

from asyncpg import Connection

from core import clock
from core.sandbox.stripe import accounts, admin, api, cards, charging, events, intents, money, money_api, pages, refunding
from core.sandbox.stripe.tables import TABLES
from core.sandbox.world import AccountLine, OrderLine, World

STATES = {
    "requires_payment_method": "待付款",
    "requires_confirmation": "待确认",
    "requires_action": "待持卡人验证",
    "requires_capture": "已授权",
    "processing": "处理中",
    "succeeded": "已支付",
    "canceled": "已关闭",
}


async def tick(connection: Connection, scale: float) -> dt.datetime | None:
    """Bring refunds to their end, and pay what is to be paid after its close."""
    async with connection.transaction():
        await refunding.finish_due(connection)
        for intent in await intents.due_for_late_payment(connection, clock.now()):
            account = await accounts.find(connection, intent.mchid)
            method = await api.ready_card(connection, intent.mchid, cards.CARDS[0].token)
            await charging.pay_with(connection, account, intent, method)
    return await money.next_due(connection)


async def list_orders(connection: Connection, limit: int) -> list[OrderLine]:
    """The last orders for the sandbox's first page."""
    return [
        OrderLine(
            channel=events.CHANNEL,
            account=intent.mchid,
            number=intent.number,
            title=intent.description or intent.notes.get("description", ""),
            amount_fen=intent.amount,
            way="卡",
            state=STATES.get(intent.status, intent.status),
            pay_path=f"/stripe/pay/{intent.mchid}/{intent.number}" if intent.payable else "",
            path=f"/sandbox/api/stripe/orders/{intent.mchid}/{intent.number}",
            created_at=intent.created_at,
        )
        for intent in await intents.latest(connection, limit)
    ]


async def list_accounts(connection: Connection) -> list[AccountLine]:
    """The accounts for the sandbox's first page."""
    return [
        AccountLine(channel=events.CHANNEL, account=one.mchid, name=one.name, note=one.webhook_url or "未设置通知地址")
        for one in await accounts.list_all(connection)
    ]


WORLD = World(
    code=events.CHANNEL,
    title="银行卡",
    tables=TABLES,
    routers=(api.router, money_api.router, pages.router, admin.router),
    ladder_seconds=events.LADDER_SECONDS,
    dress=events.dress,
    accepted=events.accepted,
    tick=tick,
    orders=list_orders,
    accounts=list_accounts,
)
