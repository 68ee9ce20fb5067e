"""`banyan web`: the application behind Granian. `core.commands.web:application` is the ASGI application for any other server."""

import argparse
import asyncio
import gc
import resource

from granian import Granian
from granian.constants import Interfaces
from litestar.types import ASGIApp, Receive, Scope, Send

from core import logs
from core.app import create_app, make_platform
from core.settings import Settings

CONNECTIONS = 4096
"""How many phones and proxies may be connected to one worker. An idle connection counts until the server closes it after half a minute, and
the next one beyond the number is not answered before: the server's own choice, 1024 for all workers together, stood still under 1,200 phones.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Everything comes from the environment (`BANYAN_*`)."""


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop."""
    settings = Settings.load()
    logs.configure(settings.log_level)
    _allow_files(2 * CONNECTIONS)
    Granian(
        "core.commands.web:application",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.workers,
        backlog=CONNECTIONS,
        backpressure=CONNECTIONS,
        websockets=False,
        log_access=False,
        log_enabled=False,
        respawn_failed_workers=True,
    ).serve()
    return 0


def _allow_files(wanted: int) -> None:
    """Each connection is a file: ask for as many as the system lets us have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def _settle_memory() -> None:
    """What was made at the start stays: looking through all of it for garbage stopped every request of a worker for 220 ms, every few seconds."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


class Application:
    """The application, made in the server's own event loop at its first breath."""

    def __init__(self) -> None:
        self._app: ASGIApp | None = None
        self._making = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._app is None:
            async with self._making:
                if self._app is None:
                    settings = Settings.load()
                    logs.configure(settings.log_level)
                    self._app = logs.AccessLog(create_app(await make_platform(settings)))
                    _settle_memory()
        await self._app(scope, receive, send)


application = Application()
