"""UnionPay does what every channel must, against the sandbox over real HTTP."""

import datetime as dt
import io
import secrets
import zipfile

import httpx
import pytest

from core import clock
from core.payments.channels.conformance import ChannelConformance, listening
from core.payments.channels.protocol import ChannelAccount, OrderRequest, RefundRequest
from core.payments.channels.unionpay import UnionPay
from tests.payments.channels.sandbox_world import SandboxWorld

PATIENT_SECONDS = 1.0
API = "/sandbox/api/unionpay"


class UnionPayWorld(SandboxWorld):
    """The sandbox as UnionPay, one merchant, a payer's browser, and an ear for notifications."""

    makes = UnionPay

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

    async def under_way(self, refund: RefundRequest) -> bool:
        return (await self._code(refund.number)) == "05"

    async def _code(self, number: str) -> str:
        return (await self._outside.get(f"{API}/orders/{self.account.mchid}/{number}")).json()["order"]["respCode"]

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
