"""What the conformance worlds of our own channels share: their other side is the sandbox, reached by its admin address."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable

import httpx

from core.payments.channels.conformance import Ear, World
from core.payments.channels.protocol import ChannelAccount, RefundRequest

PATIENCE_SECONDS = 10
USUAL_SECONDS = {"api_timeout": 2.0}


class SandboxWorld(World):
    """One account at the sandbox and an ear for its notifications; a channel adds its orders and how it words a refund under way."""

    makes: type
    """The channel's class."""

    def __init__(
        self, client: httpx.AsyncClient, outside: httpx.AsyncClient, account: ChannelAccount, ear: Ear, register: Callable[[], Awaitable[ChannelAccount]]
    ) -> None:
        self.channel = self.makes(client)
        self.account = account
        self._outside, self._ear, self._register = outside, ear, register

    async def under_way(self, refund: RefundRequest) -> bool:
        """Whether the sandbox has not yet brought this refund to its end."""
        raise AssertionError("each channel words it its own way")

    def order_path(self, number: str) -> str:
        """The sandbox's own page of an order."""
        return f"/sandbox/api/{self.account.channel}/orders/{self.account.mchid}/{number}"

    async def pay(self, order, prepared):
        return (await self._outside.post(self.order_path(order.number) + "/pay")).status_code == 200

    async def notices(self, number):
        return await self._ear.notices(number)

    async def refund_done(self, refund):
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await self.under_way(refund):  # noqa: ASYNC110 - another process's clock
                await asyncio.sleep(0.005)

    async def refunds_of(self, refund: RefundRequest) -> list[dict]:
        """Every refund of its order, as the sandbox keeps them."""
        return (await self._outside.get(self.order_path(refund.order.number))).json()["refunds"]

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
        reply = await self._outside.post(self.order_path(order.number) + "/age", json={"days": 2})
        assert reply.status_code == 200, reply.text
        return dt.date.fromisoformat(reply.json()["day"])
