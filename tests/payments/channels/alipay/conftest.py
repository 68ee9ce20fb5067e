"""The Alipay channel's other side: the sandbox over real HTTP, a gateway that says whatever a test wants, and Alipay's own pen."""

import asyncio
import datetime as dt
import secrets
from urllib.parse import urlencode

import httpx
import msgspec
import pytest

from core import clock
from core.payments.channels import rsa
from core.payments.channels.alipay import Alipay, crypto, wire
from core.payments.channels.http import channel_client
from core.payments.channels.protocol import ChannelAccount, OrderRequest, RefundRef, RefundRequest
from core.sandbox.alipay import keys
from core.sandbox.serving import serving


@pytest.fixture(scope="module")
def register(outside):
    """Registers a seller at the sandbox and gives the account our channel uses."""

    async def make(**wanted) -> ChannelAccount:
        reply = await outside.post("/sandbox/api/alipay/merchants", json={"name": "榕城第一实验学校", **wanted})
        assert reply.status_code == 201, reply.text
        given = reply.json()
        named = {name: given[name] for name in ("mchid", "appid", "base_url", "credentials", "mode")}
        return ChannelAccount(channel="alipay", **named)

    return make


@pytest.fixture(scope="module")
async def account(register):
    return await register()


@pytest.fixture(scope="module")
async def channel():
    async with channel_client(20) as client:
        yield Alipay(client)


@pytest.fixture
def order():
    """A new order; say only what matters."""

    def make(**wanted) -> OrderRequest:
        now = clock.now().replace(microsecond=0)
        return OrderRequest(
            **{
                "number": f"T{secrets.token_hex(12)}",
                "description": "2026 学年秋季学费",
                "amount_fen": 123450,
                "scene": "jsapi",
                "notify_url": "http://127.0.0.1:9/notices/alipay",
                "expires_at": now + dt.timedelta(minutes=20),
                "placed_at": now,
                **wanted,
            }
        )

    return make


class Hand:
    """What a payer or a tester does at the sandbox, for one account."""

    def __init__(self, outside: httpx.AsyncClient, channel: Alipay, account: ChannelAccount) -> None:
        self.outside, self.channel, self.account = outside, channel, account

    async def buyer(self, user: str = "lin", name: str = "open_id") -> str:
        users = (await self.outside.get("/sandbox/api/alipay/users", params={"appid": self.account.appid})).json()
        return next(u[name] for u in users if u["code"] == user)

    async def pay_code(self, **who) -> str:
        return (await self.outside.post("/sandbox/api/alipay/pay-codes", params=who)).json()["auth_code"]

    async def pay(self, number: str, user: str = "lin") -> httpx.Response:
        return await self.outside.post(f"/sandbox/api/alipay/orders/{self.account.mchid}/{number}/pay", json={"user": user})

    async def told(self, number: str) -> dict:
        return (await self.outside.get(f"/sandbox/api/alipay/orders/{self.account.mchid}/{number}")).json()

    async def fault(self, number: str, kind: str, **more) -> None:
        url = f"/sandbox/api/faults/orders/{self.account.mchid}/{number}"
        reply = await self.outside.put(url, json={"faults": [{"kind": kind, **more}]})
        assert reply.status_code == 200, reply.text

    async def trade(self, order, **wanted) -> OrderRequest:
        """A trade that exists at Alipay and waits for its buyer."""
        made = order(openid=await self.buyer(), **wanted)
        await self.channel.create(self.account, made)
        return made

    async def paid(self, order, **wanted) -> OrderRequest:
        """A paid trade."""
        made = await self.trade(order, **wanted)
        assert (await self.pay(made.number)).status_code == 200
        return made

    async def becomes(self, ask, wanted):
        """What `ask` says, once it says what is wanted."""
        for _ in range(1000):
            if wanted(found := await ask()):
                return found
            await asyncio.sleep(0.01)
        raise AssertionError(f"never came to be: {found}")


@pytest.fixture
def hand(outside, channel, account):
    return Hand(outside, channel, account)


@pytest.fixture
def hand_of(outside, channel):
    return lambda account: Hand(outside, channel, account)


