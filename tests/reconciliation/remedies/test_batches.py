"""One click for all longs: frozen, two people, each with its own state, resumed after a kill, run again for what failed."""

import pytest
from sqlalchemy import text

from core.errors import SelfApproval
from core.jobs import runner
from core.reconciliation.differences.repository import Asked
from core.reconciliation.remedies import bulk, tasks
from core.reconciliation.remedies.bulk import Wanted
from core.reconciliation.remedies.refusals import DifferenceNotFound, DifferenceResolved, RemedyBatchEmpty, RemedyNotWaiting, RemedyUnderWay
from core.reconciliation.remedies.service import RemedyAsk


async def refund_all(house, by=None, kind="refund"):
    """The one click: everything of the filter."""
    async with house.tenant() as session:
        rows = await bulk.chosen(session, Asked(), kind, by or house.maker)
        wanted = [Wanted(difference_id=row.id, ask=RemedyAsk(kind=kind, reason="长款退回")) for row in rows]
        return await bulk.create(session, {}, wanted, reason="三月一日长款", by=by or house.maker)


async def batch_of(house, batch_id):
    async with house.tenant() as session:
        return await session.one(text("SELECT * FROM core.recon_remedy_batch WHERE id = :id"), {"id": batch_id})


_STATES = """
    SELECT r.status FROM core.recon_remedy r JOIN core.recon_difference d ON d.id = r.difference_id WHERE r.batch_id = :id ORDER BY d.code
"""


async def states(house, batch_id) -> list[str]:
    """By the order in which the differences came; two of one millisecond lie either way in the batch."""
    async with house.tenant() as session:
        rows = await session.all(text(_STATES), {"id": batch_id})
        return [row.status for row in rows]


async def longs(house, count: int) -> list:
    return [await house.differ("LG1", 1_000 + n) for n in range(count)]


async def test_one_click_refunds_all_longs_and_nothing_else(house):
    await longs(house, 20)
    await house.differ("DP1", 12_000)
    await house.differ("LG2", 8_500)
    await house.differ("SH1", 7_500)
    await house.differ("LG1", 999, status="expected")
    batch_id = await refund_all(house)
    batch = await batch_of(house, batch_id)
    assert (batch.count, batch.amount_fen, batch.kind) == (21, sum(1_000 + n for n in range(20)) + 12_000, "refund")
    await house.work()
    assert house.channel.moved == {}, "nothing moves before the second person"
    await house.agree(batch_id)
    await house.work()
    assert set(await states(house, batch_id)) == {"done"}
    assert (await batch_of(house, batch_id)).status == "done"
    assert len(house.channel.moved) == 21
    assert sum(house.channel.moved.values()) == batch.amount_fen
    async with house.tenant() as session:
        left = await session.all(text("SELECT class, status FROM core.recon_difference WHERE status <> 'resolved' ORDER BY class"))
        logged = await session.scalar(text("SELECT count(DISTINCT difference_id) FROM core.recon_event WHERE what = 'done'"))
    assert [(row[0], row.status) for row in left] == [("LG1", "expected"), ("LG2", "open"), ("SH1", "open")]
    assert logged == 21, "a line in the history of each"
    assert await house.faults() == {}


async def test_after_a_failed_repost_the_payment_joins_the_longs(house):
    from core.reconciliation.remedies import reposts

    difference_id = await house.differ("LG2", 8_500)
    remedy_id = await house.done(difference_id, "repost")
    with pytest.raises(RemedyBatchEmpty):
        await refund_all(house)
    async with house.tenant() as session:
        await reposts.answer(session, remedy_id, house.maker, accepted=False, serial="", message="未受理")
    assert (await batch_of(house, await refund_all(house))).amount_fen == 8_500


async def test_the_maker_of_a_batch_cannot_agree_to_it(house):
    await longs(house, 1)
    batch_id = await refund_all(house, by=house.checker)
    with pytest.raises(SelfApproval):
        await house.agree(batch_id)


async def test_a_refused_batch_sets_its_differences_free(house):
    [first, _second] = await longs(house, 2)
    batch_id = await refund_all(house)
    with pytest.raises(RemedyUnderWay):
        await house.ask(first, "book")
    await house.refuse(batch_id)
    assert (await states(house, batch_id), (await house.difference(first)).status) == (["rejected", "rejected"], "rejected")
    await house.done(first, "book")


