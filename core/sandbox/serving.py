"""The sandbox, or any ASGI application, really listening on a loopback port: for tests, benchmarks and the demo."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

from granian.constants import Interfaces
from granian.server.embed import Server
from litestar.types import ASGIApp

from core.sandbox.app import create_app
from core.sandbox.settings import SandboxSettings

STARTS_WITHIN_SECONDS = 15.0


def free_port() -> int:
    """A loopback port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, port: int | None = None, address: str = "127.0.0.1") -> AsyncIterator[str]:
    """Serve an application over real HTTP, in this very process, for as long as the block lasts; gives its address."""
    port = port or free_port()
    server = Server(app, address, port, interface=Interfaces.ASGI, websockets=False, log_enabled=False)
    running = asyncio.create_task(server.serve())
    try:
        async with asyncio.timeout(STARTS_WITHIN_SECONDS):
            while not running.done() and not await _listens(address, port):  # noqa: ASYNC110 - a port has no event
                await asyncio.sleep(0.005)
        if running.done():
            raise RuntimeError(f"the server on port {port} ended while it started") from running.exception()
        yield f"http://{address}:{port}"
    finally:
        server.stop()
        await running


@contextlib.asynccontextmanager
async def sandbox_serving(database_url: str, port: int | None = None, **overrides: object) -> AsyncIterator[SandboxSettings]:
    """A sandbox on a free port, or on the given one; `public_url` of the settings it gives is where it listens."""
    port = port or free_port()
    settings = SandboxSettings(database_url=database_url, port=port, **overrides)
    async with serving(create_app(settings), port):
        yield settings


async def _listens(address: str, port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(address, port)
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True
