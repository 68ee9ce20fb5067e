"""Money goes back over real HTTP, with the traps of Alipay §6: only `fund_change=Y` or `REFUND_SUCCESS` says that it moved."""

import asyncio

import msgspec
import pytest

from core.payments.channels.errors import ChannelRefused, ChannelShort, ChannelUnknown, OrderNotAtChannel


async def test_a_refund_that_moves_money_says_so_at_once(channel, account, order, hand, asked, ref):
    paid = await hand.paid(order)
    refund = asked(paid, 450)
    done = await channel.refund(account, refund)
    assert (done.state, done.number, done.order_number, done.amount_fen) == ("succeeded", refund.number, paid.number, 450)
    assert done.refunded_at is not None
    found = await channel.query_refund(account, ref(refund))
    assert (found.state, found.number, found.amount_fen, found.refunded_at) == ("succeeded", refund.number, 450, done.refunded_at)
    assert (await channel.query(account, paid.ref)).state == "succeeded"


async def test_a_repeat_under_the_same_number_moves_nothing_twice(channel, account, order, hand, asked, ref):
    paid = await hand.paid(order)
    refund = asked(paid, 450)
    states = [(await channel.refund(account, refund)).state for _ in range(3)]
    assert states == ["succeeded", "processing", "processing"]
    assert (await channel.query_refund(account, ref(refund))).state == "succeeded"
    assert (await hand.told(paid.number))["order"]["refunded_fen"] == 450


async def test_the_same_number_for_another_amount_is_refused(channel, account, order, hand, asked, ref):
    paid = await hand.paid(order)
    refund = asked(paid, 450)
    await channel.refund(account, refund)
    with pytest.raises(ChannelRefused) as refused:
        await channel.refund(account, msgspec.structs.replace(refund, amount_fen=451))
    assert refused.value.facts["channel_code"] == "ACQ.DISCORDANT_REPEAT_REQUEST"
    assert (await channel.query_refund(account, ref(refund))).amount_fen == 450


async def test_each_refund_query_tells_its_own_amount_not_the_sum(channel, account, order, hand, asked, ref):
    paid = await hand.paid(order)
    first, second = asked(paid, 400), asked(paid, 50)
    await channel.refund(account, first)
    await channel.refund(account, second)
    assert [(await channel.query_refund(account, ref(r))).amount_fen for r in (first, second)] == [400, 50]


async def test_a_whole_refund_leaves_the_order_refunded_not_merely_closed(channel, account, order, hand, asked):
    paid = await hand.paid(order)
    await channel.refund(account, asked(paid, paid.amount_fen - 1))
    await channel.refund(account, asked(paid, 1))
    state = await channel.query(account, paid.ref)
    assert (state.state, state.paid, state.amount_fen) == ("refunded", True, paid.amount_fen)
    with pytest.raises(ChannelRefused) as refused:
        await channel.refund(account, asked(paid, 1))
    assert refused.value.facts["channel_code"] == "ACQ.TRADE_HAS_CLOSE"


async def test_never_more_than_was_paid_goes_back_whoever_asks_at_once(channel, account, order, hand, asked):
    paid = await hand.paid(order, amount_fen=1000)
    done = await asyncio.gather(*(channel.refund(account, asked(paid, 300)) for _ in range(8)), return_exceptions=True)
    assert sorted(getattr(each, "state", "refused") for each in done) == ["refused"] * 5 + ["succeeded"] * 3
    codes = {each.facts["channel_code"] for each in done if isinstance(each, ChannelRefused)}
    assert codes == {"ACQ.REASON_TRADE_REFUND_FEE_ERR"}


async def test_a_refund_nobody_asked_for_is_unknown_although_the_answer_says_yes(channel, account, order, hand, asked, ref):
    paid = await hand.paid(order)
    found = await channel.query_refund(account, ref(asked(paid, 450)))
    assert (found.state, found.amount_fen) == ("unknown", None)
    assert msgspec.json.decode(found.raw) == {"code": "10000", "msg": "Success"}


async def test_a_refund_that_fails_is_unknown_and_may_be_sent_again(channel, account, order, hand, asked, ref):
    paid = await hand.paid(order)
    refund = asked(paid, 450)
    await hand.fault(paid.number, "refund_fail", remaining=1)
    assert (await channel.refund(account, refund)).state == "processing"
    assert (await channel.query_refund(account, ref(refund))).state == "unknown"
    assert (await channel.refund(account, refund)).state == "succeeded"


