"""Which payments give, what each channel allows, and what waits for money."""

import asyncio

import msgspec
import pytest
from sqlalchemy import text

from core.billing import corrections, credit
from core.identity.actor import system
from core.ledger import service as ledger
from core.ledger.schemas import Journal, debit
from core.ledger.schemas import credit as cr
from core.payments import repository as payments
from core.refunds import repository, stopping
from core.refunds.errors import BadRefund, RefundTooLarge
from core.refunds.schemas import LineAsk
from tests import trade


async def open_items(office) -> list:
    async with office.tenant() as session:
        return list(await session.all(text("SELECT * FROM core.refund_item ORDER BY id")))


async def test_the_newest_payment_gives_back_first(office):
    old = await office.pay(office.bills[0], 50_000, days_ago=3)
    new = await office.pay(office.bills[0], 45_000)
    refund = await office.approved(bill_id=office.bills[0], amount_fen=60_000)
    assert {item.payment_id: item.amount_fen for item in refund.items} == {new: 45_000, old: 15_000}


async def test_a_client_may_have_it_in_proportion(office):
    old = await office.pay(office.bills[0], 50_000, days_ago=3)
    new = await office.pay(office.bills[0], 45_000)
    made = await office.ask(bill_id=office.bills[0], amount_fen=9_500, settings={"refund_split": "prorata"})
    await office.agree(made.id)
    assert {item.payment_id: item.amount_fen for item in (await office.read(made.id)).items} == {new: 4_500, old: 5_000}


async def test_by_line_the_merchant_of_that_line_pays(office):
    async with office.tenant() as session:
        await session.execute(text("UPDATE core.bill_line SET chosen = true WHERE bill_id = :id"), {"id": office.bills[0]})
        await session.execute(text("UPDATE core.bill SET amount_fen = 125000 WHERE id = :id"), {"id": office.bills[0]})
    await office.pay(office.bills[0], 125_000)
    await office.approved(bill_id=office.bills[0], amount_fen=12_000, lines=(LineAsk(2, 12_000),))
    await office.beat()
    async with office.tenant() as session:
        assert await ledger.balance(session, "L.MER.MEAL") == 18_000
        assert await ledger.balance(session, "L.MER.TUITION") == 95_000
        lines = await session.all(text("SELECT line_no, paid_fen, refunded_fen FROM core.bill_line WHERE bill_id = :id ORDER BY 1"), {"id": office.bills[0]})
    assert [tuple(line) for line in lines] == [(1, 95_000, 0), (2, 30_000, 12_000)]
    assert await office.faults() == {}


@pytest.mark.parametrize("lines", [(LineAsk(9, 100),), (LineAsk(1, 60), LineAsk(1, 40)), (LineAsk(1, 99),)])
async def test_lines_that_do_not_fit_the_bill_are_refused(office, lines):
    await office.pay(office.bills[0], 95_000)
    with pytest.raises(BadRefund):
        await office.ask(bill_id=office.bills[0], amount_fen=100, lines=lines)


async def test_beyond_the_channels_window_a_person_transfers(office):
    payment_id = await office.pay(office.bills[0], 95_000, days_ago=366)
    refund = await office.approved(bill_id=office.bills[0], amount_fen=95_000)
    await office.beat()
    refund = await office.read(refund.id)
    assert (refund.status, refund.items[0].state) == ("manual_transfer", "manual_transfer")
    assert "365" in refund.items[0].error
    assert (await office.payment(payment_id)).held_fen == 95_000
    assert office.channel.seen == {}
    assert await office.faults() == {}


async def test_beyond_the_channels_count_a_person_transfers(office):
    office.channel.refund_rules = msgspec.structs.replace(office.channel.refund_rules, most=2)
    office.channel.usual = "succeeded"
    await office.pay(office.bills[0], 95_000)
    refunds = []
    for _ in range(3):
        refunds.append(await office.approved(bill_id=office.bills[0], amount_fen=1_000))
        await office.beat()
    assert [(await office.read(refund.id)).status for refund in refunds] == ["success", "success", "manual_transfer"]


async def test_two_refunds_of_one_payment_keep_the_channels_distance(office):
    office.channel.refund_rules = msgspec.structs.replace(office.channel.refund_rules, spacing_seconds=60)
    await office.pay(office.bills[0], 95_000)
    for _ in range(2):
        await office.approved(bill_id=office.bills[0], amount_fen=1_000)
    await office.beat()
    await office.hurry()
    items = await open_items(office)
    assert sorted(item.state for item in items) == ["held", "processing"]
    [waits] = [item for item in items if item.state == "held"]
    [sent] = [item for item in items if item.state == "processing"]
    assert (waits.next_at - sent.sent_at).total_seconds() == 60
    async with office.tenant() as session:
        await session.execute(text("UPDATE core.refund_item SET sent_at = sent_at - interval '61 seconds' WHERE sent_at IS NOT NULL"))
    await office.hurry()
    assert [item.state for item in await open_items(office)] == ["processing", "processing"]


