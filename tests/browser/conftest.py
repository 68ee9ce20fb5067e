"""The whole house for walks in a browser: the demo's bank and clients, served over HTTP, with a worker, Redis and the sandbox."""

import asyncio
import contextlib
import sys

import httpx
import pytest

from core.app import make_platform
from core.sandbox.serving import sandbox_serving
from core.supervisor import Child, Supervisor
from tests import families
from tests.browser.visitor import Visitor
from tests.demo import TENANTS

PASSED = ("channel_connect_seconds", "data_dir", "database_url", "owner_database_url", "master_keys", "public_url", "port", "sandbox_url", "tenants_dir")


@pytest.fixture(scope="module")
def worker():
    """The house's worker; whoever stops it has a night in which nobody of yesterday works."""
    supervisor = Supervisor(write=lambda _line: None)
    yield supervisor
    supervisor.stop()


@pytest.fixture(scope="module")
async def house(demo, redis, fresh_database, make_settings, plugins, worker):
    """The demo on a database of its own, application and worker in processes of their own; answers the platform."""
    addresses = fresh_database(demo.database)
    async with sandbox_serving(addresses.app, demo.sandbox_port, time_scale=0.00001) as sandbox:
        url = f"http://127.0.0.1:{demo.port}"
        settings = make_settings(addresses, public_url=url, port=demo.port, sandbox_url=sandbox.public_url, demo=True, tenants_dir=TENANTS)
        env = {f"BANYAN_{name.upper()}": str(getattr(settings, name)) for name in PASSED} | {"BANYAN_DEMO": "true", "BANYAN_REDIS_URL": redis.url}
        platform = await make_platform(settings, plugins)
        lines: list[str] = []
        supervisor = Supervisor(write=lines.append)
        for keeper, verb in ((supervisor, "web"), (worker, "worker")):
            keeper.start([Child(verb, [sys.executable, "-m", "core.cli", verb], env=env, restart=False)])
        try:
            await answering(url, lines)
            yield platform
        finally:
            worker.stop()
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
