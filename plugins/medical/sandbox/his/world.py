"""The HIS in the sandbox: what it is made of."""

from asyncpg import Connection

from core.sandbox.world import AccountLine, World
from plugins.medical.sandbox.his import admin, api, hospitals
from plugins.medical.sandbox.his.tables import TABLES


async def list_accounts(connection: Connection) -> list[AccountLine]:
    """The hospitals on record for the sandbox's first page."""
    return [AccountLine(channel="his", account=h.app_id, name=h.name, note=f"账页：/his/{h.app_id}") for h in await hospitals.list_all(connection)]


WORLD = World(code="his", title="医院 HIS", tables=TABLES, routers=(api.router, admin.router, admin.page_router), accounts=list_accounts)
