"""When a file does not come: asked again, given up on, brought by a person, refused, empty — told by a fetcher that does what a test says."""

import datetime as dt
from uuid import uuid4

import pytest
from sqlalchemy import text

from core import clock
from core.hookspecs import hook
from core.payments.channels.errors import ChannelUnknown, StatementBroken, StatementNotReady
from core.payments.channels.protocol import StatementFile
from core.statements import fetching, fetching_repository, lists
from core.statements.fetchers import Fetcher, Subject

NOT_READY = StatementNotReady(day="2026-03-01")


def platform_file(day: dt.date, number: str = "P1") -> bytes:
    head = "merchant_order_no,channel,type,amount_fen,fee_fen,status,paid_at,bill_no,merchant_refund_no\n"
    return f"{head}{number},wechatpay,PAY,1000,6,succeeded,{day}T08:00:00+08:00,B1,\n".encode()


class Outside:
    """Somebody who gives files of the platform's own kind; `says` is what comes next, for every day."""

    def __init__(self) -> None:
        self.subjects: dict[object, Subject] = {}
        self.says: object = None
        self.asked: list[dt.date] = []

    @hook
    def register_statement_fetchers(self):
        return [Fetcher(source="platform", list_subjects=self._subjects, fetch=self._fetch, out_after=dt.timedelta(0))]

    async def _subjects(self, session):
        found = self.subjects.get(session.tenant_id)
        return [found] if found else []

    async def _fetch(self, _platform, tenant_id, _account_id, day):
        self.asked.append(day)
        said = self.says(day) if callable(self.says) else self.says
        if isinstance(said, Exception):
            raise said
        return StatementFile(name="platform.csv", content=said) if isinstance(said, bytes) else said


@pytest.fixture
async def outside(platform, client):
    part = Outside()
    platform.plugins._pluggy.register(part, name="core.test_statements_outside")
    part.client = await client(plugins=())
    part.day = clock.today() - dt.timedelta(days=1)
    part.subjects[part.client.id] = Subject(uuid4(), "", part.day)
    yield part
    platform.plugins._pluggy.unregister(name="core.test_statements_outside")


async def beat(platform, outside):
    """One turn of the schedule as if every waiting time were over; the row of yesterday's file."""
    async with platform.database.tenant(outside.client.id) as session:
        await session.execute(text("UPDATE core.statement_fetch SET next_at = now() WHERE next_at IS NOT NULL"))
    await fetching.fetch_due(platform, outside.client.id)
    async with platform.database.tenant(outside.client.id) as session:
        [row] = await fetching_repository.list_days(session, outside.day, outside.day)
    return row


async def test_a_file_that_is_not_out_is_asked_for_again_and_again_later(platform, outside):
    outside.says = NOT_READY
    pauses = []
    for _ in range(5):
        row = await beat(platform, outside)
        assert (row.status, "还没有生成" in row.error) == ("waiting", True)
        pauses.append(round((row.next_at - clock.now()).total_seconds() / 60))
    assert pauses == [5, 15, 30, 60, 60]
    outside.says = platform_file(outside.day)
    row = await beat(platform, outside)
    assert (row.status, row.error, row.next_at) == ("fetched", None, None)
    async with platform.database.tenant(outside.client.id) as session:
        assert (await lists.find(session, row.statement_id)).verdict == "accept"


async def test_after_a_day_it_is_a_persons_to_look_after(platform, outside, staff):
    outside.says = ChannelUnknown(reason="timeout")
    await beat(platform, outside)
    async with platform.database.tenant(outside.client.id) as session:
        await session.execute(text("UPDATE core.statement_fetch SET first_at = first_at - interval '2 days'"))
        assert await fetching.count_failed(session, None) == 0
    row = await beat(platform, outside)
    assert row.status == "failed"
    assert row.next_at > clock.now() + dt.timedelta(hours=5)
    async with platform.database.tenant(outside.client.id) as session:
        assert await fetching.count_failed(session, None) == 1
        assert not await fetching.day_complete(session, outside.day)
    desk = await staff(outside.client, "statements.file.read", "statements.file.make")
    assert "没有取到的对账文件" in (await desk.get("/console")).text
    outside.says = platform_file(outside.day)
    answer = await desk.post(f"/console/statements/days/{outside.day}/fetch")
    assert answer.status_code == 303
    assert "已取到" in (await desk.get(f"/console/statements/days/{outside.day}")).text


