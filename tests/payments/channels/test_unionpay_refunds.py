"""Money going back through UnionPay: taken is not done, nothing is sent twice, an undo is another thing than a refund."""

import asyncio
import datetime as dt

import httpx
import msgspec
import pytest

from core import clock
from core.payments.channels.errors import ChannelRefused, ChannelShort, ChannelUnknown
from core.payments.channels.unionpay import UnionPay
from tests.payments.channels.unionpay_fixtures import API, channel, desk, ear, listening, outside, register, sandbox

__all__ = ["channel", "desk", "ear", "listening", "outside", "register", "sandbox"]


class Counting(httpx.AsyncBaseTransport):
    """Real HTTP that keeps count of where it goes."""

    def __init__(self) -> None:
        self.real = httpx.AsyncHTTPTransport()
        self.paths: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.paths.append(request.url.path.rsplit("/", 1)[-1])
        return await self.real.handle_async_request(request)

    async def aclose(self) -> None:
        await self.real.aclose()


async def ended(desk, refund):
    """What a query says once UnionPay is done with a refund."""
    await desk.refund_ended(refund)
    return await desk.channel.query_refund(desk.account, desk.refund_ref(refund))


async def test_a_refund_is_taken_then_done_then_told(desk, ear):
    order = await desk.paid()
    refund = desk.refund_of(order, 3450)
    taken = await desk.channel.refund(desk.account, refund)
    assert (taken.state, taken.number, taken.order_number, taken.amount_fen) == ("processing", refund.number, order.number, 3450)
    done = await ended(desk, refund)
    assert (done.state, done.number, done.order_number, done.amount_fen) == ("succeeded", refund.number, order.number, 3450)
    assert (done.reference, done.mchid) == (taken.reference, desk.account.mchid)
    assert abs(done.refunded_at - clock.now()) < dt.timedelta(minutes=1)
    await desk.told_when(refund.number, lambda told: told["notices"] == ["delivered"])
    notices = [desk.channel.read_notice(desk.account, *heard) for heard in ear.heard]
    told = next(notice for notice in notices if notice.kind == "refund").refund
    assert (told.state, told.number, told.order_number, told.reference) == ("succeeded", refund.number, order.number, done.reference)
    assert (await desk.channel.query(desk.account, order)).paid


async def test_a_payment_goes_back_in_parts_and_never_more_than_was_paid(desk):
    order = await desk.paid(amount_fen=1000)
    for amount_fen in (300, 699):
        await desk.channel.refund(desk.account, desk.refund_of(order, amount_fen))
    with pytest.raises(ChannelRefused) as refused:
        await desk.channel.refund(desk.account, desk.refund_of(order, 2))
    assert refused.value.facts["channel_code"] == "36"
    await desk.channel.refund(desk.account, desk.refund_of(order, 1))
    with pytest.raises(ChannelRefused) as refused:
        await desk.channel.refund(desk.account, desk.refund_of(order, 1))
    assert refused.value.facts["channel_code"] == "45"


async def test_a_hundred_refunds_at_once_give_back_what_was_paid_and_no_fen_more(desk):
    order = await desk.paid(amount_fen=1000)
    refunds = [desk.refund_of(order, 90) for _ in range(30)]
    answers = await asyncio.gather(*(desk.channel.refund(desk.account, one) for one in refunds), return_exceptions=True)
    assert sum(not isinstance(answer, Exception) for answer in answers) == 11
    assert {type(answer) for answer in answers if isinstance(answer, Exception)} == {ChannelRefused}
    assert sum(int(one["txnAmt"]) for one in (await desk.told(order.number))["refunds"]) == 990


async def test_a_repeat_is_a_duplicate_and_answered_by_a_query(desk):
    order = await desk.paid()
    refund = desk.refund_of(order, 100)
    counting = Counting()
    async with httpx.AsyncClient(transport=counting) as client:
        first = await UnionPay(client).refund(desk.account, refund)
        again = await UnionPay(client).refund(desk.account, refund)
    assert counting.paths == ["backTransReq.do", "backTransReq.do", "queryTrans.do"]
    assert (again.number, again.reference, again.amount_fen) == (first.number, first.reference, 100)
    assert len((await desk.told(order.number))["refunds"]) == 1


