"""The shop platforms in the sandbox: what they are made of."""

from asyncpg import Connection

from core.sandbox.world import AccountLine, World
from plugins.medical.sandbox.shops import admin, orders, site
from plugins.medical.sandbox.shops.tables import TABLES


async def list_accounts(connection: Connection) -> list[AccountLine]:
    """The shops for the sandbox's first page."""
    return [AccountLine(channel="shops", account=s.login, name=s.name, note=f"网站：/shops/{s.code}") for s in await orders.list_all(connection)]


WORLD = World(code="shops", title="店铺平台商家后台", tables=TABLES, routers=(admin.router, site.router), accounts=list_accounts)