async def test_a_broken_file_is_asked_for_again(platform, outside):
    outside.says = StatementBroken(reason="SHA1")
    row = await beat(platform, outside)
    assert (row.status, "校验不通过" in row.error) == ("waiting", True)


async def test_a_day_without_business_is_an_empty_statement(platform, outside):
    row = await beat(platform, outside)
    assert row.status == "empty"
    async with platform.database.tenant(outside.client.id) as session:
        found = await lists.find(session, row.statement_id)
        assert (found.verdict, found.reason_code, found.lines) == ("accept", "empty_day", 0)
        assert await fetching.day_complete(session, outside.day)


async def test_a_file_that_is_refused_is_a_persons_at_once(platform, outside):
    outside.says = platform_file(outside.day - dt.timedelta(days=5))
    row = await beat(platform, outside)
    assert row.status == "failed"
    async with platform.database.tenant(outside.client.id) as session:
        assert (await lists.find(session, row.statement_id)).status == "refused"
    outside.says = platform_file(outside.day)
    assert (await beat(platform, outside)).status == "fetched"


async def test_a_file_that_somebody_uploaded_is_not_asked_for(platform, outside, hand_in):
    outside.says = NOT_READY
    await beat(platform, outside)
    asked = len(outside.asked)
    verdict = await hand_in(outside.client, "platform", outside.day.isoformat(), platform_file(outside.day))
    row = await beat(platform, outside)
    assert (row.status, row.statement_id, len(outside.asked)) == ("fetched", verdict.statement_id, asked)


async def test_a_newer_file_of_the_same_day_supersedes(platform, outside, staff):
    outside.says = platform_file(outside.day)
    first = await beat(platform, outside)
    outside.says = platform_file(outside.day, "P2")
    desk = await staff(outside.client, "statements.file.read", "statements.file.make")
    await desk.post(f"/console/statements/days/{outside.day}/fetch")
    assert outside.asked == [outside.day], "what is there is fetched again only when somebody says so"
    await desk.post(f"/console/statements/days/{outside.day}/fetch", data={"again": "1"})
    async with platform.database.tenant(outside.client.id) as session:
        [row] = await fetching_repository.list_days(session, outside.day, outside.day)
        assert (await lists.find(session, first.statement_id)).status == "superseded"
        assert (await lists.find(session, row.statement_id)).version == 2


async def test_a_fetcher_that_breaks_does_not_stop_the_others_and_is_tried_again(platform, outside):
    outside.subjects[outside.client.id] = Subject(uuid4(), "", outside.day - dt.timedelta(days=2))
    outside.says = lambda day: RuntimeError("bug") if day == outside.day else platform_file(day)
    await fetching.fetch_due(platform, outside.client.id)
    async with platform.database.tenant(outside.client.id) as session:
        rows = await fetching_repository.list_days(session, outside.day - dt.timedelta(days=2), outside.day)
    assert [row.status for row in rows] == ["waiting", "fetched", "fetched"]
    assert rows[0].next_at > clock.now(), "its lease runs out, then it is asked for again"


async def test_only_the_last_week_is_awaited(platform, outside):
    outside.subjects[outside.client.id] = Subject(uuid4(), "", outside.day - dt.timedelta(days=60))
    outside.says = NOT_READY
    await fetching.fetch_due(platform, outside.client.id)
    async with platform.database.tenant(outside.client.id) as session:
        rows = await fetching_repository.list_days(session, outside.day - dt.timedelta(days=90), clock.today())
    assert [row.bill_on for row in rows] == [outside.day - dt.timedelta(days=n) for n in range(7)]


async def test_asking_now_is_for_those_who_may(platform, outside, staff, client):
    path = f"/console/statements/days/{outside.day}/fetch"
    reader = await staff(outside.client, "statements.file.read")
    assert (await reader.post(path)).status_code == 403
    maker = await staff(outside.client, "statements.file.make", "statements.file.read")
    outside.says = platform_file(outside.day)
    answer = await maker.post("/api/v1/statement-fetches", json={"date": outside.day.isoformat()})
    assert (answer.status_code, [row["status"] for row in answer.json()]) == (202, ["waiting"])
    tomorrow = clock.today() + dt.timedelta(days=1)
    assert (await maker.post("/api/v1/statement-fetches", json={"date": tomorrow.isoformat()})).status_code == 422
    other = await staff(await client(plugins=()), "statements.file.read", "statements.file.make")
    listed = await other.get("/api/v1/statement-fetches", params={"date": outside.day.isoformat()})
    assert (listed.status_code, listed.json()) == (200, [])
