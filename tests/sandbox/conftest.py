"""The sandbox over real HTTP, a merchant's raw hands at its wire, and a merchant's ear for its notifications."""

import asyncio
import datetime as dt
import secrets
import time

import httpx
import msgspec
import pytest

from core import clock
from core.payments.channels.protocol import ChannelAccount
from core.payments.channels.wechatpay import WechatPay, crypto
from core.sandbox.schema import install
from core.sandbox.serving import sandbox_serving, serving


@pytest.fixture(scope="session")
async def sandbox_database(postgres):
    """The address the sandbox connects with; its tables are there."""
    await install(postgres.owner_url)
    return postgres.app_url


@pytest.fixture(scope="module")
async def sandbox(sandbox_database):
    async with sandbox_serving(sandbox_database, time_scale=0.00001) as settings:
        yield settings.public_url


@pytest.fixture(scope="module")
async def outside(sandbox):
    """The tester's own door; follows no redirect."""
    async with httpx.AsyncClient(base_url=sandbox, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
async def channel():
    async with httpx.AsyncClient(trust_env=False) as client:
        yield WechatPay(client)


class Hands:
    """A merchant that composes every byte itself, so that each can be wrong."""

    def __init__(self, client: httpx.AsyncClient, account: ChannelAccount) -> None:
        self.client = client
        self.account = account
        self.mchid, self.appid = account.mchid, account.appid

    def order(self, **wanted) -> dict:
        return {
            "appid": self.appid,
            "mchid": self.mchid,
            "description": "秋季学费",
            "out_trade_no": f"T{secrets.token_hex(12)}",
            "time_expire": (clock.now() + dt.timedelta(minutes=30)).isoformat(timespec="seconds"),
            "notify_url": "http://127.0.0.1:9/notices",
            "amount": {"total": 100, "currency": "CNY"},
            "scene_info": {"payer_client_ip": "203.0.113.7", "h5_info": {"type": "Wap"}},
            **wanted,
        }

    def authorization(self, method: str, target: str, body: bytes, **other) -> str:
        """The header's pairs; `other` replaces any of them, `order` their order, `key` the signing key."""
        fields = {
            "mchid": self.mchid,
            "nonce_str": crypto.new_nonce(),
            "timestamp": str(int(time.time())),
            "serial_no": self.account.credentials["merchant_serial"],
        } | {k: v for k, v in other.items() if k not in ("order", "key", "scheme")}
        key = crypto.private_key(other.get("key") or self.account.credentials["merchant_private_key"])
        message = crypto.request_message(method, target, fields["timestamp"], fields["nonce_str"], body)
        fields.setdefault("signature", crypto.sign(key, message))
        names = other.get("order") or ["mchid", "nonce_str", "signature", "timestamp", "serial_no"]
        pairs = ",".join(f'{name}="{fields[name]}"' for name in names)
        return f"{other.get('scheme', 'WECHATPAY2-SHA256-RSA2048')} {pairs}"

    async def send(self, method: str, target: str, content: object = None, *, headers=None, **other) -> httpx.Response:
        """One signed request. Bytes go as they are; anything else becomes JSON."""
        body = content if isinstance(content, bytes) else b"" if content is None else msgspec.json.encode(content)
        standard = {
            "Accept": "application/json",
            "User-Agent": "hands/1.0",
            "Content-Type": "application/json",
            "Authorization": self.authorization(method, target, body, **other),
        }
        request = self.client.build_request(method, target, content=body or None)
        request.headers.update({k: v for k, v in (standard | (headers or {})).items() if v is not None})
        for name in (k for k, v in (headers or {}).items() if v is None):
            request.headers.pop(name, None)
        return await self.client.send(request)

    async def place(self, order: dict, scene: str = "native") -> httpx.Response:
        return await self.send("POST", f"/v3/pay/transactions/{scene}", order)

    async def query(self, number: str) -> httpx.Response:
        return await self.send("GET", f"/v3/pay/transactions/out-trade-no/{number}?mchid={self.mchid}")

    async def close(self, number: str) -> httpx.Response:
        return await self.send("POST", f"/v3/pay/transactions/out-trade-no/{number}/close", {"mchid": self.mchid})

    async def pay(self, number: str, **who) -> httpx.Response:
        return await self.client.post(f"/sandbox/api/wechatpay/orders/{self.mchid}/{number}/pay", json=who or None)

    async def faults(self, number: str, *faults: dict) -> None:
        reply = await self.client.put(f"/sandbox/api/faults/orders/{self.mchid}/{number}", json={"faults": list(faults)})
        assert reply.status_code == 200, reply.text

    async def told(self, number: str) -> dict:
        """The order as the sandbox shows it, with notices and deliveries."""
        return (await self.client.get(f"/sandbox/api/wechatpay/orders/{self.mchid}/{number}")).json()

    async def told_when(self, number: str, holds) -> dict:
        """The same, once a condition holds."""
        for _ in range(2000):
            if holds(told := await self.told(number)):
                return told
            await asyncio.sleep(0.005)
        raise AssertionError(f"never came to be: {told}")


@pytest.fixture(scope="module")
def merchant_of():
    """Registers a merchant through an open door and gives its hands."""

    async def make(client: httpx.AsyncClient, **wanted) -> Hands:
        reply = await client.post("/sandbox/api/wechatpay/merchants", json={"name": "榕城第一实验学校", **wanted})
        assert reply.status_code == 201, reply.text
        given = reply.json()
        account = {name: given[name] for name in ("mchid", "appid", "base_url", "credentials", "mode")}
        return Hands(client, ChannelAccount(channel="wechatpay", **account))

    return make


@pytest.fixture(scope="module")
async def merchant(outside, merchant_of):
    return await merchant_of(outside)


class Ear:
    """A merchant's notification address: keeps what it hears and answers as told, 200 when out of instructions.

    With `about` only what speaks of it is answered as told: notices of earlier tests that come late do not take the answers away.
    """

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.about = b""
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
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.heard.append((headers, body))
        status = self.always or (self.answers.pop(0) if self.answers and self.about in body else 200)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture(scope="module")
async def listening():
    """The ear's server, shared by a module."""
    ear = Ear()
    async with serving(ear) as address:
        ear.url = f"{address}/notices/wechatpay"
        yield ear


@pytest.fixture
def ear(listening):
    listening.heard, listening.answers, listening.always, listening.about = [], [], None, b""
    return listening
