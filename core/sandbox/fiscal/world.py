"""The ticket platforms in the sandbox: what they are made of."""

from asyncpg import Connection

from core.sandbox.fiscal import admin, api, units
from core.sandbox.fiscal.tables import TABLES
from core.sandbox.world import AccountLine, World

TITLES = {"fiscal": "财政电子票据", "einvoice": "数电发票"}


async def list_accounts(connection: Connection) -> list[AccountLine]:
    """The units on record for the sandbox's first page."""
    return [
        AccountLine(channel="fiscal", account=unit.app_id, name=unit.name, note=f"{TITLES[unit.kind]} · {unit.unit_code}")
        for unit in await units.list_all(connection)
    ]


WORLD = World(
    code="fiscal",
    title="电子票据平台",
    tables=TABLES,
    routers=(api.fiscal_router, api.einvoice_router, admin.router, admin.verify_router),
    accounts=list_accounts,
)
