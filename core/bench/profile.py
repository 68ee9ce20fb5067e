"""Where the time of a capture goes: the shares of one process's CPU, by who spends it."""

import cProfile
import pstats
import time
from collections import Counter
from typing import Any

WHO = (
    ("sockets and event loop", ("asyncio/", "select.", "_socket", "selectors", "uvloop", "contextvars")),
    ("SQLAlchemy", ("sqlalchemy/", "greenlet")),
    ("asyncpg", ("asyncpg/",)),
    ("Litestar", ("litestar/", "multipart")),
    ("signature, decryption, hashes", ("cryptography", "_hashlib", "hmac", "base64", "binascii")),
    ("JSON and structs", ("msgspec",)),
    ("Banyan's own rules", ("/core/", "/plugins/")),
)


async def shares(app: Any, requests: list[bytes]) -> str:
    """Deliver prepared HTTP requests to the application in this process under the profiler; answers the shares in words."""
    profiler = cProfile.Profile(time.thread_time)  # waiting for PostgreSQL is not spending
    profiler.enable()
    for request in requests:
        await _deliver(app, request)
    profiler.disable()
    spent: Counter[str] = Counter()
    for (file, _, function), (_, _, own, _, _) in pstats.Stats(profiler).stats.items():
        place = f"{file}/{function}"
        spent[next((who for who, marks in WHO if any(mark in place for mark in marks)), "Python itself")] += own
    total = sum(spent.values())
    parts = ", ".join(f"{who} {own / total:.0%}" for who, own in spent.most_common())
    return f"{total / len(requests) * 1000:.1f} ms of CPU under the profiler: {parts}"


async def _deliver(app: Any, request: bytes) -> None:
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    headers = [(name.lower(), value) for name, value in (line.split(b": ", 1) for line in lines)]
    path = first.split(b" ")[1]
    answers: list[dict] = []

    async def receive() -> dict:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict) -> None:
        answers.append(message)

    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "path": path.decode(), "raw_path": path, "query_string": b"", "headers": headers,
        "client": ("127.0.0.1", 1), "server": ("bench", 80), "scheme": "http", "root_path": "", "asgi": {"version": "3.0"}, "state": {},
    }  # fmt: skip
    await app(scope, receive, send)
    assert answers[0]["status"] == 200, answers