async def test_a_slow_refund_is_processing_until_a_query_says_success(channel, account, order, hand, asked, ref):
    paid = await hand.paid(order)
    refund = asked(paid, 450)
    await hand.fault(paid.number, "refund_slow", seconds=0.1)
    taken = await channel.refund(account, refund)
    assert (taken.state, taken.amount_fen) == ("processing", None)
    found = await hand.becomes(lambda: channel.query_refund(account, ref(refund)), lambda state: state.state != "unknown")
    assert (found.state, found.amount_fen) == ("succeeded", 450)


async def test_a_seller_without_money_has_the_refund_wait(channel, account, order, hand, asked):
    paid = await hand.paid(order)
    refund = asked(paid, 450)
    await hand.fault(paid.number, "refund_short", remaining=1)
    with pytest.raises(ChannelShort):
        await channel.refund(account, refund)
    assert (await channel.refund(account, refund)).state == "succeeded"


async def test_a_refund_whose_answer_is_lost_is_found_by_its_query(channel, account, order, hand, asked, ref):
    paid = await hand.paid(order)
    refund = asked(paid, 450)
    await hand.fault(paid.number, "api_tamper", remaining=1)
    with pytest.raises(ChannelUnknown) as unknown:
        await channel.refund(account, refund)
    assert unknown.value.facts["reason"] == "signature"
    assert (await channel.query_refund(account, ref(refund))).state == "succeeded"
    assert (await channel.refund(account, refund)).state == "processing"


async def test_what_was_not_paid_or_is_finished_does_not_go_back(channel, account, order, hand, asked, outside):
    waiting = await hand.trade(order)
    with pytest.raises(ChannelRefused) as refused:
        await channel.refund(account, asked(waiting, 1))
    assert refused.value.facts["channel_code"] == "ACQ.TRADE_STATUS_ERROR"
    with pytest.raises(OrderNotAtChannel):
        await channel.refund(account, asked(order(), 1))
    paid = await hand.paid(order)
    await outside.post(f"/sandbox/api/alipay/orders/{account.mchid}/{paid.number}/finish")
    assert (await channel.query(account, paid.ref)).state == "succeeded"
    with pytest.raises(ChannelRefused) as refused:
        await channel.refund(account, asked(paid, 1))
    assert (type(refused.value), refused.value.facts["channel_code"]) == (ChannelRefused, "ACQ.TRADE_HAS_FINISHED")


async def test_the_refund_query_of_an_order_alipay_never_saw_is_unknown(channel, account, order, asked, ref):
    found = await channel.query_refund(account, ref(asked(order(), 1)))
    assert (found.state, found.raw) == ("unknown", b"")


def test_the_channel_says_what_it_allows(channel):
    rules = channel.refund_rules
    assert (rules.window_days, rules.most, rules.spacing_seconds) == (365, None, 3)


@pytest.mark.parametrize(
    ("content", "state"),
    [
        ({"fund_change": "Y", "refund_fee": "4.50"}, "succeeded"),
        ({"fund_change": "Y", "refund_fee": "10.00"}, "succeeded"),
        ({"fund_change": "Y", "refund_fee": "4.49"}, "processing"),
        ({"fund_change": "N", "refund_fee": "4.50"}, "processing"),
        ({"refund_fee": "4.50"}, "processing"),
    ],
)
async def test_only_a_fund_change_with_enough_behind_it_is_believed(channel, speaker, gateway, order, asked, content, state):
    paid = order()
    said = {"code": "10000", "msg": "Success", "out_trade_no": paid.number} | content
    gateway.body = speaker.answer("alipay.trade.refund", said)
    done = await channel.refund(speaker.account(gateway.url), asked(paid, 450))
    assert (done.state, done.amount_fen) == (state, 450 if state == "succeeded" else None)


@pytest.mark.parametrize(
    ("content", "state"),
    [
        ({}, "unknown"),
        ({"refund_amount": "4.50", "out_request_no": "R1"}, "unknown"),
        ({"refund_amount": "4.50", "out_request_no": "R1", "refund_status": ""}, "unknown"),
        ({"refund_amount": "4.50", "out_request_no": "R1", "refund_status": "REFUND_PROCESSING"}, "processing"),
        ({"refund_amount": "4.50", "out_request_no": "R1", "refund_status": "REFUND_SUCCESS"}, "succeeded"),
    ],
)
async def test_only_refund_success_is_a_refund(channel, speaker, gateway, order, asked, ref, content, state):
    said = {"code": "10000", "msg": "Success", "out_trade_no": "T1"} | content
    gateway.body = speaker.answer("alipay.trade.fastpay.refund.query", said)
    assert (await channel.query_refund(speaker.account(gateway.url), ref(asked(order(number="T1"), 450, "R1")))).state == state
