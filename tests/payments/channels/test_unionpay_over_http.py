"""Our channel against the sandbox over real HTTP: payments, queries, the end of an order, and everything that can go wrong on the way."""

import asyncio
import datetime as dt
import secrets
import time

import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives import serialization

from core import clock
from core.payments.channels.errors import (
    AccountIncomplete,
    AlreadyPaid,
    ChannelRefused,
    ChannelUnknown,
    OrderNotAtChannel,
    SceneNotOffered,
)
from core.payments.channels.protocol import Channel, disagreements
from core.payments.channels.unionpay import UnionPay, crypto
from core.sandbox.unionpay import authority
from tests.payments.channels.unionpay_fixtures import API, channel, desk, listening, outside, register, sandbox

__all__ = ["channel", "desk", "listening", "outside", "register", "sandbox"]


def keyed(account, **credentials):
    """The account with other credentials; None takes one away."""
    merged = {k: v for k, v in (account.credentials | credentials).items() if v is not None}
    return msgspec.structs.replace(account, credentials=merged)


def with_clock(seconds: float, client=None) -> UnionPay:
    """The channel with a clock that is ahead by so much."""
    return UnionPay(client, seconds_now=lambda: time.time() + seconds)


def test_the_channel_keeps_the_protocol(channel):
    promised = {name for name in vars(Channel) if not name.startswith("_")} | set(Channel.__annotations__)
    assert {name for name in promised if hasattr(channel, name)} == promised
    assert set(channel.limits) == set(channel.scenes)


@pytest.mark.parametrize(("scene", "channel_type"), [("h5", "08"), ("page", "07")])
async def test_a_browser_order_is_a_signed_form_and_calls_nobody(desk, scene, channel_type):
    order = desk.order(scene=scene)
    account = msgspec.structs.replace(desk.account, base_url="http://127.0.0.1:9")
    prepared = await desk.channel.create(account, order)
    assert (prepared.kind, prepared.value) == ("form", "http://127.0.0.1:9/gateway/api/frontTransReq.do")
    assert (prepared.params["channelType"], prepared.params["txnTime"]) == (channel_type, f"{order.placed_at.astimezone(clock.SHANGHAI):%Y%m%d%H%M%S}")
    identity = crypto.identity_in(desk.account.credentials["sign_certificate"], "000000")
    assert prepared.params["certId"] == identity.cert_id
    assert crypto.signed_by(identity.key.public_key(), prepared.params)
    assert prepared == await desk.channel.create(account, order)
    assert all(prepared.params.values())


async def test_an_app_order_gives_a_number_for_the_app(desk):
    order = desk.order(scene="app")
    prepared = await desk.channel.create(desk.account, order)
    assert prepared.kind == "app"
    assert len(prepared.params["tn"]) == 21
    assert (await desk.pay(order.number)).status_code == 200
    assert (await desk.channel.query(desk.account, order.ref)).paid


async def test_an_app_order_asked_for_again_is_unknown_and_a_query_decides(desk):
    order = desk.order(scene="app")
    await desk.channel.create(desk.account, order)
    with pytest.raises(ChannelUnknown) as unknown:
        await desk.channel.create(desk.account, order)
    assert unknown.value.facts["channel_code"] == "12"
    assert (await desk.channel.query(desk.account, order.ref)).state == "pending"


@pytest.mark.parametrize("scene", ["native", "jsapi", "barcode"])
async def test_a_scene_without_facts_is_not_offered(desk, scene):
    with pytest.raises(SceneNotOffered):
        await desk.channel.create(desk.account, desk.order(scene=scene))


async def test_a_query_follows_an_order_from_absent_to_pending_to_paid(desk):
    order = desk.order()
    prepared = await desk.channel.create(desk.account, order)
    assert (await desk.channel.query(desk.account, order.ref)).state == "unknown"
    await desk.submit(prepared)
    assert (await desk.channel.query(desk.account, order.ref)).state == "pending"
    await desk.pay(order.number)
    after = await desk.channel.query(desk.account, order.ref)
    assert (after.state, len(after.channel_txn_id)) == ("succeeded", 21)
    assert disagreements(after, desk.account, order.number, order.amount_fen) == {}
    assert abs(after.paid_at - clock.now()) < dt.timedelta(minutes=1)
    assert b"respCode=00" in after.raw


async def test_a_query_needs_the_very_time_of_the_order(desk):
    order = await desk.paid()
    other = msgspec.structs.replace(order, placed_at=order.placed_at + dt.timedelta(seconds=2))
    assert (await desk.channel.query(desk.account, other)).state == "unknown"


async def test_the_same_form_twice_is_a_duplicate(desk):
    order = desk.order()
    prepared = await desk.channel.create(desk.account, order)
    first, second = await desk.submit(prepared), await desk.submit(prepared)
    assert first.status_code == 303
    assert second.status_code == 200
    assert "重复交易" in second.text


