"""What a kill -9, a lost Redis and a lost PostgreSQL do to work: nothing but delay."""

import asyncio
import signal
import time

import pytest
from sqlalchemy import text

from core.app import branches, make_platform
from core.database import migrate
from core.errors import Unavailable
from core.identity.actor import system
from core.jobs import repository, service
from core.supervisor import EmbeddedPostgres, EmbeddedRedis
from core.supervisor.guarded import free_port
from tests.jobs.conftest import work

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def quiet(fresh_database):
    """A database of their own: in the shared one a worker would first do what is due of every other test's clients."""
    return fresh_database()


@pytest.fixture
async def working(quiet, make_settings):
    """A platform on it with the long work of `work.py`."""
    platform = await make_platform(make_settings(quiet), work.plugins())
    yield platform
    await platform.close()


async def start(platform, tenant, **params):
    async with platform.database.tenant(tenant) as session:
        params = {"steps": 40, "name": "n", "pause": 0.02, **params}
        return await service.start(session, "test.count", "慢慢数", params, by=system(tenant))


def status_of(platform, tenant, job_id, *wanted):
    async def ask():
        async with platform.database.tenant(tenant) as session:
            job = await repository.find(session, job_id)
            return job if job.status in wanted else None

    return ask


@pytest.mark.slow
async def test_the_job_of_a_killed_worker_is_finished_by_the_next_one(working, tenant, workers, eventually):
    job_id = await start(working, tenant, steps=60, pause=0.1)
    first = workers.start(working.settings)

    async def under_way():
        async with working.database.tenant(tenant) as session:
            return (await repository.find(session, job_id)).done > 2

    assert await eventually(under_way), workers.said()
    first.send_signal(signal.SIGKILL)
    first.wait()
    workers.start(working.settings)
    job = await eventually(status_of(working, tenant, job_id, "done", "failed"), within=60)
    assert job is not None, workers.said()
    assert (job.status, job.done) == ("done", 60)
    assert job.attempts >= 2
    async with working.database.tenant(tenant) as session:
        assert await session.scalar(text("SELECT count(*) FROM core.idempotency WHERE scope = 'count'")) == 60


async def test_a_worker_told_to_stop_hands_its_job_back_at_once(working, tenant, workers, eventually):
    job_id = await start(working, tenant, steps=200, pause=0.1)
    worker = workers.start(working.settings)
    assert await eventually(status_of(working, tenant, job_id, "running")), workers.said()
    worker.terminate()
    assert worker.wait(20) == 0
    async with working.database.tenant(tenant) as session:
        job = await repository.find(session, job_id)
    assert (job.status, job.lease_until) == ("queued", None)


@pytest.mark.slow
async def test_work_goes_on_without_redis_and_quicker_once_it_is_back(
    quiet, make_settings, tenant, workers, eventually, tmp_path
):
    redis = EmbeddedRedis(tmp_path / "redis").start()
    settings = make_settings(quiet, redis_url=redis.url)
    platform = await make_platform(settings)
    try:
        workers.start(settings)
        first = await start(platform, tenant, name="with")
        assert await eventually(status_of(platform, tenant, first, "done")), workers.said()
        redis.stop()
        began = time.monotonic()
        second = await start(platform, tenant, name="without")
        assert time.monotonic() - began < 5
        assert await eventually(status_of(platform, tenant, second, "done")), workers.said()
        redis.start()
        third = await start(platform, tenant, name="again")
        assert await eventually(status_of(platform, tenant, third, "done")), workers.said()
        assert await eventually(said(workers, "redis_back")), workers.said()
        lines = [line for line in workers.said().splitlines() if "redis" in line.lower() and "worker_ready" not in line]
        assert [word in line for word, line in zip(("redis_away", "redis_back"), lines, strict=True)] == [True, True], lines
    finally:
        await platform.close()
        redis.stop()


def said(workers, line: str):
    async def ask() -> bool:
        return f'"{line}"' in workers.said()

    return ask


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [3, 30])
async def test_a_worker_outlives_its_database(seconds, plugins, make_settings, make_addresses, tenant, workers, eventually, tmp_path):
    server = EmbeddedPostgres(tmp_path / "postgres", fast=True, port=free_port()).start()
    await migrate.upgrade(server.owner_url, branches(plugins))
    settings = make_settings(make_addresses(server, "banyan"))
    platform = await make_platform(settings, plugins)
    try:
        workers.start(settings)
        job_id = await start(platform, tenant, steps=60, pause=0.1)
        assert await eventually(status_of(platform, tenant, job_id, "running")), workers.said()
        server.stop()
        with pytest.raises(Unavailable):
            await status_of(platform, tenant, job_id, "running")()
        await asyncio.sleep(seconds)
        server.start()
        job = await eventually(status_of(platform, tenant, job_id, "done"), within=60)
        assert job is not None, workers.said()
        assert (job.done, job.total) == (60, 60)
        assert (workers.said().count('"database_away"'), workers.said().count('"database_back"')) == (1, 1), workers.said()
    finally:
        await platform.close()
        server.stop()


@pytest.mark.slow
async def test_half_a_minute_without_redis_delays_nothing_but_the_hurry(
    quiet, make_settings, plugins, tenant, workers, eventually, tmp_path
):
    redis = EmbeddedRedis(tmp_path / "redis").start()
    settings = make_settings(quiet, redis_url=redis.url)
    platform = await make_platform(settings)
    try:
        workers.start(settings)
        assert await eventually(status_of(platform, tenant, await start(platform, tenant, name="before"), "done")), workers.said()
        redis.stop()
        until = time.monotonic() + 30
        number = 0
        while time.monotonic() < until:
            number += 1
            job_id = await start(platform, tenant, name=f"without-{number}")
            assert await eventually(status_of(platform, tenant, job_id, "done")), workers.said()
            await asyncio.sleep(1)
        redis.start()
        assert await eventually(said(workers, "redis_back")), workers.said()
        assert number > 5
        assert workers.said().count('"redis_away"') == 1, workers.said()
    finally:
        await platform.close()
        redis.stop()
