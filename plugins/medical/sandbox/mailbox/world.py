"""The mailboxes in the sandbox: what they are made of."""

from asyncpg import Connection

from core.sandbox.world import AccountLine, World
from plugins.medical.sandbox.mailbox import admin, mails, server
from plugins.medical.sandbox.mailbox.tables import TABLES


async def list_accounts(connection: Connection) -> list[AccountLine]:
    """The mailboxes for the sandbox's first page."""
    port = await connection.fetchval("SELECT port FROM sandbox.mail_server")
    return [AccountLine(channel="mailbox", account=box.login, name=box.name, note=f"imap://127.0.0.1:{port}") for box in await mails.list_all(connection)]


WORLD = World(code="mailbox", title="账单邮箱", tables=TABLES, routers=(admin.router,), accounts=list_accounts, serving=server.serving)
