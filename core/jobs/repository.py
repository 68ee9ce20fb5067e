"""Every statement about jobs."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert, select, text, update

from core.database import Row, Session
from core.jobs.models import JOB, job

_ENSURE_PULSE = text("INSERT INTO core.tenant_due (tenant_id, kind, due_at) VALUES (:tenant_id, 'pulse', :now) ON CONFLICT DO NOTHING")

_CLAIM = text("""
    UPDATE core.job SET status = 'running', lease_id = :lease_id, lease_until = :until, attempts = attempts + 1,
                        error = NULL, error_code = NULL
    WHERE id = (SELECT id FROM core.job
                WHERE status IN ('queued', 'running') AND (status = 'queued' OR lease_until < :now)
                ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING *
""")

_HEARTBEAT = text("""
    UPDATE core.job SET lease_until = :until WHERE id = :id AND lease_id = :lease_id AND status = 'running' RETURNING stop_asked
""")

_PROGRESS = text("""
    UPDATE core.job SET done = :done, total = :total WHERE id = :id AND lease_id = :lease_id AND status = 'running'
""")

_NEXT_DUE = text("""
    SELECT min(CASE WHEN status = 'queued' THEN created_at ELSE lease_until END) FROM core.job WHERE status IN ('queued', 'running')
""")


async def add(session: Session, row: dict[str, object], now: dt.datetime) -> None:
    """Queue a job and make sure that the tenant has a pulse."""
    await session.execute(insert(job), row)
    await session.execute(_ENSURE_PULSE, {"tenant_id": session.tenant_id, "now": now})


async def claim(session: Session, lease_id: UUID, now: dt.datetime, until: dt.datetime) -> Row | None:
    """Take the oldest job that waits, or whose worker has fallen silent."""
    return await session.one_or_none(_CLAIM, {"lease_id": lease_id, "now": now, "until": until})


async def next_due(session: Session) -> dt.datetime | None:
    """When a worker should look again: at once for a queued job, at the lease's end for a running one."""
    return await session.scalar(_NEXT_DUE)


async def heartbeat(session: Session, job_id: UUID, lease_id: UUID, until: dt.datetime) -> bool | None:
    """Keep the lease; answers whether somebody asked the job to stop, None when the lease is gone."""
    return await session.scalar(_HEARTBEAT, {"id": job_id, "lease_id": lease_id, "until": until})


async def set_progress(session: Session, job_id: UUID, lease_id: UUID, done: int, total: int) -> None:
    """How far the job is."""
    await session.execute(_PROGRESS, {"id": job_id, "lease_id": lease_id, "done": done, "total": total})


async def end(session: Session, job_id: UUID, lease_id: UUID, status: str, values: dict[str, object]) -> bool:
    """Leave `running`; False when the lease was lost before."""
    held = (job.c.id == job_id) & (job.c.lease_id == lease_id) & job.c.status.in_(JOB.sources(status))
    given = {"status": status, "lease_id": None, "lease_until": None, **values}
    return (await session.execute(update(job).where(held).values(given))).rowcount == 1


async def attach_file(session: Session, job_id: UUID, file_id: UUID) -> None:
    """The file that came out of the job."""
    await session.execute(update(job).where(job.c.id == job_id).values(file_id=file_id))


async def find(session: Session, job_id: UUID) -> Row | None:
    """One job."""
    return await session.one_or_none(select(job).where(job.c.id == job_id))


async def lock(session: Session, job_id: UUID) -> Row | None:
    """One job, held until the transaction ends."""
    return await session.one_or_none(select(job).where(job.c.id == job_id).with_for_update())


async def requeue(session: Session, job_id: UUID, now: dt.datetime) -> None:
    """Let a worker take the job up again."""
    fresh = {"status": "queued", "attempts": 0, "stop_asked": False, "finished_at": None, "lease_until": None, "lease_id": None}
    await session.execute(update(job).where(job.c.id == job_id).values(fresh))
    await session.execute(_ENSURE_PULSE, {"tenant_id": session.tenant_id, "now": now})


async def ask_stop(session: Session, job_id: UUID) -> None:
    """The job stops at its next step."""
    await session.execute(update(job).where(job.c.id == job_id).values(stop_asked=True))


async def cancel_queued(session: Session, job_id: UUID, now: dt.datetime) -> None:
    """A job that nobody has taken up ends at once."""
    await session.execute(update(job).where(job.c.id == job_id).values(status="cancelled", finished_at=now))


async def list_recent(session: Session, limit: int, before: UUID | None, started_by: str | None, kind: str | None) -> Sequence[Row]:
    """Jobs, newest first (ids are time-ordered)."""
    query = select(job).order_by(job.c.id.desc()).limit(limit)
    if before:
        query = query.where(job.c.id < before)
    if started_by:
        query = query.where(job.c.started_by == started_by)
    if kind:
        query = query.where(job.c.kind == kind)
    return await session.all(query)
