"""UnionPay does what every channel must, against the sandbox over real HTTP."""

import asyncio
import datetime as dt
import io
import secrets
import zipfile

import httpx
import pytest

from core import clock
from core.payments.channels.conformance import ChannelConformance, Ear, World, listening
from core.payments.channels.conformance.ear import PATIENCE_SECONDS
from core.payments.channels.protocol import ChannelAccount, OrderRequest, RefundRequest
from core.payments.channels.unionpay import UnionPay

PATIENT_SECONDS = 1.0
USUAL_SECONDS = {"api_timeout": 2.0}
API = "/sandbox/api/unionpay"


class UnionPayWorld(World):
    """The sandbox as UnionPay, one merchant, a payer's browser, and an ear for notifications."""

    def __init__(self, client: httpx.AsyncClient, outside: httpx.AsyncClient, account: ChannelAccount, ear: Ear, register) -> None:
        self.channel = UnionPay(client)
        self.account = account
        self._outside, self._ear, self._register = outside, ear, register

    def order(self, **changes):
        now = clock.now().replace(microsecond=0)
        number = str(changes.get("number", f"T{secrets.token_hex(12)}"))
        fields = {
            "number": number,
            "description": "2026 学年秋季学费",
            "amount_fen": 123450,
            "scene": "h5",
            "notify_url": self._ear.notify_url(number),
            "return_url": f"{self._ear.url}/back",
            "placed_at": now,
            "expires_at": now + dt.timedelta(minutes=20),
        }
        return OrderRequest(**(fields | changes))

    async def arrive(self, order, prepared):
        if prepared.kind == "form":
            await self._outside.post(prepared.value, data=prepared.params)

    async def pay(self, order, prepared):
        await self.arrive(order, prepared)
        return (await self._outside.post(f"{API}/orders/{self.account.mchid}/{order.number}/pay")).status_code == 200

    async def notices(self, number):
        return await self._ear.notices(number)

    async def refund_done(self, refund: RefundRequest):
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (await self._code(refund.number)) == "05":  # noqa: ASYNC110 - another process's clock
                await asyncio.sleep(0.005)

    async def _code(self, number: str) -> str:
        return (await self._outside.get(f"{API}/orders/{self.account.mchid}/{number}")).json()["order"]["respCode"]

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
        reply = await self._outside.post(f"{API}/orders/{self.account.mchid}/{order.number}/age", json={"days": 2})
        assert reply.status_code == 200, reply.text
        return dt.date.fromisoformat(reply.json()["day"])

    def statement_text(self, file):
        with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
            return "".join(archive.read(name).decode("gbk") for name in archive.namelist())

    @property
    def secrets(self):
        return [self.account.credentials[name] for name in ("sign_certificate",)]


@pytest.fixture(scope="module")
async def world(sandbox, outside):
    """One merchant whose notifications come to the ear."""
    async with httpx.AsyncClient(timeout=PATIENT_SECONDS, trust_env=False) as client, listening(UnionPay(client)) as ear:

        async def register() -> ChannelAccount:
            given = (await outside.post(f"{API}/merchants", json={"name": "榕城第一实验学校"})).json()
            return ChannelAccount(channel="unionpay", **{name: given[name] for name in ("mchid", "appid", "base_url", "credentials")})

        yield UnionPayWorld(client, outside, await register(), ear, register)


class TestUnionPay(ChannelConformance):
    """A directly connected merchant; what UnionPay sends carries no time of its own, and nothing can be closed before its time."""

    lacks = {"early_close", "dated_notices"}
