"""Our Alipay channel against the sandbox over real HTTP: what it signs is accepted, what comes back is believed if genuine."""

import asyncio
import datetime as dt
import secrets
from urllib.parse import parse_qs, parse_qsl, urlsplit

import msgspec
import pytest

from core import clock
from core.payments.channels.errors import AccountIncomplete, AlreadyPaid, ChannelRefused, ChannelUnknown, OrderNotAtChannel, SceneNotOffered
from core.payments.channels.protocol import Channel, disagreements

BACK = "http://127.0.0.1:8200/h5/demo/pay?order=1&step=done"


def keyed(account, **credentials):
    """The account with other credentials; None takes one away."""
    merged = {k: v for k, v in (account.credentials | credentials).items() if v is not None}
    return msgspec.structs.replace(account, credentials=merged)


def test_the_channel_keeps_the_protocol(channel):
    promised = {name for name in vars(Channel) if not name.startswith("_")} | set(Channel.__annotations__)
    assert {name for name in promised if hasattr(channel, name)} == promised
    assert set(channel.limits) == set(channel.scenes) == {"h5", "page", "app", "native", "jsapi", "barcode"}


@pytest.mark.parametrize(("scene", "product"), [("h5", "QUICK_WAP_WAY"), ("page", "FAST_INSTANT_TRADE_PAY")])
async def test_a_web_order_is_a_signed_address_that_leads_to_the_cashier(channel, account, order, hand, outside, scene, product):
    wanted = order(scene=scene, return_url=BACK, attach="学号 20260101 & 班级")
    prepared = await channel.create(account, wanted)
    sent = dict(parse_qsl(urlsplit(prepared.value).query))
    content = msgspec.json.decode(sent["biz_content"])
    assert (prepared.kind, sent["return_url"], content["product_code"]) == ("redirect", BACK, product)
    assert (await channel.query(account, wanted.ref)).state == "unknown"
    opened = await outside.get(prepared.value, follow_redirects=True)
    assert opened.status_code == 200
    assert "1,234.50" in opened.text
    assert (await channel.query(account, wanted.ref)).state == "pending"
    await hand.pay(wanted.number)
    state = await channel.query(account, wanted.ref)
    assert disagreements(state, account, wanted.number, wanted.amount_fen) == {}
    assert state.state == "succeeded"


async def test_a_web_order_altered_on_its_way_is_turned_away(channel, account, order, outside):
    wanted = order(scene="h5")
    prepared = await channel.create(account, wanted)
    cheaper = prepared.value.replace("1234.50", "0.01")
    assert cheaper != prepared.value
    refused = await outside.get(cheaper)
    assert (refused.status_code, refused.headers["content-type"]) == (200, "text/html; charset=GBK")
    assert "isv.invalid-signature" in refused.content.decode("gbk")
    assert (await channel.query(account, wanted.ref)).state == "unknown"


async def test_an_app_order_is_a_text_that_the_app_hands_over(channel, account, order, outside):
    wanted = order(scene="app", return_url=BACK)
    prepared = await channel.create(account, wanted)
    sent = parse_qs(prepared.params["orderStr"])
    assert prepared.kind == "app"
    assert (sent["method"], "return_url" in sent) == (["alipay.trade.app.pay"], False)
    opened = await outside.get(f"/gateway.do?{prepared.params['orderStr']}", follow_redirects=True)
    assert "App 支付" in opened.text


async def test_a_qr_order_exists_only_once_it_is_scanned(channel, account, order, hand, outside):
    wanted = order(scene="native")
    prepared = await channel.create(account, wanted)
    assert prepared.kind == "qr"
    assert prepared.value.startswith("https://qr.alipay.com/")
    assert (await channel.query(account, wanted.ref)).state == "unknown"
    with pytest.raises(OrderNotAtChannel):
        await channel.close(account, wanted.ref)
    assert (await outside.get("/alipay/scan", params={"code": prepared.value})).status_code == 200
    assert (await channel.query(account, wanted.ref)).state == "pending"


@pytest.mark.parametrize("named", ["open_id", "buyer_id"])
async def test_a_mini_program_order_exists_at_once_for_one_buyer(channel, account, order, hand, named):
    wanted = order(scene="jsapi", openid=await hand.buyer("zhao", named))
    prepared = await channel.create(account, wanted)
    assert (prepared.kind, prepared.params) == ("jsapi", {"tradeNO": prepared.reference})
    assert len(prepared.reference) == 28
    await hand.pay(wanted.number, user="chen")
    state = await channel.query(account, wanted.ref)
    assert (state.channel_txn_id, state.payer_ref) == (prepared.reference, await hand.buyer("zhao"))


