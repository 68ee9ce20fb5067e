"""The card gateway does what every channel must, against the sandbox over real HTTP."""

import asyncio
import datetime as dt
import json
import secrets

import httpx
import pytest

from core import clock
from core.payments.channels.conformance import ChannelConformance, listening
from core.payments.channels.conformance.ear import PATIENCE_SECONDS
from core.payments.channels.protocol import ChannelAccount, OrderRequest, RefundRequest
from core.payments.channels.stripe import StripeGateway
from core.payments.channels.stripe.wire import ORDER_KEY, REFUND_KEY
from tests.payments.channels.sandbox_world import SandboxWorld

PATIENT_SECONDS = 1.0
ALL = "all"
"""A card account has one address for everything it hears, so the ear does not tell orders apart: their metadata does."""


class CardWorld(SandboxWorld):
    """The sandbox as a card gateway, one account, and an ear for its webhooks."""

    makes = StripeGateway

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

    async def notices(self, number):
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (found := [one for one in self._ear.heard[ALL] if _about(one[1]) == number]):  # noqa: ASYNC110 - news of another's
                await asyncio.sleep(0.005)
        return found

    async def under_way(self, refund: RefundRequest) -> bool:
        return (await self._refund(refund))["status"] == "pending"

    async def _refund(self, refund: RefundRequest) -> dict:
        return next(one for one in await self.refunds_of(refund) if one["metadata"][REFUND_KEY] == refund.number)


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

    lacks = {"revocation"}
