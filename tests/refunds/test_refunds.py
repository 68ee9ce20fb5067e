"""A refund from the request to the payer's account: held, booked, sent, settled; never more than was paid, the same number on retry."""

import pytest
from sqlalchemy import text

from core.errors import SelfApproval
from core.ledger import service as ledger
from core.refunds import transfers
from core.refunds.errors import RefundTooLarge, TransferNotPossible
from tests import trade


async def stands(office, account: str) -> int:
    async with office.tenant() as session:
        return await ledger.balance(session, account)


async def events(office) -> list:
    async with office.tenant() as session:
        return [row.payload for row in await session.all(text("SELECT payload FROM core.outbox_event WHERE kind = 'payment_refunded'"))]


async def test_a_refund_is_held_when_approved_booked_when_sent_and_done_when_the_channel_says_so(office):
    payment_id = await office.pay(office.bills[0], 95_000)
    refund = await office.approved(bill_id=office.bills[0], amount_fen=30_000)
    payment = await office.payment(payment_id)
    assert (refund.status, payment.held_fen, payment.refunded_fen) == ("approved", 30_000, 0)
    assert await stands(office, "L.MER.TUITION") == 95_000
    await office.beat()
    refund, payment, bill = await office.read(refund.id), await office.payment(payment_id), await office.bill(office.bills[0])
    assert (refund.status, payment.held_fen, payment.refunded_fen) == ("processing", 0, 30_000)
    assert (bill.status, bill.paid_fen, bill.refunded_fen) == ("partially_refunded", 95_000, 30_000)
    assert await stands(office, "L.MER.TUITION") == 65_000
    assert await stands(office, f"A.CH.wechatpay.{trade.MCHID}") == 65_000
    [item] = refund.items
    assert await office.told(item.number, "succeeded") == "refunded"
    refund = await office.read(refund.id)
    assert (refund.status, refund.refunded_fen, refund.items[0].state) == ("success", 30_000, "success")
    assert [event["amount_fen"] for event in await events(office)] == [30_000]
    assert await office.faults() == {}


async def test_nothing_is_sent_before_it_is_held(office):
    await office.pay(office.bills[0], 95_000)
    await office.ask(bill_id=office.bills[0], amount_fen=30_000)
    await office.hurry()
    assert office.channel.seen == {}


async def test_the_same_success_twice_is_one_refund(office):
    await office.pay(office.bills[0], 95_000)
    refund = await office.approved(bill_id=office.bills[0], amount_fen=95_000)
    await office.beat()
    number = (await office.read(refund.id)).items[0].number
    assert [await office.told(number, "succeeded") for _ in range(2)] == ["refunded", "duplicate"]
    bill = await office.bill(office.bills[0])
    assert (bill.status, bill.refunded_fen) == ("refunded", 95_000)
    assert len(await events(office)) == 1
    assert await office.faults() == {}


async def test_more_than_was_paid_is_refused_at_the_request_and_at_the_approval(office):
    await office.pay(office.bills[0], 95_000)
    with pytest.raises(RefundTooLarge) as refusal:
        await office.ask(bill_id=office.bills[0], amount_fen=95_001)
    assert refusal.value.facts["free_fen"] == 95_000
    await office.ask(bill_id=office.bills[0], amount_fen=60_000)
    with pytest.raises(RefundTooLarge):
        await office.ask(bill_id=office.bills[0], amount_fen=60_000)


async def test_the_requester_cannot_approve(office):
    await office.pay(office.bills[0], 95_000)
    made = await office.ask(bill_id=office.bills[0], amount_fen=100)
    with pytest.raises(SelfApproval):
        await office.agree(made.id, by=office.maker.__class__(**{**_facts(office.maker), "rights": {"refunds.refund.check": None}}))
    assert (await office.read(made.id)).status == "requested"


def _facts(actor) -> dict:
    return {name: getattr(actor, name) for name in actor.__struct_fields__}


async def test_up_to_the_clients_limit_no_second_person_is_needed(office):
    await office.pay(office.bills[0], 95_000)
    small = await office.ask(bill_id=office.bills[0], amount_fen=5_000, settings={"refund_auto_limit_fen": 5_000})
    large = await office.ask(bill_id=office.bills[0], amount_fen=5_001, settings={"refund_auto_limit_fen": 5_000})
    assert (small.status, large.status) == ("approved", "requested")
    sliced = await office.ask(bill_id=office.bills[0], amount_fen=1, settings={"refund_auto_limit_fen": 5_000})
    assert sliced.status == "requested", "not by slices either"


async def test_the_same_number_is_sent_again_until_the_third_failure_then_a_person_transfers(office):
    payment_id = await office.pay(office.bills[0], 95_000)
    refund = await office.approved(bill_id=office.bills[0], amount_fen=10_000)
    office.channel.script = ["failed", "refused", "failed"]
    for expected in ("failed", "failed", "manual_transfer"):
        await office.hurry()
        [item] = (await office.read(refund.id)).items
        assert item.state == expected
    assert [len(calls) for calls in office.channel.seen.values()] == [3]
    assert (await office.read(refund.id)).status == "manual_transfer"
    assert (await office.payment(payment_id)).refunded_fen == 10_000
    assert await office.faults() == {}


