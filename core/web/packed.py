"""Style sheets, scripts and drawings travel packed (gzip): packed once for each process and kept, for browsers that say they unpack it."""

import asyncio
import gzip
from functools import cache

from litestar.types import ASGIApp, Receive, Scope, Send

from core.web.static_files import ADDRESS, STATIC

KINDS = {".css": b"text/css; charset=utf-8", ".js": b"text/javascript; charset=utf-8", ".svg": b"image/svg+xml"}
"""Text that pages link to; pictures are packed already."""
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
