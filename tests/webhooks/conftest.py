"""A receiver on this machine that says what it is told to, and a client whose addresses may lie here."""

import asyncio

import msgspec
import pytest
from sqlalchemy import text

from core.identity.actor import system
from core.webhooks import events, repository, sending, service
from core.webhooks.service import EndpointAsk

EVENT = "test.happened"
events.register(EVENT, "测试")


class Ear:
    """An HTTP server: `answers` are given in turn, then 200; `heard` keeps (headers, body). Paths of `/slow` get a letter a tenth of a second."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[bytes] = []
        self.dawdling = self.most_dawdling = 0
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = {line.split(":", 1)[0].lower(): line.split(":", 1)[1].strip() for line in head.split("\r\n")[1:] if ":" in line}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.heard.append((headers, body))
        if head.startswith("POST /slow"):
            await self.dawdle(writer)
            return
        writer.write(self.answers.pop(0) if self.answers else b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await writer.drain()
        writer.close()

    async def dawdle(self, writer: asyncio.StreamWriter) -> None:
        self.dawdling += 1
        self.most_dawdling = max(self.most_dawdling, self.dawdling)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
        while not writer.is_closing():
            writer.write(b".")
            await asyncio.sleep(0.1)
        self.dawdling -= 1


@pytest.fixture
async def ear():
    heard = Ear()
    server = await asyncio.start_server(heard.serve, "127.0.0.1", 0)
    heard.url = f"http://localhost:{server.sockets[0].getsockname()[1]}/hook?x=1"
    async with server:
        yield heard


@pytest.fixture
def inside(platform):
    """Addresses inside this machine are allowed."""
    before = platform.settings
    platform.settings = msgspec.structs.replace(before, webhook_private=True)
    yield
    platform.settings = before


class House:
    """A client with one address."""

    def __init__(self, platform, client) -> None:
        self.platform, self.client = platform, client

    def session(self):
        return self.platform.database.tenant(self.client.id)

    async def declare(self, url: str, *wanted: str):
        async with self.session() as session:
            keys = await self.platform.vault.keys(session)
            ask = EndpointAsk(title="HIS", url=url, events=list(wanted or (EVENT,)))
            return await service.declare(session, keys, self.platform.settings, ask, system(self.client.id))

    async def tell(self, key: str = "k1", **told: object) -> int:
        async with self.session() as session:
            return await service.send(session, EVENT, key, self.client.id, told or {"n": 1})

    async def beat(self):
        """Every message's turn comes now."""
        async with self.session() as session:
            await session.execute(text("UPDATE core.webhook_delivery SET next_at = now() WHERE next_at IS NOT NULL"))
        await sending.send_due(self.platform, self.client.id)
        await sending.finished(self.client.id)
        async with self.session() as session:
            return await repository.next_due(session)

    async def deliveries(self) -> list:
        async with self.session() as session:
            return list(await session.all(text("SELECT * FROM core.webhook_delivery ORDER BY id")))


@pytest.fixture
async def house(platform, client):
    return House(platform, await client(plugins=()))
