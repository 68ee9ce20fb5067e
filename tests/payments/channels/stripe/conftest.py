"""The card channel's other side: the sandbox, over real HTTP, and accounts registered with it."""

import datetime as dt
import secrets

import asyncpg
import httpx
import pytest

from core import clock
from core.payments.channels.http import channel_client
from core.payments.channels.protocol import ChannelAccount, OrderRequest
from core.payments.channels.stripe import StripeGateway
from core.sandbox.schema import plain_url
from core.sandbox.serving import serving


@pytest.fixture(scope="module")
def register(outside):
    """Registers an account at the sandbox and gives it as our channel uses it."""

    async def make(**wanted) -> ChannelAccount:
        reply = await outside.post("/sandbox/api/stripe/merchants", json={"name": "榕城第一实验学校", **wanted})
        assert reply.status_code == 201, reply.text
        given = reply.json()
        return ChannelAccount(channel="stripe", **{name: given[name] for name in ("mchid", "appid", "base_url", "credentials")})

    return make


@pytest.fixture(scope="module")
async def account(register):
    return await register()


@pytest.fixture(scope="module")
async def channel():
    async with channel_client(20) as client:
        yield StripeGateway(client)


@pytest.fixture
def order():
    """A new order; say only what matters."""

    def make(**wanted) -> OrderRequest:
        now = clock.now().replace(microsecond=0)
        usual = {
            "number": f"T{secrets.token_hex(12)}",
            "description": "2026 学年秋季学费",
            "amount_fen": 123450,
            "scene": "card",
            "notify_url": "http://127.0.0.1:9/notices/stripe",
            "placed_at": now,
            "expires_at": now + dt.timedelta(minutes=20),
        }
        return OrderRequest(**(usual | wanted))

    return make


class Desk:
    """A tester at the sandbox: pays, breaks and looks, for one account."""

    def __init__(self, outside: httpx.AsyncClient, mchid: str) -> None:
        self._outside, self._mchid = outside, mchid

    async def pay(self, number: str, card: str = "4242424242424242") -> httpx.Response:
        return await self._outside.post(f"/sandbox/api/stripe/orders/{self._mchid}/{number}/pay", json={"card": card})

    async def faults(self, number: str, *faults: dict) -> None:
        reply = await self._outside.put(f"/sandbox/api/faults/orders/{self._mchid}/{number}", json={"faults": list(faults)})
        assert reply.status_code == 200, reply.text

    async def age(self, number: str, days: int = 2) -> dt.date:
        reply = await self._outside.post(f"/sandbox/api/stripe/orders/{self._mchid}/{number}/age", json={"days": days})
        assert reply.status_code == 200, reply.text
        return dt.date.fromisoformat(reply.json()["day"])

    async def look(self, number: str) -> dict:
        return (await self._outside.get(f"/sandbox/api/stripe/orders/{self._mchid}/{number}")).json()


@pytest.fixture(scope="module")
def desk_of(outside):
    return lambda account: Desk(outside, account.mchid)


@pytest.fixture(scope="module")
def desk(desk_of, account):
    return desk_of(account)


class Relay:
    """A gateway between us and the sandbox: passes everything on and keeps the headers; answers may be lost on the way back, or be its own."""

    def __init__(self, onward: httpx.AsyncClient) -> None:
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.without_reports = False
        self.instead: dict[str, tuple[int, bytes]] = {}
        self.losing: set[tuple[str, str]] = set()
        self.url = ""
        self._onward = onward

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            return
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.asked.append((scope["method"], scope["path"], headers))
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        status, content, told = await self._answer(scope, headers, body)
        await send({"type": "http.response.start", "status": status, "headers": told})
        await send({"type": "http.response.body", "body": content})

    async def _answer(self, scope, headers: dict[str, str], body: bytes) -> tuple[int, bytes, list]:
        if self.without_reports and scope["path"].startswith("/v1/reporting"):
            return 404, b"404: Not Found", []
        if scope["path"] in self.instead:
            return *self.instead[scope["path"]], []
        target = f"{scope['path']}?{scope['query_string'].decode()}"
        passed = {name: value for name, value in headers.items() if name not in ("host", "content-length")}
        reply = await self._onward.request(scope["method"], target, content=body, headers=passed)
        if (scope["method"], scope["path"]) in self.losing:
            return 502, b"<html>bad gateway</html>", []
        kept = ("content-type", "idempotent-replayed")
        return reply.status_code, reply.content, [(n.encode(), v.encode()) for n, v in reply.headers.items() if n in kept]


@pytest.fixture
async def relay(sandbox):
    """A relay and the address it listens on."""
    async with httpx.AsyncClient(base_url=sandbox, trust_env=False) as onward:
        app = Relay(onward)
        async with serving(app) as address:
            app.url = address
            yield app


@pytest.fixture(scope="module")
def forget_keys(postgres):
    """What the gateway does after a day: an account's idempotency keys are gone."""

    async def forget(account: ChannelAccount) -> None:
        connection = await asyncpg.connect(plain_url(postgres.app_url))
        await connection.execute("DELETE FROM sandbox.stripe_key WHERE mchid = $1", account.mchid)
        await connection.close()

    return forget
