"""What a merchant hears from UnionPay: genuine, again until answered, and every way it can go wrong."""

import datetime as dt

import pytest

from core import clock
from core.payments.channels.errors import ForgedNotice
from core.payments.channels.protocol import disagreements
from core.sandbox.unionpay.notices import LADDER_SECONDS
from tests.payments.channels.unionpay_fixtures import API, channel, desk, ear, listening, outside, register, sandbox

__all__ = ["channel", "desk", "ear", "listening", "outside", "register", "sandbox"]


async def paid(desk, *faults: dict, **wanted) -> str:
    """Place an order, with faults, and pay it."""
    order = desk.order(**wanted)
    await desk.faults(order.number, *faults)
    await desk.submit(await desk.channel.create(desk.account, order))
    assert (await desk.pay(order.number)).status_code == 200
    return order.number


def done(told) -> bool:
    return told["notices"] != [] and "waiting" not in told["notices"]


def read(desk, heard):
    return desk.channel.read_notice(desk.account, *heard)


def test_five_deliveries_within_seven_minutes():
    assert len(LADDER_SECONDS) == 4
    assert sum(LADDER_SECONDS) == 7 * 60


async def test_a_payment_is_told_once_and_our_channel_believes_it(desk, ear):
    number = await paid(desk)
    assert (await desk.told_when(number, done))["notices"] == ["delivered"]
    assert len(ear.heard) == 1
    assert ear.heard[0][0]["content-type"].startswith("application/x-www-form-urlencoded")
    notice = read(desk, ear.heard[0])
    assert (notice.kind, notice.event_type) == ("payment", "01.00")
    assert disagreements(notice.state, desk.account, number, 123450) == {}
    assert notice.event_id == (await desk.told(number))["order"]["queryId"]


async def test_an_unpaid_or_failed_front_trade_is_never_told(desk, ear):
    order = await desk.placed()
    prompt = await paid(desk)
    await desk.told_when(prompt, done)
    assert (await desk.told(order.number))["notices"] == []


async def test_an_unanswered_notice_comes_five_times_and_a_redirect_is_an_answer(desk, ear):
    ear.answers = [500, 404, 302]
    number = await paid(desk)
    told = await desk.told_when(number, done)
    assert [d["status"] for d in told["deliveries"]] == [500, 404, 302]
    ear.heard, ear.always = [], 500
    number = await paid(desk)
    told = await desk.told_when(number, done)
    assert (told["notices"], len(told["deliveries"])) == (["given_up"], 5)
    assert len({read(desk, heard).event_id for heard in ear.heard}) == 1


async def test_a_notice_can_be_sent_again_and_is_the_same_event(desk, ear, outside):
    number = await paid(desk)
    await desk.told_when(number, done)
    assert (await outside.post(f"{API}/orders/{desk.account.mchid}/{number}/notify")).json() == {"notices": 1}
    await desk.told_when(number, lambda told: len(told["deliveries"]) == 2)
    assert read(desk, ear.heard[0]) == read(desk, ear.heard[1])


async def test_a_duplicate_arrives_twice_with_the_same_event(desk, ear):
    await desk.told_when(await paid(desk, {"kind": "notice_duplicate"}), done)
    events = [read(desk, heard).event_id for heard in ear.heard]
    assert len(events) == 2
    assert len(set(events)) == 1


async def test_a_lost_notice_never_comes_and_a_query_still_knows(desk, ear):
    order = desk.order()
    await desk.faults(order.number, {"kind": "notice_lose"})
    await desk.submit(await desk.channel.create(desk.account, order))
    await desk.pay(order.number)
    assert (await desk.told_when(order.number, done))["notices"] == ["lost"]
    assert ear.heard == []
    assert (await desk.channel.query(desk.account, order.ref)).paid


async def test_a_delayed_notice_waits_and_reordered_ones_arrive_in_the_other_order(desk, ear):
    late = await paid(desk, {"kind": "notice_delay", "seconds": 3600})
    first = await paid(desk, {"kind": "notice_reorder", "seconds": 3600})
    second = await paid(desk)
    await desk.told_when(first, done)
    assert [read(desk, heard).state.order_number for heard in ear.heard] == [second, first]
    assert (await desk.told(late))["notices"] == ["waiting"]


@pytest.mark.parametrize(
    ("twist", "reason", "fault"),
    [
        ("notice_tamper_body", "signature", None),
        ("notice_tamper_signature", "signature", None),
        ("notice_unknown_serial", "certificate", "chain"),
    ],
)
async def test_a_forgery_comes_first_and_is_refused_then_the_genuine_one_is_believed(desk, ear, twist, reason, fault):
    told = await desk.told_when(await paid(desk, {"kind": twist}), done)
    assert [d["twist"] for d in told["deliveries"]] == [twist, None]
    with pytest.raises(ForgedNotice) as refused:
        read(desk, ear.heard[0])
    assert (refused.value.facts["reason"], refused.value.facts.get("fault")) == (reason, fault)
    assert read(desk, ear.heard[1]).state.paid


@pytest.mark.parametrize(("twist", "field"), [("notice_tamper_amount", "amount_fen"), ("notice_tamper_merchant", "mchid")])
async def test_a_valid_signature_about_something_else_shows_what_differs(desk, ear, twist, field):
    number = await paid(desk, {"kind": twist})
    await desk.told_when(number, done)
    wrong, right = (read(desk, heard).state for heard in ear.heard)
    assert list(disagreements(wrong, desk.account, number, 123450)) == [field]
    assert disagreements(right, desk.account, number, 123450) == {}


@pytest.mark.parametrize("twist", ["notice_stale", "notice_probe"])
async def test_what_unionpay_does_not_have_does_not_happen(desk, ear, twist):
    told = await desk.told_when(await paid(desk, {"kind": twist}), done)
    assert [d["twist"] for d in told["deliveries"]] == [None]


async def test_one_merchants_notice_is_seen_to_be_anothers(desk, ear, register):
    number = await paid(desk)
    await desk.told_when(number, done)
    other = await register()
    state = read(other, ear.heard[0]).state
    assert list(disagreements(state, other.account, number, 123450)) == ["mchid"]


async def test_money_after_the_end_of_an_order_is_told(desk, ear):
    order = desk.order(expires_at=clock.now().replace(microsecond=0) + dt.timedelta(seconds=3))
    await desk.faults(order.number, {"kind": "pay_after_close", "seconds": 0})
    await desk.submit(await desk.channel.create(desk.account, order))
    await desk.told_when(order.number, done)
    assert read(desk, ear.heard[0]).state.state == "succeeded"


@pytest.mark.parametrize("code", ["00", "A6"])
async def test_a_refund_is_told_after_it_was_taken(desk, ear, code):
    order = await desk.placed()
    await desk.pay(order.number, code=code)
    ref = desk.ref(order, await desk.channel.query(desk.account, order.ref))
    refund = desk.refund_of(ref, 50)
    await desk.channel.refund(desk.account, refund)
    await desk.told_when(refund.number, done)
    kinds = {read(desk, heard).kind: read(desk, heard) for heard in ear.heard}
    assert set(kinds) == {"payment", "refund"}
    assert kinds["payment"].event_type == f"01.{code}"
    assert kinds["refund"].refund.order_number == order.number
    assert kinds["refund"].state.channel_txn_id == ref.channel_txn_id
