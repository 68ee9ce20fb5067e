"""A sandbox that stops, however it stops, goes on where it was."""

import asyncpg
import httpx
import pytest

from core.sandbox.schema import install
from core.sandbox.serving import sandbox_serving


@pytest.fixture(scope="module")
async def own_database(postgres):
    """A database of its own, so that no other notifier delivers what is meant to wait."""
    postgres.psql("CREATE DATABASE sandbox_restart OWNER banyan_owner")
    await install(postgres.url("banyan_owner", "sandbox_restart"))
    return postgres.url("banyan_app", "sandbox_restart")


async def test_what_was_not_delivered_is_delivered_after_a_restart(own_database, merchant_of, ear):
    ear.answers = [500]
    async with (
        sandbox_serving(own_database, time_scale=100) as settings,
        httpx.AsyncClient(base_url=settings.public_url, trust_env=False) as client,
    ):
        merchant = await merchant_of(client)
        order = merchant.order(notify_url=ear.url)
        number = order["out_trade_no"]
        await merchant.place(order)
        await merchant.pay(number)
        await merchant.told_when(number, lambda told: told["deliveries"])
        assert (await merchant.told(number))["notices"] == ["waiting"]
    async with (
        sandbox_serving(own_database, time_scale=0.00001) as settings,
        httpx.AsyncClient(base_url=settings.public_url, trust_env=False) as client,
    ):
        merchant.client = client
        assert (await merchant.told(number))["order"]["trade_state"] == "SUCCESS"
        await client.post(f"/sandbox/api/wechatpay/orders/{merchant.mchid}/{number}/notify")
        told = await merchant.told_when(number, lambda told: told["notices"] == ["delivered"])
    assert [d["status"] for d in told["deliveries"]] == [500, 200]


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
    await connection.execute("UPDATE sandbox.wechat_notice SET claimed = true WHERE out_trade_no = $1", number)
    await connection.close()


async def test_installing_again_changes_nothing(postgres, own_database):
    await install(postgres.url("banyan_owner", "sandbox_restart"))
    async with (
        sandbox_serving(own_database) as settings,
        httpx.AsyncClient(base_url=settings.public_url, trust_env=False) as client,
    ):
        assert (await client.get("/health")).text == "ok"
        assert "榕城第一实验学校" in (await client.get("/")).text
