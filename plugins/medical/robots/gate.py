"""The only way out for a robot's browser: a proxy that leads to one host and nowhere else, wherever a page redirects or what it embeds.

Chromium asks it for everything, redirects, frames and sockets alike. Names are not looked up again here: the number that was judged is called.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from plugins.medical.robots.addresses import Place

MOST_BYTES = 120 * 1024 * 1024
"""What may come in during one run."""
_HEAD = 64 * 1024


class Gate:
    """Leads to `place`; `refused` are the hosts that somebody tried to reach beside it, `led_to` is where the page itself was led."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.refused: list[str] = []
        self.led_to = ""
        self.overrun = False
        self._left = MOST_BYTES

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        """The proxy's address, as long as it stands."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_HEAD)
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream: asyncio.StreamWriter | None = None
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            head = await reader.readuntil(b"\r\n\r\n")
            method, target, _version = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
            tunnel = method == "CONNECT"
            parts = urlsplit(f"//{target}" if tunnel else target)
            asked = ((parts.hostname or "").lower(), parts.port or 80)
            if asked != (self.place.host, self.place.port) or tunnel != (self.place.scheme == "https"):
                self.refused.append(f"{asked[0]}:{asked[1]}")
                writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                await writer.drain()
            else:
                inner, upstream = await asyncio.open_connection(self.place.number, self.place.port)
                if tunnel:
                    writer.write(b"HTTP/1.1 200 Connection Established\r\n\r\n")
                else:
                    upstream.write(_rewritten(head, parts._replace(scheme="", netloc="").geturl() or "/"))
                await asyncio.wait({asyncio.create_task(self._pipe(reader, upstream)), asyncio.create_task(self._back(inner, writer))},
                                   return_when=asyncio.FIRST_COMPLETED if tunnel else asyncio.ALL_COMPLETED)  # fmt: skip
        for end in (writer, upstream):
            if end is not None:
                end.close()

    async def _back(self, inner: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._pipe(inner, writer, counted=True)
        writer.close()

    async def _pipe(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, counted: bool = False) -> None:
        with contextlib.suppress(OSError, RuntimeError):
            while piece := await source.read(65536):
                if counted:
                    self._left -= len(piece)
                    if self._left < 0:
                        self.overrun = True
                        return
                target.write(piece)
                await target.drain()


def _rewritten(head: bytes, path: str) -> bytes:
    """A request as its host wants it: by path, and one request a connection, so that the next one is judged too."""
    first, rest = head.split(b"\r\n", 1)
    method, _target, version = first.split(b" ")
    lines = [line for line in rest[:-4].split(b"\r\n") if not line.lower().startswith((b"connection:", b"proxy-"))]
    return b"\r\n".join([b" ".join((method, path.encode("latin-1"), version)), *lines, b"Connection: close", b"", b""])
