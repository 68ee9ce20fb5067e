"""The channel's other side: the sandbox, over real HTTP, and merchants registered with it."""

import datetime as dt
import json
import secrets
from pathlib import Path

import httpx
import pytest

from core import clock
from core.payments.channels.http import channel_client
from core.payments.channels.protocol import ChannelAccount, OrderRequest
from core.payments.channels.wechatpay import WechatPay
from core.sandbox.schema import install
from core.sandbox.serving import sandbox_serving


@pytest.fixture(scope="session")
def vectors():
    """The four signatures WeChat Pay's documentation prints, and the key that made them."""
    return json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
async def sandbox(postgres):
    await install(postgres.owner_url)
    async with sandbox_serving(postgres.app_url, time_scale=0.00001) as settings:
        yield settings.public_url


@pytest.fixture(scope="module")
async def outside(sandbox):
    """The tester's own door to the sandbox."""
    async with httpx.AsyncClient(base_url=sandbox, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def register(outside):
    """Registers a merchant at the sandbox and gives the account our channel uses."""

    async def make(**wanted) -> ChannelAccount:
        reply = await outside.post("/sandbox/api/wechatpay/merchants", json={"name": "榕城第一实验学校", **wanted})
        assert reply.status_code == 201, reply.text
        given = reply.json()
        return ChannelAccount(
            channel="wechatpay",
            mchid=given["mchid"],
            appid=given["appid"],
            base_url=given["base_url"],
            credentials=given["credentials"],
            mode=given["mode"],
        )

    return make


@pytest.fixture(scope="module")
async def account(register):
    return await register()


@pytest.fixture(scope="module")
async def channel():
    async with channel_client(20) as client:
        yield WechatPay(client)


@pytest.fixture
def order():
    """A new order; say only what matters."""

    def make(**wanted) -> OrderRequest:
        now = clock.now().replace(microsecond=0)
        return OrderRequest(
            **{
                "number": f"T{secrets.token_hex(12)}",
                "description": "2026 学年秋季学费",
                "amount_fen": 123450,
                "scene": "native",
                "notify_url": "http://127.0.0.1:9/notices/wechatpay",
                "placed_at": now,
                "expires_at": now + dt.timedelta(minutes=20),
                "payer_ip": "203.0.113.7",
                **wanted,
            }
        )

    return make
