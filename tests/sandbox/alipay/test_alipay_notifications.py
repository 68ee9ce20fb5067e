"""What a seller hears after a payment, a refund and a close: by product, again until answered, and every way it can go wrong (Alipay §7)."""

import secrets

import msgspec
import pytest

from core.payments.channels.errors import ForgedNotice
from core.payments.channels.protocol import disagreements
from core.sandbox.alipay.world import LADDER_SECONDS
from core.sandbox.faults.kinds import TWISTS

REFUSED = {"notice_tamper_body": "signature", "notice_tamper_signature": "signature", "notice_stale": "clock"}
DISAGREE = {"notice_tamper_amount": "amount_fen", "notice_tamper_merchant": "mchid"}


def done(told) -> bool:
    return told["notices"] != [] and "waiting" not in told["notices"]


async def paid(merchant, ear, *faults: dict, **wanted) -> str:
    """A paid trade that notifies the ear."""
    number = await merchant.trade(*faults, notify_url=ear.url, **wanted)
    assert (await merchant.pay(number)).status_code == 200
    return number


async def opened(merchant, ear, product: str, **wanted) -> str:
    """A trade of a page or an app whose buyer is at the cashier."""
    content = merchant.content(product_code={"page": "FAST_INSTANT_TRADE_PAY"}.get(product), **wanted)
    asked = merchant.signed(f"alipay.trade.{product}.pay", content, notify_url=ear.url)
    reply = await merchant.client.get("/gateway.do", params=asked, follow_redirects=True)
    assert "确认付款" in reply.text
    return content["out_trade_no"]


async def refund(merchant, number: str, amount: str) -> str:
    ask = {"out_trade_no": number, "refund_amount": amount, "out_request_no": f"R{secrets.token_hex(8)}"}
    assert (await merchant.ask("alipay.trade.refund", ask))["fund_change"] == "Y"
    return ask["out_request_no"]


def test_the_ladder_is_eight_deliveries_within_25_hours():
    assert len(LADDER_SECONDS) == 7
    assert 24 * 3600 < sum(LADDER_SECONDS) <= 25 * 3600


async def test_a_payment_is_told_once_and_our_channel_believes_it(merchant, ear, channel):
    number = await paid(merchant, ear)
    assert (await merchant.told_when(number, done))["notices"] == ["delivered"]
    assert len(ear.heard) == 1
    notice = channel.read_notice(merchant.account, {}, ear.heard[0])
    assert (notice.kind, notice.event_type) == ("payment", "trade_status_sync.TRADE_SUCCESS")
    assert disagreements(notice.state, merchant.account, number, 100) == {}
    assert "" not in ear.forms()[0].values()


async def test_only_the_seven_letters_end_it(merchant, ear):
    ear.answers = [(500, b"success"), (200, b"SUCCESS"), (200, b"success\n"), (200, b'"success"'), (200, b"failure"), (302, b"")]
    number = await paid(merchant, ear)
    told = await merchant.told_when(number, done)
    assert [delivery["status"] for delivery in told["deliveries"]] == [500, 200, 200, 200, 200, 302, 200]
    assert len({form["notify_id"] for form in ear.forms()}) == 1


async def test_a_seller_that_never_answers_hears_it_eight_times(merchant, ear):
    ear.always = (200, b"failure")
    number = await paid(merchant, ear)
    told = await merchant.told_when(number, done)
    assert (told["notices"], len(told["deliveries"])) == (["given_up"], 8)


async def test_a_notice_can_be_sent_again_on_request(merchant, ear, outside):
    number = await paid(merchant, ear)
    await merchant.told_when(number, done)
    again = await outside.post(f"/sandbox/api/alipay/orders/{merchant.mchid}/{number}/notify")
    assert again.json() == {"notices": 1}
    await merchant.told_when(number, lambda told: len(told["deliveries"]) == 2)


async def test_without_an_address_nothing_is_told(merchant):
    number = await merchant.trade()
    await merchant.pay(number)
    assert (await merchant.told(number))["notices"] == []


async def test_what_was_passed_in_comes_back(merchant, ear, channel):
    number = await paid(merchant, ear, passback_params="a%3D1%26b%3D%E5%AD%A6")
    await merchant.told_when(number, done)
    assert channel.read_notice(merchant.account, {}, ear.heard[0]).state.attach == "a=1&b=学"


@pytest.mark.parametrize("product", ["wap", "app", "page"])
async def test_a_partial_refund_is_told_at_the_address_of_the_payment(merchant, ear, channel, product):
    number = await opened(merchant, ear, product, total_amount="5.00")
    await merchant.pay(number)
    first, second = await refund(merchant, number, "1.00"), await refund(merchant, number, "2.00")
    await merchant.told_when(number, lambda told: told["notices"] == ["delivered"] * 3)
    told = {form["out_biz_no"]: form["refund_fee"] for form in ear.forms() if "out_biz_no" in form}
    assert told == {first: "1.00", second: "3.00"}
    kinds = {channel.read_notice(merchant.account, {}, body).kind for body in ear.heard}
    assert kinds == {"payment", "refund"}


