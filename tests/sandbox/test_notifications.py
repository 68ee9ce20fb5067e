"""What a merchant hears after a payment: genuine, again until answered, and every way it can go wrong."""

import asyncio

import msgspec
import pytest

from core.payments.channels.errors import ForgedNotice
from core.payments.channels.protocol import disagreements
from core.sandbox.faults.kinds import TWISTS
from core.sandbox.wechatpay.world import LADDER_SECONDS


async def paid(merchant, ear, *faults: dict, **wanted) -> str:
    """Place an order that notifies the ear, with faults, and pay it."""
    order = merchant.order(notify_url=ear.url, **wanted)
    await merchant.faults(order["out_trade_no"], *faults)
    await merchant.place(order)
    assert (await merchant.pay(order["out_trade_no"])).status_code == 200
    return order["out_trade_no"]


def done(told) -> bool:
    return told["notices"] != [] and "waiting" not in told["notices"]


def test_the_ladder_is_fifteen_retries_over_24_hours_and_4_minutes():
    assert len(LADDER_SECONDS) == 15
    assert sum(LADDER_SECONDS) == 24 * 3600 + 4 * 60


async def test_a_payment_is_told_once_and_our_channel_believes_it(merchant, ear, channel):
    number = await paid(merchant, ear)
    told = await merchant.told_when(number, done)
    assert told["notices"] == ["delivered"]
    assert len(ear.heard) == 1
    notice = channel.read_notice(merchant.account, *ear.heard[0])
    assert (notice.kind, notice.event_type) == ("payment", "TRANSACTION.SUCCESS")
    assert disagreements(notice.state, merchant.account, number, 100) == {}
    assert msgspec.json.decode(notice.state.raw) == (await merchant.query(number)).json()


async def test_an_unanswered_notice_is_repeated_until_it_is_answered(merchant, ear, channel):
    ear.answers = [500, 401, 302, 500]
    number = await paid(merchant, ear)
    told = await merchant.told_when(number, done)
    assert [d["status"] for d in told["deliveries"]] == [500, 401, 302, 500, 200]
    assert {channel.read_notice(merchant.account, *heard).event_id for heard in ear.heard} == {told["deliveries"][0]["event_id"]}
    assert len({heard[0]["wechatpay-nonce"] for heard in ear.heard}) == 5


async def test_a_merchant_that_never_answers_hears_it_sixteen_times(merchant, ear):
    ear.always = 500
    number = await paid(merchant, ear)
    told = await merchant.told_when(number, done)
    assert told["notices"] == ["given_up"]
    assert len(told["deliveries"]) == 16


async def test_nobody_at_the_notify_address_is_kept_as_such(merchant):
    order = merchant.order(notify_url="http://127.0.0.1:9/nobody")
    await merchant.place(order)
    await merchant.pay(order["out_trade_no"])
    told = await merchant.told_when(order["out_trade_no"], done)
    assert {d["status"] for d in told["deliveries"]} == {None}
    assert "ConnectError" in told["deliveries"][0]["note"]


async def test_a_notice_can_be_sent_again_on_request(merchant, ear, outside):
    number = await paid(merchant, ear)
    await merchant.told_when(number, done)
    again = await outside.post(f"/sandbox/api/wechatpay/orders/{merchant.mchid}/{number}/notify")
    assert again.json() == {"notices": 1}
    told = await merchant.told_when(number, lambda told: len(told["deliveries"]) == 2)
    assert len({d["event_id"] for d in told["deliveries"]}) == 1


async def test_a_duplicate_arrives_twice_with_the_same_event(merchant, ear, channel):
    number = await paid(merchant, ear, {"kind": "notice_duplicate"})
    await merchant.told_when(number, done)
    events = [channel.read_notice(merchant.account, *heard).event_id for heard in ear.heard]
    assert len(events) == 2
    assert len(set(events)) == 1


async def test_a_lost_notice_never_comes_and_a_query_still_knows(merchant, ear):
    number = await paid(merchant, ear, {"kind": "notice_lose"})
    told = await merchant.told_when(number, done)
    assert (told["notices"], ear.heard) == (["lost"], [])
    assert (await merchant.query(number)).json()["trade_state"] == "SUCCESS"


async def test_a_delayed_notice_waits(merchant, ear):
    late = await paid(merchant, ear, {"kind": "notice_delay", "seconds": 3600})
    prompt = await paid(merchant, ear)
    await merchant.told_when(prompt, done)
    assert (await merchant.told(late))["notices"] == ["waiting"]
    assert len(ear.heard) == 1


