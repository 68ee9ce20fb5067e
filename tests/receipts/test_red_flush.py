"""What is refunded or was wrong is taken back by a red receipt, and what remains is receipted anew: nothing is ever edited."""

import asyncio

import pytest
from sqlalchemy import text

from core.billing import corrections
from core.errors import InvalidRequest
from core.hookspecs import PaymentSettled
from core.identity.actor import system
from core.receipts import faults, flushing, hooks, service, tasks
from core.receipts.errors import FlushKeyReused, ReceiptNotFound, ReceiptNotStanding
from tests import families
from tests.receipts.shop import paid, pay, rows, told, unissue


async def flush(platform, school, held, fen: int, key: str = "RF1", **given):
    async with platform.database.tenant(school.id) as session:
        by = system(school.id)
        return await service.red_flush(session, held.payment_id, held.bill_id, fen, "退费", by, key, **given)


async def stands_fen(platform, school, bill_id) -> int:
    async with platform.database.tenant(school.id) as session:
        return sum(r.amount_fen for r in await service.receipts_of(session, [bill_id]) if r.stands)


async def test_a_full_refund_leaves_a_red_receipt_and_nothing_that_stands(platform, shop, settle):
    held = await paid(platform, shop, settle)
    done = await flush(platform, shop, held, 95_000)
    assert (done.state, done.flushed_fen, len(done.receipt_ids)) == ("done", 95_000, 1)
    await settle(shop)
    blue, red = await rows(platform, shop)
    assert told([blue, red]) == [("blue", 1, 95_000, "red_flushed"), ("red", 1, -95_000, "issued")]
    assert (blue.seq, red.seq, red.follows_id) == (1, 2, blue.id)
    assert (red.content["takes_back"], red.content["reason"]) == (blue.number, "退费")
    assert red.content["lines"] == [["TUITION", -95_000]]


async def test_a_partial_refund_issues_the_remainder_by_itself(platform, shop, settle):
    held = await paid(platform, shop, settle)
    await flush(platform, shop, held, 20_000)
    await settle(shop)
    made = await rows(platform, shop)
    assert told(made) == [("blue", 1, 95_000, "red_flushed"), ("red", 1, -95_000, "issued"), ("blue", 2, 75_000, "issued")]
    assert [r.seq for r in made] == [1, 2, 3]
    assert made[2].content["payment_number"] == held.number
    assert await stands_fen(platform, shop, held.bill_id) == 75_000


async def test_a_second_refund_takes_back_the_remainder(platform, shop, settle):
    held = await paid(platform, shop, settle)
    await flush(platform, shop, held, 20_000)
    await settle(shop)
    await flush(platform, shop, held, 75_000, key="RF2")
    await settle(shop)
    assert [r.amount_fen for r in await rows(platform, shop)] == [95_000, -95_000, 75_000, -75_000]
    assert await stands_fen(platform, shop, held.bill_id) == 0


async def test_the_same_key_again_changes_nothing_and_says_the_same(platform, shop, settle):
    held = await paid(platform, shop, settle)
    first = await flush(platform, shop, held, 20_000)
    assert await flush(platform, shop, held, 20_000) == first
    await settle(shop)
    assert len(await rows(platform, shop)) == 3
    with pytest.raises(FlushKeyReused):
        await flush(platform, shop, held, 20_001)


async def test_one_key_sent_by_many_at_once_is_one_red_flush(platform, shop, settle):
    held = await paid(platform, shop, settle)
    answers = await asyncio.gather(*(flush(platform, shop, held, 20_000) for _ in range(6)))
    assert len({answer.receipt_ids for answer in answers}) == 1
    await settle(shop)
    assert len(await rows(platform, shop)) == 3


async def test_many_refunds_at_once_come_to_the_same_as_one_after_the_other(platform, shop, settle):
    held = await paid(platform, shop, settle)
    await asyncio.gather(*(flush(platform, shop, held, 10_000, key=f"RF{n}") for n in range(5)))
    await settle(shop)
    assert await stands_fen(platform, shop, held.bill_id) == 45_000
    assert sum(r.amount_fen for r in await rows(platform, shop) if r.status != "voided") == 45_000


