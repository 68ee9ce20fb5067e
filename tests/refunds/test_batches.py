"""Many refunds at once: frozen, agreed to by another, each with its own state, resumed after a kill, run again for what failed."""

import pytest
from sqlalchemy import text

from core.errors import SelfApproval
from core.exports import workbook
from core.imports import sheets
from core.jobs import runner
from core.jobs.runner import run_next
from core.refunds import batches, sheet, tasks
from core.refunds.errors import BadRefund, BatchEmpty
from core.refunds.schemas import RefundAsk
from tests import desk as desks
from tests import trade
from tests.desk import FULL
from tests.refunds.test_faces import CHECKER, MAKER, agree, key


async def make(office, asks, by=None):
    async with office.tenant() as session:
        return await batches.create(session, office.client.settings, asks, title="十一月长款", reason="多付退回", by=by or office.maker)


async def states(office, batch_id) -> list[str]:
    async with office.tenant() as session:
        rows = await session.all(text("SELECT status FROM core.refund WHERE batch_id = :id ORDER BY position"), {"id": batch_id})
        return [row.status for row in rows]


async def batch_of(office, batch_id):
    async with office.tenant() as session:
        return await session.one(text("SELECT * FROM core.refund_batch WHERE id = :id"), {"id": batch_id})


async def longs(office, count: int) -> list[RefundAsk]:
    """Money nobody asked for, `count` times; a request for each."""
    for n in range(count):
        await office.paid(f"P2611220000UNKN{n:02d}", 1_000 + n)
    async with office.tenant() as session:
        return await batches.longs(session, "unknown_order", "多付退回")


async def do_jobs(office) -> None:
    while await run_next(office.platform, office.client.id):
        pass
    await office.hurry()


async def test_every_refund_of_a_batch_is_done_and_logged(office):
    office.channel.usual = "succeeded"
    asks = await longs(office, 25)
    batch_id = await make(office, asks)
    batch = await batch_of(office, batch_id)
    assert (batch.status, batch.count, batch.amount_fen) == ("created", 25, sum(ask.amount_fen for ask in asks))
    await office.beat()
    assert office.channel.seen == {}, "nothing moves before the second person"
    await office.agree(batch_id)
    await do_jobs(office)
    assert set(await states(office, batch_id)) == {"success"}
    assert (await batch_of(office, batch_id)).status == "done"
    assert sorted(office.channel.moved.values()) == [1_000 + n for n in range(25)]
    async with office.tenant() as session:
        logged = await session.scalar(text("SELECT count(DISTINCT object_id) FROM core.audit_log WHERE action = 'refunds.refund.approve'"))
    assert logged == 25, "a log entry for each"
    assert await office.faults() == {}


async def test_the_maker_of_a_batch_cannot_agree_to_it(office):
    batch_id = await make(office, await longs(office, 1), by=office.checker)
    with pytest.raises(SelfApproval):
        await office.agree(batch_id)


async def test_a_killed_batch_goes_on_where_it_stopped(office):
    office.channel.usual = "succeeded"
    batch_id = await make(office, await longs(office, 60))
    await office.agree(batch_id)
    job = await runner.claim(office.platform, office.client.id)
    context = await runner._context(office.platform, office.client.id, job)

    class Killed(BaseException):
        pass

    async def dies(done: int, total: int) -> None:
        if done == 43:
            raise Killed

    context.progress = dies
    with pytest.raises(Killed):
        await tasks.run_batch(context, job.params)
    found = await states(office, batch_id)
    assert (found.count("success"), found.count("approved"), found.count("requested")) == (40, 3, 17)
    async with office.tenant() as session:
        await session.execute(text("UPDATE core.job SET lease_until = now() - interval '1 second'"))
    await do_jobs(office)
    assert set(await states(office, batch_id)) == {"success"}
    assert len(office.channel.seen) == 60
    assert all(len(calls) == 1 for calls in office.channel.seen.values()), "nothing is refunded twice"
    assert (await batch_of(office, batch_id)).status == "done"
    assert await office.faults() == {}


async def test_what_failed_says_why_and_is_taken_up_again_alone(office):
    office.channel.usual = "succeeded"
    asks = await longs(office, 3)
    batch_id = await make(office, asks)
    async with office.tenant() as session:  # an owner was found for the second one meanwhile
        await session.execute(text("UPDATE core.suspense_item SET left_fen = 0 WHERE id = :id"), {"id": asks[1].suspense_id})
    await office.agree(batch_id)
    await do_jobs(office)
    assert await states(office, batch_id) == ["success", "failed", "success"]
    assert (await batch_of(office, batch_id)).status == "partial"
    async with office.tenant() as session:
        error = await session.scalar(text("SELECT error FROM core.refund WHERE status = 'failed'"))
        await session.execute(text("UPDATE core.suspense_item SET left_fen = amount_fen WHERE id = :id"), {"id": asks[1].suspense_id})
        await batches.run_again(session, batch_id, office.maker)
    assert "最多可退 0.00 元" in error
    await do_jobs(office)
    assert await states(office, batch_id) == ["success"] * 3
    assert [len(calls) for calls in office.channel.seen.values()] == [1, 1, 1]
    assert (await batch_of(office, batch_id)).status == "done"
    assert await office.faults() == {}


async def test_a_batch_follows_what_the_channel_decides_later(office):
    batch_id = await make(office, await longs(office, 2))
    await office.agree(batch_id)
    await do_jobs(office)
    assert (await batch_of(office, batch_id)).status == "running"
    for number in list(office.channel.seen):
        assert await office.told(number, "succeeded") == "refunded"
    assert (await batch_of(office, batch_id)).status == "done"


