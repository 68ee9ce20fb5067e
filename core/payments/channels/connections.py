"""Kept-alive connections, each with a transport of its own: taking one costs the same however many are open.

httpx's own pool looks through all its connections several times for each request; at fifty calls in flight that was a third of an order.
"""

import asyncio
import ssl
from collections import defaultdict
from collections.abc import AsyncIterator

import httpx

AT_ONCE = 100
KEPT = 50
_ONE = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=5.0)
Place = tuple[str, str, int | None]


class Connections(httpx.AsyncBaseTransport):
    """Not more than a hundred connections at once; of each server up to fifty are kept for the next call."""

    def __init__(self, proxy: str | None = None) -> None:
        self._tls = ssl.create_default_context()
        self._proxy = proxy
        self._free: dict[Place, list[httpx.AsyncHTTPTransport]] = defaultdict(list)
        self._places = asyncio.Semaphore(AT_ONCE)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request on a connection that is free, or on a new one; it is free again when its answer was read or given up."""
        await self._enter(request)
        place = (request.url.scheme, request.url.host, request.url.port)
        kept = self._free[place]
        way = kept.pop() if kept else httpx.AsyncHTTPTransport(verify=self._tls, trust_env=False, limits=_ONE, proxy=self._proxy)
        try:
            answer = await way.handle_async_request(request)
        except BaseException:
            self._places.release()
            await way.aclose()
            raise
        answer.stream = _Stream(answer.stream, self, place, way)
        return answer

    async def aclose(self) -> None:
        """Close what is kept; what is under way closes itself."""
        ways = [way for kept in self._free.values() for way in kept]
        self._free.clear()
        for way in ways:
            await way.aclose()

    async def give_back(self, place: Place, way: httpx.AsyncHTTPTransport) -> None:
        """An answer came to its end."""
        self._places.release()
        if len(self._free[place]) < KEPT:
            self._free[place].append(way)
        else:
            await way.aclose()

    async def _enter(self, request: httpx.Request) -> None:
        if not self._places.locked():
            await self._places.acquire()
            return
        try:
            async with asyncio.timeout(request.extensions.get("timeout", {}).get("pool")):
                await self._places.acquire()
        except TimeoutError as error:
            raise httpx.PoolTimeout("too many calls at once", request=request) from error


class _Stream(httpx.AsyncByteStream):
    """An answer's body; the connection goes back with its end."""

    def __init__(self, body: httpx.AsyncByteStream, owner: Connections, place: Place, way: httpx.AsyncHTTPTransport) -> None:
        self._body, self._owner, self._place, self._way = body, owner, place, way
        self._over = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._body:
            yield part

    async def aclose(self) -> None:
        if self._over:
            return
        self._over = True
        try:
            await self._body.aclose()
        finally:
            await self._owner.give_back(self._place, self._way)