async def test_a_delay_of_no_time_is_no_delay(merchant, ear):
    number = await paid(merchant, ear, {"kind": "notice_delay", "seconds": 0})
    assert (await merchant.told_when(number, done))["notices"] == ["delivered"]


async def test_reordered_notices_arrive_in_the_other_order(merchant, ear, channel):
    first = await paid(merchant, ear, {"kind": "notice_reorder", "seconds": 3600})
    second = await paid(merchant, ear)
    await merchant.told_when(first, done)
    numbers = [channel.read_notice(merchant.account, *heard).state.order_number for heard in ear.heard]
    assert numbers == [second, first]


@pytest.mark.parametrize(
    ("twist", "reason"),
    [
        ("notice_tamper_body", "signature"),
        ("notice_tamper_signature", "signature"),
        ("notice_stale", "clock"),
        ("notice_unknown_serial", "serial"),
        ("notice_probe", "probe"),
    ],
)
async def test_a_forgery_comes_first_and_is_refused_then_the_genuine_one_is_believed(merchant, ear, channel, twist, reason):
    number = await paid(merchant, ear, {"kind": twist})
    told = await merchant.told_when(number, done)
    assert [d["twist"] for d in told["deliveries"]] == [twist, None]
    with pytest.raises(ForgedNotice) as refused:
        channel.read_notice(merchant.account, *ear.heard[0])
    assert refused.value.facts["reason"] == reason
    assert channel.read_notice(merchant.account, *ear.heard[1]).state.paid


@pytest.mark.parametrize(("twist", "field"), [("notice_tamper_amount", "amount_fen"), ("notice_tamper_merchant", "mchid")])
async def test_a_valid_signature_about_something_else_shows_what_differs(merchant, ear, channel, twist, field):
    number = await paid(merchant, ear, {"kind": twist})
    await merchant.told_when(number, done)
    wrong, right = (channel.read_notice(merchant.account, *heard).state for heard in ear.heard)
    assert list(disagreements(wrong, merchant.account, number, 100)) == [field]
    assert disagreements(right, merchant.account, number, 100) == {}


async def test_every_forgery_can_come_alone_when_the_genuine_one_is_lost(merchant, ear):
    number = await paid(merchant, ear, *({"kind": twist} for twist in (*TWISTS, "notice_lose")))
    told = await merchant.told_when(number, done)
    assert [d["twist"] for d in told["deliveries"]] == list(TWISTS)
    assert told["notices"] == ["lost"]


async def test_money_after_the_close_is_taken_and_told(merchant, ear, channel):
    order = merchant.order(notify_url=ear.url)
    await merchant.faults(order["out_trade_no"], {"kind": "pay_after_close", "seconds": 0})
    await merchant.place(order)
    assert (await merchant.close(order["out_trade_no"])).status_code == 204
    await merchant.told_when(order["out_trade_no"], done)
    assert channel.read_notice(merchant.account, *ear.heard[0]).state.state == "succeeded"


async def test_a_closed_order_can_be_paid_by_hand_while_the_fault_waits(merchant, ear):
    order = merchant.order(notify_url=ear.url)
    await merchant.faults(order["out_trade_no"], {"kind": "pay_after_close", "seconds": 3600})
    await merchant.place(order)
    await merchant.close(order["out_trade_no"])
    assert (await merchant.query(order["out_trade_no"])).json()["trade_state"] == "CLOSED"
    assert (await merchant.pay(order["out_trade_no"])).status_code == 200
    assert (await merchant.told_when(order["out_trade_no"], done))["order"]["trade_state"] == "SUCCESS"


@pytest.mark.slow
async def test_fifty_payments_at_once_are_all_told(merchant, ear, channel):
    numbers = await asyncio.gather(*(paid(merchant, ear) for _ in range(50)))
    for number in numbers:
        await merchant.told_when(number, done)
    heard = {channel.read_notice(merchant.account, *heard).state.order_number for heard in ear.heard}
    assert heard == set(numbers)


async def test_notices_follow_the_grey_switch(outside, merchant_of, ear, channel):
    merchant = await merchant_of(outside, signing="mixed")
    for _ in range(20):
        await merchant.told_when(await paid(merchant, ear), done)
    serials = {heard[0]["wechatpay-serial"][:11] for heard in ear.heard}
    assert len(serials) == 2
    assert all(channel.read_notice(merchant.account, *heard).state.paid for heard in ear.heard)
