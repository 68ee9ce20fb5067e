"""One connection to a channel: a request goes out, its answer comes back (HTTP/1.1, one at a time).

Answers are taken apart by httptools, the parser of Node.js: it costs a hundredth of one written in Python (ADR 0024). A connection
on which anything came unasked, late or twice is not used again, so that an answer is never taken for another's.
"""

import asyncio
import re
import socket
import ssl
from asyncio.staggered import staggered_race
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial

import httptools
import httpx

NEXT_ADDRESS_SECONDS = 0.25
"""When a host's first address has not answered by then, its next one is tried beside it (RFC 8305)."""
ENOUGH_BYTES = 1_048_576
"""So much of a body may wait to be read; then the channel waits."""
_BREAKS = re.compile(rb"[\r\n\0]")


async def connect(host: str, port: int, tls: ssl.SSLContext | None, seconds: float | None) -> "Connection":
    """Open a connection. Raises httpx's ConnectError or ConnectTimeout."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(seconds):
            reached = await _reach(loop, host, port)
            try:
                _, made = await loop.create_connection(Connection, sock=reached, ssl=tls, server_hostname=host if tls else None)
            except BaseException:
                reached.close()
                raise
            return made
    except TimeoutError as error:
        raise httpx.ConnectTimeout("no connection in time") from error
    except OSError as error:
        raise httpx.ConnectError(str(error)) from error


async def _reach(loop: asyncio.AbstractEventLoop, host: str, port: int) -> socket.socket:
    """The first of the host's addresses that answers."""
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    won, _, faults = await staggered_race([partial(_dial, loop, *each) for each in found], NEXT_ADDRESS_SECONDS)
    if won is None:
        raise next((fault for fault in faults if fault), ConnectionError("no address"))
    return won


async def _dial(loop: asyncio.AbstractEventLoop, family: int, kind: int, protocol: int, _name: str, address: Sequence) -> socket.socket:
    made = socket.socket(family, kind, protocol)
    try:
        made.setblocking(False)
        await loop.sock_connect(made, address)
    except BaseException:
        made.close()
        raise
    return made


class Answer:
    """An answer as far as it has come. The parser calls the `on_…` methods."""

    def __init__(self, asked: str) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.begun = self.ended = False
        self.keeps = False
        """Whether the connection may be used again."""
        self.waiting = 0
        self._parts: deque[bytes] = deque()
        self._parser: httptools.HttpResponseParser | None = httptools.HttpResponseParser(self)
        self._head_only = asked == "HEAD"

    def feed(self, data: bytes) -> None:
        """Bytes came. Raises HttpParserError, HttpParserUpgrade."""
        self._parser.feed_data(data)

    def take(self) -> bytes:
        """What has come of the body and was not taken yet."""
        part = b"".join(self._parts)
        self._parts.clear()
        self.waiting = 0
        return part

    def broke_off(self) -> None:
        """The channel hung up: the end of a body that says no length, and of no other."""
        told = {name.lower() for name, _ in self.headers}
        self.ended = self.ended or (self.begun and not told & {b"content-length", b"transfer-encoding"})

    def forget(self) -> None:
        """Part with the parser, which holds us as we hold it."""
        self._parser = None

    def on_message_begin(self) -> None:
        if self.ended:
            self.keeps = False  # a second answer that nobody asked for
            raise ValueError("more than one answer")

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()
        if self.status >= 200:
            self.begun, self.ended = True, self._head_only

    def on_body(self, part: bytes) -> None:
        self._parts.append(part)
        self.waiting += len(part)

    def on_message_complete(self) -> None:
        if self.status < 200:  # "go on": the answer itself follows
            self.headers.clear()
            return
        self.ended, self.keeps = True, self._parser.should_keep_alive() and not self._head_only


class Connection(asyncio.Protocol):
    """A connection that stays open for the next request as long as both sides want it to."""

    def __init__(self) -> None:
        self.usable = True
        self.idle_since = 0.0
        self._transport: asyncio.Transport | None = None
        self._answer: Answer | None = None
        self._fault: Exception | None = None
        self._news: asyncio.Future | None = None
        self._full = self._paused = False

    async def ask(self, request: httpx.Request) -> Answer:
        """Send a request; answers when the head of its answer is here. Raises what httpx raises."""
        seconds = request.extensions.get("timeout", {})
        sent = _written(request, await request.aread())
        self._answer = answer = Answer(request.method)
        self._transport.write(sent)
        await self._until(lambda: not self._full or answer.begun, seconds.get("write"), httpx.WriteTimeout)
        await self._until(lambda: answer.begun, seconds.get("read"), httpx.ReadTimeout)
        return answer

    async def more(self, answer: Answer, seconds: float | None) -> bytes:
        """The next part of the body; empty at its end. Raises what httpx raises."""
        await self._until(lambda: answer.waiting or answer.ended, seconds, httpx.ReadTimeout)
        part = answer.take()
        if self._paused:
            self._paused = False
            self._transport.resume_reading()
        return part

    def finish(self, answer: Answer) -> bool:
        """Nobody reads on. Whether the connection takes another request; if not, it is closed."""
        answer.forget()
        if not (self.usable and answer.ended and answer.keeps):
            self.close()
        self._answer = None
        return self.usable

    def close(self) -> None:
        """Hang up."""
        self.usable = False
        if self._transport:
            self._transport.abort()

    async def _until(self, there: Callable[[], object], seconds: float | None, late: type[httpx.TimeoutException]) -> None:
        """Wait for something, not longer than so for each piece of news."""
        while not there():
            if not self.usable:
                raise httpx.RemoteProtocolError(f"the connection ended before the answer did: {self._fault or 'hung up'}")
            self._news = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(seconds):
                    await self._news
            except TimeoutError as error:
                raise late("no news in time") from error

    def _tell(self) -> None:
        if self._news and not self._news.done():
            self._news.set_result(None)

    # What the event loop calls.

    def connection_made(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._answer is None:
            self.close()
            return
        try:
            self._answer.feed(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fault = error
            self.close()
        if self._answer.waiting > ENOUGH_BYTES and not self._paused:
            self._paused = True
            self._transport.pause_reading()
        self._tell()

    def connection_lost(self, error: Exception | None) -> None:
        self.usable, self._fault = False, self._fault or error
        if self._answer and self._fault is None:
            self._answer.broke_off()
        self._tell()

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        self._tell()


def _written(request: httpx.Request, body: bytes) -> bytes:
    """A request as it travels."""
    lines = [b"%b %b HTTP/1.1" % (request.method.encode("ascii"), request.url.raw_path)]
    lines += [b"%b: %b" % pair for pair in request.headers.raw]
    if any(_BREAKS.search(line) for line in lines):
        raise httpx.LocalProtocolError("a header of more than one line")
    if "transfer-encoding" in request.headers:
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
    return b"\r\n".join(lines) + b"\r\n\r\n" + body
