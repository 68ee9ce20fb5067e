"""What a tester does from outside: opens mailboxes and has mails arrive."""

import base64
import binascii
import datetime as dt
import secrets
from typing import Literal

import msgspec
from litestar import Router, post, put
from litestar.datastructures import State
from litestar.exceptions import ClientException, NotFoundException
from litestar.params import FromPath, JSONBody

from plugins.medical.sandbox.mailbox import mails

Kind = Literal["statement", "huge", "macro", "macro_in_xlsx", "old_excel", "bomb", "page", "none", "plain"]


class BoxCreate(msgspec.Struct, forbid_unknown_fields=True):
    name: str


class BoxRead(msgspec.Struct):
    """Everything a robot needs."""

    address: str
    login: str
    password: str


class BoxChange(msgspec.Struct, forbid_unknown_fields=True):
    """With `hang_up` the server goes away after the log-in; with `new_password` the old one is dead."""

    hang_up: bool = False
    new_password: bool = False


class MailCreate(msgspec.Struct, forbid_unknown_fields=True):
    """A mail about a day; `statement` is the day's file in base64, `suffix` its kind."""

    day: dt.date
    kind: Kind = "statement"
    statement: str = ""
    suffix: Literal["csv", "xlsx"] = "csv"
    arrived_on: dt.date | None = None
    subject: str = ""


@post("/mailboxes", summary="开一个邮箱，取得地址与账号")
async def register(data: JSONBody[BoxCreate], state: State) -> BoxRead:
    """Open a mailbox."""
    async with state.sandbox.pool.acquire() as connection:
        made = await mails.register(connection, data.name)
        port = await connection.fetchval("SELECT port FROM sandbox.mail_server")
    return BoxRead(f"imap://127.0.0.1:{port}", made.login, made.password)


@put("/mailboxes/{login:str}", summary="改变邮箱的行为")
async def change(login: FromPath[str], data: JSONBody[BoxChange], state: State) -> BoxRead:
    """Misbehave."""
    async with state.sandbox.pool.acquire() as connection:
        found = await mails.find(connection, login)
        if found is None:
            raise NotFoundException("没有这个邮箱")
        password = secrets.token_urlsafe(15) if data.new_password else found.password
        await mails.change(connection, login, password, data.hang_up)
        port = await connection.fetchval("SELECT port FROM sandbox.mail_server")
    return BoxRead(f"imap://127.0.0.1:{port}", login, password)


@post("/mailboxes/{login:str}/mails", summary="来一封邮件")
async def put_mail(login: FromPath[str], data: JSONBody[MailCreate], state: State) -> dict[str, int]:
    """A mail arrives."""
    try:
        statement = base64.b64decode(data.statement, validate=True)
    except binascii.Error:
        raise ClientException("statement 应为 base64") from None
    raw = mails.compose(data.kind, data.day, data.suffix, statement, data.subject)
    async with state.sandbox.pool.acquire() as connection:
        if await mails.find(connection, login) is None:
            raise NotFoundException("没有这个邮箱")
        return {"uid": await mails.put(connection, login, data.arrived_on or data.day + dt.timedelta(days=1), raw)}


router = Router("/sandbox/api", route_handlers=[register, change, put_mail], tags=["邮箱"])