async def test_a_pay_code_is_charged_at_once(channel, account, order, hand):
    wanted = order(scene="barcode", auth_code=await hand.pay_code(user="lin"))
    prepared = await channel.create(account, wanted)
    state = await channel.query(account, wanted.ref)
    assert (prepared.kind, prepared.reference) == ("wait", state.channel_txn_id)
    assert (state.state, state.payer_paid_fen) == ("succeeded", wanted.amount_fen)
    assert state.paid_at.utcoffset() == dt.timedelta(0)
    assert abs(state.paid_at - clock.now()) < dt.timedelta(minutes=1)


async def test_a_pay_code_that_wants_a_password_waits(channel, account, order, hand):
    wanted = order(scene="barcode", auth_code=await hand.pay_code(user="lin", asks=True))
    prepared = await channel.create(account, wanted)
    assert (prepared.kind, (await channel.query(account, wanted.ref)).state) == ("wait", "pending")
    await hand.pay(wanted.number)
    assert (await channel.query(account, wanted.ref)).paid


@pytest.mark.parametrize(("user", "code"), [("wu", "ACQ.BUYER_BALANCE_NOT_ENOUGH"), (None, "ACQ.PAYMENT_AUTH_CODE_INVALID")])
async def test_a_pay_code_that_cannot_pay_is_refused_and_leaves_no_trade(channel, account, order, hand, user, code):
    wanted = order(scene="barcode", auth_code=await hand.pay_code(user=user) if user else "123")
    with pytest.raises(ChannelRefused) as refused:
        await channel.create(account, wanted)
    assert refused.value.facts["channel_code"] == code
    assert (await channel.query(account, wanted.ref)).state == "unknown"


async def test_a_pay_code_is_good_for_one_order_only(channel, account, order, hand):
    code = await hand.pay_code(user="lin")
    await channel.create(account, order(scene="barcode", auth_code=code))
    with pytest.raises(ChannelRefused) as refused:
        await channel.create(account, order(scene="barcode", auth_code=code))
    assert refused.value.facts["channel_code"] == "ACQ.PAYMENT_AUTH_CODE_INVALID"


async def test_the_same_order_asked_again_is_the_same_trade(channel, account, order, hand):
    wanted = order(openid=await hand.buyer())
    first, second = await channel.create(account, wanted), await channel.create(account, wanted)
    assert first.reference == second.reference


async def test_the_same_number_for_another_amount_is_refused(channel, account, order, hand):
    wanted = await hand.trade(order)
    with pytest.raises(ChannelRefused) as refused:
        await channel.create(account, msgspec.structs.replace(wanted, amount_fen=wanted.amount_fen + 1))
    assert refused.value.facts["channel_code"] == "ACQ.CONTEXT_INCONSISTENT"


async def test_an_order_the_channel_never_saw_is_unknown_not_failed(channel, account, order):
    wanted = order()
    state = await channel.query(account, wanted.ref)
    assert (state.state, state.paid, state.order_number) == ("unknown", False, wanted.number)


async def test_a_closed_order_stays_closed_and_may_be_closed_again(channel, account, order, hand):
    wanted = await hand.trade(order)
    await channel.close(account, wanted.ref)
    await channel.close(account, wanted.ref)
    assert (await channel.query(account, wanted.ref)).state == "closed"
    assert (await hand.pay(wanted.number)).status_code == 409
    with pytest.raises(ChannelRefused) as refused:
        await channel.create(account, wanted)
    assert refused.value.facts["channel_code"] == "ACQ.TRADE_HAS_CLOSE"


async def test_closing_a_paid_order_says_that_it_is_paid(channel, account, order, hand):
    wanted = await hand.paid(order)
    with pytest.raises(AlreadyPaid):
        await channel.close(account, wanted.ref)
    with pytest.raises(AlreadyPaid):
        await channel.create(account, wanted)


async def test_an_order_nobody_pays_closes_by_itself(channel, account, order, hand):
    wanted = await hand.trade(order, expires_at=clock.now().replace(microsecond=0) + dt.timedelta(seconds=4))
    state = await hand.becomes(lambda: channel.query(account, wanted.ref), lambda found: found.state != "pending")
    assert (state.state, state.paid_at) == ("closed", None)


