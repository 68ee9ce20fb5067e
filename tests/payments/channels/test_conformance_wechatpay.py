"""WeChat Pay does what every channel must, against the sandbox over real HTTP: as a direct merchant and for a service provider."""

import datetime as dt
import secrets

import httpx
import pytest

from core import clock
from core.payments.channels.conformance import ChannelConformance, listening
from core.payments.channels.protocol import OrderRequest, RefundRequest
from core.payments.channels.wechatpay import WechatPay
from tests.payments.channels.sandbox_world import SandboxWorld

PATIENT_SECONDS = 1.0


class WechatWorld(SandboxWorld):
    """The sandbox as WeChat Pay, one merchant, and an ear for its notifications."""

    makes = WechatPay

    def order(self, **changes):
        now = clock.now().replace(microsecond=0)
        number = str(changes.get("number", f"T{secrets.token_hex(12)}"))
        fields = {
            "number": number,
            "description": "2026 学年秋季学费",
            "amount_fen": 123450,
            "scene": "native",
            "notify_url": self._ear.notify_url(number),
            "placed_at": now,
            "expires_at": now + dt.timedelta(minutes=20),
            "payer_ip": "203.0.113.7",
            "openid": self.openid if changes.get("scene") == "jsapi" else None,
        }
        return OrderRequest(**(fields | changes))

    openid = ""

    async def under_way(self, refund: RefundRequest) -> bool:
        return (await self._refund(refund))["status"] == "PROCESSING"

    async def _refund(self, refund: RefundRequest) -> dict:
        return next(r for r in await self.refunds_of(refund) if r["out_refund_no"] == refund.number)


@pytest.fixture(scope="module")
async def make_world(sandbox, outside, register):
    """Makes worlds: `await make_world(mode="partner")`."""
    async with httpx.AsyncClient(timeout=PATIENT_SECONDS, trust_env=False) as client, listening(WechatPay(client)) as ear:

        async def make(**wanted) -> WechatWorld:
            account = await register(**wanted)
            world = WechatWorld(client, outside, account, ear, lambda: register(**wanted))
            users = (await outside.get("/sandbox/api/wechatpay/users", params={"appid": account.appid})).json()
            world.openid = users[0]["openid"]
            return world

        yield make


@pytest.fixture(scope="class")
async def world(request, make_world):
    return await make_world(**request.cls.merchant)


class TestWechatPay(ChannelConformance):
    """A direct merchant in public-key mode."""

    merchant = {}
    lacks = {"revocation"}


class TestWechatPayThroughAProvider(ChannelConformance):
    """A merchant of a service provider, while the provider changes from certificates to the public key."""

    merchant = {"mode": "partner", "signing": "mixed"}
    lacks = {"revocation"}
