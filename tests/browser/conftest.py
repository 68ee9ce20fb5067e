"""The whole house for walks in a browser: the demo's bank and clients, served over HTTP, with a worker, Redis and the sandbox."""

import asyncio
import contextlib
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from core.app import create_app, make_platform
from core.commands import demonstration
from core.jobs.worker import Worker
from core.platform import Platform
from core.sandbox.schema import install
from core.sandbox.serving import free_port, sandbox_serving, serving
from tests.browser.visitor import CHROMIUM, SWITCHES, Visitor

TENANTS = Path(__file__).parents[2] / "tenants"


@pytest.fixture(scope="session")
async def house(postgres, redis, fresh_database, make_settings, plugins):
    """The demo on a database of its own, the worker working; answers the platform."""
    addresses = fresh_database()
    await install(addresses.owner)
    async with sandbox_serving(addresses.app, time_scale=0.00001) as sandbox:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        settings = make_settings(
            addresses, public_url=url, port=port, sandbox_url=sandbox.public_url, redis_url=redis.url, demo=True, tenants_dir=TENANTS
        )
        platform = await make_platform(settings, plugins)
        async with serving(create_app(platform), port), working(platform):
            await demonstration.load(platform, TENANTS)
            yield platform


@contextlib.asynccontextmanager
async def working(platform: Platform):
    """A worker does what is due, for as long as the block lasts."""
    worker = Worker(platform, sweep_seconds=0.2)
    running = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        await running


@pytest.fixture(scope="session")
async def desk_browser():
    """Chromium, started once."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        await browser.close()


@pytest.fixture
async def visit(house, desk_browser):
    """Somebody at a computer: `await visit("周经办")`; with `phone=True` somebody with a phone."""
    contexts = []

    async def make(name: str, phone: bool = False) -> Visitor:
        size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 900}
        context = await desk_browser.new_context(viewport=size, locale="zh-CN", accept_downloads=True)
        contexts.append(context)
        return Visitor(await context.new_page(), name, house.settings.public_url)

    yield make
    for context in contexts:
        await context.close()