async def test_a_refund_that_is_not_fresh_is_asked_about_and_never_sent_again(desk):
    order = await desk.paid()
    refund = desk.refund_of(order, 100, placed_at=clock.now() - dt.timedelta(minutes=2))
    counting = Counting()
    async with httpx.AsyncClient(transport=counting) as client:
        await UnionPay(client).refund(desk.account, refund)
        assert counting.paths == ["queryTrans.do", "backTransReq.do"]
        again = await UnionPay(client).refund(desk.account, refund)
    assert counting.paths == ["queryTrans.do", "backTransReq.do", "queryTrans.do"]
    assert again.state in ("processing", "succeeded")


async def test_a_time_out_then_a_success_moves_money_once(desk):
    order = await desk.paid(amount_fen=1000)
    refund = desk.refund_of(order, 600)
    await desk.faults(order.number, {"kind": "api_timeout", "seconds": 1, "remaining": 1})
    async with httpx.AsyncClient(timeout=0.25, trust_env=False) as impatient:
        with pytest.raises(ChannelUnknown):
            await UnionPay(impatient).refund(desk.account, refund)
    again = await desk.channel.refund(desk.account, refund)
    assert again.state in ("processing", "succeeded")
    assert [one["orderId"] for one in (await desk.told(order.number))["refunds"]] == [refund.number]


@pytest.mark.parametrize(("kind", "taken"), [("api_error", 0), ("api_tamper", 1)])
async def test_an_answer_that_cannot_be_believed_is_unknown_whether_or_not_it_was_done(desk, kind, taken):
    order = await desk.paid(amount_fen=1000)
    refund = desk.refund_of(order, 600)
    await desk.faults(order.number, {"kind": kind, "remaining": 1})
    with pytest.raises(ChannelUnknown):
        await desk.channel.refund(desk.account, refund)
    assert len((await desk.told(order.number))["refunds"]) == taken
    await desk.channel.refund(desk.account, refund)
    assert len((await desk.told(order.number))["refunds"]) == 1


async def test_the_same_number_for_another_amount_moves_nothing_more(desk):
    order = await desk.paid(amount_fen=1000)
    refund = desk.refund_of(order, 300)
    await desk.channel.refund(desk.account, refund)
    again = await desk.channel.refund(desk.account, msgspec.structs.replace(refund, amount_fen=500))
    assert again.amount_fen == 300


async def test_a_refund_that_fails_is_closed_told_as_such_and_the_money_stays(desk, ear):
    order = await desk.paid()
    await desk.faults(order.number, {"kind": "refund_fail", "remaining": 1})
    refund = desk.refund_of(order, order.amount_fen)
    await desk.channel.refund(desk.account, refund)
    failed = await ended(desk, refund)
    assert (failed.state, failed.refunded_at) == ("closed", None)
    assert "交易失败" in failed.reason
    await desk.told_when(refund.number, lambda told: told["notices"] == ["delivered"])
    told = [desk.channel.read_notice(desk.account, *heard) for heard in ear.heard]
    assert [one.refund.state for one in told if one.refund and one.refund.number == refund.number] == ["closed"]
    fresh = desk.refund_of(order, order.amount_fen)
    await desk.channel.refund(desk.account, fresh)
    assert (await ended(desk, fresh)).state == "succeeded"


async def test_a_slow_refund_is_under_way_until_it_is_done(desk):
    order = await desk.paid()
    await desk.faults(order.number, {"kind": "refund_slow", "seconds": 100_000})
    refund = desk.refund_of(order, 100)
    await desk.channel.refund(desk.account, refund)
    assert (await desk.channel.query_refund(desk.account, desk.refund_ref(refund))).state == "processing"
    assert (await ended(desk, refund)).state == "succeeded"


async def test_a_merchant_without_enough_money_waits_under_the_same_number(desk):
    order = await desk.paid()
    await desk.faults(order.number, {"kind": "refund_short", "remaining": 1})
    refund = desk.refund_of(order, 100)
    with pytest.raises(ChannelShort) as short:
        await desk.channel.refund(desk.account, refund)
    assert short.value.facts["channel_code"] == "64"
    assert (await desk.channel.query_refund(desk.account, desk.refund_ref(refund))).state == "unknown"
    await desk.channel.refund(desk.account, refund)
    assert (await ended(desk, refund)).state == "succeeded"


