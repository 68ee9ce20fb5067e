"""Which keys are used, fetched and kept: with certificates, with the public key, and where our signature may go."""

import httpx
import msgspec
import pytest

from core.payments.channels.errors import ChannelRefused, OrderNotAtChannel
from core.payments.channels.wechatpay import WechatPay, crypto
from core.payments.channels.wechatpay.keys import KeyRing
from core.sandbox.serving import serving
from core.sandbox.wechatpay import keys

NONE_THERE = b'{"code":"RESOURCE_NOT_EXISTS","message":"no platform certificate"}'


class Stranger:
    """A server that is not WeChat Pay: answers 404 and remembers who asked for what."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, bool]] = []

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            return
        headers = {name for name, _ in scope["headers"]}
        self.asked.append((scope["path"], b"authorization" in headers))
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": NONE_THERE})


@pytest.fixture(scope="module")
async def stranger():
    app = Stranger()
    async with serving(app) as app.url:
        yield app


@pytest.fixture
async def fresh():
    """A channel that has fetched nothing yet."""
    async with httpx.AsyncClient(trust_env=False) as client:
        yield WechatPay(client)


def without(account, *prefixes: str):
    kept = {name: value for name, value in account.credentials.items() if not name.startswith(prefixes)}
    return msgspec.structs.replace(account, credentials=kept)


async def test_a_merchant_that_began_with_the_public_key_needs_no_certificates(fresh, account, stranger):
    assert await fresh.refresh_keys(msgspec.structs.replace(account, base_url=stranger.url)) is None


async def test_a_merchant_of_certificates_cannot_do_without_them(fresh, account, stranger):
    bare = without(msgspec.structs.replace(account, base_url=stranger.url), "platform_public_key")
    with pytest.raises(OrderNotAtChannel):
        await fresh.refresh_keys(bare)


async def test_keys_are_fetched_at_most_once_a_minute(fresh, account, stranger):
    stranger.asked.clear()
    away = msgspec.structs.replace(account, base_url=stranger.url)
    for _ in range(5):
        await fresh.refresh_keys(away)
    assert stranger.asked == [("/v3/certificates", True)]


async def test_our_signature_goes_to_the_configured_host_and_to_no_other(fresh, account, stranger, sandbox):
    stranger.asked.clear()
    with pytest.raises(ChannelRefused) as refused:
        await fresh.transport.download(account, f"{stranger.url}/v3/billdownload/file?token=x")
    assert refused.value.facts["channel_code"] == "NO_AUTH", "the sandbox was asked instead"
    assert stranger.asked == []


async def test_names_are_sealed_with_the_public_key_where_there_is_one(account):
    serial, key = KeyRing().sealing_key(account)
    assert serial == account.credentials["platform_public_key_id"]
    assert key.public_numbers() == crypto.public_key(account.credentials["platform_public_key"]).public_numbers()


async def test_names_are_sealed_with_a_certificate_else_and_with_nothing_unknown(fresh, register):
    ring, account = KeyRing(), await register(signing="certificate")
    bare = without(account, "platform_")
    assert ring.sealing_key(bare) is None
    serial, _ = ring.sealing_key(without(account, "platform_public_key"))
    assert serial in crypto.certificate_keys(account.credentials["platform_certificates"])
    await fresh.refresh_keys(bare)
    assert fresh.transport.keys.sealing_key(bare)[0] in crypto.certificate_keys(account.credentials["platform_certificates"])


def test_a_sealed_name_opens_with_its_own_key_only():
    own, other = keys.public_key(), keys.public_key()
    sealed = crypto.seal_field(crypto.public_key(own.public_pem), "陈建国")
    assert sealed != crypto.seal_field(crypto.public_key(own.public_pem), "陈建国")
    assert crypto.unseal_field(crypto.private_key(own.private_pem), sealed) == "陈建国"
    for key, text in ((other, sealed), (own, "AAAA"), (own, "不是base64")):
        with pytest.raises(crypto.BadSeal):
            crypto.unseal_field(crypto.private_key(key.private_pem), text)
