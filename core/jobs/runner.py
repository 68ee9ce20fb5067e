"""Doing a job: claim it under a lease, keep the lease alive, write down how it ended. Whoever dies with it loses it in seconds."""

import asyncio
import contextlib
import datetime as dt
import time
from uuid import UUID, uuid4

import structlog

from core import clock
from core.database import Row
from core.errors import NotFound, PlatformError, Unavailable
from core.hookspecs import JobKind
from core.identity.actor import Actor
from core.jobs import repository
from core.jobs.context import JobContext
from core.jobs.errors import JobGaveUp, JobKindUnknown, JobStopped, LeaseLost
from core.jobs.pulse import plugins_of
from core.platform import Platform

log = structlog.get_logger()
LEASE = dt.timedelta(seconds=10)
HEARTBEAT_SECONDS = 2.0
MAX_ATTEMPTS = 10
"""Times a job may break off without a word (its worker died) before a person has to look."""
GIVE_BACK_SECONDS = 60.0


async def run_next(platform: Platform, tenant_id: UUID) -> bool:
    """Claim the oldest job of a tenant and do it; False when there is none."""
    job = await claim(platform, tenant_id)
    if job is not None:
        await run(platform, tenant_id, job)
    return job is not None


async def claim(platform: Platform, tenant_id: UUID) -> Row | None:
    """Take a job that waits or whose worker has fallen silent."""
    now = clock.now()
    async with platform.database.tenant(tenant_id) as session:
        return await repository.claim(session, uuid4(), now, now + LEASE)


async def run(platform: Platform, tenant_id: UUID, job: Row) -> None:
    """Do a claimed job to its end and write the end down."""
    with structlog.contextvars.bound_contextvars(tenant_id=str(tenant_id), job_id=str(job.id), job_kind=job.kind):
        status, values = await _outcome(platform, tenant_id, job)
        await _write_end(platform, tenant_id, job, status, values)
        log.info("job_ended", status=status, error_code=values.get("error_code"))


async def _context(platform: Platform, tenant_id: UUID, job: Row) -> JobContext:
    try:
        client = await platform.directory.profile(tenant_id)
    except NotFound:
        client = None
    by = Actor(kind=job.started_by_kind, id=job.started_by, name=job.started_by_name, tenant_id=tenant_id)
    return JobContext(platform, tenant_id, client, by, job.id, job.lease_id)


async def _outcome(platform: Platform, tenant_id: UUID, job: Row) -> tuple[str, dict[str, object]]:
    ended = {"finished_at": clock.now()}
    try:
        context = await _context(platform, tenant_id, job)
        if job.attempts > MAX_ATTEMPTS:
            raise JobGaveUp(attempts=job.attempts - 1)
        result = await _with_heartbeat(context, (await _kind(platform, tenant_id, job)).run(context, job.params))
        return "done", ended | {"result": result, "finished_at": clock.now()}
    except JobStopped:
        return "cancelled", ended
    except (LeaseLost, Unavailable, asyncio.CancelledError) as reason:
        log.warning("job_interrupted", reason=repr(reason))
        return "queued", {}
    except PlatformError as error:
        return "failed", ended | {"error_code": error.code, "error": error.message}
    except Exception as error:
        log.error("job_crashed", exc_info=error)
        return "failed", ended | {"error_code": "UNEXPECTED", "error": "程序出了意外，我们已经记录；可以从中断处继续"}


async def _kind(platform: Platform, tenant_id: UUID, job: Row) -> JobKind:
    enabled = await plugins_of(platform, tenant_id)
    for code, kind in platform.plugins.collect_all("register_jobs"):
        if kind.code == job.kind and (code == "core" or code in enabled):
            return kind
    raise JobKindUnknown(kind=job.kind)


async def _with_heartbeat(context: JobContext, work) -> object:
    """The work and its lease side by side; the work is broken off when the lease is lost."""
    context.lease_ends = time.monotonic() + LEASE.total_seconds()
    working = asyncio.ensure_future(work)
    beating = asyncio.create_task(_beat(context))
    try:
        await asyncio.wait({working, beating}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            working.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await working
            raise LeaseLost()
        return working.result()
    finally:
        for task in (beating, working):
            task.cancel()
        await asyncio.gather(beating, working, return_exceptions=True)


async def _beat(context: JobContext) -> None:
    """Renew the lease every few seconds; returns when it is lost. A database that is away for a moment is waited for."""
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        try:
            async with context.platform.database.tenant(context.tenant_id) as session:
                stop = await repository.heartbeat(session, context.job_id, context.lease_id, clock.now() + LEASE)
        except Unavailable:
            continue
        if stop is None:
            return
        context.lease_ends = time.monotonic() + LEASE.total_seconds()
        context.stop_asked = stop


async def _write_end(platform: Platform, tenant_id: UUID, job: Row, status: str, values: dict[str, object]) -> None:
    """Write the end down, waiting for a database that is away; past the patience the lease's end lets another worker go on."""
    deadline = time.monotonic() + GIVE_BACK_SECONDS
    while True:
        try:
            async with platform.database.tenant(tenant_id) as session:
                await repository.end(session, job.id, job.lease_id, status, values)
            return
        except Unavailable:
            if time.monotonic() > deadline:
                log.warning("job_end_not_written", status=status)
                return
            await asyncio.sleep(0.5)
