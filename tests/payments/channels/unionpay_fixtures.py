"""UnionPay's other side: the sandbox over real HTTP, merchants registered with it, a payer's browser, and a merchant's ear."""

import asyncio
import datetime as dt
import secrets
import time

import httpx
import pytest

from core import clock
from core.payments.channels.protocol import ChannelAccount, ChannelState, OrderRef, OrderRequest, Prepared, RefundRef, RefundRequest
from core.payments.channels.unionpay import UnionPay
from core.sandbox.schema import install
from core.sandbox.serving import sandbox_serving, serving

API = "/sandbox/api/unionpay"


class Ear:
    """A merchant's notification address: keeps what it hears and answers as told, 200 when out of instructions."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.always: int | None = None
        self.url = ""

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.heard.append(({name.decode(): value.decode() for name, value in scope["headers"]}, body))
        status = self.always or (self.answers.pop(0) if self.answers else 200)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})


class Desk:
    """One merchant at UnionPay: our channel on one side, the tester's door on the other."""

    def __init__(self, channel: UnionPay, account: ChannelAccount, outside: httpx.AsyncClient, notify_url: str) -> None:
        self.channel = channel
        self.account = account
        self.outside = outside
        self.notify_url = notify_url

    def order(self, **wanted) -> OrderRequest:
        now = clock.now()
        fields = {
            "number": f"T{secrets.token_hex(12)}",
            "description": "2026 学年秋季学费",
            "amount_fen": 123450,
            "scene": "h5",
            "notify_url": self.notify_url,
            "return_url": "http://127.0.0.1:9/h5/demo/orders/1",
            "placed_at": now,
            "expires_at": now + dt.timedelta(minutes=15),
        }
        return OrderRequest(**fields | wanted)

    def refund_of(self, order: OrderRef, amount_fen: int, **wanted) -> RefundRequest:
        fields = {
            "number": f"R{secrets.token_hex(12)}",
            "order": order,
            "amount_fen": amount_fen,
            "reason": "退学退费",
            "notify_url": self.notify_url,
            "placed_at": clock.now(),
        }
        return RefundRequest(**fields | wanted)

    async def submit(self, prepared: Prepared) -> httpx.Response:
        """The payer's browser posts the form; the answer leads to the cashier page, or says why not."""
        return await self.outside.post(prepared.value, data=prepared.params)

    async def placed(self, **wanted) -> OrderRequest:
        """An order whose payer stands at the cashier page."""
        order = self.order(**wanted)
        prepared = await self.channel.create(self.account, order)
        if prepared.kind == "form":
            assert (await self.submit(prepared)).status_code == 303
        return order

    async def pay(self, number: str, **how) -> httpx.Response:
        return await self.outside.post(f"{API}/orders/{self.account.mchid}/{number}/pay", json=how or None)

    async def paid(self, **wanted) -> OrderRef:
        """A paid order, as later calls name it."""
        order = await self.placed(**wanted)
        assert (await self.pay(order.number)).status_code == 200
        return self.ref(order, await self.channel.query(self.account, order.ref))

    @staticmethod
    def ref(order: OrderRequest, state: ChannelState) -> OrderRef:
        fields = {name: getattr(order.ref, name) for name in OrderRef.__struct_fields__}
        return OrderRef(**fields | {"channel_txn_id": state.channel_txn_id})

    @staticmethod
    def refund_ref(refund: RefundRequest) -> RefundRef:
        return RefundRef(number=refund.number, order=refund.order, amount_fen=refund.amount_fen, placed_at=refund.placed_at)

    async def faults(self, number: str, *faults: dict) -> None:
        reply = await self.outside.put(f"/sandbox/api/faults/orders/{self.account.mchid}/{number}", json={"faults": list(faults)})
        assert reply.status_code == 200, reply.text

    async def told(self, number: str) -> dict:
        """A trade as the sandbox shows it, with refunds, notices and deliveries."""
        return (await self.outside.get(f"{API}/orders/{self.account.mchid}/{number}")).json()

    async def told_when(self, number: str, holds) -> dict:
        """The same, once a condition holds."""
        started = time.monotonic()
        while time.monotonic() - started < 20:
            if holds(told := await self.told(number)):
                return told
            await asyncio.sleep(0.005)
        raise AssertionError(f"never came to be: {told}")

    async def refund_ended(self, refund: RefundRequest) -> dict:
        return await self.told_when(refund.number, lambda told: told["order"]["respCode"] != "05")


@pytest.fixture(scope="module")
async def sandbox(postgres):
    await install(postgres.owner_url)
    async with sandbox_serving(postgres.app_url, time_scale=0.00001) as settings:
        yield settings.public_url


@pytest.fixture(scope="module")
async def outside(sandbox):
    """The tester's own door, and the payer's browser; follows no redirect."""
    async with httpx.AsyncClient(base_url=sandbox, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
async def channel():
    async with httpx.AsyncClient(trust_env=False) as client:
        yield UnionPay(client)


@pytest.fixture(scope="module")
async def listening():
    ear = Ear()
    async with serving(ear) as address:
        ear.url = f"{address}/notices/unionpay"
        yield ear


@pytest.fixture
def ear(listening):
    listening.heard, listening.answers, listening.always = [], [], None
    return listening


@pytest.fixture(scope="module")
def register(outside, channel, listening):
    """Registers a merchant at the sandbox and gives its desk."""

    async def make(**wanted) -> Desk:
        reply = await outside.post(f"{API}/merchants", json={"name": "榕城第一实验学校"} | wanted)
        assert reply.status_code == 201, reply.text
        given = {name: reply.json()[name] for name in ("mchid", "appid", "base_url", "credentials")}
        return Desk(channel, ChannelAccount(channel="unionpay", **given), outside, listening.url)

    return make


@pytest.fixture(scope="module")
async def desk(register):
    return await register()