async def drain(office, fen: int) -> None:
    """The merchant was paid out."""
    async with office.tenant() as session:
        postings = (debit("L.MER.TUITION", fen), cr("A.BANK.OUT", fen))
        await ledger.post(session, Journal(key="out", event="settlement.paid", biz_type="test", biz_id="1", postings=postings, by="t"))


async def test_a_refund_waits_while_the_merchant_is_short_and_goes_when_money_comes(office):
    await office.pay(office.bills[0], 95_000)
    await drain(office, 80_000)
    refund = await office.approved(bill_id=office.bills[0], amount_fen=20_000)
    await office.beat()
    refund = await office.read(refund.id)
    assert (refund.status, refund.items[0].journal_id) == ("waiting_funds", None)
    assert office.channel.seen == {}
    assert await office.faults() == {}
    await office.pay(office.bills[1], 95_000)
    for _ in range(2):
        await office.beat()
    assert (await office.read(refund.id)).status == "processing"
    assert await office.faults() == {}


async def test_a_refund_waits_while_the_channel_is_short_and_keeps_its_number(office):
    await office.pay(office.bills[0], 95_000)
    refund = await office.approved(bill_id=office.bills[0], amount_fen=20_000)
    office.channel.script = ["short", "short", "succeeded"]
    await office.beat()
    assert (await office.read(refund.id)).status == "waiting_funds"
    await office.hurry()
    await office.hurry()
    refund = await office.read(refund.id)
    assert (refund.status, len(refund.items)) == ("success", 1)
    assert [len(calls) for calls in office.channel.seen.values()] == [3]
    assert await office.faults() == {}


async def with_credit(office) -> tuple:
    """A child with 100.00 of credit; answers the child's id and that of the payment it came from."""
    child, bill = office.trade.children[0], office.bills[0]
    payment_id = await office.pay(bill, 95_000)
    async with office.tenant() as session:
        await session.execute(text("UPDATE core.bill_line SET discount_fen = 15000, net_fen = 85000 WHERE bill_id = :b AND line_no = 1"), {"b": bill})
        await session.execute(text("UPDATE core.bill SET amount_fen = 85000, discount_fen = 15000 WHERE id = :b"), {"b": bill})
        held = await corrections._hold(session, bill)
        await corrections._excess_to_credit(session, held, system(office.client.id), "adjust:test")
        assert await credit.balance(session, [child]) == 10_000
    return child, payment_id


async def test_unused_credit_goes_back_to_the_payment_it_came_from(office):
    child, payment_id = await with_credit(office)
    refund = await office.approved(party_id=child, amount_fen=10_000)
    await office.beat()
    refund = await office.read(refund.id)
    assert (refund.status, refund.items[0].payment_id) == ("processing", payment_id)
    async with office.tenant() as session:
        assert await credit.balance(session, [child]) == 0
        assert await ledger.balance(session, f"L.PREPAY.{child}") == 0
    assert await office.faults() == {}


async def test_slices_of_credit_asked_for_at_once_need_a_second_person_beyond_the_limit(office):
    child, _ = await with_credit(office)
    limit = {"refund_auto_limit_fen": 2_000}
    made = await asyncio.gather(*(office.ask(party_id=child, amount_fen=1_000, settings=limit) for _ in range(6)))
    assert sorted(refund.status for refund in made) == ["approved"] * 2 + ["requested"] * 4
    assert await office.faults() == {}


async def late(office) -> object:
    """Money for a bill that was paid meanwhile; answers the item in suspense."""
    number = await trade.order(office.platform, office.trade, [(office.bills[0], 95_000)])
    await office.pay(office.bills[0], 95_000)
    await office.paid(number, 95_000)
    async with office.tenant() as session:
        [item] = await payments.list_suspense(session, "open", None, 5)
    return item


async def test_suspense_goes_back_and_its_number_says_so(office):
    item = await late(office)
    office.channel.script = ["closed", "succeeded"]
    refund = await office.approved(suspense_id=item.id, amount_fen=95_000)
    assert refund.items[0].number.startswith("RC")
    await office.beat()
    async with office.tenant() as session:
        again = await payments.find_suspense(session, item.id)
        assert (again.status, again.left_fen) == ("open", 95_000), "booked back exactly"
    await office.hurry()
    async with office.tenant() as session:
        again = await payments.find_suspense(session, item.id)
        assert (again.status, again.left_fen, again.resolution) == ("resolved", 0, "refund")
        assert await ledger.balance(session, "L.SUSP.LONG") == 0
    assert (await office.read(refund.id)).status == "success"
    assert await office.faults() == {}


