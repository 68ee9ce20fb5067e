"""A seller's raw hands at Alipay's gateway, and a seller's ear that answers in Alipay's seven letters."""

import asyncio
import secrets
from urllib.parse import parse_qsl, urlencode

import httpx
import msgspec
import pytest

from core import clock
from core.payments.channels import rsa
from core.payments.channels.alipay import Alipay, wire
from core.payments.channels.protocol import ChannelAccount
from core.sandbox.serving import serving


@pytest.fixture(scope="module")
async def channel():
    async with httpx.AsyncClient(trust_env=False) as client:
        yield Alipay(client)


class Hands:
    """A seller that composes every parameter itself, so that each can be wrong."""

    def __init__(self, client: httpx.AsyncClient, account: ChannelAccount) -> None:
        self.client, self.account = client, account
        self.mchid, self.appid = account.mchid, account.appid
        self.people = f"/sandbox/api/alipay/users?appid={self.appid}"

    def content(self, **wanted) -> dict:
        """The business content of a new trade; say only what matters, None leaves a field out."""
        usual = {"out_trade_no": f"T{secrets.token_hex(12)}", "total_amount": "1.00", "subject": "秋季学费"}
        return {name: value for name, value in (usual | wanted).items() if value is not None}

    def signed(self, method: str, content: object, *, charset: str = "utf-8", key: str | None = None, **other) -> dict[str, str]:
        """Every parameter of a call; `other` replaces any before signing, None leaves it out."""
        given = {
            "app_id": self.appid,
            "method": method,
            "format": "JSON",
            "charset": charset,
            "sign_type": "RSA2",
            "timestamp": wire.local(clock.now()),
            "version": "1.0",
            "biz_content": content if isinstance(content, str) else msgspec.json.encode(content).decode(),
        } | other
        parameters = {name: value for name, value in given.items() if value is not None}
        text = "&".join(f"{name}={parameters[name]}" for name in sorted(parameters) if parameters[name])
        pen = rsa.private_key(key or self.account.credentials["app_private_key"])
        return parameters | {"sign": rsa.sign(pen, text.encode(charset))}

    async def send(self, parameters: dict[str, str], how: str = "split", charset: str = "utf-8") -> httpx.Response:
        """One call: as a GET, with everything in a form, or split between address and form as the official SDKs do."""
        split = {"get": set(), "form": set(parameters), "split": {"biz_content"}}[how]
        query = urlencode({n: v for n, v in parameters.items() if n not in split}, encoding=charset)
        form = urlencode({n: v for n, v in parameters.items() if n in split}, encoding=charset)
        url = f"/gateway.do?{query}" if query else "/gateway.do"
        if how == "get":
            return await self.client.get(url)
        return await self.client.post(url, content=form, headers={"Content-Type": "application/x-www-form-urlencoded"})

    async def ask(self, method: str, content: object, **other) -> dict:
        """What a call is answered, read after its signature was checked."""
        reply = await self.send(self.signed(method, content, **other))
        return self.believed(method, reply)

    def believed(self, method: str, reply: httpx.Response) -> dict:
        """The content of a signed answer."""
        parts = msgspec.json.decode(reply.content, type=dict[str, msgspec.Raw])
        raw = bytes(parts[wire.answer_key(method)])
        sign = msgspec.json.decode(parts["sign"], type=str)
        credentials = self.account.credentials
        key = rsa.public_key(credentials.get("alipay_public_key") or credentials["alipay_cert"])
        assert rsa.signed_by(key, raw, sign)
        return msgspec.json.decode(raw)

    async def buyer(self, user: str = "lin") -> str:
        return next(u["open_id"] for u in (await self.client.get(self.people)).json() if u["code"] == user)

    async def trade(self, *faults: dict, **wanted) -> str:
        """The number of a new trade that waits for its buyer."""
        content = self.content(buyer_open_id=await self.buyer(), **{n: v for n, v in wanted.items() if n != "notify_url"})
        await self.faults(content["out_trade_no"], *faults)
        answer = await self.ask("alipay.trade.create", content, notify_url=wanted.get("notify_url"))
        assert answer["code"] == "10000", answer
        return content["out_trade_no"]

    async def pay(self, number: str, **who) -> httpx.Response:
        return await self.client.post(f"/sandbox/api/alipay/orders/{self.mchid}/{number}/pay", json=who or None)

    async def faults(self, number: str, *faults: dict) -> None:
        reply = await self.client.put(f"/sandbox/api/faults/orders/{self.mchid}/{number}", json={"faults": faults})
        assert reply.status_code == 200, reply.text

    async def told(self, number: str) -> dict:
        return (await self.client.get(f"/sandbox/api/alipay/orders/{self.mchid}/{number}")).json()

    async def told_when(self, number: str, holds) -> dict:
        for _ in range(2000):
            if holds(told := await self.told(number)):
                return told
            await asyncio.sleep(0.005)
        raise AssertionError(f"never came to be: {told}")


@pytest.fixture(scope="module")
def merchant_of(outside):
    async def make(**wanted) -> Hands:
        reply = await outside.post("/sandbox/api/alipay/merchants", json={"name": "榕城第一实验学校", **wanted})
        assert reply.status_code == 201, reply.text
        given = reply.json()
        named = {name: given[name] for name in ("mchid", "appid", "base_url", "credentials", "mode")}
        return Hands(outside, ChannelAccount(channel="alipay", **named))

    return make


@pytest.fixture(scope="module")
async def merchant(merchant_of):
    return await merchant_of()


class Ear:
    """A notification address: keeps what it hears and answers as told, `success` when out of instructions."""

    def __init__(self) -> None:
        self.url = ""
        self.heard: list[bytes] = []
        self.answers: list[tuple[int, bytes]] = []
        self.always: tuple[int, bytes] | None = None

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.heard.append(body)
        status, answer = self.always or (self.answers.pop(0) if self.answers else (200, b"success"))
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": answer})

    def forms(self) -> list[dict[str, str]]:
        return [dict(parse_qsl(body.decode(), strict_parsing=True)) for body in self.heard]


@pytest.fixture(scope="module")
async def open_ear():
    ear = Ear()
    async with serving(ear) as address:
        ear.url = f"{address}/notices/alipay"
        yield ear


@pytest.fixture
def ear(open_ear):
    open_ear.heard, open_ear.answers, open_ear.always = [], [], None
    return open_ear
