"""The demo's bank and clients as their first start leaves them, built once in a test run's process: whoever walks in it gets a copy."""

import contextlib
import random
import socket
from pathlib import Path

import msgspec
import pytest

from core.app import make_platform
from core.commands import demonstration
from core.sandbox.schema import install
from core.sandbox.serving import sandbox_serving

TENANTS = Path(__file__).parents[1] / "tenants"


def lasting_port() -> int:
    """A port below those that the system hands out by itself: nobody takes it while no house stands there."""
    while True:
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", random.randrange(15_000, 30_000)))
            return probe.getsockname()[1]


class Demo(msgspec.Struct, frozen=True):
    """A database to copy, and the two addresses that are written in it."""

    database: str
    port: int
    sandbox_port: int


@pytest.fixture(scope="session")
async def demo(fresh_database, make_settings, plugins):
    """The demo, loaded; every file of walks gets a copy."""
    addresses, port, sandbox_port = fresh_database(), lasting_port(), lasting_port()
    await install(addresses.owner)
    async with sandbox_serving(addresses.app, sandbox_port, time_scale=0.00001) as sandbox:
        url = f"http://127.0.0.1:{port}"
        settings = make_settings(addresses, public_url=url, port=port, sandbox_url=sandbox.public_url, demo=True, tenants_dir=TENANTS)
        platform = await make_platform(settings, plugins)
        await demonstration.load(platform, TENANTS)
        await platform.close()
    return Demo(addresses.name, port, sandbox_port)