async def test_an_order_paid_after_its_close_is_paid(channel, account, order, hand):
    wanted = await hand.trade(order)
    await hand.fault(wanted.number, "pay_after_close", seconds=0.05)
    await channel.close(account, wanted.ref)
    state = await hand.becomes(lambda: channel.query(account, wanted.ref), lambda found: found.paid)
    assert (state.state, state.amount_fen) == ("succeeded", wanted.amount_fen)


async def test_a_cancel_closes_what_is_unpaid_and_gives_back_what_is_paid(channel, account, order, hand):
    waiting = order(scene="barcode", auth_code=await hand.pay_code(user="lin", asks=True))
    await channel.create(account, waiting)
    assert await channel.cancel(account, waiting.ref) == "close"
    assert (await channel.query(account, waiting.ref)).state == "closed"
    charged = order(scene="barcode", auth_code=await hand.pay_code(user="lin"))
    await channel.create(account, charged)
    assert [await channel.cancel(account, charged.ref) for _ in range(2)] == ["refund", "refund"]
    state = await channel.query(account, charged.ref)
    assert (state.state, state.paid) == ("refunded", True)
    assert await channel.cancel(account, order().ref) == ""


async def test_a_description_with_forbidden_signs_is_made_fit(channel, account, order, hand):
    wanted = await hand.trade(order, description="学费/住宿费=A&B" + "学" * 300)
    assert (await hand.told(wanted.number))["order"]["subject"].startswith("学费／住宿费＝A＆B学学")


async def test_certificates_are_named_in_the_request_and_in_the_answer(channel, register, order, hand_of):
    account = await register(signing="certificate")
    assert {"app_cert", "alipay_cert", "alipay_root_cert"} < set(account.credentials)
    wanted = await hand_of(account).paid(order)
    assert (await channel.query(account, wanted.ref)).paid


async def test_another_alipay_certificate_proves_nothing(channel, register, order, hand_of, speaker):
    account = await register(signing="certificate")
    wanted = await hand_of(account).trade(order)
    doubtful = keyed(account, alipay_cert=speaker.alipay.certificate_pem)
    with pytest.raises(ChannelUnknown) as unknown:
        await channel.query(doubtful, wanted.ref)
    assert unknown.value.facts["reason"] == "signature"


async def test_a_service_provider_acts_with_the_merchants_token(channel, register, order, hand_of):
    appid = f"2021{secrets.randbelow(10**12):012d}"
    first, second = await register(mode="partner", appid=appid), await register(mode="partner", appid=appid)
    assert (first.mode, first.appid) == (second.mode, second.appid) == ("partner", appid)
    wanted = await hand_of(first).paid(order)
    assert (await channel.query(first, wanted.ref)).paid
    assert (await channel.query(second, wanted.ref)).state == "unknown"
    with pytest.raises(ChannelRefused) as refused:
        await channel.query(keyed(first, app_auth_token="nobody's"), wanted.ref)
    assert refused.value.facts["channel_code"] == "aop.invalid-app-auth-token"


@pytest.mark.parametrize("missing", ["app_private_key", "alipay_public_key"])
async def test_an_account_without_its_keys_says_which_one(channel, account, order, missing):
    for broken in (None, "-----BEGIN nonsense", "AAAA"):
        with pytest.raises(AccountIncomplete) as incomplete:
            await channel.query(keyed(account, **{missing: broken}), order().ref)
        assert incomplete.value.facts["missing"] == missing


@pytest.mark.parametrize(("mode", "missing"), [("partner", "app_auth_token"), ("agent", "mode=agent")])
async def test_a_mode_that_is_not_set_up_is_refused_before_anything_is_sent(channel, account, order, mode, missing):
    with pytest.raises(AccountIncomplete) as incomplete:
        await channel.create(msgspec.structs.replace(account, mode=mode), order(scene="h5"))
    assert incomplete.value.facts["missing"] == missing


async def test_a_scene_the_channel_does_not_have_is_refused(channel, account, order):
    with pytest.raises(SceneNotOffered):
        await channel.create(account, order(scene="cash"))


async def test_a_hundred_queries_at_once_are_all_answered(channel, account, order, hand):
    wanted = await hand.trade(order)
    states = await asyncio.gather(*(channel.query(account, wanted.ref) for _ in range(100)))
    assert {state.state for state in states} == {"pending"}