async def test_what_somebody_else_resolved_says_so_and_the_others_go_on(house):
    [_first, second, _third] = await longs(house, 3)
    batch_id = await refund_all(house)
    async with house.tenant() as session:
        await session.execute(text("UPDATE core.recon_difference SET status = 'auto_resolved' WHERE id = :id"), {"id": second})
    await house.agree(batch_id)
    await house.work()
    assert await states(house, batch_id) == ["done", "failed", "done"]
    assert (await batch_of(house, batch_id)).status == "partial"
    async with house.tenant() as session:
        error = await session.scalar(text("SELECT error FROM core.recon_remedy WHERE status = 'failed'"))
    assert "自动平账" in error
    async with house.tenant() as session:
        with pytest.raises(RemedyNotWaiting):
            await bulk.run_again(session, batch_id, house.maker)
    assert len(house.channel.moved) == 2
    assert await house.faults() == {}


async def test_a_killed_batch_goes_on_where_it_stopped(house):
    await longs(house, 60)
    batch_id = await refund_all(house)
    await house.agree(batch_id)
    job = await runner.claim(house.platform, house.client.id)
    context = await runner._context(house.platform, house.client.id, job)

    class Killed(BaseException):
        pass

    async def dies(done: int, total: int) -> None:
        if done == 43:
            raise Killed

    context.progress = dies
    with pytest.raises(Killed):
        await tasks.run_batch(context, job.params)
    found = await states(house, batch_id)
    assert (found.count("running"), found.count("approved")) == (43, 17)
    async with house.tenant() as session:
        await session.execute(text("UPDATE core.job SET lease_until = now() - interval '1 second'"))
    await house.work()
    assert set(await states(house, batch_id)) == {"done"}
    assert len(house.channel.seen) == 60
    assert all(len(calls) == 1 for calls in house.channel.seen.values()), "nothing is refunded twice"
    assert (await batch_of(house, batch_id)).status == "done"
    assert await house.faults() == {}


async def test_only_what_failed_is_done_again(house):
    [_first, second, _third] = await longs(house, 3)
    async with house.tenant() as session:  # the file did not tell the channel's number of the second one
        await session.execute(text("UPDATE core.recon_difference SET channel_number = NULL WHERE id = :id"), {"id": second})
    batch_id = await refund_all(house)
    await house.agree(batch_id)
    await house.work()
    assert await states(house, batch_id) == ["done", "failed", "done"]
    async with house.tenant() as session:
        await session.execute(text("UPDATE core.recon_difference SET channel_number = '42X' WHERE id = :id"), {"id": second})
        await bulk.run_again(session, batch_id, house.maker)
    await house.work()
    assert await states(house, batch_id) == ["done", "done", "done"]
    assert (await batch_of(house, batch_id)).status == "done"
    assert [len(calls) for calls in house.channel.seen.values()] == [1, 1, 1]
    assert await house.faults() == {}


async def test_one_impossible_item_and_none_of_a_selection_is_written(house):
    [first, second] = await longs(house, 2)
    await house.done(second, "book")
    ask = RemedyAsk(kind="refund", reason="退回")
    other = await house.differ("LG1", tenant_id=house.client.id)
    for wanted, refusal in (([first, second], DifferenceResolved), ([first, house.client.id], DifferenceNotFound), ([first, first], DifferenceNotFound)):
        async with house.tenant() as session:
            with pytest.raises(refusal):
                await bulk.create(session, {}, [Wanted(difference_id=each, ask=ask) for each in wanted], reason="退回", by=house.maker)
    assert (await house.difference(other)).status == "open"
    assert (await house.difference(first)).status == "open"


async def test_many_shorts_are_chased_together(house):
    for n in range(5):
        await house.differ("SH1", 100 + n)
    batch_id = await refund_all(house, kind="chase")
    await house.agree(batch_id)
    await house.work()
    assert (await batch_of(house, batch_id)).status == "done"
    assert await house.stands("A.SUSP.SHORT") == sum(100 + n for n in range(5))
