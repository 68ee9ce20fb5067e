"""A sandbox that stops, however it stops, goes on where it was."""

import asyncio
import contextlib
import os
import subprocess
import sys

import asyncpg
import httpx
import msgspec
import pytest

from core.sandbox.schema import install
from core.sandbox.serving import free_port, sandbox_serving
from core.sandbox.settings import SandboxSettings


@pytest.fixture(scope="module")
async def own_database(postgres):
    """A database of its own, so that no other notifier delivers what is meant to wait."""
    postgres.psql("CREATE DATABASE sandbox_restart OWNER banyan_owner")
    await install(postgres.url("banyan_owner", "sandbox_restart"))
    return postgres.url("banyan_app", "sandbox_restart")


@contextlib.asynccontextmanager
async def process(database_url: str, time_scale: float):
    """`python -m core.sandbox` as `banyan run` starts it; gives an open door to it. Ends by kill -9, as the worst end is."""
    port = free_port()
    values = {"DATABASE_URL": database_url, "PORT": port, "TIME_SCALE": time_scale}
    environment = os.environ | {f"BANYAN_SANDBOX_{name}": str(value) for name, value in values.items()}
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "core.sandbox", env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            await up(client)
            yield client
    finally:
        running.kill()
        await running.wait()


async def up(client: httpx.AsyncClient) -> None:
    for _ in range(1500):
        with contextlib.suppress(httpx.TransportError):
            if (await client.get("/health")).text == "ok":
                return
        await asyncio.sleep(0.01)
    raise AssertionError("the sandbox did not come up")


@pytest.mark.slow
async def test_a_killed_sandbox_goes_on_notifying_when_it_is_started_again(own_database, merchant_of, ear):
    ear.answers = [500]
    async with process(own_database, time_scale=0.01) as client:
        merchant = await merchant_of(client)
        order = merchant.order(notify_url=ear.url)
        number = order["out_trade_no"]
        await merchant.place(order)
        await merchant.pay(number)
        told = await merchant.told_when(number, lambda told: told["deliveries"])
        assert told["notices"] == ["waiting"]
    async with process(own_database, time_scale=0.01) as client:
        merchant.client = client
        told = await merchant.told_when(number, lambda told: told["notices"] == ["delivered"])
    assert [d["status"] for d in told["deliveries"]] == [500, 200]
    assert len({d["event_id"] for d in told["deliveries"]}) == 1


async def test_what_was_being_sent_when_it_died_is_sent_again(postgres, own_database, merchant_of, ear):
    async with (
        sandbox_serving(own_database) as settings,
        httpx.AsyncClient(base_url=settings.public_url, trust_env=False) as client,
    ):
        merchant = await merchant_of(client)
        order = merchant.order(notify_url=ear.url)
        number = order["out_trade_no"]
        await merchant.faults(number, {"kind": "notice_delay", "seconds": 3600})
        await merchant.place(order)
        await merchant.pay(number)
    await mark_claimed(own_database, number)
    async with (
        sandbox_serving(own_database) as settings,
        httpx.AsyncClient(base_url=settings.public_url, trust_env=False) as client,
    ):
        merchant.client = client
        told = await merchant.told_when(number, lambda told: told["notices"] == ["delivered"])
    assert len(told["deliveries"]) == 1


async def mark_claimed(url: str, number: str) -> None:
    """What a kill -9 in the middle of a POST leaves behind."""
    connection = await asyncpg.connect(url)
    await connection.execute("UPDATE sandbox.notice SET claimed = true WHERE number = $1", number)
    await connection.close()


async def test_installing_again_changes_nothing(postgres, own_database):
    await install(postgres.url("banyan_owner", "sandbox_restart"))
    async with (
        sandbox_serving(own_database) as settings,
        httpx.AsyncClient(base_url=settings.public_url, trust_env=False) as client,
    ):
        assert (await client.get("/health")).text == "ok"
        assert "榕城第一实验学校" in (await client.get("/")).text


def test_settings_come_from_the_environment():
    given = {"BANYAN_SANDBOX_DATABASE_URL": "postgresql://x/y", "BANYAN_SANDBOX_PORT": "9001", "BANYAN_PORT": "1"}
    settings = SandboxSettings.load(given)
    assert (settings.database_url, settings.port, settings.time_scale) == ("postgresql://x/y", 9001, 1.0)
    assert settings.public_url == "http://127.0.0.1:9001"
    with pytest.raises(msgspec.ValidationError):
        SandboxSettings.load({})
