"""The whole house for walks in a browser: the demo's bank and clients, served over HTTP, with a worker, Redis and the sandbox."""

import asyncio
import contextlib
import random
import socket
import sys
from pathlib import Path

import httpx
import msgspec
import pytest

from core.app import make_platform
from core.commands import demonstration
from core.sandbox.schema import install
from core.sandbox.serving import sandbox_serving
from core.supervisor import Child, Supervisor
from tests import families
from tests.browser.visitor import Visitor

TENANTS = Path(__file__).parents[2] / "tenants"
PASSED = ("data_dir", "database_url", "owner_database_url", "master_keys", "public_url", "port", "sandbox_url", "tenants_dir")


def lasting_port() -> int:
    """A port below those that the system hands out by itself: nobody takes it while no house stands there."""
    while True:
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", random.randrange(15_000, 30_000)))
            return probe.getsockname()[1]


class Demo(msgspec.Struct, frozen=True):
    """The demo as its first start leaves it: a database to copy, and the two addresses that are written in it."""

    database: str
    port: int
    sandbox_port: int


@pytest.fixture(scope="session")
async def demo(fresh_database, make_settings, plugins):
    """The demo's bank and clients, built once; every file of walks gets a copy."""
    addresses, port, sandbox_port = fresh_database(), lasting_port(), lasting_port()
    await install(addresses.owner)
    async with sandbox_serving(addresses.app, sandbox_port, time_scale=0.00001) as sandbox:
        url = f"http://127.0.0.1:{port}"
        settings = make_settings(addresses, public_url=url, port=port, sandbox_url=sandbox.public_url, demo=True, tenants_dir=TENANTS)
        platform = await make_platform(settings, plugins)
        await demonstration.load(platform, TENANTS)
        await platform.close()
    return Demo(addresses.name, port, sandbox_port)


@pytest.fixture(scope="module")
async def house(demo, redis, fresh_database, make_settings, plugins):
    """The demo on a database of its own, application and worker in processes of their own; answers the platform."""
    addresses = fresh_database(demo.database)
    async with sandbox_serving(addresses.app, demo.sandbox_port, time_scale=0.00001) as sandbox:
        url = f"http://127.0.0.1:{demo.port}"
        settings = make_settings(addresses, public_url=url, port=demo.port, sandbox_url=sandbox.public_url, demo=True, tenants_dir=TENANTS)
        env = {f"BANYAN_{name.upper()}": str(getattr(settings, name)) for name in PASSED} | {"BANYAN_DEMO": "true", "BANYAN_REDIS_URL": redis.url}
        platform = await make_platform(settings, plugins)
        lines: list[str] = []
        supervisor = Supervisor(write=lines.append)
        supervisor.start([Child(verb, [sys.executable, "-m", "core.cli", verb], env=env, restart=False) for verb in ("web", "worker")])
        try:
            await answering(url, lines)
            yield platform
        finally:
            supervisor.stop()
            await platform.close()


async def answering(url: str, lines: list[str]) -> None:
    """Wait until the application is ready."""
    async with httpx.AsyncClient(trust_env=False) as asking, asyncio.timeout(120):
        while True:
            with contextlib.suppress(httpx.TransportError):
                if (await asking.get(url + "/readyz")).status_code == 200:
                    return
            assert len(lines) < 200, "\n".join(lines)
            await asyncio.sleep(0.05)


@pytest.fixture
async def visit(house, chromium):
    """Somebody at a computer: `await visit("周经办")`; with `phone=True` somebody with a phone, `agent` says inside which app."""
    contexts = []

    async def make(name: str, phone: bool = False, agent: str = families.PHONE) -> Visitor:
        size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 900}
        shown = {"user_agent": agent} if phone else {}
        context = await chromium.new_context(viewport=size, locale="zh-CN", accept_downloads=True, **shown)
        contexts.append(context)
        return Visitor(await context.new_page(), name, house.settings.public_url)

    yield make
    for context in contexts:
        await context.close()
