"""A run: one robot, one day. Begun under an authorisation, done outside any transaction, taken in whole or not at all.

The job of `tasks.py` does it: its lease keeps two workers from one run, and a worker that dies leaves a run that is begun again.
"""

import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
import structlog

from core import clock, ids
from core.database import Row, Session
from core.errors import Unavailable
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import TenantKeys
from core.jobs import service as jobs
from core.jobs.context import JobContext
from core.jobs.errors import JobStopped, LeaseLost
from core.platform import Platform
from core.web.filters import status_label
from plugins.medical.robots import authorising, connectors, days_repository, repository, service, taking_in
from plugins.medical.robots.account import Account
from plugins.medical.robots.endings import NO_ORDERS, Ending, Unauthorised, Unreachable
from plugins.medical.robots.errors import RobotOff, RunBusy, RunNotFound, UploadRefused
from plugins.medical.robots.files import Brought
from plugins.medical.robots.states import TASK

log = structlog.get_logger()
OBJECT = "robot_task"
MOST_TRIES = 4
"""The first and three more, ten minutes apart (domain book §4.5)."""
BACK_OFF = dt.timedelta(minutes=10)
FOR_PEOPLE = ("captcha_required", "unauthorised")
"""What no second try mends."""


class Begun(msgspec.Struct, frozen=True):
    """A run under way."""

    task_id: UUID
    way: str
    platform: str
    day: dt.date
    account: Account
    stores: Mapping[str, UUID]


async def run(context: JobContext, params: Mapping[str, str]) -> dict[str, object]:
    """Do a run to its end; answers its state. Broken off at any moment it is begun again."""
    task_id = UUID(params["task_id"])
    async with context.session() as session:
        keys = await context.platform.vault.keys(session)
        begun = await _begin(session, keys, context, task_id)
    if begun is None:
        return {"status": "not_begun"}
    brought: list[Brought] = []
    try:
        brought = await connectors.CONNECTORS[begun.way](begun.account, begun.day, lambda step: _still(context, begun, step))
        lines = await asyncio.to_thread(taking_in.read_all, begun.platform, brought, begun.day, begun.stores)
        async with context.session() as session:
            await days_repository.hold(session)
            await _ours(session, keys, context, begun, "upload")
            status = await taking_in.take_in(session, keys, begun.task_id, begun.platform, begun.day, begun.stores, brought, lines)
    except Ending as ending:
        status = await _end(context, keys, begun, ending, brought)
    except (JobStopped, LeaseLost, Unavailable):
        raise
    except Exception as error:  # its words may hold what was typed: the kind alone is told
        log.error("robot_run_crashed", task_id=str(task_id), error=type(error).__name__)
        status = await _end(context, keys, begun, Unreachable("fault"), [])
    return {"status": status}


async def _begin(session: Session, keys: TenantKeys, context: JobContext, task_id: UUID) -> Begun | None:
    row = await repository.lock_task(session, task_id)
    if row is None or row.job_id != context.job_id or row.status not in ("scheduled", "running"):
        return None
    robot = await repository.lock_robot(session, row.robot_id)
    allowed = await authorising.covering(session, keys, robot, row.bill_on)
    if allowed is None:
        await note(session, row.id, "unauthorised", "")
        status = TASK.check(row.status, "unauthorised")
        await repository.change_task(session, row.id, status=status, job_id=None, error="no_authorisation", told=None, finished_at=clock.now())
        return None
    again = row.status == "running"
    values = {} if again else {"status": TASK.check(row.status, "running"), "tries": row.tries + 1}
    await repository.change_task(session, row.id, authorisation_id=allowed, error=None, told=None, finished_at=None, **values)
    await note(session, row.id, "begun_again" if again else "begun", "")
    login, secret = keys.open(robot.login_sealed), keys.open(robot.secret_sealed)
    account = Account(robot.platform, robot.address, login, secret, service.sandbox_of(context.platform), robot.sender)
    stores = {store.platform_store: store.store_id for store in await repository.list_stores(session, robot.id)}
    return Begun(row.id, robot.way, robot.platform, row.bill_on, account, stores)


async def _still(context: JobContext, begun: Begun, step: str) -> None:
    """Before the next step: the run is still ours, the robot still on, the authorisation still there."""
    async with context.session() as session:
        keys = await context.platform.vault.keys(session)
        await _ours(session, keys, context, begun, step)


async def _ours(session: Session, keys: TenantKeys, context: JobContext, begun: Begun, step: str) -> None:
    row = await repository.lock_task(session, begun.task_id)
    if row is None or row.job_id != context.job_id or row.status != "running" or not await repository.holds(session, context.job_id, context.lease_id):
        raise LeaseLost()
    robot = await repository.lock_robot(session, row.robot_id)
    if robot.status != "on":
        raise Unauthorised("switched_off")
    if await authorising.covering(session, keys, robot, row.bill_on) is None:
        raise Unauthorised("revoked")
    await note(session, begun.task_id, step, "")