async def test_a_success_with_a_defect_is_confirmed_by_the_query(desk):
    order = await desk.placed()
    assert (await desk.pay(order.number, code="A6")).json()["respCode"] == "A6"
    state = await desk.channel.query(desk.account, order.ref)
    assert (state.state, state.paid) == ("succeeded", True)


async def test_a_failed_attempt_is_no_end_before_the_time_is_up(desk):
    order = await desk.placed()
    ticket = (await desk.told(order.number))["order"]
    assert ticket["respCode"] == "05"
    page = await desk.submit(await desk.channel.create(desk.account, order))
    assert page.status_code == 200
    await fail_once(desk, order)
    assert (await desk.told(order.number))["order"]["respCode"] == "64"
    assert (await desk.channel.query(desk.account, order.ref)).state == "pending"
    assert (await desk.pay(order.number)).status_code == 200
    assert (await desk.channel.query(desk.account, order.ref)).state == "succeeded"


async def fail_once(desk, order) -> None:
    """Somebody without money tries at the cashier page."""
    shown = (await desk.outside.get("/")).text
    row = shown[shown.index(order.number) :]
    path = row[row.index('href="/unionpay/cashier/') + 6 :].split('"')[0]
    page = await desk.outside.post(path, data={"press": "pay", "user": "wu"})
    assert "余额不足" in page.text


async def test_after_its_time_an_unpaid_order_is_final(desk):
    order = await desk.placed(expires_at=clock.now().replace(microsecond=0) + dt.timedelta(seconds=2))
    await desk.told_when(order.number, lambda told: told["order"]["respCode"] == "69")
    assert (await desk.pay(order.number)).status_code == 409
    assert (await desk.channel.query(desk.account, order.ref)).state == "failed"
    await desk.channel.close(desk.account, order.ref)
    await desk.channel.close(desk.account, order.ref)


async def test_an_order_cannot_be_closed_before_its_time(desk):
    order = await desk.placed()
    with pytest.raises(ChannelRefused) as refused:
        await desk.channel.close(desk.account, order.ref)
    assert not isinstance(refused.value, (AlreadyPaid, OrderNotAtChannel))
    assert (await desk.pay(order.number)).status_code == 200


async def test_closing_a_paid_order_says_that_it_is_paid_before_and_after_its_time(desk, channel):
    order = await desk.paid()
    with pytest.raises(AlreadyPaid):
        await desk.channel.close(desk.account, order)
    async with httpx.AsyncClient(trust_env=False) as client:
        with pytest.raises(AlreadyPaid):
            await with_clock(3600, client).close(desk.account, order)


async def test_closing_an_order_that_never_arrived_is_told_apart_once_its_time_is_up(desk):
    order = desk.order()
    with pytest.raises(ChannelRefused) as refused:
        await desk.channel.close(desk.account, order.ref)
    assert not isinstance(refused.value, OrderNotAtChannel)
    async with httpx.AsyncClient(trust_env=False) as client:
        with pytest.raises(OrderNotAtChannel):
            await with_clock(3600, client).close(desk.account, order.ref)


async def test_an_undecided_order_is_not_closed_even_after_its_time(desk):
    order = await desk.placed()
    async with httpx.AsyncClient(trust_env=False) as client:
        with pytest.raises(ChannelUnknown):
            await with_clock(3600, client).close(desk.account, order.ref)


async def test_money_can_arrive_after_the_time_is_up(desk):
    order = desk.order(expires_at=clock.now().replace(microsecond=0) + dt.timedelta(seconds=2))
    await desk.faults(order.number, {"kind": "pay_after_close", "seconds": 0.5})
    await desk.submit(await desk.channel.create(desk.account, order))
    states = []
    async with asyncio.timeout(60):
        while "succeeded" not in states:
            states.append((await desk.channel.query(desk.account, order.ref)).state)
    assert set(states[:-1]) == {"pending", "failed"}


@pytest.mark.parametrize("kind", ["api_error", "api_tamper"])
@pytest.mark.parametrize("scene", ["app", "h5"])
async def test_an_answer_that_cannot_be_believed_decides_nothing(desk, kind, scene):
    order = await desk.placed(scene=scene)
    await desk.pay(order.number)
    await desk.faults(order.number, {"kind": kind, "remaining": 1})
    with pytest.raises(ChannelUnknown):
        await desk.channel.query(desk.account, order.ref)
    assert (await desk.channel.query(desk.account, order.ref)).paid


