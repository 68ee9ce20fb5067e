"""What lies in a mailbox: statements, and the attachments that a robot must not open."""

import datetime as dt
import io
import secrets
import zipfile
from email.message import EmailMessage
from email.policy import SMTP

import msgspec
from asyncpg import Connection

MEGABYTE = 1024 * 1024
KINDS = ("statement", "huge", "macro", "macro_in_xlsx", "old_excel", "bomb", "page", "none", "plain")
TYPES = {"csv": ("text", "csv"), "xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")}


class MailBox(msgspec.Struct, frozen=True):
    """A mailbox and its way in."""

    login: str
    password: str
    name: str
    hang_up: bool = False


async def register(connection: Connection, name: str) -> MailBox:
    """Open a mailbox."""
    made = MailBox(f"bills-{secrets.token_hex(4)}@example.test", secrets.token_urlsafe(15), name)
    await connection.execute("INSERT INTO sandbox.mail_box (login, password, name) VALUES ($1, $2, $3)", made.login, made.password, name)
    return made


async def find(connection: Connection, login: str) -> MailBox | None:
    """A mailbox by its login."""
    row = await connection.fetchrow("SELECT login, password, name, hang_up FROM sandbox.mail_box WHERE login = $1", login)
    return MailBox(**row) if row else None


async def list_all(connection: Connection) -> list[MailBox]:
    """Every mailbox, the newest first."""
    return [MailBox(**row) for row in await connection.fetch("SELECT login, password, name, hang_up FROM sandbox.mail_box ORDER BY created_at DESC LIMIT 200")]


async def change(connection: Connection, login: str, password: str, hang_up: bool) -> None:
    """Another password; with `hang_up` the server goes away after the log-in."""
    await connection.execute("UPDATE sandbox.mail_box SET password = $2, hang_up = $3 WHERE login = $1", login, password, hang_up)


async def put(connection: Connection, login: str, arrived_on: dt.date, raw: bytes) -> int:
    """A mail arrives."""
    return await connection.fetchval("INSERT INTO sandbox.mail (login, arrived_on, raw) VALUES ($1, $2, $3) RETURNING uid", login, arrived_on, raw)


async def list_uids(connection: Connection, login: str, since: dt.date | None, before: dt.date | None) -> list[int]:
    """Mails by arrival."""
    rows = await connection.fetch(
        "SELECT uid FROM sandbox.mail WHERE login = $1 AND arrived_on >= coalesce($2, '-infinity'::date) AND arrived_on < coalesce($3, 'infinity'::date) "
        "ORDER BY uid", login, since, before,
    )  # fmt: skip
    return [row["uid"] for row in rows]


async def read(connection: Connection, login: str, uid: int) -> bytes | None:
    """A mail's bytes."""
    return await connection.fetchval("SELECT raw FROM sandbox.mail WHERE login = $1 AND uid = $2", login, uid)


def compose(kind: str, day: dt.date, suffix: str, statement: bytes, subject: str = "") -> bytes:
    """A mail of a kind; `statement` is the day's true file."""
    mail = EmailMessage()
    mail["From"], mail["To"] = "bills@platform.example.test", "pharmacy@example.test"
    mail["Subject"] = subject or f"【账单】{day.isoformat()} 结算账单"
    mail.set_content("您好，附件为结算账单。")
    name, content = f"bill_{day:%Y%m%d}.{suffix}", statement
    if kind == "huge":
        content = b"0" * (40 * MEGABYTE)
    elif kind == "macro":
        name, content = f"bill_{day:%Y%m%d}.xlsm", _with(statement, "xl/vbaProject.bin", b"\xd0\xcf\x11\xe0macro")
    elif kind == "macro_in_xlsx":
        name, content = f"bill_{day:%Y%m%d}.xlsx", _with(statement, "xl/vbaProject.bin", b"\xd0\xcf\x11\xe0macro")
    elif kind == "old_excel":
        name, content = f"bill_{day:%Y%m%d}.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000 + "_VBA_PROJECT".encode("utf-16-le")
    elif kind == "bomb":
        name, content = f"bill_{day:%Y%m%d}.xlsx", _bomb()
    elif kind == "page":
        content = b"<!DOCTYPE html><html><body>login</body></html>"
    if kind not in ("none", "plain"):
        main, sub = TYPES.get(name.rsplit(".", 1)[-1], ("application", "octet-stream"))
        mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return mail.as_bytes(policy=SMTP)


def _with(workbook: bytes, name: str, content: bytes) -> bytes:
    out = io.BytesIO(workbook if workbook.startswith(b"PK") else b"")
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(name, content)
    return out.getvalue()


def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(300):
                part.write(b" " * MEGABYTE)
    return out.getvalue()
