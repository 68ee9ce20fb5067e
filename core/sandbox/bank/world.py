"""The bank in the sandbox: what it is made of, and what happens there by itself."""

import datetime as dt

from asyncpg import Connection

from core import clock
from core.sandbox.bank import admin, api, arrivals, book, customers, pages, payments
from core.sandbox.bank.tables import TABLES
from core.sandbox.world import AccountLine, World

_NEXT = """
    SELECT least((SELECT min(due_at) FROM sandbox.bank_payment WHERE due_at IS NOT NULL),
                 (SELECT min(return_due_at) FROM sandbox.bank_payment WHERE return_due_at IS NOT NULL),
                 (SELECT min(due_at) FROM sandbox.bank_arrival WHERE state = 'due')) AS due_at,
           EXISTS (SELECT FROM sandbox.bank_customer)
               AND EXISTS (SELECT FROM sandbox.bank_key WHERE looked_at <= now() - make_interval(secs => $1)) AS look
"""


async def tick(connection: Connection, scale: float) -> dt.datetime | None:
    """Carry out payments; every few minutes see what channels owe for the days that are over, and settle what is due.

    Mostly nothing is, and one question says so.
    """
    row = await connection.fetchrow(_NEXT, arrivals.LOOKS_EVERY_SECONDS)
    if not row["look"] and (row["due_at"] is None or row["due_at"] > clock.now()):
        return row["due_at"]
    if await arrivals.time_to_look(connection):
        today = clock.today()
        async with connection.transaction():
            await arrivals.note_takings(connection, today - dt.timedelta(days=arrivals.LOOKS_BACK_DAYS), today, scale)
    due = (await payments.carry_out_due(connection, scale), await arrivals.settle_due(connection))
    return min((at for at in due if at is not None), default=None)


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
