"""Alipay does what every channel must, against the sandbox over real HTTP: with keys and a QR code, and with certificates in a mini program
for a service provider.

It lacks three things of the kit, each tested in tests/payments/channels/alipay: a notification is good for 26 hours, because Alipay repeats
it for 25 (dated_notices); a refund notification tells the sum of all refunds, not its own amount (refund_notices); a refund that fails is not
told from one that never came (refund_failure).
"""

import datetime as dt
import io
import secrets
import zipfile

import httpx
import pytest

from core import clock
from core.payments.channels.alipay import Alipay
from core.payments.channels.conformance import ChannelConformance, listening
from core.payments.channels.protocol import ChannelAccount, OrderRequest, RefundRequest
from tests.payments.channels.sandbox_world import SandboxWorld

PATIENT_SECONDS = 1.0
PERSON = "lin"


class AlipayWorld(SandboxWorld):
    """The sandbox as Alipay, one seller, and an ear for its notifications."""

    makes = Alipay
    scene = ""

    def __init__(self, *given) -> None:
        super().__init__(*given)
        self.buyer = ""
        self.pay_codes: list[str] = []

    def order(self, **changes):
        now = clock.now().replace(microsecond=0)
        number = str(changes.get("number", f"T{secrets.token_hex(12)}"))
        scene = changes.get("scene", self.scene)
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

    async def under_way(self, refund: RefundRequest) -> bool:
        return (await self._refund(refund))["state"] == "PROCESSING"

    async def _refund(self, refund: RefundRequest) -> dict:
        return next(r for r in await self.refunds_of(refund) if r["out_request_no"] == refund.number)

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
            world = AlipayWorld(client, outside, account, ear, lambda: register(**wanted))
            world.scene = scene
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

    lacks = {"dated_notices", "refund_notices", "refund_failure", "revocation"}
    scene = "native"
    merchant = {}


class TestAlipayThroughAProvider(ChannelConformance):
    """A seller for whom a service provider acts, with certificates, paid in a mini program."""

    lacks = {"dated_notices", "refund_notices", "refund_failure", "revocation"}
    scene = "jsapi"
    merchant = {"mode": "partner", "signing": "certificate"}
