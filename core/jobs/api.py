"""Jobs in the API: ask how far long work is."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core.database import Row, Session
from core.identity.actor import Actor
from core.jobs import service
from core.jobs.schemas import JobPage, JobRead

ANYBODY = {"permission": "any", "side": "both"}


@get("/api/v1/jobs", opt=ANYBODY)
async def list_jobs(
    session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[UUID | None] = None, limit: FromQuery[int] = 50
) -> JobPage:
    """Jobs, newest first: one's own, or all with the right `jobs.read`."""
    limit = min(max(limit, 1), 200)
    jobs = await service.list_recent(session, actor, limit=limit + 1, before=cursor)
    more = str(jobs[limit - 1].id) if len(jobs) > limit else None
    return JobPage([_read(job) for job in jobs[:limit]], more)


@get("/api/v1/jobs/{job_id:uuid}", opt=ANYBODY)
async def get_job(session: NamedDependency[Session], actor: NamedDependency[Actor], job_id: FromPath[UUID]) -> JobRead:
    """One job with its progress and, at its end, its result."""
    return _read(await service.find(session, job_id, actor))


@post("/api/v1/jobs/{job_id:uuid}/resume", opt=ANYBODY, status_code=200)
async def resume_job(session: NamedDependency[Session], actor: NamedDependency[Actor], job_id: FromPath[UUID]) -> JobRead:
    """Go on with a job that failed or was stopped."""
    await service.resume(session, job_id, by=actor)
    return _read(await service.find(session, job_id, actor))


@post("/api/v1/jobs/{job_id:uuid}/cancel", opt=ANYBODY, status_code=200)
async def cancel_job(session: NamedDependency[Session], actor: NamedDependency[Actor], job_id: FromPath[UUID]) -> JobRead:
    """Stop a job."""
    await service.cancel(session, job_id, by=actor)
    return _read(await service.find(session, job_id, actor))


def _read(job: Row) -> JobRead:
    url = f"/api/v1/files/{job.file_id}" if job.file_id else None
    return JobRead(
        id=job.id, kind=job.kind, title=job.title, status=job.status, done=job.done, total=job.total, result=job.result,
        error_code=job.error_code, error=job.error, started_by=job.started_by_name, created_at=job.created_at,
        finished_at=job.finished_at, result_url=url,
    )  # fmt: skip


ROUTES = [list_jobs, get_job, resume_job, cancel_job]