async def test_a_time_out_leaves_an_app_order_unknown_and_a_query_decides(desk):
    order = desk.order(scene="app")
    await desk.faults(order.number, {"kind": "api_timeout", "seconds": 1, "remaining": 1})
    async with httpx.AsyncClient(timeout=0.25, trust_env=False) as impatient:
        with pytest.raises(ChannelUnknown) as unknown:
            await UnionPay(impatient).create(desk.account, order)
    assert unknown.value.facts["reason"] == "ReadTimeout"
    assert (await desk.channel.query(desk.account, order.ref)).state == "pending"


async def test_an_answer_about_another_order_is_not_believed(desk, sandbox):
    """Somebody between us and UnionPay answers with a genuine answer to another question."""
    paid, unpaid = await desk.paid(), await desk.placed()
    genuine = (await desk.channel.query(desk.account, paid)).raw
    replaying = httpx.MockTransport(lambda request: httpx.Response(200, content=genuine))
    async with httpx.AsyncClient(transport=replaying) as client:
        with pytest.raises(ChannelUnknown) as unknown:
            await UnionPay(client).query(desk.account, unpaid.ref)
    assert unknown.value.facts["reason"] == "answer"


async def test_nobody_at_the_other_end_is_unknown(desk):
    away = msgspec.structs.replace(desk.account, base_url="http://127.0.0.1:9")
    with pytest.raises(ChannelUnknown):
        await desk.channel.query(away, desk.order().ref)


async def test_an_answer_that_is_no_unionpay_at_all_is_unknown(desk, sandbox):
    elsewhere = msgspec.structs.replace(desk.account, base_url=f"{sandbox}/elsewhere")
    with pytest.raises(ChannelUnknown):
        await desk.channel.query(elsewhere, desk.order().ref)


async def test_answers_under_a_root_we_do_not_hold_are_not_believed(desk):
    foreign = authority.found("Sandbox CFCA")
    doubtful = keyed(desk.account, root_certificate=foreign.root.certificate_pem, middle_certificate=foreign.middle.certificate_pem)
    with pytest.raises(ChannelUnknown) as unknown:
        await desk.channel.query(doubtful, desk.order().ref)
    assert (unknown.value.facts["reason"], unknown.value.facts["why"]) == ("signature", "certificate")


async def test_a_new_signing_certificate_of_unionpay_is_believed_at_once(desk, outside):
    order = await desk.paid()
    before = (await outside.post(f"{API}/signer")).json()["serial"]
    assert (await outside.post(f"{API}/signer")).json()["serial"] != before
    assert (await desk.channel.query(desk.account, order)).paid


async def test_a_wrong_merchant_key_is_refused_with_the_channels_own_words(desk, register):
    other = await register()
    mixed_up = keyed(desk.account, sign_certificate=other.account.credentials["sign_certificate"])
    with pytest.raises(ChannelRefused) as refused:
        await desk.channel.create(mixed_up, desk.order(scene="app"))
    assert refused.value.facts["channel_code"] == "11"
    assert "验证签名失败" in refused.value.message


async def test_a_key_in_pem_with_its_serial_is_as_good_as_the_file(desk):
    identity = crypto.identity_in(desk.account.credentials["sign_certificate"], "000000")
    pem = identity.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    account = keyed(desk.account, sign_certificate=None, sign_certificate_password=None, sign_private_key=pem, cert_id=identity.cert_id)
    order = desk.order()
    assert (await desk.channel.create(account, order)).params == (await desk.channel.create(desk.account, order)).params


@pytest.mark.parametrize(
    ("credentials", "missing"),
    [
        ({"sign_certificate": None}, "sign_certificate"),
        ({"sign_certificate": "bm9uc2Vuc2U="}, "sign_certificate"),
        ({"sign_certificate_password": "wrong"}, "sign_certificate"),
        ({"sign_private_key": "nonsense"}, "cert_id"),
        ({"sign_private_key": "nonsense", "cert_id": "1"}, "sign_certificate"),
        ({"root_certificate": None}, "root_certificate"),
        ({"root_certificate": "nonsense"}, "root_certificate"),
    ],
)
async def test_an_account_without_its_keys_says_which_one(desk, credentials, missing):
    with pytest.raises(AccountIncomplete) as incomplete:
        await desk.channel.query(keyed(desk.account, **credentials), desk.order().ref)
    assert incomplete.value.facts["missing"] == missing


async def test_another_way_of_connecting_is_not_pretended(desk):
    with pytest.raises(AccountIncomplete) as incomplete:
        await desk.channel.create(msgspec.structs.replace(desk.account, mode="partner"), desk.order())
    assert incomplete.value.facts["missing"] == "mode=partner"


async def test_a_clock_two_hours_off_is_refused_by_the_channel(desk):
    at = clock.now() - dt.timedelta(hours=2)
    with pytest.raises(ChannelRefused) as refused:
        await desk.channel.create(desk.account, desk.order(scene="app", placed_at=at, number=f"T{secrets.token_hex(8)}"))
    assert "txnTime" in refused.value.message
