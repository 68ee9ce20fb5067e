"""Our channel against the sandbox over real HTTP: what it signs is accepted, what comes back is believed if genuine."""

import asyncio
import secrets
import time
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
import pytest

from core.payments.channels.errors import (
    AccountIncomplete,
    AlreadyPaid,
    ChannelRefused,
    ChannelUnknown,
    OrderNotAtChannel,
    SceneNotOffered,
)
from core.payments.channels.protocol import Channel
from core.payments.channels.wechatpay import WechatPay, crypto

PLATFORM_KEYS = ("platform_public_key_id", "platform_public_key", "platform_certificates")


def keyed(account, **credentials):
    """The account with other credentials; None takes one away."""
    merged = {k: v for k, v in (account.credentials | credentials).items() if v is not None}
    return msgspec.structs.replace(account, credentials=merged)


async def openid_of(outside, appid: str, user: str = "lin") -> str:
    users = (await outside.get("/sandbox/api/wechatpay/users", params={"appid": appid})).json()
    return next(u["openid"] for u in users if u["code"] == user)


async def pay(outside, account, number: str) -> httpx.Response:
    return await outside.post(f"/sandbox/api/wechatpay/orders/{account.mchid}/{number}/pay")


async def fault(outside, account, number: str, kind: str, **more) -> None:
    reply = await outside.put(
        f"/sandbox/api/faults/orders/{account.mchid}/{number}", json={"faults": [{"kind": kind, **more}]}
    )
    assert reply.status_code == 200


def test_the_channel_keeps_the_protocol(channel):
    promised = {name for name in vars(Channel) if not name.startswith("_")} | set(Channel.__annotations__)
    assert {name for name in promised if hasattr(channel, name)} == promised
    assert set(channel.limits) == set(channel.scenes)


async def test_an_h5_order_gives_a_pay_page_that_leads_back(channel, account, order):
    back = "http://127.0.0.1:8200/h5/demo/pay?order=1&step=done"
    prepared = await channel.create(account, order(scene="h5", return_url=back))
    assert prepared.kind == "redirect"
    assert parse_qs(urlsplit(prepared.value).query)["redirect_url"] == [back]


async def test_a_native_order_gives_a_code_to_show(channel, account, order):
    prepared = await channel.create(account, order(scene="native"))
    assert prepared.kind == "qr"
    assert prepared.value.startswith("weixin://wxpay/bizpayurl/")


async def test_a_jsapi_order_gives_a_wallet_call_signed_by_the_merchant(channel, account, order, outside):
    openid = await openid_of(outside, account.appid)
    prepared = await channel.create(account, order(scene="jsapi", openid=openid))
    call = prepared.params
    message = crypto.client_message(call["appId"], call["timeStamp"], call["nonceStr"], call["package"])
    merchant = crypto.public_key(account.credentials["merchant_certificate"])
    assert (prepared.kind, call["signType"], call["appId"]) == ("jsapi", "RSA", account.appid)
    assert crypto.signed_by(merchant, message, call["paySign"])


async def test_an_app_order_signs_the_bare_prepay_id(channel, account, order):
    call = (await channel.create(account, order(scene="app"))).params
    message = crypto.client_message(call["appId"], call["timeStamp"], call["nonceStr"], call["prepayId"])
    merchant = crypto.public_key(account.credentials["merchant_certificate"])
    assert (call["partnerId"], call["packageValue"]) == (account.mchid, "Sign=WXPay")
    assert crypto.signed_by(merchant, message, call["sign"])


async def test_a_query_follows_an_order_from_pending_to_paid(channel, account, order, outside):
    wanted = order()
    await channel.create(account, wanted)
    before = await channel.query(account, wanted.ref)
    assert (before.state, before.channel_txn_id, before.paid) == ("pending", None, False)
    await pay(outside, account, wanted.number)
    after = await channel.query(account, wanted.ref)
    assert (after.state, after.amount_fen, after.currency) == ("succeeded", wanted.amount_fen, "CNY")
    assert (after.mchid, after.appid, after.order_number) == (account.mchid, account.appid, wanted.number)
    assert len(after.channel_txn_id) == 28
    assert after.paid_at.utcoffset().total_seconds() == 0


async def test_the_same_order_asked_again_is_given_a_fresh_ticket(channel, account, order):
    wanted = order()
    first, second = await channel.create(account, wanted), await channel.create(account, wanted)
    assert first.value != second.value


