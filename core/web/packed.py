"""Text travels packed (gzip) to whoever says that they unpack it: style sheets, scripts and drawings once for each process and kept, pages and
the API's answers as they are made.

A page holds secrets beside words of the asker, so its size may tell of them (BREACH): the proof of a form is masked anew on each page
(`core/web/proof.py`), and every packed answer is some random bytes longer.
"""

import asyncio
import gzip
import secrets
import struct
import zlib
from functools import cache

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from core.web.static_files import ADDRESS, STATIC

KINDS = {".css": b"text/css; charset=utf-8", ".js": b"text/javascript; charset=utf-8", ".svg": b"image/svg+xml"}
"""Text that pages link to; pictures are packed already."""
ANSWERS = (b"text/html", b"application/json", b"application/problem+json", b"text/plain")
"""Kinds of answers that are packed: no files, whose formats are packed already, and no event streams, which have to leave at once."""
LEVEL, LEAST, APART = 1, 1_024, 256 * 1024
"""The quickest packing makes a page a fifth of its size; what is small leaves as it is; what is large is packed beside the event loop."""
LONGER = 32
"""Random bytes at most, and each makes two signs."""
_kept: dict[str, bytes] = {}


def packing(app: ASGIApp) -> ASGIApp:
    """Middleware of the static files: answers with the packed file where there is one, and leaves everything else to them."""

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        name = scope["path"].removeprefix(f"{ADDRESS}/")
        if scope["method"] != "GET" or name not in _files() or not _wanted(scope):
            await app(scope, receive, send)
            return
        if name not in _kept:
            _kept[name] = await asyncio.to_thread(_pack, name)
        headers = [
            (b"content-type", KINDS[_files()[name]]), (b"content-encoding", b"gzip"), (b"vary", b"accept-encoding"),
            (b"content-length", str(len(_kept[name])).encode()), (b"cache-control", b"public, max-age=31536000, immutable"),
        ]  # fmt: skip
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": _kept[name], "more_body": False})

    return middleware


@cache
def _files() -> dict[str, str]:
    """What can be asked for packed: its name below the static address, and its kind."""
    return {path.relative_to(STATIC).as_posix(): path.suffix for path in STATIC.rglob("*") if path.suffix in KINDS}


def _wanted(scope: Scope) -> bool:
    asked = b",".join(value for name, value in scope["headers"] if name == b"accept-encoding")
    return any(part.split(b";")[0].strip() == b"gzip" and part.partition(b";")[2].strip() != b"q=0" for part in asked.split(b","))


def _pack(name: str) -> bytes:
    return gzip.compress((STATIC / name).read_bytes(), compresslevel=9, mtime=0)


class PackedAnswers:
    """ASGI middleware around everything: whole answers of text leave packed, every other message as it came."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] == "HEAD" or not _wanted(scope):
            await self._app(scope, receive, send)
            return
        held: list[Message] = []

        async def pack(message: Message) -> None:
            if message["type"] == "http.response.start" and _may_be_packed(message):
                held.append(message)
            elif held:
                begun = held.pop()
                body = message.get("body", b"")
                if not message.get("more_body") and len(body) >= LEAST:
                    body = await asyncio.to_thread(_press, body) if len(body) > APART else _press(body)
                    begun["headers"] = _told(begun, len(body))
                    message = {**message, "body": body}
                await send(begun)
                await send(message)
            else:
                await send(message)

        await self._app(scope, receive, pack)


def _may_be_packed(begun: Message) -> bool:
    headers = {name.lower(): value for name, value in begun.get("headers", ())}
    return b"content-encoding" not in headers and headers.get(b"content-type", b"").split(b";")[0] in ANSWERS


def _told(begun: Message, length: int) -> list[tuple[bytes, bytes]]:
    kept = [(name, value) for name, value in begun["headers"] if name.lower() != b"content-length"]
    return [*kept, (b"content-encoding", b"gzip"), (b"vary", b"accept-encoding"), (b"content-length", str(length).encode())]


def _press(body: bytes) -> bytes:
    """The body as gzip, with a name of random length in its head."""
    name = secrets.token_hex(secrets.randbelow(LONGER + 1)).encode()
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    head = b"\x1f\x8b\x08\x08" + bytes(4) + b"\x04\xff" + name + b"\0"
    return head + packer.compress(body) + packer.flush() + struct.pack("<LL", zlib.crc32(body), len(body) & 0xFFFFFFFF)