async def test_money_stranded_at_the_channel_is_not_transferred_by_hand_before_it_is_back(office, platform):
    await office.pay(office.bills[0], 95_000)
    refund = await office.approved(bill_id=office.bills[0], amount_fen=10_000)
    office.channel.script = ["failed", "failed", "failed"]
    for _ in range(3):
        await office.hurry()
    [item] = (await office.read(refund.id)).items
    office.channel.stranded = True
    with pytest.raises(TransferNotPossible):
        await transfers.ask_channel_first(platform, office.client, item.id)
    office.channel.answers[item.number] = "closed"  # sent back to the merchant number
    await transfers.ask_channel_first(platform, office.client, item.id)
    states = [each.state for each in (await office.read(refund.id)).items]
    assert states == ["closed", "manual_transfer"], "the same card would only fail again"
    assert await office.faults() == {}


async def test_a_number_closed_for_good_is_booked_back_and_begun_anew_under_the_next(office):
    payment_id = await office.pay(office.bills[0], 95_000)
    refund = await office.approved(bill_id=office.bills[0], amount_fen=10_000)
    office.channel.script = ["closed", "succeeded"]
    await office.beat()
    payment, bill = await office.payment(payment_id), await office.bill(office.bills[0])
    assert (payment.held_fen, payment.refunded_fen, bill.refunded_fen, bill.status) == (10_000, 0, 0, "paid")
    assert await office.faults() == {}
    await office.hurry()
    refund = await office.read(refund.id)
    assert [(item.state, item.attempt) for item in refund.items] == [("closed", 1), ("success", 2)]
    assert len({item.number for item in refund.items}) == 2
    assert (refund.status, refund.refunded_fen) == ("success", 10_000)
    assert await office.faults() == {}


async def test_numbers_that_are_closed_again_and_again_end_with_a_person(office):
    await office.pay(office.bills[0], 95_000)
    refund = await office.approved(bill_id=office.bills[0], amount_fen=10_000)
    office.channel.usual = "closed"
    for _ in range(4):
        await office.hurry()
    states = [item.state for item in (await office.read(refund.id)).items]
    assert states == ["closed", "closed", "closed", "manual_transfer"]
    assert await office.faults() == {}


async def test_no_answer_leaves_it_under_way_and_a_query_decides(office):
    await office.pay(office.bills[0], 95_000)
    refund = await office.approved(bill_id=office.bills[0], amount_fen=10_000)
    office.channel.script = ["taken"]
    await office.beat()
    [item] = (await office.read(refund.id)).items
    assert item.state == "processing"
    office.channel.answers[item.number] = "succeeded"
    await office.hurry()
    assert (await office.read(refund.id)).status == "success"
    assert len(office.channel.seen[item.number]) == 1, "asked, not sent again"


async def test_what_never_arrived_is_sent_again_under_the_same_number(office):
    await office.pay(office.bills[0], 95_000)
    refund = await office.approved(bill_id=office.bills[0], amount_fen=10_000)
    office.channel.script = ["lost", "succeeded"]
    await office.beat()
    await office.hurry()
    refund = await office.read(refund.id)
    assert (refund.status, len(refund.items)) == ("success", 1)
    assert [len(calls) for calls in office.channel.seen.values()] == [2]
    assert office.channel.queries == [refund.items[0].number]


async def test_a_mismatching_word_is_not_believed_and_becomes_an_item_for_finance(office):
    await office.pay(office.bills[0], 95_000)
    refund = await office.approved(bill_id=office.bills[0], amount_fen=10_000)
    await office.beat()
    [item] = (await office.read(refund.id)).items
    assert await office.told(item.number, "succeeded", amount_fen=10_001) == "mismatch"
    assert (await office.read(refund.id)).status == "processing"
    async with office.tenant() as session:
        found = await session.one(text("SELECT reason, facts FROM core.suspense_item"))
    assert (found.reason, found.facts["differs"]["amount_fen"]) == ("refund_mismatch", {"ours": 10_000, "theirs": 10_001})


async def test_a_refund_made_in_the_channels_back_office_becomes_an_item_for_finance(office):
    await office.pay(office.bills[0], 95_000)
    for _ in range(2):
        word = {"order_number": "P1", "amount_fen": 1_234, "reference": "50300"}
        assert await office.told("BACKOFFICE0000001", "succeeded", **word) == "foreign_refund"
    async with office.tenant() as session:
        found = await session.one(text("SELECT reason, amount_fen, left_fen, facts, status FROM core.suspense_item"))
    assert (found.reason, found.amount_fen, found.left_fen, found.status) == ("foreign_refund", 1_234, 0, "open")
    assert (found.facts["refund_number"], found.facts["order_number"]) == ("BACKOFFICE0000001", "P1")
    assert await office.faults() == {}


async def test_a_late_success_of_a_closed_number_keeps_its_successor_from_being_sent(office):
    """The channel closed the number and then gave the money back after all: the next number would give it back twice."""
    await office.pay(office.bills[0], 95_000)
    refund = await office.approved(bill_id=office.bills[0], amount_fen=95_000)
    await office.beat()
    [first] = (await office.read(refund.id)).items
    assert await office.told(first.number, "closed") == "refund_closed"
    assert await office.told(first.number, "succeeded") == "foreign_refund"
    await office.hurry()
    _, second = (await office.read(refund.id)).items
    assert (second.state, "财务" in second.error) == ("held", True)
    assert list(office.channel.seen) == [first.number], "the money went once"
    async with office.tenant() as session:
        assert await session.scalar(text("SELECT reason FROM core.suspense_item WHERE status = 'open'")) == "refund_after_end"
        await session.execute(text("UPDATE core.suspense_item SET status = 'resolved'"))
    await office.hurry()
    assert len(office.channel.seen) == 2, "once finance has looked it goes on"
    assert await office.faults() == {}