async def test_the_same_number_for_another_amount_is_refused(channel, account, order):
    wanted = order()
    await channel.create(account, wanted)
    with pytest.raises(ChannelRefused) as refused:
        await channel.create(account, msgspec.structs.replace(wanted, amount_fen=wanted.amount_fen + 1))
    assert refused.value.facts["channel_code"] == "OUT_TRADE_NO_USED"


async def test_an_order_the_channel_never_saw_is_unknown_not_failed(channel, account, order):
    state = await channel.query(account, order().ref)
    assert (state.state, state.paid) == ("unknown", False)


async def test_a_closed_order_stays_closed_and_may_be_closed_again(channel, account, order, outside):
    wanted = order()
    await channel.create(account, wanted)
    await channel.close(account, wanted.ref)
    await channel.close(account, wanted.ref)
    assert (await channel.query(account, wanted.ref)).state == "closed"
    assert (await pay(outside, account, wanted.number)).status_code == 409


async def test_a_closed_number_cannot_be_asked_again(channel, account, order):
    wanted = order()
    await channel.create(account, wanted)
    await channel.close(account, wanted.ref)
    with pytest.raises(ChannelRefused) as refused:
        await channel.create(account, wanted)
    assert refused.value.facts["channel_code"] == "ORDER_CLOSED"


async def test_closing_a_paid_order_says_that_it_is_paid(channel, account, order, outside):
    wanted = order()
    await channel.create(account, wanted)
    await pay(outside, account, wanted.number)
    with pytest.raises(AlreadyPaid):
        await channel.close(account, wanted.ref)


async def test_asking_again_for_a_paid_order_says_that_it_is_paid(channel, account, order, outside):
    wanted = order()
    await channel.create(account, wanted)
    await pay(outside, account, wanted.number)
    with pytest.raises(AlreadyPaid):
        await channel.create(account, wanted)


async def test_closing_an_order_that_never_arrived_is_told_apart(channel, account, order):
    with pytest.raises(OrderNotAtChannel):
        await channel.close(account, order().ref)


async def test_money_can_arrive_after_the_close(channel, account, order, outside):
    wanted = order()
    await channel.create(account, wanted)
    await fault(outside, account, wanted.number, "pay_after_close", seconds=0)
    await channel.close(account, wanted.ref)
    states = []
    async with asyncio.timeout(60):
        while "succeeded" not in states:
            states.append((await channel.query(account, wanted.ref)).state)
    assert set(states) <= {"closed", "succeeded"}


async def test_an_answer_of_500_leaves_the_outcome_unknown(channel, account, order, outside):
    wanted = order()
    await fault(outside, account, wanted.number, "api_error", remaining=1)
    with pytest.raises(ChannelUnknown):
        await channel.create(account, wanted)
    assert (await channel.query(account, wanted.ref)).state == "unknown"
    await channel.create(account, wanted)
    assert (await channel.query(account, wanted.ref)).state == "pending"


async def test_a_time_out_leaves_the_outcome_unknown_and_a_query_decides(account, order, outside):
    wanted = order()
    await fault(outside, account, wanted.number, "api_timeout", seconds=1, remaining=1)
    async with httpx.AsyncClient(timeout=0.25, trust_env=False) as impatient:
        channel = WechatPay(impatient)
        with pytest.raises(ChannelUnknown) as unknown:
            await channel.create(account, wanted)
        assert unknown.value.facts["reason"] == "ReadTimeout"
    async with httpx.AsyncClient(trust_env=False) as patient:
        assert (await WechatPay(patient).query(account, wanted.ref)).state == "pending"


async def test_an_answer_altered_on_the_way_is_not_believed(channel, account, order, outside):
    wanted = order()
    await fault(outside, account, wanted.number, "api_tamper", remaining=1)
    with pytest.raises(ChannelUnknown) as unknown:
        await channel.create(account, wanted)
    assert unknown.value.facts["reason"] == "signature"


async def test_nobody_at_the_other_end_is_unknown(channel, account, order):
    away = msgspec.structs.replace(account, base_url="http://127.0.0.1:9")
    with pytest.raises(ChannelUnknown):
        await channel.query(away, order().ref)