def refund_of(order: OrderRequest, amount_fen: int, number: str = "") -> RefundRequest:
    """A refund of an order."""
    number = number or f"R{secrets.token_hex(12)}"
    return RefundRequest(number=number, order=order.ref, amount_fen=amount_fen, reason="退费", notify_url=order.notify_url, placed_at=clock.now())


def refund_ref(refund: RefundRequest) -> RefundRef:
    """The refund as a query names it."""
    return RefundRef(number=refund.number, order=refund.order, amount_fen=refund.amount_fen, placed_at=refund.placed_at)


@pytest.fixture
def asked():
    return refund_of


@pytest.fixture
def ref():
    return refund_ref


class Speaker:
    """Alipay's side of one app: signs answers and notifications, and can be told to do either wrongly."""

    def __init__(self) -> None:
        self.root_private, self.root = keys.root()
        self.alipay = keys.certified("alipay", self.root_private)
        self.app = keys.certified("app", self.root_private)
        self.stranger = keys.certified("stranger", self.root_private)

    def account(self, base_url: str = "http://127.0.0.1:9", **credentials) -> ChannelAccount:
        held = {"app_private_key": self.app.private_pem, "alipay_public_key": self.alipay.public_pem} | credentials
        given = {name: value for name, value in held.items() if value is not None}
        return ChannelAccount(channel="alipay", mchid="2088123456789012", appid="2021001234567890", base_url=base_url, credentials=given)

    @property
    def certificates(self) -> dict[str, str | None]:
        """The credentials of certificate mode."""
        named = {"app_cert": self.app.certificate_pem, "alipay_cert": self.alipay.certificate_pem, "alipay_root_cert": self.root}
        return named | {"alipay_public_key": None}

    def sign(self, text: bytes, pair: keys.KeyPair | None = None) -> str:
        return rsa.sign(rsa.private_key((pair or self.alipay).private_pem), text)

    def answer(self, method: str, content: object, *, raw: bytes | None = None, **more: str) -> bytes:
        """An answer as the gateway gives it; `raw` is the content as it shall be written."""
        written = raw if raw is not None else msgspec.json.encode(content)
        tail = {"sign": self.sign(written)} | more
        parts = [b'"%s":%s' % (wire.answer_key(method).encode(), written)]
        parts += [b'"%s":%s' % (name.encode(), msgspec.json.encode(value)) for name, value in tail.items() if value]
        return b"{" + b",".join(parts) + b"}"

    def form(self, told: dict[str, str], *, pair: keys.KeyPair | None = None, age_seconds: float = 0, charset: str = "utf-8") -> dict[str, str]:
        """A notification's fields, signed."""
        sent_at = wire.local(clock.now() - dt.timedelta(seconds=age_seconds))
        said = {"notify_time": sent_at, "charset": charset} | told
        text = "&".join(f"{name}={said[name]}" for name in sorted(said)).encode(charset)
        return said | {"sign_type": crypto.SIGN_TYPE, "sign": self.sign(text, pair)}

    def body(self, told: dict[str, str], **how) -> bytes:
        """A notification as it is posted."""
        return urlencode(self.form(told, **how), encoding=how.get("charset", "utf-8")).encode()


@pytest.fixture(scope="session")
def speaker():
    return Speaker()


class Gateway:
    """A gateway that answers every call with the same bytes, has one file to download, and keeps what it was asked."""

    def __init__(self) -> None:
        self.status, self.body, self.file, self.url = 200, b"{}", b"", ""
        self.asked: list[tuple[str, str, bytes, bytes]] = []

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.asked.append((scope["method"], scope["path"], scope["query_string"], body))
        headers = [(b"content-type", b"text/html;charset=utf-8")]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body if scope["path"] == "/gateway.do" else self.file})


@pytest.fixture(scope="module")
async def standing_gateway():
    gateway = Gateway()
    async with serving(gateway) as url:
        gateway.url = url
        yield gateway


@pytest.fixture
def gateway(standing_gateway):
    standing_gateway.status, standing_gateway.body, standing_gateway.asked = 200, b"{}", []
    return standing_gateway
