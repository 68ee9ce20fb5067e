"""`banyan jobs`: a client's long work on the command line, with its bar."""

import argparse
import asyncio
from uuid import UUID

from core.commands.surroundings import platform_here
from core.commands.terminal import add_json, progress_bar, say, say_json, show_table
from core.database import Row
from core.identity.actor import system
from core.jobs import repository, service
from core.jobs.errors import JobNotFound
from core.platform import Platform

ENDED = ("done", "failed", "cancelled")
LOOK_SECONDS = 0.5


def configure(parser: argparse.ArgumentParser) -> None:
    """List, or one job."""
    add_json(parser)
    parser.add_argument("job", nargs="?", type=UUID, metavar="ID", help="one job; without it the newest are listed")
    parser.add_argument("--client", metavar="CODE", help="the client; without it the bank")
    parser.add_argument("--follow", action="store_true", help="stay until the job has ended")
    parser.add_argument("--resume", action="store_true", help="go on with a job that broke off")


async def run(args: argparse.Namespace) -> int:
    """Exit code 1 when the job has failed."""
    async with platform_here() as platform:
        tenant_id = (await platform.directory.by_code(args.client)).id if args.client else await platform.directory.bank_id()
        if args.job is None:
            return await _list(platform, tenant_id, args.json)
        if args.resume:
            async with platform.database.tenant(tenant_id) as session:
                await service.resume(session, args.job, by=system(tenant_id, "命令行"))
        job = await (_follow(platform, tenant_id, args.job) if args.follow else _read(platform, tenant_id, args.job))
    _show(job, args.json)
    return 1 if job.status == "failed" else 0


async def _read(platform: Platform, tenant_id: UUID, job_id: UUID) -> Row:
    async with platform.database.tenant(tenant_id) as session:
        job = await repository.find(session, job_id)
    if job is None:
        raise JobNotFound()
    return job


async def _follow(platform: Platform, tenant_id: UUID, job_id: UUID) -> Row:
    with progress_bar() as bar:
        job = await _read(platform, tenant_id, job_id)
        task = bar.add_task(job.title, total=None)
        while job.status not in ENDED:
            bar.update(task, completed=job.done, total=job.total or None)
            await asyncio.sleep(LOOK_SECONDS)
            job = await _read(platform, tenant_id, job_id)
    return job


async def _list(platform: Platform, tenant_id: UUID, as_json: bool) -> int:
    async with platform.database.tenant(tenant_id) as session:
        jobs = await repository.list_recent(session, 50, None, None, None)
    if as_json:
        say_json([_plain(job) for job in jobs])
    else:
        rows = [
            (job.id, job.title, job.status, f"{job.done}/{job.total}", job.started_by_name, f"{job.created_at:%Y-%m-%d %H:%M}")
            for job in jobs
        ]
        show_table(("id", "title", "status", "done", "by", "created (UTC)"), rows)
    return 0


def _show(job: Row, as_json: bool) -> None:
    if as_json:
        say_json(_plain(job))
    else:
        say(f"{job.title}: {job.status} {job.done}/{job.total} {job.error or ''}".rstrip())


def _plain(job: Row) -> dict[str, object]:
    names = ("id", "kind", "title", "status", "done", "total", "result", "error_code", "error", "attempts", "created_at", "finished_at")
    return {name: getattr(job, name) for name in names}