@pytest.mark.parametrize(("product", "heard"), [("wap", 2), ("app", 2), ("page", 1), ("create", 1)])
async def test_a_whole_refund_is_told_for_wap_and_app_only(merchant, ear, channel, product, heard):
    if product == "create":
        number = await merchant.trade(notify_url=ear.url)
    else:
        number = await opened(merchant, ear, product)
    await merchant.pay(number)
    await merchant.told_when(number, done)
    await refund(merchant, number, "1.00")
    await merchant.told_when(number, lambda told: told["notices"] == ["delivered"] * heard)
    last = channel.read_notice(merchant.account, {}, ear.heard[-1])
    assert (last.kind, last.state.state) == (("refund", "refunded") if heard == 2 else ("payment", "succeeded"))


@pytest.mark.parametrize(("product", "told"), [("wap", ["delivered"]), ("page", [])])
async def test_a_close_for_want_of_payment_is_told_for_wap_and_is_no_refund(merchant, ear, channel, product, told):
    number = await opened(merchant, ear, product)
    assert (await merchant.ask("alipay.trade.close", {"out_trade_no": number}))["code"] == "10000"
    await merchant.told_when(number, lambda now: now["notices"] == told)
    notices = [channel.read_notice(merchant.account, {}, body) for body in ear.heard]
    assert [(notice.kind, notice.state.state, notice.refund) for notice in notices] == [("payment", "closed", None)] * len(told)


@pytest.mark.parametrize("kind", [*REFUSED, *DISAGREE])
async def test_a_falsified_copy_goes_ahead_and_is_seen_through(merchant, ear, channel, kind):
    number = await paid(merchant, ear, {"kind": kind})
    told = await merchant.told_when(number, done)
    assert [delivery["twist"] for delivery in told["deliveries"]] == [kind, None]
    false, genuine = ear.heard
    if kind in REFUSED:
        with pytest.raises(ForgedNotice) as refused:
            channel.read_notice(merchant.account, {}, false)
        assert refused.value.facts["reason"] == REFUSED[kind]
    else:
        state = channel.read_notice(merchant.account, {}, false).state
        assert list(disagreements(state, merchant.account, number, 100)) == [DISAGREE[kind]]
    assert disagreements(channel.read_notice(merchant.account, {}, genuine).state, merchant.account, number, 100) == {}


@pytest.mark.parametrize("kind", sorted(set(TWISTS) - set(REFUSED) - set(DISAGREE)))
async def test_a_twist_alipay_does_not_know_sends_nothing_false(merchant, ear, kind):
    number = await paid(merchant, ear, {"kind": kind})
    told = await merchant.told_when(number, done)
    assert [delivery["twist"] for delivery in told["deliveries"]] == [None]


async def test_a_duplicate_arrives_twice_with_the_same_event(merchant, ear, channel):
    number = await paid(merchant, ear, {"kind": "notice_duplicate"})
    await merchant.told_when(number, done)
    assert len(ear.heard) == 2
    assert len({channel.read_notice(merchant.account, {}, body).event_id for body in ear.heard}) == 1


async def test_a_lost_notice_never_arrives(merchant, ear):
    number = await paid(merchant, ear, {"kind": "notice_lose"})
    told = await merchant.told_when(number, done)
    assert (told["notices"], ear.heard) == (["lost"], [])


async def test_a_slow_refund_is_told_when_it_is_through(merchant, ear, channel):
    number = await paid(merchant, ear, {"kind": "refund_slow", "seconds": 0.05}, total_amount="5.00")
    await merchant.told_when(number, done)
    ask = {"out_trade_no": number, "refund_amount": "1.00", "out_request_no": "R20260901"}
    answer = await merchant.ask("alipay.trade.refund", ask)
    assert (answer["fund_change"], answer["refund_fee"]) == ("N", "0.00")
    told = await merchant.told_when(number, lambda now: now["notices"] == ["delivered"] * 2)
    assert [(r["state"], r["amount_fen"]) for r in told["refunds"]] == [("SUCCESS", 100)]
    assert channel.read_notice(merchant.account, {}, ear.heard[-1]).refund.number == "R20260901"


async def test_what_the_sandbox_tells_is_what_a_query_says(merchant, ear, channel):
    number = await paid(merchant, ear)
    await merchant.told_when(number, done)
    told = channel.read_notice(merchant.account, {}, ear.heard[0]).state
    answer = await merchant.ask("alipay.trade.query", {"out_trade_no": number})
    assert (told.channel_txn_id, told.payer_ref) == (answer["trade_no"], answer["buyer_open_id"])
    form = ear.forms()[0]
    assert {form[name] for name in ("total_amount", "receipt_amount", "buyer_pay_amount")} == {answer["total_amount"]}
    assert msgspec.json.decode(form["fund_bill_list"]) == [{"amount": "1.00", "fundChannel": "ALIPAYACCOUNT"}]
