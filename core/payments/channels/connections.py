"""The connections to channels that are kept for the next call: taking one costs the same however many are open.

Under httpx in the place of its own pool, which looks through all its connections several times for each request, and of the layers
below it: together they were a third of an order (ADR 0024).
"""

import asyncio
import ssl
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator

import httpx

from core.payments.channels.http1 import Answer, Connection, connect

AT_ONCE = 100
KEPT = 50
KEPT_SECONDS = 5.0
Place = tuple[str, str, int]


class Connections(httpx.AsyncBaseTransport):
    """Not more than a hundred connections at once; of each server up to fifty are kept for a few seconds."""

    def __init__(self) -> None:
        self._tls = ssl.create_default_context()
        self._tls.set_alpn_protocols(["http/1.1"])
        self._free: dict[Place, deque[Connection]] = defaultdict(deque)
        self._places = asyncio.Semaphore(AT_ONCE)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request on a connection that is free, or on a new one; it is free again when its answer was read or given up."""
        url, seconds = request.url, request.extensions.get("timeout", {})
        if url.scheme not in ("http", "https"):
            raise httpx.UnsupportedProtocol(f"{url.scheme}://")
        place = (url.scheme, url.raw_host.decode("ascii").strip("[]"), url.port or (443 if url.scheme == "https" else 80))
        await self._enter(seconds.get("pool"))
        connection = None
        try:
            connection = self._take(place) or await connect(*place[1:], self._tls if url.scheme == "https" else None, seconds.get("connect"))
            answer = await connection.ask(request)
        except BaseException:
            self._places.release()
            if connection:
                connection.close()
            raise
        body: httpx.AsyncByteStream = _Body(self, place, connection, answer, seconds.get("read"))
        if answer.ended:  # as nearly every answer of a channel has when its head is read
            body = httpx.ByteStream(answer.take())
            self.give_back(place, connection, answer)
        return httpx.Response(answer.status, headers=answer.headers, stream=body, extensions={"http_version": b"HTTP/1.1"})

    async def aclose(self) -> None:
        """Close what is kept; what is under way closes itself."""
        for kept in self._free.values():
            for connection in kept:
                connection.close()
        self._free.clear()

    def give_back(self, place: Place, connection: Connection, answer: Answer) -> None:
        """An answer came to its end, or nobody reads on."""
        self._places.release()
        kept, now = self._free[place], time.monotonic()
        if connection.finish(answer):
            connection.idle_since = now
            kept.append(connection)
        while kept and (len(kept) > KEPT or now - kept[0].idle_since > KEPT_SECONDS):
            kept.popleft().close()

    def _take(self, place: Place) -> Connection | None:
        """The connection that was used last; the server may have closed those that wait longer."""
        kept, oldest = self._free[place], time.monotonic() - KEPT_SECONDS
        while kept:
            connection = kept.pop()
            if connection.usable and connection.idle_since > oldest:
                return connection
            connection.close()
        return None

    async def _enter(self, seconds: float | None) -> None:
        if not self._places.locked():
            await self._places.acquire()
            return
        try:
            async with asyncio.timeout(seconds):
                await self._places.acquire()
        except TimeoutError as error:
            raise httpx.PoolTimeout("too many calls at once") from error


class _Body(httpx.AsyncByteStream):
    """A long answer's body, as it comes; the connection goes back with its end."""

    def __init__(self, owner: Connections, place: Place, connection: Connection, answer: Answer, seconds: float | None) -> None:
        self._owner, self._place, self._connection = owner, place, connection
        self._answer, self._seconds = answer, seconds
        self._over = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while part := await self._connection.more(self._answer, self._seconds):
            yield part

    async def aclose(self) -> None:
        if not self._over:
            self._over = True
            self._owner.give_back(self._place, self._connection, self._answer)
