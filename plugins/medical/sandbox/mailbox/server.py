"""A small IMAP4rev1 server (RFC 3501): log in, look, search by day, fetch. What it does not speak it refuses as the protocol says."""

import asyncio
import contextlib
import datetime as dt
import email
import hmac
import imaplib
import re
from collections.abc import AsyncIterator
from email.policy import compat32

from asyncpg import Pool

from plugins.medical.sandbox.mailbox import mails
from plugins.medical.sandbox.mailbox.mails import MailBox

CAPABILITY = "IMAP4rev1"
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')
_HEADER = re.compile(r"BODY(?:\.PEEK)?\[HEADER\.FIELDS \(([^)]*)\)\]", re.IGNORECASE)


@contextlib.asynccontextmanager
async def serving(pool: Pool, port: int = 0) -> AsyncIterator[int]:
    """The server, as long as it stands; answers its port: the one it had before where that is free, so that a robot's address lasts."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            await _Talk(pool, reader, writer).run()
        writer.close()

    async with pool.acquire() as connection:
        before = await connection.fetchval("SELECT port FROM sandbox.mail_server")
    try:
        server = await asyncio.start_server(greet, "127.0.0.1", port or before or 0, limit=65536)
    except OSError:
        server = await asyncio.start_server(greet, "127.0.0.1", port, limit=65536)
    listening = server.sockets[0].getsockname()[1]
    async with pool.acquire() as connection:
        await connection.execute("INSERT INTO sandbox.mail_server (port) VALUES ($1) ON CONFLICT (one) DO UPDATE SET port = excluded.port", listening)
    try:
        yield listening
    finally:
        server.close()


class _Talk:
    """One connection."""

    def __init__(self, pool: Pool, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.pool, self.reader, self.writer = pool, reader, writer
        self.box: MailBox | None = None
        self.uids: list[int] | None = None

    async def run(self) -> None:
        await self.say("* OK [CAPABILITY IMAP4rev1] ready")
        while line := await self.reader.readline():
            tag, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            uid = rest.upper().startswith("UID ")
            verb, _, told = (rest[4:] if uid else rest).partition(" ")
            answer = await self.command(verb.upper(), told, uid)
            if answer is None:
                return
            await self.say(f"{tag} {answer}")
            if verb.upper() == "LOGOUT":
                return

    async def command(self, verb: str, told: str, uid: bool) -> str | None:
        """Do a command; answers its tagged line, None where the server goes away."""
        if verb == "CAPABILITY":
            await self.say(f"* CAPABILITY {CAPABILITY}")
        elif verb == "LOGIN":
            return await self.login(told)
        elif verb == "LOGOUT":
            await self.say("* BYE")
        elif verb != "NOOP" and self.box is None:
            return "NO log in first"
        elif verb in ("SELECT", "EXAMINE"):
            if self.box.hang_up:
                return None
            async with self.pool.acquire() as connection:
                self.uids = await mails.list_uids(connection, self.box.login, None, None)
            await self.say("* FLAGS (\\Seen)")
            await self.say(f"* {len(self.uids)} EXISTS")
            await self.say("* 0 RECENT")
            await self.say("* OK [UIDVALIDITY 1] fine")
            return f"OK [{'READ-ONLY' if verb == 'EXAMINE' else 'READ-WRITE'}] {verb}"
        elif verb in ("SEARCH", "FETCH") and self.uids is None:
            return "NO no mailbox selected"
        elif verb == "SEARCH":
            return await self.search(told, uid)
        elif verb == "FETCH":
            return await self.fetch(told, uid)
        elif verb != "NOOP":
            return "BAD unknown command"
        return f"OK {verb}"

    async def login(self, told: str) -> str:
        words = [quoted.replace('\\"', '"').replace("\\\\", "\\") if quoted else plain for quoted, plain in _WORD.findall(told)]
        if len(words) != 2:
            return "BAD two words"
        async with self.pool.acquire() as connection:
            found = await mails.find(connection, words[0])
        if found is None or not hmac.compare_digest(found.password.encode(), words[1].encode()):
            return f"NO [AUTHENTICATIONFAILED] LOGIN {words[0]} failed"
        self.box = found
        return "OK LOGIN"

    async def search(self, told: str, uid: bool) -> str:
        words, days = told.split(), {"SINCE": None, "BEFORE": None}
        while words:
            key = words.pop(0).upper()
            if key in days and words:
                days[key] = _day(words.pop(0))
            elif key != "ALL":
                return "BAD unknown key"
        async with self.pool.acquire() as connection:
            found = await mails.list_uids(connection, self.box.login, days["SINCE"], days["BEFORE"])
        numbers = found if uid else [self.uids.index(each) + 1 for each in found if each in self.uids]
        await self.say("* SEARCH" + "".join(f" {number}" for number in numbers))
        return "OK SEARCH"

    async def fetch(self, told: str, uid: bool) -> str:
        numbers, _, items = told.partition(" ")
        if not all(number.isdecimal() for number in numbers.split(",")):
            return "BAD numbers with commas"
        for number in map(int, numbers.split(",")):
            wanted = number if uid else (self.uids[number - 1] if 0 < number <= len(self.uids) else 0)
            async with self.pool.acquire() as connection:
                raw = await mails.read(connection, self.box.login, wanted)
            if raw is not None:
                await self.tell(wanted, raw, items, uid)
        return "OK FETCH"

    async def tell(self, wanted: int, raw: bytes, items: str, uid: bool) -> None:
        """What was asked of a mail."""
        parts: list[bytes] = [f"UID {wanted}".encode()] if uid else []
        if "RFC822.SIZE" in items.upper():
            parts.append(f"RFC822.SIZE {len(raw)}".encode())
        if asked := _HEADER.search(items):
            head = email.message_from_bytes(raw[:65536], policy=compat32)
            names = asked[1].split()
            text = "".join(f"{name}: {head[name]}\r\n" for name in names if head[name]) + "\r\n"
            parts.append(f"BODY[HEADER.FIELDS ({' '.join(names)})] {{{len(text.encode())}}}\r\n".encode() + text.encode())
        elif "BODY.PEEK[]" in items.upper() or "BODY[]" in items.upper():
            parts.append(b"BODY[] {%d}\r\n" % len(raw) + raw)
        place = self.uids.index(wanted) + 1 if wanted in self.uids else 1
        self.writer.write(b"* %d FETCH (" % place + b" ".join(parts) + b")\r\n")
        await self.writer.drain()

    async def say(self, line: str) -> None:
        self.writer.write(line.encode() + b"\r\n")
        await self.writer.drain()


def _day(text: str) -> dt.date:
    day, month, year = text.strip('"').split("-")
    return dt.date(int(year), imaplib.Mon2num[month.encode()], int(day))