async def test_an_answer_that_is_no_wechat_pay_at_all_is_unknown(channel, account, sandbox, order):
    elsewhere = msgspec.structs.replace(account, base_url=f"{sandbox}/elsewhere")
    with pytest.raises(ChannelUnknown):
        await channel.query(elsewhere, order().ref)


async def test_a_wrong_merchant_key_is_refused_with_the_channels_own_words(channel, account, register, order):
    other = await register()
    mixed_up = keyed(account, merchant_private_key=other.credentials["merchant_private_key"])
    with pytest.raises(ChannelRefused) as refused:
        await channel.create(mixed_up, order())
    assert refused.value.facts["channel_code"] == "SIGN_ERROR"
    assert "SIGN_ERROR" in refused.value.message


async def test_a_clock_ten_minutes_off_is_refused_by_the_channel(account, order):
    async with httpx.AsyncClient(trust_env=False) as client:
        ahead = WechatPay(client, seconds_now=lambda: time.time() + 600)
        with pytest.raises(ChannelRefused) as refused:
            await ahead.create(account, order())
    assert refused.value.facts["http_status"] == 401


async def test_a_foreign_appid_is_refused(channel, account, order):
    foreign = msgspec.structs.replace(account, appid="wx0123456789abcdef")
    with pytest.raises(ChannelRefused) as refused:
        await channel.create(foreign, order())
    assert refused.value.facts["channel_code"] == "APPID_MCHID_NOT_MATCH"


@pytest.mark.parametrize("signing", ["public_key", "certificate", "mixed"])
async def test_answers_are_verified_in_either_mode_and_during_the_switch(channel, register, order, signing):
    account = keyed(await register(signing=signing), platform_public_key_id=None)
    public_key_id = (await register()).credentials["platform_public_key_id"]
    wanted = order()
    async with httpx.AsyncClient(trust_env=False) as client:
        reading = WechatPay(client)
        both = keyed(account, platform_public_key_id=public_key_id)
        for _ in range(6):
            await reading.create(both if signing != "certificate" else account, wanted)
    assert (await channel.query(both, wanted.ref)).state == "pending"


async def test_a_certificate_not_held_yet_is_fetched_and_proved(channel, register, order):
    account = keyed(await register(signing="certificate"), **dict.fromkeys(PLATFORM_KEYS))
    wanted = order()
    await channel.create(account, wanted)
    assert (await channel.query(account, wanted.ref)).state == "pending"


async def test_a_renewed_platform_certificate_is_picked_up(channel, register, order, outside):
    account = keyed(await register(signing="certificate"), platform_public_key_id=None)
    await channel.create(account, order())
    await outside.post("/sandbox/api/wechatpay/platform-certificate")
    wanted = order()
    await channel.create(account, wanted)
    assert (await channel.query(account, wanted.ref)).state == "pending"


async def test_certificates_sealed_with_another_key_prove_nothing(channel, register, order):
    account = await register(signing="certificate")
    doubtful = keyed(account, apiv3_key=secrets.token_hex(16), **dict.fromkeys(PLATFORM_KEYS))
    with pytest.raises(ChannelUnknown):
        await channel.create(doubtful, order())


@pytest.mark.parametrize("missing", ["merchant_private_key", "merchant_serial"])
async def test_an_account_without_its_keys_says_which_one(channel, account, order, missing):
    with pytest.raises(AccountIncomplete) as incomplete:
        await channel.create(keyed(account, **{missing: None}), order())
    assert incomplete.value.facts["missing"] == missing


async def test_a_broken_merchant_key_is_a_matter_of_setting_up(channel, account, order):
    with pytest.raises(AccountIncomplete):
        await channel.create(keyed(account, merchant_private_key="-----BEGIN nonsense"), order())


async def test_a_scene_the_channel_does_not_have_is_refused(channel, account, order):
    with pytest.raises(SceneNotOffered):
        await channel.create(account, order(scene="face"))


async def test_a_mode_we_do_not_speak_is_refused_before_anything_is_sent(channel, account, order):
    with pytest.raises(AccountIncomplete):
        await channel.create(msgspec.structs.replace(account, mode="agent"), order())


async def test_a_long_chinese_description_is_cut_between_characters(channel, account, order):
    wanted = order(description="学" * 200)
    await channel.create(account, wanted)
    assert (await channel.query(account, wanted.ref)).state == "pending"