async def test_the_lines_that_were_refunded_are_the_ones_that_go(platform, shop, settle):
    held = await paid(platform, shop, settle, meals=True)
    await flush(platform, shop, held, 15_000, lines={1: 5_000, 2: 10_000})
    await settle(shop)
    assert (await rows(platform, shop))[-1].content["lines"] == [["TUITION", 90_000], ["MEAL", 20_000]]


async def test_without_lines_the_last_ones_go_first(platform, shop, settle):
    held = await paid(platform, shop, settle, meals=True)
    await flush(platform, shop, held, 35_000)
    await settle(shop)
    assert (await rows(platform, shop))[-1].content["lines"] == [["TUITION", 90_000]]


async def test_a_receipt_that_nobody_was_given_is_voided_without_a_number(platform, shop, settle):
    held = await paid(platform, shop, settle)
    await unissue(platform, shop)
    done = await flush(platform, shop, held, 20_000)
    assert (done.state, done.receipt_ids) == ("done", ())
    await settle(shop)
    assert [(r.seq, r.status, r.amount_fen) for r in await rows(platform, shop)] == [(1, "issued", 75_000), (None, "voided", 95_000)]


async def test_a_refund_before_the_receipt_was_written_leaves_the_truth_too(platform, shop, settle):
    held = await paid(platform, shop, settle)
    async with platform.database.tenant(shop.id) as session:
        # The receipt's event has not come yet: exactly what a refund within the first second finds.
        await session.execute(text("DELETE FROM core.notice WHERE event = 'paid'"))
        await session.execute(text("DELETE FROM core.receipt"))
    await flush(platform, shop, held, 20_000)
    async with platform.database.tenant(shop.id) as session:
        await service.prepare(session, held.payment_id, [held.bill_id])
    await settle(shop)
    assert await stands_fen(platform, shop, held.bill_id) == 75_000


async def test_more_than_stands_takes_what_stands(platform, shop, settle):
    held = await paid(platform, shop, settle)
    await flush(platform, shop, held, 90_000)
    await settle(shop)
    assert (await flush(platform, shop, held, 20_000, key="RF2")).flushed_fen == 5_000


@pytest.mark.parametrize(("fen", "lines"), [(0, None), (-5, None), (100, {1: 99}), (100, {})])
async def test_an_amount_that_makes_no_sense_is_refused(platform, shop, settle, fen, lines):
    held = await paid(platform, shop, settle)
    with pytest.raises(InvalidRequest):
        await flush(platform, shop, held, fen, lines=lines)
    assert len(await rows(platform, shop)) == 1


async def test_a_refund_that_failed_for_good_is_receipted_again(platform, shop, settle):
    held = await paid(platform, shop, settle, meals=True)
    await flush(platform, shop, held, 35_000)
    await settle(shop)
    for _ in range(2):
        async with platform.database.tenant(shop.id) as session:
            await service.restore(session, "RF1", "退款失败", system(shop.id))
    await settle(shop)
    made = await rows(platform, shop)
    assert [r.amount_fen for r in made] == [125_000, -125_000, 90_000, -90_000, 125_000]
    assert made[-1].content["lines"] == [["TUITION", 95_000], ["MEAL", 30_000]]
    assert await stands_fen(platform, shop, held.bill_id) == 125_000


async def test_a_full_refund_that_failed_is_receipted_again(platform, shop, settle):
    held = await paid(platform, shop, settle)
    await flush(platform, shop, held, 95_000)
    async with platform.database.tenant(shop.id) as session:
        await service.restore(session, "RF1", "退款失败", system(shop.id))
    await settle(shop)
    assert await stands_fen(platform, shop, held.bill_id) == 95_000


async def test_a_red_flush_nobody_asked_for_is_not_found(platform, shop):
    async with platform.database.tenant(shop.id) as session:
        with pytest.raises(ReceiptNotFound):
            await service.flush_state(session, "RF-unknown")
        with pytest.raises(ReceiptNotFound):
            await service.restore(session, "RF-unknown", "x", system(shop.id))


