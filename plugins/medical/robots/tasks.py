"""What workers do about robots: make the day's runs, start those that are due as jobs, turn authorisations, and find runs that lost their job."""

import datetime as dt
from uuid import UUID

from core import clock, ids
from core.database import Row, Session
from core.hookspecs import JobKind, PulseStep
from core.identity.actor import system
from core.jobs import service as jobs
from core.platform import Platform
from core.web.i18n import N_
from plugins.medical.robots import authorising, repository, running
from plugins.medical.robots.states import TASK

AT_ONCE = 5
BUSY = dt.timedelta(seconds=15)
MOST_DAYS = 7
"""How many days a robot catches up on when it was held up."""
JOB = JobKind("medical.robot_run", N_("对账机器人运行"), running.run)


async def send_due(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """Everything that is due about a client's robots; answers when more will be."""
    async with platform.database.tenant(tenant_id) as session:
        await authorising.turn(session)
        now, today = clock.now(), clock.today()
        for robot in await repository.list_scheduled(session, today):
            if today == robot.next_on and now < _hour(today, robot.hour):
                continue
            first = max(robot.next_on, today - dt.timedelta(days=MOST_DAYS - 1))
            late = now < _hour(today, robot.hour)
            last = today - dt.timedelta(days=1) if late else today
            for day in range((last - first).days + 1):
                await running.add_day(session, robot.id, first + dt.timedelta(days=day - 1), now)
            await repository.change_robot(session, robot.id, next_on=last + dt.timedelta(days=1))
        for row in await repository.list_lost(session):
            await _lost(session, row)
        due = await repository.list_due(session, now, AT_ONCE)
        begun: set[UUID] = set()
        for row in due:
            if row.robot_id in begun:
                continue
            begun.add(row.robot_id)
            job_id = ids.uuid7()
            status = row.status if row.status == "scheduled" else TASK.check(row.status, "scheduled")
            await repository.change_task(session, row.id, status=status, next_at=None, job_id=job_id)
            params = {"task_id": str(row.id)}
            await jobs.start(session, JOB.code, "对账机器人运行", params, by=system(tenant_id), job_id=job_id)
        moments = [_hour(robot.next_on, robot.hour) for robot in await repository.next_on(session) if robot.next_on]
        waiting = await repository.next_due(session)
        if waiting is not None:
            moments.append(max(waiting, now + BUSY))
        return min(moments, default=None)


async def _lost(session: Session, row: Row) -> None:
    """A run whose job a person stopped, or that broke off too often: it waits for a person."""
    if row.status == "running":
        TASK.check(row.status, "unreachable")
    if row.status in ("scheduled", "running"):
        await repository.change_task(session, row.id, status="dead", job_id=None, error="job_ended", finished_at=clock.now())
        await running.note(session, row.id, "dead", "job_ended")
    else:
        await repository.change_task(session, row.id, job_id=None)


def _hour(day: dt.date, hour: int) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), clock.SHANGHAI)


STEP = PulseStep("medical.robots", send_due)