async def test_excess_goes_back_by_itself_only_where_the_client_wants_it_so(platform, office, client):
    await late(office)
    await office.beat()
    assert await open_items(office) == []
    profile = await platform.directory.profile(office.client.id)
    platform.directory._known[office.client.id] = (
        float("inf"),
        msgspec.structs.replace(profile, settings={"auto_refund_excess": True}),
    )
    office.channel.usual = "succeeded"
    for _ in range(3):
        await office.beat()
    items = await open_items(office)
    platform.directory.forget(office.client.id)
    assert [(item.state, item.amount_fen) for item in items] == [("success", 95_000)]
    assert await office.faults() == {}


async def test_money_that_was_moved_between_approval_and_sending_is_not_sent(office):
    item = await late(office)
    refund = await office.approved(suspense_id=item.id, amount_fen=95_000)
    async with office.tenant() as session:
        await session.execute(text("UPDATE core.suspense_item SET left_fen = 0 WHERE id = :id"), {"id": item.id})
    await office.beat()
    async with office.tenant() as session:
        await session.execute(text("UPDATE core.suspense_item SET left_fen = 95000 WHERE id = :id"), {"id": item.id})
    refund = await office.read(refund.id)
    assert (refund.status, refund.items[0].state) == ("failed", "cancelled")
    assert office.channel.seen == {}
    assert await office.faults() == {}


async def test_a_waiting_refund_can_be_stopped_and_its_money_is_free_again(office):
    payment_id = await office.pay(office.bills[0], 95_000)
    refund = await office.approved(bill_id=office.bills[0], amount_fen=95_000)
    office.channel.script = ["short"]
    await office.beat()
    async with office.tenant() as session:
        assert await stopping.stop(session, refund.id, "家长撤回", office.checker) == 1
    payment, bill = await office.payment(payment_id), await office.bill(office.bills[0])
    assert (payment.held_fen, payment.refunded_fen, bill.status, bill.refunded_fen) == (0, 0, "paid", 0)
    assert (await office.read(refund.id)).status == "failed"
    assert await office.faults() == {}
    await office.approved(bill_id=office.bills[0], amount_fen=95_000)


async def test_a_crash_between_attempt_and_call_is_found_by_the_query_and_sent_once(office):
    await office.pay(office.bills[0], 95_000)
    refund = await office.approved(bill_id=office.bills[0], amount_fen=20_000)
    office.channel.gate = asyncio.Event()
    worker = asyncio.create_task(office.beat())
    await office.channel.inside.wait()
    worker.cancel()
    with pytest.raises(asyncio.CancelledError):
        await worker
    refund = await office.read(refund.id)
    assert (refund.status, refund.items[0].state) == ("submitted", "submitted"), "the attempt is committed before the call"
    office.channel.gate = None
    office.channel.seen.clear()
    office.channel.usual = "succeeded"
    await office.hurry()
    assert (await office.read(refund.id)).status == "success"
    assert office.channel.queries == [refund.items[0].number]
    assert [len(calls) for calls in office.channel.seen.values()] == [1]
    assert await office.faults() == {}


async def test_no_transaction_is_held_while_the_channel_is_called(office):
    await office.pay(office.bills[0], 95_000)
    refund = await office.approved(bill_id=office.bills[0], amount_fen=20_000)
    office.channel.gate = asyncio.Event()
    worker = asyncio.create_task(office.beat())
    await office.channel.inside.wait()
    async with office.tenant() as session:
        assert (await repository.lock(session, refund.id)).status == "submitted", "nobody holds it"
    office.channel.gate.set()
    await worker


async def test_a_refund_while_another_fills_the_same_payment_is_counted(office):
    await office.pay(office.bills[0], 95_000)
    first = await office.ask(bill_id=office.bills[0], amount_fen=50_000)
    second = await office.ask(bill_id=office.bills[0], amount_fen=45_000)
    async with office.tenant() as session:  # as if it had been asked before the first
        await session.execute(text("UPDATE core.refund SET amount_fen = 60000 WHERE id = :id"), {"id": second.id})
    await office.agree(first.id)
    with pytest.raises(RefundTooLarge):
        await office.agree(second.id)
    assert (await office.read(second.id)).status == "requested"