async def test_a_correction_is_issued_under_todays_name(platform, shop, settle):
    held = await paid(platform, shop, settle)
    (blue,) = await rows(platform, shop)
    async with platform.database.tenant(shop.id) as session:
        await session.execute(text("UPDATE core.party SET name = '张晓明' WHERE id = :id"), {"id": shop.children[0].id})
        await flushing.correct(session, blue.id, True, "姓名有误", system(shop.id), "approval:1")
    await settle(shop)
    old, red, new = await rows(platform, shop)
    assert [r.content["payer"] for r in (old, red, new)] == ["张小明", "张小明", "张晓明"]
    assert (old.status, new.amount_fen) == ("red_flushed", 95_000)
    async with platform.database.tenant(shop.id) as session:
        with pytest.raises(ReceiptNotStanding):
            await flushing.correct(session, old.id, True, "再次", system(shop.id), "approval:2")
    assert await stands_fen(platform, shop, held.bill_id) == 95_000


async def test_payers_are_told_once_that_the_money_came_and_never_of_corrections(platform, shop, settle):
    held = await paid(platform, shop, settle)
    before = await families.notices(platform, shop.id)
    await flush(platform, shop, held, 20_000)
    await settle(shop)
    assert await families.notices(platform, shop.id) == before


async def test_the_check_page_tells_what_became_of_each(platform, shop, settle, web):
    held = await paid(platform, shop, settle)
    await flush(platform, shop, held, 20_000)
    await settle(shop)
    old, red, new = await rows(platform, shop)
    pages = [(await web.get(f"/verify/{shop.client.code}/{r.number}", params={"code": r.verify_code})).text for r in (old, red, new)]
    assert "这张收据已红冲" in pages[0]
    assert red.number in pages[0]
    assert "这张收据是真的" not in pages[0]
    assert "这是一张红字收据" in pages[1]
    assert old.number in pages[1]
    assert "这张收据是真的" in pages[2]
    assert "¥750.00" in pages[2]


async def moved(platform, shop, held) -> object:
    """The whole payment was for the sister: two people moved it to her bill. Answers that bill."""
    other = await families.bill(platform, shop, shop.children[1])
    async with platform.database.tenant(shop.id) as session:
        proposal = {"target": str(other), "amount_fen": 95_000, "reason": "记错孩子", "approval_id": "1", "made_by": "经办"}
        await corrections.move(session, held.bill_id, proposal, system(shop.id))
    return other


async def test_a_payment_moved_to_another_bill_takes_its_receipt_along_at_night(platform, shop, settle):
    held = await paid(platform, shop, settle)
    other = await moved(platform, shop, held)
    for _ in range(2):
        await tasks.follow_moved(platform, shop.id)
        await settle(shop)
    assert (await stands_fen(platform, shop, held.bill_id), await stands_fen(platform, shop, other)) == (0, 95_000)
    made = await rows(platform, shop)
    assert [(r.kind, r.amount_fen) for r in made] == [("blue", 95_000), ("red", -95_000), ("blue", 95_000)]
    assert made[2].content["payer"] == shop.children[1].name


async def test_a_refund_of_moved_money_never_leaves_more_receipted_than_was_paid(platform, shop, settle):
    held = await paid(platform, shop, settle)
    other = await moved(platform, shop, held)
    async with platform.database.tenant(shop.id) as session:
        await service.red_flush(session, held.payment_id, other, 20_000, "退费", system(shop.id), "RF1")
    await settle(shop)
    assert (await stands_fen(platform, shop, held.bill_id), await stands_fen(platform, shop, other)) == (0, 75_000)


