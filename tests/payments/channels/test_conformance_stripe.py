"""The card gateway does what every channel must, against the sandbox over real HTTP."""

import asyncio
import datetime as dt
import json
import secrets

import httpx
import pytest

from core import clock
from core.payments.channels.conformance import ChannelConformance, Ear, World, listening
from core.payments.channels.conformance.ear import PATIENCE_SECONDS
from core.payments.channels.protocol import ChannelAccount, OrderRequest, RefundRequest
from core.payments.channels.stripe import StripeGateway
from core.payments.channels.stripe.wire import ORDER_KEY, REFUND_KEY

PATIENT_SECONDS = 1.0
USUAL_SECONDS = {"api_timeout": 2.0}
ALL = "all"
"""A card account has one address for everything it hears, so the ear does not tell orders apart: their metadata does."""


class CardWorld(World):
    """The sandbox as a card gateway, one account, and an ear for its webhooks."""

    def __init__(self, client: httpx.AsyncClient, outside: httpx.AsyncClient, account: ChannelAccount, ear: Ear, register) -> None:
        self.channel = StripeGateway(client)
        self.account = account
        self._outside, self._ear, self._register = outside, ear, register

    def order(self, **changes):
        now = clock.now().replace(microsecond=0)
        fields = {
            "number": f"T{secrets.token_hex(12)}",
            "description": "2026 学年秋季学费",
            "amount_fen": 123450,
            "scene": "card",
            "notify_url": self._ear.notify_url(ALL),
            "placed_at": now,
            "expires_at": now + dt.timedelta(minutes=20),
        }
        return OrderRequest(**(fields | changes))

    async def pay(self, order, prepared):
        return (await self._outside.post(f"/sandbox/api/stripe/orders/{self.account.mchid}/{order.number}/pay")).status_code == 200

    async def notices(self, number):
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (found := [one for one in self._ear.heard[ALL] if _about(one[1]) == number]):  # noqa: ASYNC110 - news of another's
                await asyncio.sleep(0.005)
        return found

    async def refund_done(self, refund: RefundRequest):
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (await self._refund(refund))["status"] == "pending":  # noqa: ASYNC110 - another process's clock
                await asyncio.sleep(0.005)

    async def _refund(self, refund: RefundRequest) -> dict:
        told = (await self._outside.get(f"/sandbox/api/stripe/orders/{self.account.mchid}/{refund.order.number}")).json()
        return next(one for one in told["refunds"] if one["metadata"][REFUND_KEY] == refund.number)

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
        reply = await self._outside.post(f"/sandbox/api/stripe/orders/{self.account.mchid}/{order.number}/age", json={"days": 2})
        assert reply.status_code == 200, reply.text
        return dt.date.fromisoformat(reply.json()["day"])


def _about(body: bytes) -> str:
    """The refund, else the order, that a webhook is about."""
    metadata = json.loads(body)["data"]["object"]["metadata"]
    return metadata.get(REFUND_KEY) or metadata.get(ORDER_KEY, "")


@pytest.fixture(scope="module")
async def world(sandbox, outside):
    """One account whose webhooks come to the ear."""
    async with httpx.AsyncClient(timeout=PATIENT_SECONDS, trust_env=False) as client, listening(StripeGateway(client)) as ear:

        async def register() -> ChannelAccount:
            wanted = {"name": "榕城第一实验学校", "webhook_url": ear.notify_url(ALL)}
            given = (await outside.post("/sandbox/api/stripe/merchants", json=wanted)).json()
            return ChannelAccount(channel="stripe", **{name: given[name] for name in ("mchid", "appid", "base_url", "credentials")})

        yield CardWorld(client, outside, await register(), ear, register)


class TestCardGateway(ChannelConformance):
    """An account of its own, automatic capture."""