async def test_one_impossible_request_and_none_of_the_batch_is_written(office):
    asks = await longs(office, 2)
    with pytest.raises(BadRefund, match="第 3 笔"):
        await make(office, [*asks, asks[0]])
    with pytest.raises(BatchEmpty):
        await make(office, [])
    async with office.tenant() as session:
        assert await session.scalar(text("SELECT count(*) FROM core.refund")) == 0
        assert await session.scalar(text("SELECT count(*) FROM core.refund_batch")) == 0


async def test_a_refused_batch_ends_with_all_its_refunds(office):
    batch_id = await make(office, await longs(office, 2))
    async with office.tenant() as session:
        await batches.refuse(session, batch_id, "rejected", office.checker)
    assert await states(office, batch_id) == ["rejected", "rejected"]
    assert (await batch_of(office, batch_id)).status == "rejected"


@pytest.fixture
async def desk(platform, client, channel):
    return await desks.opened(platform, client)


def file_of(rows: list[tuple]) -> bytes:
    return workbook.write("批量退款", [("账单号*", "text"), ("退款金额*", "text"), ("退款原因", "text")], rows)


async def numbers(platform, desk) -> dict[str, str]:
    async with platform.database.tenant(desk.id) as session:
        rows = await session.all(text("SELECT b.number, p.number AS person FROM core.bill b JOIN core.party p ON p.id = b.party_id"))
        return {row.person: row.number for row in rows}


async def test_an_uploaded_list_becomes_a_batch_with_progress_and_a_result_file(platform, desk, staff, settle, channel):
    channel.usual = "succeeded"
    maker, checker = await staff(desk, *MAKER, name="经办"), await staff(desk, *CHECKER, name="复核")
    for person in ("S1", "S2"):
        await desks.pay(platform, desk, person)
    bills = await numbers(platform, desk)
    assert (await maker.get("/console/refund-batches/template")).status_code == 200
    content = file_of([(bills["S1"], "100.50", "退餐"), (bills["S2"], "20", "")])
    given = {"title": "退餐费", "reason": "十一月退餐"}
    sent = await maker.post("/console/refund-batches/new", data=given, files={"file": ("list.xlsx", content)})
    assert sent.status_code == 303, sent.text
    assert "等待复核" in (await maker.get(sent.headers["location"])).text
    await agree(checker)
    await settle(desk)
    page = (await maker.get(sent.headers["location"])).text
    assert "已完成" in page
    assert "120.50" in page
    batch_id = sent.headers["location"].rpartition("/")[2]
    job = await maker.post("/console/exports/refunds.refunds", data={"batch": batch_id})
    await settle(desk)
    done = (await maker.get(f"/api/v1/jobs/{job.headers['location'].rpartition('/')[2]}")).json()
    file = await maker.get(done["result_url"])
    rows = sheets.read(file.content, "result.xlsx").rows
    assert [str(row[5]) for row in rows[1:3]] == ["20", "100.5"]
    assert {row[7] for row in rows[1:3]} == {"已退款"}


async def test_a_file_with_wrong_rows_is_refused_with_their_numbers(platform, desk, staff):
    maker = await staff(desk, *MAKER, name="经办")
    await desks.pay(platform, desk, "S1")
    bills = await numbers(platform, desk)
    content = file_of([(bills["S1"], "-1", ""), ("B000", "5", ""), (bills["S1"], "1.005", "")])
    sent = await maker.post("/console/refund-batches/new", data={"title": "t", "reason": "r"}, files={"file": ("list.xlsx", content)})
    assert sent.status_code == 422
    assert all(word in sent.text for word in ("第 2 行", "第 3 行", "第 4 行"))
    assert len(sheet.COLUMNS) == 3


async def test_longs_are_chosen_on_the_page_or_by_the_api(platform, desk, staff, settle, channel):
    channel.usual = "succeeded"
    maker, checker = await staff(desk, *MAKER, name="经办"), await staff(desk, *CHECKER, name="复核")
    await desks.pay(platform, desk, "S1")
    await desks.pay(platform, desk, "S1", FULL)
    form = (await maker.get("/console/refund-batches/new")).text
    assert "950.00" in form
    ask = {"title": "长款", "reason": "多付", "suspense": "*"}
    made = await maker.post("/api/v1/refund-batches", json=ask, headers=key("batch"))
    assert (made.status_code, made.json()["count"], made.json()["amount_fen"]) == (201, 1, FULL), made.text
    await agree(checker)
    await settle(desk)
    batch = (await maker.get(f"/api/v1/refund-batches/{made.json()['id']}")).json()
    assert (batch["status"], batch["statuses"]) == ("done", {"success": 1})
    assert await trade.faults(platform, desk.id) == {}


async def test_another_clients_batch_does_not_exist(platform, desk, staff, client):
    maker = await staff(desk, *MAKER, name="经办")
    await desks.pay(platform, desk, "S1")
    await desks.pay(platform, desk, "S1", FULL)
    made = await maker.post("/api/v1/refund-batches", json={"title": "长款", "reason": "多付", "suspense": "*"}, headers=key("b"))
    other = await staff(await client(plugins=()), *MAKER, name="外人")
    assert (await other.get(f"/api/v1/refund-batches/{made.json()['id']}")).status_code == 404
    assert (await other.get(f"/console/refund-batches/{made.json()['id']}")).status_code == 404
    assert (await other.post(f"/api/v1/refund-batches/{made.json()['id']}/run-again")).status_code == 404
