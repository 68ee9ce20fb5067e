"""What workers do for settlement: calculate days that are due, send payouts."""

import datetime as dt
from uuid import UUID

from core import clock
from core.database import Session
from core.identity import audit
from core.identity.actor import Actor, system
from core.jobs import service as jobs
from core.jobs.context import JobContext
from core.platform import Platform
from core.settlement import calculating, gathering_repository, guard, paying, repository
from core.settlement.errors import DayNotOver
from core.settlement.terms import terms_for

JOB = "settlement.calculate"
AT = dt.time(14, 0)
"""Shanghai: by then a day's files are there and reconciled (annex A.1: T+1 14:00)."""
FURTHEST_BACK = dt.timedelta(days=31)


async def send_payouts(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """The queue of payment instructions."""
    return await paying.send_due(platform, tenant_id)


async def start(session: Session, day: dt.date, by: Actor) -> UUID:
    """Let a worker calculate a day; refused at once what could not be calculated. Answers the job's id."""
    if day >= clock.today():
        raise DayNotOver(day=day.isoformat())
    await guard.check_open(session, day)
    job_id = await jobs.start(session, JOB, f"计算结算批次 {day.isoformat()}", {"day": day.isoformat()}, by=by)
    await audit.record(session, by, "settlement.day.start", "settlement_day", day.isoformat())
    return job_id


async def run_day(context: JobContext, params: dict[str, object]) -> dict[str, object]:
    """Calculate a day: all its batches in one transaction, so that a worker that dies leaves nothing half done."""
    day = dt.date.fromisoformat(str(params["day"]))
    await context.progress(0, 1)
    async with context.session() as session:
        made = await calculating.calculate(session, terms_for(context.platform, context.client), day, context.by)
    await context.progress(1, 1)
    href = f"/console/settlement-batches?start={day}&until={day}"
    return {"counts": [("批次", len(made), href, "good")], "href": href, "label": "查看批次", "batches": len(made), "day": day.isoformat()}


async def calculate_due(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """Days whose reconciliation has moved on, and at 14:00 every day up to yesterday; answers the next 14:00."""
    client = await platform.directory.profile(tenant_id)
    terms = terms_for(platform, client)
    async with platform.database.tenant(tenant_id) as session:
        first_paid_at = await gathering_repository.first_paid_at(session)
        if first_paid_at is None:
            return None
        days = sorted({*await repository.days_to_calculate(session, clock.today()), *await _waiting(session, first_paid_at)})
    for day in days:
        async with platform.database.tenant(tenant_id) as session:
            if not await guard.is_signed(session, day):
                await calculating.calculate(session, terms, day, system(tenant_id))
    return _next_time()


async def _waiting(session: Session, first_paid_at: dt.datetime) -> list[dt.date]:
    """Days that are over, past their hour, and never were calculated; the first time not further back than a month."""
    now = clock.now().astimezone(clock.SHANGHAI)
    until = now.date() - dt.timedelta(days=1 if now.time() >= AT else 2)
    last = await repository.last_day(session, clock.today())
    first = last.bill_on + dt.timedelta(days=1) if last else max(clock.business_day(first_paid_at), until - FURTHEST_BACK)
    return [first + dt.timedelta(days=n) for n in range((until - first).days + 1)]


def _next_time() -> dt.datetime:
    now = clock.now().astimezone(clock.SHANGHAI)
    at = dt.datetime.combine(now.date(), AT, clock.SHANGHAI)
    return at if now < at else at + dt.timedelta(days=1)
