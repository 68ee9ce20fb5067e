"""Two at once, twice, and later again: a run is one worker's, an order is there once, and what is compared is what both sides wrote."""

import asyncio
import datetime as dt

import msgspec
import pytest
from sqlalchemy import text

from core.jobs import runner
from core.jobs import service as jobs
from core.jobs.context import JobContext
from core.jobs.errors import LeaseLost
from plugins.medical.robots import connectors, running, tasks, tills
from plugins.medical.robots.errors import RobotOff, UploadRefused
from plugins.medical.robots.files import Brought
from tests.medical.robots.pharmacy import DAY
from tests.medical.robots.test_runs import ready, waiting
from tests.medical.robots.test_store_days import day_of, fetched, take, till_of


async def claimed(pharmacy) -> JobContext:
    """A worker that has taken up the run's job."""
    job = await runner.claim(pharmacy.platform, pharmacy.id)
    return JobContext(pharmacy.platform, pharmacy.id, None, pharmacy.operator, job.id, job.lease_id)


async def silent(pharmacy) -> None:
    """The worker says nothing for longer than its lease."""
    async with pharmacy.tenant() as session:
        await session.execute(text("UPDATE core.job SET lease_until = now() - interval '1 second'"))


async def jobs_of(pharmacy) -> int:
    async with pharmacy.tenant() as session:
        return await session.scalar(text("SELECT count(*) FROM core.job WHERE kind = 'medical.robot_run'"))


async def test_many_workers_that_look_at_once_begin_one_job(pharmacy):
    shop, box, robot_id, _ = await ready(pharmacy)
    await pharmacy.mail(box, content=await pharmacy.file(shop))
    await asyncio.gather(*(tasks.send_due(pharmacy.platform, pharmacy.id) for _ in range(4)))
    assert await jobs_of(pharmacy) == 1
    took = await asyncio.gather(*(runner.run_next(pharmacy.platform, pharmacy.id) for _ in range(4)))
    assert took.count(True) == 1
    run = await pharmacy.run(robot_id)
    assert (run.status, run.tries) == ("uploaded", 1) and await pharmacy.count("shop_order") == 12


@pytest.mark.parametrize("step", ["logged_in", "download", "upload"])
async def test_a_worker_that_was_given_up_writes_nothing_beside_its_successor(pharmacy, monkeypatch, step):
    shop, box, robot_id, _ = await ready(pharmacy)
    await pharmacy.mail(box, content=await pharmacy.file(shop))
    await tasks.send_due(pharmacy.platform, pharmacy.id)
    first, true = await claimed(pharmacy), connectors.CONNECTORS["mailbox"]

    async def overtaken():
        monkeypatch.setitem(connectors.CONNECTORS, "mailbox", true)
        await silent(pharmacy)
        while await runner.run_next(pharmacy.platform, pharmacy.id):
            pass

    async def slow(account, day, still):
        async def told(each):
            if each == step:
                await overtaken()
            await still(each)

        brought = await true(account, day, told)
        if step == "upload":
            await overtaken()
        return brought

    monkeypatch.setitem(connectors.CONNECTORS, "mailbox", slow)
    task = await pharmacy.run(robot_id)
    with pytest.raises(LeaseLost):
        await running.run(first, {"task_id": str(task.id)})
    run = await pharmacy.run(robot_id)
    assert (run.status, run.tries, await pharmacy.count("shop_order"), await pharmacy.count("robot_artefact")) == ("uploaded", 1, 12, 2)
    assert [step for step, _ in await pharmacy.log(run.id)].count("uploaded") == 1


@pytest.mark.parametrize("started", [False, True])
async def test_a_run_whose_job_was_stopped_waits_for_a_person(pharmacy, started):
    _, _, robot_id, _ = await ready(pharmacy)
    await tasks.send_due(pharmacy.platform, pharmacy.id)
    run = await pharmacy.run(robot_id)
    if started:
        context = await claimed(pharmacy)
        async with context.session() as session:
            await running._begin(session, await pharmacy.platform.vault.keys(session), context, run.id)
            await session.execute(text("UPDATE core.job SET status = 'cancelled'"))
    else:
        async with pharmacy.tenant() as session:
            await jobs.cancel(session, run.job_id, by=msgspec.structs.replace(pharmacy.operator, kind="system"))
    await tasks.send_due(pharmacy.platform, pharmacy.id)
    run = await pharmacy.run(robot_id)
    assert (run.status, run.error, run.job_id) == ("dead", "job_ended", None)
    assert await waiting(pharmacy) == 1 and (await pharmacy.log(run.id))[-1] == ("dead", "job_ended")
    async with pharmacy.tenant() as session:
        await running.retry(session, run.id, pharmacy.operator)
    await pharmacy.beat()
    assert (await pharmacy.run(robot_id)).status == "no_data"


async def test_a_robot_that_is_off_is_not_sent(pharmacy):
    _, _, robot_id, _ = await ready(pharmacy)
    await pharmacy.beat()
    async with pharmacy.tenant() as session:
        await session.execute(text("UPDATE medical.robot SET status = 'off'"))
    await pharmacy.later()
    run = await pharmacy.run(robot_id)
    assert run.tries == 1
    async with pharmacy.tenant() as session:
        with pytest.raises(RobotOff):
            await running.retry(session, run.id, pharmacy.operator)