async def test_the_audit_finds_gaps_and_receipts_for_more_than_was_paid(platform, shop, settle):
    held = await paid(platform, shop, settle)
    await flush(platform, shop, held, 20_000)
    await settle(shop)
    async with platform.database.tenant(shop.id) as session:
        assert not any((await faults.list_faults(session)).values())
        await session.execute(text("UPDATE core.receipt SET seq = seq + 1 WHERE sequence = 2"))
        await session.execute(text("UPDATE core.receipt SET amount_fen = 95001 WHERE sequence = 2"))
        await session.execute(text("UPDATE core.receipt SET status = 'issued' WHERE kind = 'blue' AND sequence = 1"))
        broken = {name for name, found in (await faults.list_faults(session)).items() if found}
        await session.execute(text("UPDATE core.receipt SET status = 'voided' WHERE kind = 'red'"))
        await session.execute(text("UPDATE core.receipt SET status = 'red_flushed' WHERE kind = 'blue' AND sequence = 1"))
        alone = {name for name, found in (await faults.list_faults(session)).items() if found}
    assert broken == {"receipt_numbers_have_a_gap", "receipts_exceed_payment", "red_receipts_without_their_blue_one"}
    assert "red_flushed_without_a_red_receipt" in alone


async def add_later(platform, shop, held, bill_id, fen: int, line_no: int = 1) -> None:
    """Finance put more of the same payment onto a bill: out of suspense, or from credit."""
    async with platform.database.tenant(shop.id) as session:
        await session.execute(
            text("""INSERT INTO core.allocation (id, payment_id, kind, bill_id, line_no, amount_fen, journal_id, allocated_at)
                    SELECT gen_random_uuid(), id, 'bill', :bill_id, :line_no, :fen, journal_id, now() FROM core.payment WHERE id = :payment_id"""),
            {"bill_id": bill_id, "line_no": line_no, "fen": fen, "payment_id": held.payment_id},
        )


async def test_money_that_came_onto_a_bill_later_is_receipted_at_night(platform, shop, settle):
    held = await paid(platform, shop, settle)
    other = await families.bill(platform, shop, shop.children[1])
    await add_later(platform, shop, held, other, 10_000)
    await add_later(platform, shop, held, held.bill_id, 5_000, line_no=2)
    for _ in range(2):
        await tasks.follow_moved(platform, shop.id)
        await settle(shop)
    assert (await stands_fen(platform, shop, held.bill_id), await stands_fen(platform, shop, other)) == (100_000, 10_000)
    assert sum(r.amount_fen for r in await rows(platform, shop)) == 110_000
    newest = next(r for r in await rows(platform, shop) if r.bill_id == held.bill_id and r.sequence == 2 and r.kind == "blue")
    assert newest.content["lines"] == [["TUITION", 95_000], ["MEAL", 5_000]]


async def test_what_a_refund_took_out_is_not_put_back_at_night(platform, shop, settle):
    held = await paid(platform, shop, settle)
    await flush(platform, shop, held, 20_000)
    await add_later(platform, shop, held, held.bill_id, 5_000, line_no=2)
    await tasks.follow_moved(platform, shop.id)
    await settle(shop)
    assert await stands_fen(platform, shop, held.bill_id) == 75_000


async def test_a_refund_that_holds_the_payment_and_its_receipt_being_written_wait_for_each_other_in_one_order(platform, shop):
    bill_id = await families.bill(platform, shop, shop.children[0])
    number = await pay(platform, shop, [(bill_id, 95_000)])
    async with platform.database.tenant(shop.id) as session:
        payment_id = await session.scalar(text("SELECT id FROM core.payment WHERE order_number = :number"), {"number": number})

    async def written() -> None:
        async with platform.database.tenant(shop.id) as session:
            await hooks.payment_settled(session, PaymentSettled(payment_id, 95_000, (bill_id,)))

    async with platform.database.tenant(shop.id) as refunding:
        await refunding.all(text("SELECT id FROM core.bill WHERE id = :id FOR UPDATE"), {"id": bill_id})
        await refunding.all(text("SELECT id FROM core.payment WHERE id = :id FOR UPDATE"), {"id": payment_id})
        writing = asyncio.create_task(written())
        async with asyncio.timeout(60):
            waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')")
            while not await refunding.scalar(waiting):  # noqa: ASYNC110  another connection's wait is no event of ours
                await asyncio.sleep(0.01)
        await service.red_flush(refunding, payment_id, bill_id, 20_000, "退费", system(shop.id), "RF1")
    await writing
    assert await stands_fen(platform, shop, bill_id) == 75_000