async def test_a_refund_finds_unionpays_number_of_the_payment_by_itself(desk):
    order = msgspec.structs.replace(await desk.paid(), channel_txn_id=None)
    assert (await desk.channel.refund(desk.account, desk.refund_of(order, 1))).state == "processing"


@pytest.mark.parametrize("arrived", [True, False])
async def test_an_unpaid_order_gives_nothing_back(desk, arrived):
    order = await desk.placed() if arrived else desk.order()
    with pytest.raises(ChannelRefused) as refused:
        await desk.channel.refund(desk.account, desk.refund_of(order.ref, 1))
    assert refused.value.facts["channel_code"] == "35"


async def test_another_merchants_payment_gives_nothing_back(desk, register):
    order = await desk.paid()
    other = await register()
    with pytest.raises(ChannelRefused) as refused:
        await desk.channel.refund(other.account, other.refund_of(order, 1))
    assert refused.value.facts["channel_code"] == "35"


async def test_eleven_months_later_it_is_too_late(desk, outside):
    order = await desk.paid()
    await outside.post(f"{API}/orders/{desk.account.mchid}/{order.number}/age", json={"days": 334})
    await desk.channel.refund(desk.account, desk.refund_of(order, 1))
    await outside.post(f"{API}/orders/{desk.account.mchid}/{order.number}/age", json={"days": 2})
    with pytest.raises(ChannelRefused) as refused:
        await desk.channel.refund(desk.account, desk.refund_of(order, 1))
    assert "退货期限" in refused.value.message


async def test_a_refund_must_carry_the_time_of_its_sending(desk):
    """UnionPay takes no trade whose time is not the present: a refund approved a day later needs that day's time."""
    order = await desk.paid()
    refund = desk.refund_of(order, 100, placed_at=clock.now() - dt.timedelta(days=1))
    with pytest.raises(ChannelRefused) as refused:
        await desk.channel.refund(desk.account, refund)
    assert "txnTime" in refused.value.message
    assert (await desk.told(order.number))["refunds"] == []
    sent = await desk.channel.refund(desk.account, msgspec.structs.replace(refund, placed_at=clock.now()))
    assert sent.state == "processing"


async def test_a_refund_nobody_ever_sent_is_unknown(desk):
    refund = desk.refund_of(await desk.paid(), 1)
    state = await desk.channel.query_refund(desk.account, desk.refund_ref(refund))
    assert (state.state, state.number) == ("unknown", refund.number)


async def test_an_undo_takes_the_whole_payment_back_on_its_day(desk):
    order = await desk.paid()
    undo = desk.refund_of(order, order.amount_fen)
    assert (await desk.channel.revoke(desk.account, undo)).state == "processing"
    assert (await ended(desk, undo)).state == "succeeded"
    assert [one["txnType"] for one in (await desk.told(order.number))["refunds"]] == ["31"]
    with pytest.raises(ChannelRefused) as refused:
        await desk.channel.refund(desk.account, desk.refund_of(order, 1))
    assert refused.value.facts["channel_code"] == "45"


async def test_an_undo_of_a_part_is_refused_before_it_is_sent(desk):
    order = await desk.paid()
    away = msgspec.structs.replace(desk.account, base_url="http://127.0.0.1:9")
    with pytest.raises(ChannelRefused):
        await desk.channel.revoke(away, desk.refund_of(order, order.amount_fen - 1))


async def test_an_undo_after_the_days_cut_or_after_a_refund_is_refused(desk, outside):
    order, partly = await desk.paid(), await desk.paid()
    await outside.post(f"{API}/orders/{desk.account.mchid}/{order.number}/age", json={"days": 1})
    with pytest.raises(ChannelRefused) as refused:
        await desk.channel.revoke(desk.account, desk.refund_of(order, order.amount_fen))
    assert refused.value.facts["channel_code"] == "35"
    await desk.channel.refund(desk.account, desk.refund_of(partly, 1))
    with pytest.raises(ChannelRefused) as refused:
        await desk.channel.revoke(desk.account, desk.refund_of(partly, partly.amount_fen))
    assert refused.value.facts["channel_code"] == "45"


async def test_a_refund_never_becomes_an_undo_by_itself(desk):
    order = await desk.paid()
    await desk.channel.refund(desk.account, desk.refund_of(order, order.amount_fen))
    assert [one["txnType"] for one in (await desk.told(order.number))["refunds"]] == ["04"]