async def test_a_changed_file_of_the_same_day_takes_the_place_of_the_first_and_back_again(pharmacy):
    shop, box, robot_id, _ = await ready(pharmacy)
    first = await pharmacy.file(shop)
    await pharmacy.mail(box, content=first)
    await pharmacy.beat()
    run = await pharmacy.run(robot_id)
    await pharmacy.fill(shop, count=9)
    second = await pharmacy.file(shop)
    for content, orders in ((second, 9), (second, 9), (first, 12), (second, 9)):
        await running.upload(pharmacy.platform, pharmacy.id, run.id, Brought(f"bill_{DAY:%Y%m%d}.csv", content), pharmacy.operator)
        assert await pharmacy.count("shop_order") == orders
        assert (await pharmacy.run(robot_id)).lines == orders
    assert await pharmacy.count("robot_artefact") == 4
    assert [step for step, _ in await pharmacy.log(run.id)].count("uploaded") == 4


async def test_the_same_orders_in_a_later_days_file_are_refused_whole(pharmacy):
    shop, box, robot_id, _ = await ready(pharmacy)
    await pharmacy.mail(box, content=await pharmacy.file(shop))
    await pharmacy.beat()
    before = DAY - dt.timedelta(days=1)
    async with pharmacy.tenant() as session:
        other = await running.start_now(session, robot_id, before, pharmacy.operator)
    changed = (await pharmacy.file(shop)).decode("gbk").replace(f"{DAY},", f"{before},").encode("gbk")
    with pytest.raises(UploadRefused) as told:
        await running.upload(pharmacy.platform, pharmacy.id, other, Brought("bill.csv", changed), pharmacy.operator)
    assert told.value.facts["why"] == "order_of_other_day"
    assert await pharmacy.count("shop_order") == 12 and (await pharmacy.run(robot_id, before)).status == "scheduled"


async def test_the_very_same_file_is_one_runs_only(pharmacy):
    shop, box, _, _ = await ready(pharmacy)
    content = await pharmacy.file(shop)
    await pharmacy.mail(box, content=content)
    await pharmacy.beat()
    other = await pharmacy.robot("mailbox", box, name="另一个机器人")
    await pharmacy.authorise(other)
    await pharmacy.beat()
    run = await pharmacy.run(other)
    assert (run.status, run.error) == ("format_changed", "file_of_other_day") and await pharmacy.count("shop_order") == 12


async def test_a_store_that_left_a_robot_is_compared_again_when_its_orders_go(pharmacy):
    shop, box, robot_id, _ = await ready(pharmacy)
    await pharmacy.mail(box, content=await pharmacy.file(shop))
    await pharmacy.beat()
    assert (await day_of(pharmacy, "S002")).shop_orders == 6
    async with pharmacy.tenant() as session:
        await session.execute(text("DELETE FROM medical.robot_store WHERE platform_store = 'MT-2'"))
    await pharmacy.ask("PUT", f"/shops/{shop['code']}/days/{DAY}", {"stores": ["MT-1"], "count": 4})
    run = await pharmacy.run(robot_id)
    await running.upload(pharmacy.platform, pharmacy.id, run.id, Brought("bill.csv", await pharmacy.file(shop)), pharmacy.operator)
    assert (await day_of(pharmacy, "S001")).shop_orders == 4 and (await day_of(pharmacy, "S002")).shop_orders == 0


async def test_tills_and_a_run_that_come_at_the_same_moment_see_each_other(pharmacy, monkeypatch):
    shop, box = await pharmacy.shop(), await pharmacy.box()
    orders = await pharmacy.fill(shop)
    robot_id = await pharmacy.robot("mailbox", box)
    await pharmacy.authorise(robot_id)
    await pharmacy.mail(box, content=await pharmacy.file(shop))
    await tasks.send_due(pharmacy.platform, pharmacy.id)
    async with pharmacy.tenant() as session:
        await tills.take(session, till_of(orders), pharmacy.signer)
        working = asyncio.create_task(runner.run_next(pharmacy.platform, pharmacy.id))
        await asyncio.sleep(0.5)
        assert not working.done()
    await working
    day = await day_of(pharmacy)
    assert (day.status, day.shop_orders, day.till_orders) == ("balanced", 6, 6)
    assert (await pharmacy.run(robot_id)).status == "reconciled"


async def test_a_reconciled_run_whose_tills_go_away_waits_again(pharmacy):
    robot_id, orders = await fetched(pharmacy)
    await take(pharmacy, till_of(orders))
    assert (await pharmacy.run(robot_id)).status == "reconciled"
    await take(pharmacy, [msgspec.structs.replace(order, bill_on=DAY - dt.timedelta(days=1)) for order in till_of(orders)])
    assert (await day_of(pharmacy)).status == "waiting" and (await pharmacy.run(robot_id)).status == "uploaded"


async def test_another_pair_of_differing_orders_with_the_same_sums_is_not_what_was_accepted(pharmacy):
    _, orders = await fetched(pharmacy)
    till = [order for order in till_of(orders) if order.store_code == "S001"]

    def shifted(place: int, fen: int):
        return msgspec.structs.replace(till[place], settle_fen=till[place].settle_fen + fen)

    await take(pharmacy, [shifted(0, 7), shifted(1, -7), *till[2:]])
    day = await day_of(pharmacy)
    async with pharmacy.tenant() as session:
        await session.execute(text("UPDATE medical.store_day SET status = 'accepted', reason = '已核', accepted_by = '柳' WHERE id = :id"), {"id": day.id})
    await take(pharmacy, [till[0], till[1], shifted(2, 7), shifted(3, -7)])
    again = await day_of(pharmacy)
    assert (again.gap_fen, again.differences) == (day.gap_fen, day.differences) == (0, 2)
    assert (again.status, again.reason, again.accepted_by) == ("different", None, None)
