"""A merchant's ear on a loopback port: keeps every notification as it came over the wire, and answers as the channel's `answer` says."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator

from core.payments.channels.conformance.world import Heard
from core.payments.channels.protocol import Channel

PATIENCE_SECONDS = 10.0


class Ear:
    """Every order has an address of its own here, which ends with its number; so has every refund (see `refund_of`)."""

    def __init__(self, channel: Channel) -> None:
        self.url = ""
        self.heard: dict[str, list[Heard]] = defaultdict(list)
        self._channel = channel
        self._news = asyncio.Condition()

    def notify_url(self, number: str) -> str:
        """Where news of an order are to be sent."""
        return f"{self.url}/notices/{number}"

    async def notices(self, number: str) -> list[Heard]:
        """What was heard of an order or a refund, once there is something. Raises TimeoutError."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._news:
            await self._news.wait_for(lambda: self.heard[number])
        return list(self.heard[number])

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = dict(line.split(": ", 1) for line in head[1:] if ": " in line)
            length = next((value for name, value in headers.items() if name.lower() == "content-length"), "0")
            body = await reader.readexactly(int(length))
            async with self._news:
                self.heard[head[0].split(" ")[1].rpartition("/")[2]].append((headers, body))
                self._news.notify_all()
            status, answered, reply = self._channel.answer(True)
            lines = [f"HTTP/1.1 {status} OK", *(f"{name}: {value}" for name, value in answered.items())]
            writer.write("\r\n".join([*lines, f"Content-Length: {len(reply)}", "Connection: close", "", ""]).encode() + reply)
            await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def listening(channel: Channel) -> AsyncIterator[Ear]:
    """An ear for as long as the block lasts."""
    ear = Ear(channel)
    server = await asyncio.start_server(ear._hear, "127.0.0.1", 0)
    async with server:
        ear.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield ear
