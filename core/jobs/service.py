"""Long work: start it, look at it, stop it, go on with it. Workers do it (`runner.py`)."""

import datetime as dt
from uuid import UUID

from core import clock, ids
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from core.jobs import due_repository, repository
from core.jobs.errors import JobEnded, JobNotFound, JobNotResumable

SEE_ALL = "jobs.read"


async def start(session: Session, kind: str, title: str, params: dict[str, object], *, by: Actor, job_id: UUID | None = None) -> UUID:
    """Queue long work in the transaction that wants it; a worker takes it up once that is committed. A `job_id` of one's own begins once."""
    job_id = job_id or ids.uuid7()
    row = {
        "id": job_id,
        "kind": kind,
        "title": title,
        "params": params,
        "status": "queued",
        "started_by": by.id,
        "started_by_kind": by.kind,
        "started_by_name": by.name,
    }
    await repository.add(session, row, clock.now())
    session.has_work = True
    return job_id


async def call_worker(session: Session, at: dt.datetime | None = None) -> None:
    """Have a worker come for this client, now or at a moment: for work that is no job and tells of no event. Who is due already stays so."""
    session.has_work = True
    await due_repository.call(session, at or clock.now())


async def find(session: Session, job_id: UUID, by: Actor) -> Row:
    """A job as its starter sees it, or whoever may see all."""
    job = await repository.find(session, job_id)
    return _seen(job, by)


async def list_recent(session: Session, by: Actor, *, limit: int = 30, before: UUID | None = None, kind: str | None = None) -> list[Row]:
    """The newest jobs: everybody's for whoever may see all, otherwise one's own."""
    whose = None if by.may(SEE_ALL) else by.id
    return list(await repository.list_recent(session, limit, before, whose, kind))


async def resume(session: Session, job_id: UUID, *, by: Actor) -> None:
    """Go on with a job that broke off or was stopped; what is done stays done."""
    job = _seen(await repository.lock(session, job_id), by)
    if job.status not in ("failed", "cancelled"):
        raise JobNotResumable()
    await repository.requeue(session, job_id, clock.now())
    await audit.record(session, by, "jobs.job.resume", "job", job_id, before={"status": job.status}, after={"status": "queued"})


async def cancel(session: Session, job_id: UUID, *, by: Actor) -> None:
    """Stop a job: at once when it waits, at its next step when it runs."""
    job = _seen(await repository.lock(session, job_id), by)
    if job.status == "queued":
        await repository.cancel_queued(session, job_id, clock.now())
    elif job.status == "running":
        await repository.ask_stop(session, job_id)
    else:
        raise JobEnded()
    await audit.record(session, by, "jobs.job.cancel", "job", job_id, before={"status": job.status}, after={"stop_asked": True})


def _seen(job: Row | None, by: Actor) -> Row:
    if job is None or not (job.started_by == by.id or by.may(SEE_ALL) or by.kind == "system"):
        raise JobNotFound()
    return job


def shown_result(job: Row) -> dict[str, object]:
    """A job's outcome as its page shows it: counts `(label, number, href, tone)`, a link, and other facts by name."""
    result = job.result if isinstance(job.result, dict) else {}
    href, label = result.get("href") or "", result.get("label") or ""
    if job.file_id and job.status == "done":
        href = f"/console/files/{job.file_id}"
    counts = [(*count, *("", "quiet")[len(count) - 2 :]) for count in result.get("counts") or []]
    facts = [(key, value) for key, value in result.items() if key not in ("counts", "href", "label") and isinstance(value, (str, int))]
    return {"counts": counts, "href": href, "label": label, "facts": facts}
