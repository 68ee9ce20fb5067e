"""WeChat Pay in the sandbox: what it is made of, and what happens there by itself."""

import datetime as dt

from asyncpg import Connection

from core.sandbox import wallet
from core.sandbox.wechatpay import (
    admin,
    api,
    bill_api,
    cashier,
    merchants,
    notices,
    oauth,
    orders,
    refund_api,
    refunds,
    sharing_api,
    template_messages,
)
from core.sandbox.wechatpay.tables import TABLES
from core.sandbox.world import AccountLine, OrderLine, World

LADDER_SECONDS = (15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600)
"""Waits between one attempt and the next: sixteen attempts in 24 h 4 min."""
WAYS = {"MWEB": "H5", "JSAPI": "微信内", "NATIVE": "扫码", "APP": "App"}
STATES = {"NOTPAY": "未支付", "SUCCESS": "已支付", "REFUND": "有退款", "CLOSED": "已关闭"}
SIGNING = {"public_key": "微信支付公钥", "certificate": "平台证书", "mixed": "灰度混用"}


async def tick(connection: Connection, scale: float) -> dt.datetime | None:
    """Pay what is to be paid after its close; bring refunds to their end."""
    for order in await orders.due_for_late_payment(connection):
        openid = order.openid or wallet.openid(order.appid, wallet.DEFAULT_USER.code)
        await notices.pay(connection, order, openid)
    due = (await refunds.finish_due(connection), await orders.next_late_payment(connection))
    return min((at for at in due if at is not None), default=None)


async def list_orders(connection: Connection, limit: int) -> list[OrderLine]:
    """The last orders for the sandbox's first page."""
    return [
        OrderLine(
            channel="wechatpay",
            account=order.mchid,
            number=order.out_trade_no,
            title=order.description,
            amount_fen=order.amount_fen,
            way=WAYS.get(order.trade_type, order.trade_type),
            state=STATES.get(order.standing, order.standing),
            pay_path=f"/cashier/orders/{order.mchid}/{order.out_trade_no}" if order.payable else "",
            path=f"/sandbox/api/wechatpay/orders/{order.mchid}/{order.out_trade_no}",
            created_at=order.created_at,
        )
        for order in await orders.latest(connection, limit)
    ]


async def list_accounts(connection: Connection) -> list[AccountLine]:
    """The merchant numbers for the sandbox's first page."""
    return [
        AccountLine(channel="wechatpay", account=m.mchid, name=m.name, note=f"{m.appid} · {SIGNING[m.signing]}")
        for m in await merchants.list_all(connection)
    ]


WORLD = World(
    code="wechatpay",
    title="微信支付",
    tables=TABLES,
    routers=(
        api.router, refund_api.router, bill_api.router, sharing_api.router, oauth.router, cashier.router, admin.router,
        template_messages.router,
    ),
    ladder_seconds=LADDER_SECONDS,
    ready=merchants.ensure_platform_keys,
    dress=notices.dress,
    tick=tick,
    orders=list_orders,
    accounts=list_accounts,
)
