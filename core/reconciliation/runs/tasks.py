"""Running days in the background: when somebody asks, and by itself once a day's files are there (after 10:10 of the next day)."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from core import clock, ids
from core.database import Session
from core.identity import audit
from core.identity.actor import Actor, system
from core.jobs import service as jobs
from core.jobs.context import JobContext
from core.platform import Platform
from core.reconciliation.errors import DayClosed, DayNotOver
from core.reconciliation.matching import found_repository as repository
from core.reconciliation.matching.day import look, note_missing
from core.reconciliation.runs import closing, due_repository
from core.reconciliation.runs import service as runs

JOB = "reconciliation.run"
STARTS = dt.time(10, 10)
"""Channels have their files of a day from ten o'clock of the next (domain book §2.6)."""
QUIET = dt.timedelta(seconds=20)
"""Files come several at a time: the run waits until none has come for so long."""


async def start(session: Session, day: dt.date, by: Actor) -> UUID:
    """Queue a day's run; answers the job. DayClosed, DayNotOver where it cannot be."""
    if day >= clock.today():
        raise DayNotOver(day=day.isoformat())
    await closing.check_free(session, day)
    await repository.add_run(session, {"id": ids.uuid7(), "bill_on": day, "status": "created", "made_by": by.name, "made_by_id": by.id})
    row = await repository.lock_run(session, day)
    if row.status == "closed":
        raise DayClosed(day=day.isoformat())
    job_id = await jobs.start(session, JOB, f"对账 {day.isoformat()}", {"day": day.isoformat()}, by=by)
    await repository.change_run(session, row.id, job_id=job_id, stale=False)
    await audit.record(session, by, "recon.run.start", "recon_run", row.id, after={"day": day.isoformat()})
    return job_id


async def run_day(context: JobContext, params: Mapping[str, Any]) -> dict[str, object]:
    """The job: run the day and the later ones that hang on it; a second worker that takes it up begins afresh, nothing was written."""
    day = dt.date.fromisoformat(params["day"])
    done = await runs.run(context.platform, context.tenant_id, day, by=context.by, progress=context.progress)
    href = f"/console/reconciliation/{day.isoformat()}"
    counts = [("新的差异", done.new, href), ("已平账", done.healed, href), ("仍未平", done.still_open, href)]
    return {"counts": counts, "href": href, "label": "查看对账结果", "status": done.status}


async def note_file(session: Session, day: dt.date) -> None:
    """A file of a day came: what was compared before is out of date, and the day is due."""
    row = await repository.find_run(session, day)
    if row is None:
        by = system(session.tenant_id)
        await repository.add_run(session, {"id": ids.uuid7(), "bill_on": day, "status": "created", "made_by": by.name, "made_by_id": by.id, "stale": True})
    elif row.status != "closed" and not row.stale:
        await repository.change_run(session, row.id, stale=True)
    session.has_work = True


async def run_due(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """Queue the runs of days whose files have all come; answers when to look again."""
    now, again = clock.now(), None
    async with platform.database.tenant(tenant_id) as session:
        waiting = await due_repository.list_stale(session, clock.today())
    for row in waiting:
        ready_at = max(dt.datetime.combine(row.bill_on + dt.timedelta(days=1), STARTS, clock.SHANGHAI), row.last_at + QUIET)
        if ready_at > now:
            again = min(again or ready_at, ready_at)
        else:
            await _start_if_complete(platform, tenant_id, row.bill_on)
    return again


async def _start_if_complete(platform: Platform, tenant_id: UUID, day: dt.date) -> None:
    """Start the run of one day, unless files are still missing: then the next file that comes asks again."""
    profile = await platform.directory.profile(tenant_id)
    async with platform.database.tenant(tenant_id) as session:
        row = await due_repository.take(session, day)
        if row is None:
            return
        found = await look(session, platform, frozenset(profile.plugins), profile.settings, day)
        note_missing(found, await due_repository.list_own_numbers(session, found.windows))
        if found.missing:
            await repository.change_run(session, row.id, stale=False, missing=found.missing)
        else:
            await start(session, day, system(tenant_id))
