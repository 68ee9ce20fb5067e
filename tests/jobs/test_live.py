"""Jobs tell how far they are while they run: one look a second for all who watch, no stream for ever, never more than there is room for."""

import asyncio
from contextlib import aclosing

import pytest
from sqlalchemy import text

from core import clock, ids
from core.identity import sessions_repository
from core.jobs import console, service
from core.jobs.live import Progress, Streams


@pytest.fixture
async def job(platform, client, staff):
    """A client, somebody who started a job, and the job, which nobody has taken up."""
    profile = await client(plugins=())
    asking = await staff(profile, "jobs.read")
    async with platform.database.tenant(profile.id) as session:
        job_id = await service.start(session, "exports.make", "导出", {}, by=asking.actor)
    return profile, asking, job_id


async def move(platform, profile, job_id, **values) -> None:
    changes = ", ".join(f"{name} = :{name}" for name in values)
    async with platform.database.tenant(profile.id) as session:
        await session.execute(text(f"UPDATE core.job SET {changes} WHERE id = :id"), {**values, "id": job_id})


async def test_a_stream_tells_what_changes_and_ends_with_the_job(platform, job):
    profile, asking, job_id = job
    told = []
    streams = Streams(look_seconds=0.01)
    async with aclosing(streams.follow(platform, profile.id, job_id, asking.actor.session_id)) as news:
        async for progress in news:
            told.append(progress)
            if len(told) == 1:
                await move(platform, profile, job_id, status="running", done=5, total=10)
            elif len(told) == 2:
                await move(platform, profile, job_id, status="done", done=10, finished_at=clock.now())
    assert told == [Progress("queued", 0, 0), Progress("running", 5, 10), Progress("done", 10, 10, True)]
    assert streams.open == 0


async def test_many_who_watch_one_job_cost_one_look_and_hold_no_connection(platform, job):
    profile, asking, job_id = job
    streams = Streams(look_seconds=0.01)

    async def watch() -> list[Progress | None]:
        return [news async for news in streams.follow(platform, profile.id, job_id, asking.actor.session_id)]

    watching = [asyncio.create_task(watch()) for _ in range(40)]
    for _ in range(10_000):
        if streams.open == len(watching):
            break
        await asyncio.sleep(0.001)
    assert streams.open == 40
    assert len(streams._watched) == 1
    for _ in range(12):  # more than the pool has connections: none of them is held by a stream
        async with platform.database.tenant(profile.id) as session:
            assert await session.scalar(text("SELECT 1")) == 1
    await move(platform, profile, job_id, status="cancelled")
    assert {told[-1] for told in await asyncio.gather(*watching)} == {Progress("cancelled", 0, 0, True)}
    assert (streams.open, streams._watched) == (0, {})


async def test_a_stream_ends_with_the_session(platform, job):
    profile, asking, job_id = job
    streams = Streams(look_seconds=0.01, heartbeat_seconds=0.02)
    told = []
    async with aclosing(streams.follow(platform, profile.id, job_id, asking.actor.session_id)) as news:
        async for progress in news:
            told.append(progress)
            if len(told) == 3:
                async with platform.database.tenant(profile.id) as session:
                    await sessions_repository.end_session(session, asking.actor.session_id, clock.now())
    assert [one for one in told if one] in ([Progress("queued", 0, 0)], []), "nothing but heartbeats after it, however late the first look was"
    assert told.count(None) >= 2, "heartbeats until the session had ended"


async def test_the_page_has_an_address_for_its_stream(platform, job):
    profile, asking, job_id = job
    page = await asking.get(f"/console/jobs/{job_id}")
    assert f'data-events="/console/jobs/{job_id}/events"' in page.text
    await move(platform, profile, job_id, status="cancelled", finished_at=clock.now())
    stream = await asking.get(f"/console/jobs/{job_id}/events")
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert stream.headers["cache-control"] == "no-store"
    assert "event: end" in stream.text
    assert '"status":"cancelled"' in stream.text


async def test_whoever_may_not_see_a_job_gets_no_stream(job, staff, client, web):
    profile, _asking, job_id = job
    address = f"/console/jobs/{job_id}/events"
    assert (await (await staff(profile)).get(address)).status_code == 404
    assert (await (await staff(await client(plugins=()), "jobs.read")).get(address)).status_code == 404
    assert (await web.get(address)).status_code in (302, 303, 401)
    assert (await _asking.get(f"/console/jobs/{ids.uuid7()}/events")).status_code == 404


async def test_without_room_the_page_is_told_to_ask_by_itself(job, monkeypatch):
    _profile, asking, job_id = job
    monkeypatch.setattr(console, "STREAMS", Streams(most=0))
    assert (await asking.get(f"/console/jobs/{job_id}/events")).status_code == 204
