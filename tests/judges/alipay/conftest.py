"""The sandbox as Alipay, one seller at it, and three independent SDKs that judge both sides, each a process of its own."""

import asyncio
import base64
import datetime as dt
import secrets
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives import serialization

from core import clock
from core.payments.channels import rsa
from core.payments.channels.alipay import Alipay
from core.payments.channels.http import channel_client
from core.payments.channels.protocol import ChannelAccount, OrderRequest
from core.sandbox.schema import install
from core.sandbox.serving import sandbox_serving
from tests.judges import environments

HERE = Path(__file__).parent
JUDGES = ("alipay-sdk-python", "python-alipay-sdk", "npm alipay-sdk")


@pytest.fixture(scope="module")
async def sandbox(postgres):
    await install(postgres.owner_url)
    async with sandbox_serving(postgres.app_url, time_scale=0.00001) as settings:
        yield settings.public_url


@pytest.fixture(scope="module")
async def outside(sandbox):
    async with httpx.AsyncClient(base_url=sandbox, trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def register(outside):
    async def make(**wanted) -> ChannelAccount:
        given = (await outside.post("/sandbox/api/alipay/merchants", json={"name": "榕城第一实验学校", **wanted})).json()
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
        usual = {
            "number": f"T{secrets.token_hex(12)}",
            "description": "2026 学年秋季学费 100% + 住宿",
            "amount_fen": 123450,
            "scene": "h5",
            "notify_url": "http://127.0.0.1:9/notices/alipay?not=used",
            "return_url": "http://127.0.0.1:8200/h5/demo/pay?order=1&step=done",
            "expires_at": now + dt.timedelta(minutes=20),
            "placed_at": now,
        }
        return OrderRequest(**(usual | wanted))

    return make


def config_of(account: ChannelAccount) -> dict[str, str]:
    """An account as the SDKs want it: their keys come in four dresses."""
    credentials = account.credentials
    key = rsa.private_key(credentials["app_private_key"])
    public = rsa.public_key(credentials.get("alipay_public_key") or credentials["alipay_cert"])
    pkcs1 = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    spki = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    config = {
        "gateway": f"{account.base_url}/gateway.do",
        "app_id": account.appid,
        "private_pem": credentials["app_private_key"],
        "private_pkcs1": base64.b64encode(pkcs1).decode(),
        "public_pem": pem.decode(),
        "public_bare": base64.b64encode(spki).decode(),
    }
    if "app_cert" in credentials:
        config |= {name: credentials[held] for name, held in _CERTIFICATES.items()}
    return config


_CERTIFICATES = {"app_cert": "app_cert", "alipay_cert": "alipay_cert", "root_cert": "alipay_root_cert"}


@pytest.fixture(scope="session")
def judge():
    """Asks one SDK about several things at once: `await judge(name, account, {"do": …}, …)` gives `{"said": …}` or `{"refused": …}` each."""

    def ask(name: str, question: dict) -> list[dict]:
        match name:
            case "alipay-sdk-python":
                return environments.ask_python(name, HERE / "official_python.py", question)
            case "python-alipay-sdk":
                return environments.ask_python(name, HERE / "fzlee_python.py", question)
        return environments.ask_node(HERE / "official_node.cjs", question)

    async def run(name: str, account: ChannelAccount, *tasks: dict) -> list[dict]:
        return await asyncio.to_thread(ask, name, {"config": config_of(account), "tasks": list(tasks)})

    return run
