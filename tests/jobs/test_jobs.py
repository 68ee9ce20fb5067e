"""Long work: started with a row, done by workers, stopped, broken off, taken up again."""

import pytest
from sqlalchemy import text

from core import clock
from core.identity.actor import Actor, system
from core.jobs import repository, runner, service
from core.jobs.errors import JobEnded, JobNotFound, JobNotResumable


async def start(platform, tenant, kind="test.count", by=None, **params):
    async with platform.database.tenant(tenant) as session:
        return await service.start(session, kind, "数到三", {"steps": 3, "name": "n", **params}, by=by or system(tenant))


async def read(platform, tenant, job_id):
    async with platform.database.tenant(tenant) as session:
        return await repository.find(session, job_id)


async def rows(platform, tenant):
    async with platform.database.tenant(tenant) as session:
        return await session.scalar(text("SELECT count(*) FROM core.idempotency WHERE scope = 'count'"))


async def test_a_job_counts_to_its_end_and_keeps_its_result(working, tenant):
    job_id = await start(working, tenant)
    assert await runner.run_next(working, tenant)
    job = await read(working, tenant, job_id)
    assert (job.status, job.done, job.total) == ("done", 3, 3)
    assert job.result == {"counts": [["步", 3, None, "good"]]}
    assert not await runner.run_next(working, tenant)


async def test_two_workers_never_take_the_same_job(working, tenant):
    await start(working, tenant)
    assert await runner.claim(working, tenant) is not None
    assert await runner.claim(working, tenant) is None


async def test_a_job_whose_worker_fell_silent_is_taken_up_and_finished_once(working, tenant):
    job_id = await start(working, tenant)
    silent = await runner.claim(working, tenant)
    async with working.database.tenant(tenant) as session:
        await session.execute(text("UPDATE core.job SET lease_until = now() - interval '1 second'"))
    assert await runner.run_next(working, tenant)
    job = await read(working, tenant, job_id)
    assert (job.status, job.attempts) == ("done", 2)
    async with working.database.tenant(tenant) as session:
        late = await repository.end(session, job_id, silent.lease_id, "failed", {})
    assert late is False
    assert await rows(working, tenant) == 3


async def test_a_refusal_is_kept_with_its_code_and_can_be_resumed(working, tenant):
    job_id = await start(working, tenant, "test.fail", by=system(tenant, "张老师"))
    await runner.run_next(working, tenant)
    job = await read(working, tenant, job_id)
    assert (job.status, job.error_code, job.error) == ("failed", "TOO_BAD", "第 3 步做不下去")
    async with working.database.tenant(tenant) as session:
        await session.execute(text("INSERT INTO core.idempotency (scope, key, body_hash) VALUES ('cleared', '1', '')"))
        await service.resume(session, job_id, by=system(tenant))
    await runner.run_next(working, tenant)
    job = await read(working, tenant, job_id)
    assert (job.status, job.result, job.error) == ("done", {"by": "张老师"}, None)


async def test_a_bug_is_logged_and_shown_without_its_words(working, tenant):
    job_id = await start(working, tenant, "test.crash")
    await runner.run_next(working, tenant)
    job = await read(working, tenant, job_id)
    assert (job.status, job.error_code) == ("failed", "UNEXPECTED")
    assert "138" not in job.error


async def test_a_kind_that_nobody_offers_fails_with_a_reason(working, tenant):
    job_id = await start(working, tenant, "gone.plugin")
    await runner.run_next(working, tenant)
    assert (await read(working, tenant, job_id)).error_code == "JOB_KIND_UNKNOWN"


async def test_a_job_that_breaks_off_without_a_word_ten_times_waits_for_a_person(working, tenant):
    job_id = await start(working, tenant)
    async with working.database.tenant(tenant) as session:
        await session.execute(text("UPDATE core.job SET attempts = 10"))
    await runner.run_next(working, tenant)
    assert (await read(working, tenant, job_id)).error_code == "JOB_GAVE_UP"


async def test_stopping_a_waiting_job_ends_it_and_a_running_one_at_its_next_step(working, tenant):
    waiting = await start(working, tenant)
    async with working.database.tenant(tenant) as session:
        await service.cancel(session, waiting, by=system(tenant))
    assert (await read(working, tenant, waiting)).status == "cancelled"
    running = await start(working, tenant)
    job = await runner.claim(working, tenant)
    async with working.database.tenant(tenant) as session:
        await service.cancel(session, running, by=system(tenant))
        stop = await repository.heartbeat(session, running, job.lease_id, clock.now())
    assert stop is True


async def test_only_a_job_that_broke_off_is_resumed_and_only_a_live_one_stopped(working, tenant):
    job_id = await start(working, tenant)
    async with working.database.tenant(tenant) as session:
        with pytest.raises(JobNotResumable):
            await service.resume(session, job_id, by=system(tenant))
    await runner.run_next(working, tenant)
    async with working.database.tenant(tenant) as session:
        with pytest.raises(JobEnded):
            await service.cancel(session, job_id, by=system(tenant))


async def test_a_job_of_somebody_else_is_not_there(working, tenant):
    job_id = await start(working, tenant)
    stranger = Actor(kind="user", id="other", name="别人", tenant_id=tenant)
    async with working.database.tenant(tenant) as session:
        with pytest.raises(JobNotFound):
            await service.find(session, job_id, stranger)
        assert await service.list_recent(session, stranger) == []


async def test_the_page_shows_progress_outcome_and_the_way_on(working, client, staff, web):
    profile = await client(plugins=())
    http = await staff(profile, "jobs.read")
    job_id = await start(working, profile.id, by=http.actor)
    waiting = (await http.get(f"/console/jobs/{job_id}")).text
    assert "排队中" in waiting
    assert f"/console/jobs/{job_id}/cancel" in waiting
    await runner.run_next(working, profile.id)
    done = (await http.get(f"/console/jobs/{job_id}")).text
    assert "3 / 3 · 100.0%" in done
    assert f"/console/jobs/{job_id}" in (await http.get("/console/jobs")).text
    failed = await start(working, profile.id, "test.fail", by=http.actor)
    await runner.run_next(working, profile.id)
    assert "第 3 步做不下去" in (await http.get(f"/console/jobs/{failed}")).text
    assert (await http.post(f"/console/jobs/{failed}/resume")).status_code == 303
    read = (await http.get(f"/api/v1/jobs/{failed}")).json()
    assert (read["status"], read["started_by"]) == ("queued", "测试员")
    assert (await http.post(f"/api/v1/jobs/{failed}/cancel")).json()["status"] == "cancelled"
    assert [job["id"] for job in (await http.get("/api/v1/jobs", params={"limit": 1})).json()["items"]] == [str(failed)]
    colleague, stranger = await staff(profile), await staff(await client(plugins=()), "jobs.read")
    for other in (colleague, stranger):
        assert (await other.get(f"/api/v1/jobs/{failed}")).status_code == 404
        assert (await other.post(f"/console/jobs/{failed}/resume")).status_code == 404
    assert (await web.get(f"/api/v1/jobs/{failed}")).status_code == 401
