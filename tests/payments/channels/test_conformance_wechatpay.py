"""WeChat Pay does what every channel must, against the sandbox over real HTTP: as a direct merchant and for a service provider."""

import asyncio
import datetime as dt
import secrets

import httpx
import pytest

from core import clock
from core.payments.channels.conformance import ChannelConformance, Ear, World, listening
from core.payments.channels.protocol import ChannelAccount, OrderRequest, RefundRequest
from core.payments.channels.wechatpay import WechatPay

PATIENT_SECONDS = 1.0
USUAL_SECONDS = {"api_timeout": 2.0}


class WechatWorld(World):
    """The sandbox as WeChat Pay, one merchant, and an ear for its notifications."""

    def __init__(self, client: httpx.AsyncClient, outside: httpx.AsyncClient, account: ChannelAccount, ear: Ear, register) -> None:
        self.channel = WechatPay(client)
        self.account = account
        self._outside, self._ear, self._register = outside, ear, register

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

    async def pay(self, order, prepared):
        reply = await self._outside.post(f"/sandbox/api/wechatpay/orders/{self.account.mchid}/{order.number}/pay")
        return reply.status_code == 200

    async def notices(self, number):
        return await self._ear.notices(number)

    async def refund_done(self, refund: RefundRequest):
        async with asyncio.timeout(10):
            while (await self._refund(refund))["status"] == "PROCESSING":  # noqa: ASYNC110 - another process's clock
                await asyncio.sleep(0.005)

    async def _refund(self, refund: RefundRequest) -> dict:
        told = (await self._outside.get(f"/sandbox/api/wechatpay/orders/{self.account.mchid}/{refund.order.number}")).json()
        return next(r for r in told["refunds"] if r["out_refund_no"] == refund.number)

    async def break_next(self, kind, number):
        await self._faults(number, [{"kind": kind, "remaining": 1, "seconds": USUAL_SECONDS.get(kind)}])

    async def mend(self, number):
        await self._faults(number, [])

    async def _faults(self, number: str, faults: list[dict]) -> None:
        reply = await self._outside.put(f"/sandbox/api/faults/orders/{self.account.mchid}/{number}", json={"faults": faults})
        assert reply.status_code == 200, reply.text

    async def another(self):
        return await self._register()

    async def age(self, order):
        reply = await self._outside.post(f"/sandbox/api/wechatpay/orders/{self.account.mchid}/{order.number}/age", json={"days": 2})
        assert reply.status_code == 200, reply.text
        return dt.date.fromisoformat(reply.json()["day"])


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


class TestWechatPayThroughAProvider(ChannelConformance):
    """A merchant of a service provider, while the provider changes from certificates to the public key."""

    merchant = {"mode": "partner", "signing": "mixed"}