async def _end(context: JobContext, keys: TenantKeys, begun: Begun, ending: Ending, brought: Sequence[Brought]) -> str:
    """What went wrong becomes the run's state: tried again in ten minutes, three times, then dead; some wait for a person at once."""
    async with context.session() as session:
        row = await repository.lock_task(session, begun.task_id)
        if row is None or row.job_id != context.job_id or row.status != "running":
            return "not_ours"
        if not await repository.holds(session, context.job_id, context.lease_id):
            raise LeaseLost()
        told = told_of(ending)
        status = TASK.check(row.status, ending.state)
        await note(session, row.id, ending.state, f"{ending.code} {told}".strip())
        values: dict[str, object] = {"error": ending.code, "told": told or None, "job_id": None, "finished_at": clock.now(), "next_at": None}
        if status not in FOR_PEOPLE:
            if row.tries >= MOST_TRIES:
                status = TASK.check(status, "dead")
                await note(session, row.id, "dead", "")
            else:
                values["next_at"] = clock.now() + BACK_OFF
                await jobs.call_worker(session, values["next_at"])
        await repository.change_task(session, row.id, status=status, **values)
        if ending.state not in ("unauthorised", "refused"):
            kept = [("page", name, content) for name, content in ending.keep]
            kept += [("unread", file.name, file.content) for file in brought if ending.state == "format_changed"]
            await repository.add_artefacts(session, [taking_in.artefact(keys, row.id, kind, name, content) for kind, name, content in kept])
        elif ending.state == "refused":
            for file in brought:
                await note(session, row.id, "not_kept", f"{file.name} {len(file.content)} {file.sha256}")
        return status


async def start_now(session: Session, robot_id: UUID, day: dt.date, by: Actor) -> UUID:
    """A person sends a robot for a day. RunBusy where it is under way or done, RobotOff where it is switched off."""
    await add_day(session, robot_id, day, clock.now())
    row = await repository.find_day(session, robot_id, day)
    await _again(session, row, by)
    return row.id


async def retry(session: Session, task_id: UUID, by: Actor) -> None:
    """A person sends a robot again, with all its tries."""
    await _again(session, await held(session, task_id), by)


async def _again(session: Session, row: Row, by: Actor) -> None:
    if row.status in (*taking_in.DONE, "running") or row.job_id is not None:
        raise RunBusy(status=status_label(row.status, "medical.robot_run"))
    if (await repository.lock_robot(session, row.robot_id)).status != "on":
        raise RobotOff()
    status = row.status if row.status == "scheduled" else TASK.check(row.status, "scheduled")
    await repository.change_task(session, row.id, status=status, tries=0, next_at=clock.now(), job_id=None)
    await note(session, row.id, "sent", by.name)
    await jobs.call_worker(session)
    await audit.record(session, by, "medical.robot.send", OBJECT, row.id, before={"status": row.status}, after={"status": status, "bill_on": row.bill_on})


async def confirm_no_orders(session: Session, task_id: UUID, reason: str, by: Actor) -> None:
    """A person has seen at the platform that a day had no orders."""
    await days_repository.hold(session)
    row = await held(session, task_id)
    if not reason.strip():
        raise UploadRefused("文件没有收下：请填写怎样核实的")
    if row.status == "scheduled" or row.error not in NO_ORDERS:
        raise RunBusy(status=status_label(row.status, "medical.robot_run"))
    status = TASK.check(row.status, "reconciled")
    await repository.change_task(session, row.id, status=status, error=None, told=None, next_at=None, lines=0, settle_fen=0, finished_at=clock.now())
    await note(session, row.id, "no_orders_confirmed", by.name)
    await taking_in.compare(session, row.robot_id, row.bill_on)
    await audit.record(session, by, "medical.robot.no_orders", OBJECT, row.id, before={"status": row.status}, after={"status": status}, reason=reason.strip())


async def upload(platform: Platform, tenant_id: UUID, task_id: UUID, file: Brought, by: Actor) -> str:
    """A person brings the file of a day in the robot's place; read and judged as the robot's would be. Raises UploadRefused with the reason."""
    async with platform.database.tenant(tenant_id) as session:
        row = await held(session, task_id)
        if row.status == "running" or row.job_id is not None:
            raise RunBusy(status=status_label(row.status, "medical.robot_run"))
        robot = await repository.lock_robot(session, row.robot_id)
        stores = {store.platform_store: store.store_id for store in await repository.list_stores(session, robot.id)}
    try:
        lines = await asyncio.to_thread(taking_in.read_all, robot.platform, [file], row.bill_on, stores)
        async with platform.database.tenant(tenant_id) as session:
            keys = await platform.vault.keys(session)
            await days_repository.hold(session)
            row = await held(session, task_id)
            if row.status == "running" or row.job_id is not None:
                raise RunBusy(status=status_label(row.status, "medical.robot_run"))
            await note(session, row.id, "brought_by_hand", by.name)
            status = await taking_in.take_in(session, keys, row.id, robot.platform, row.bill_on, stores, [file], lines)
            after = {"status": status, "sha256": file.sha256, "file": file.name}
            await audit.record(session, by, "medical.robot.upload", OBJECT, row.id, before={"status": row.status}, after=after)
            return status
    except Ending as ending:
        raise UploadRefused(why=ending.code, told=told_of(ending)) from None


async def add_day(session: Session, robot_id: UUID, day: dt.date, now: dt.datetime) -> None:
    """A robot's day, due now; there once."""
    row = {"id": ids.uuid7(), "robot_id": robot_id, "bill_on": day, "status": "scheduled", "next_at": now}
    await repository.add_task(session, row)


async def held(session: Session, task_id: UUID) -> Row:
    """A run, held; RunNotFound."""
    row = await repository.lock_task(session, task_id)
    if row is None:
        raise RunNotFound()
    return row


def told_of(ending: Ending) -> str:
    """The facts of an ending in one line."""
    facts = dict(ending.facts)
    row = facts.pop("row", None)
    return " · ".join([*([f"#{row}"] if row else []), *(str(value) for value in facts.values())])[:300]


async def note(session: Session, task_id: UUID, step: str, told: str) -> None:
    """A line of a run's log."""
    await repository.add_log(session, [{"id": ids.uuid7(), "task_id": task_id, "at": clock.now(), "step": step, "told": told[:400]}])
