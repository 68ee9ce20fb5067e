"""The bank in the sandbox: what it is made of, and what happens there by itself."""

import datetime as dt

from asyncpg import Connection

from core import clock
from core.sandbox.bank import admin, api, arrivals, book, customers, pages, payments
from core.sandbox.bank.tables import TABLES
from core.sandbox.world import AccountLine, World


async def tick(connection: Connection, scale: float) -> dt.datetime | None:
    """Carry out payments; every few minutes see what channels owe for the days that are over, and settle what is due."""
    due = await payments.carry_out_due(connection, scale)
    if await arrivals.time_to_look(connection):
        today = clock.today()
        async with connection.transaction():
            await arrivals.note_takings(connection, today - dt.timedelta(days=arrivals.LOOKS_BACK_DAYS), today, scale)
    return min((at for at in (due, await arrivals.settle_due(connection)) if at is not None), default=None)


async def list_accounts(connection: Connection) -> list[AccountLine]:
    """The clearing accounts for the sandbox's first page."""
    return [
        AccountLine(channel="bank", account=account.number, name=account.name, note="清算户 · 见“银行账户”页")
        for account, _balance in await book.list_all(connection)
        if account.kind == "clearing"
    ]


WORLD = World(
    code="bank",
    title="银行",
    tables=TABLES,
    routers=(api.router, admin.router, pages.router),
    ready=customers.ready,
    tick=tick,
    accounts=list_accounts,
)
