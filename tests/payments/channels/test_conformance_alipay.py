"""Alipay does what every channel must, against the sandbox over real HTTP: with keys and a QR code, and with certificates in a mini program
for a service provider.

It lacks three things of the kit, each tested in tests/payments/channels/alipay: a notification is good for 26 hours, because Alipay repeats
it for 25 (dated_notices); a refund notification tells the sum of all refunds, not its own amount (refund_notices); a refund that fails is not
told from one that never came (refund_failure).
"""

import asyncio
import datetime as dt
import io
import secrets
import zipfile

import httpx
import pytest

from core import clock
from core.payments.channels.alipay import Alipay
from core.payments.channels.conformance import ChannelConformance, Ear, World, listening
from core.payments.channels.protocol import ChannelAccount, OrderRequest, RefundRequest

PATIENT_SECONDS = 1.0
USUAL_SECONDS = {"api_timeout": 2.0}
PERSON = "lin"


class AlipayWorld(World):
    """The sandbox as Alipay, one seller, and an ear for its notifications."""

    def __init__(self, client: httpx.AsyncClient, outside: httpx.AsyncClient, account: ChannelAccount, ear: Ear, register, scene: str) -> None:
        self.channel = Alipay(client)
        self.account = account
        self.buyer = ""
        self.pay_codes: list[str] = []
        self._outside, self._ear, self._register, self._scene = outside, ear, register, scene

    def order(self, **changes):
        now = clock.now().replace(microsecond=0)
        number = str(changes.get("number", f"T{secrets.token_hex(12)}"))
        scene = changes.get("scene", self._scene)
        fields = {
            "number": number,
            "description": "2026 学年秋季学费",
            "amount_fen": 123450,
            "scene": scene,
            "notify_url": self._ear.notify_url(number),
            "placed_at": now,
            "expires_at": now + dt.timedelta(minutes=20),
            "openid": self.buyer if scene == "jsapi" else None,
            "auth_code": self.pay_codes.pop() if scene == "barcode" else None,
        }
        return OrderRequest(**(fields | changes))

    async def arrive(self, order, prepared):
        if prepared.kind == "qr":
            assert (await self._outside.get("/alipay/scan", params={"code": prepared.value})).status_code == 200

    async def pay(self, order, prepared):
        reply = await self._outside.post(f"/sandbox/api/alipay/orders/{self.account.mchid}/{order.number}/pay", json={"user": PERSON})
        return reply.status_code == 200

    async def notices(self, number):
        return await self._ear.notices(number)

    async def refund_done(self, refund: RefundRequest):
        async with asyncio.timeout(10):
            while (await self._refund(refund))["state"] == "PROCESSING":  # noqa: ASYNC110 - another process's clock
                await asyncio.sleep(0.005)

    async def _refund(self, refund: RefundRequest) -> dict:
        told = (await self._outside.get(f"/sandbox/api/alipay/orders/{self.account.mchid}/{refund.order.number}")).json()
        return next(r for r in told["refunds"] if r["out_request_no"] == refund.number)

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
        reply = await self._outside.post(f"/sandbox/api/alipay/orders/{self.account.mchid}/{order.number}/age", json={"days": 2})
        assert reply.status_code == 200, reply.text
        return dt.date.fromisoformat(reply.json()["day"])

    def statement_text(self, file):
        with zipfile.ZipFile(io.BytesIO(file.content), metadata_encoding="gbk") as archive:
            return archive.read(next(name for name in archive.namelist() if name.endswith("_业务明细.csv"))).decode("gbk")


@pytest.fixture(scope="module")
async def make_world(sandbox, outside):
    """Makes worlds: `await make_world("native", mode="partner")`."""

    async def register(**wanted) -> ChannelAccount:
        given = (await outside.post("/sandbox/api/alipay/merchants", json={"name": "榕城第一实验学校", **wanted})).json()
        named = {name: given[name] for name in ("mchid", "appid", "base_url", "credentials", "mode")}
        return ChannelAccount(channel="alipay", **named)

    async with httpx.AsyncClient(timeout=PATIENT_SECONDS, trust_env=False) as client, listening(Alipay(client)) as ear:

        async def make(scene: str, **wanted) -> AlipayWorld:
            account = await register(**wanted)
            world = AlipayWorld(client, outside, account, ear, lambda: register(**wanted), scene)
            users = (await outside.get("/sandbox/api/alipay/users", params={"appid": account.appid})).json()
            world.buyer = next(user["open_id"] for user in users if user["code"] == PERSON)
            codes = [await outside.post("/sandbox/api/alipay/pay-codes", params={"user": PERSON}) for _ in range(8)]
            world.pay_codes = [code.json()["auth_code"] for code in codes]
            return world

        yield make


@pytest.fixture(scope="class")
async def world(request, make_world):
    return await make_world(request.cls.scene, **request.cls.merchant)


class TestAlipay(ChannelConformance):
    """A direct seller with keys, paid by QR codes that exist only once they are scanned."""

    lacks = {"dated_notices", "refund_notices", "refund_failure"}
    scene = "native"
    merchant = {}


class TestAlipayThroughAProvider(ChannelConformance):
    """A seller for whom a service provider acts, with certificates, paid in a mini program."""

    lacks = {"dated_notices", "refund_notices", "refund_failure"}
    scene = "jsapi"
    merchant = {"mode": "partner", "signing": "certificate"}
