"""Runs in the API: list days, look at one, run it, close it, open it again."""

import datetime as dt

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core import paging
from core.database import Session
from core.identity.actor import Actor
from core.reconciliation import rights
from core.reconciliation.runs import closing, telling
from core.reconciliation.runs import lists as runs_lists
from core.reconciliation.runs import tasks as runs_tasks
from core.reconciliation.runs.lists import RunPage, RunRead
from core.tenancy.directory import ClientProfile

READ, RUN, CLOSE = {"permission": rights.READ}, {"permission": rights.RUN}, {"permission": rights.CLOSE}
TAGS = ["对账 reconciliation"]
PATH = "/api/v1/reconciliation-runs"


class Reopen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a closed day is opened again."""

    reason: str


class Started(msgspec.Struct, frozen=True):
    """The job that runs the day; it is at `/api/v1/jobs/{id}`."""

    job_id: str


@get(PATH, opt=READ, tags=TAGS)
async def list_runs(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    status: FromQuery[str] = "",
    bill_from: FromQuery[dt.date | None] = None,
    bill_to: FromQuery[dt.date | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> RunPage:
    """Days, the newest first, with what agrees and what differs."""
    asked = msgspec.structs.replace(runs_lists.asked_of({"status": status}), start=bill_from, until=bill_to)
    return await runs_lists.list_runs(session, asked, cursor, paging.page_size(limit))


@get(PATH + "/{day:date}", opt=READ, tags=TAGS)
async def get_run(
    session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile], day: FromPath[dt.date]
) -> RunRead:
    """One day: sums of each side by channel, differences by class, and what keeps it from being closed."""
    return await runs_lists.find_run(session, day, client.settings)


@get(PATH + "/{day:date}/result", opt=READ, tags=TAGS)
async def get_result(
    session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile], day: FromPath[dt.date]
) -> dict[str, object]:
    """Everything a day's run classified, as `banyan reconcile --json` says it."""
    return await telling.tell(session, client.code, day)


@post(PATH + "/{day:date}/run", opt=RUN, status_code=202, tags=TAGS)
async def run(session: NamedDependency[Session], actor: NamedDependency[Actor], day: FromPath[dt.date]) -> Started:
    """Run a day, for the first time or again; the same files give the same differences."""
    return Started(str(await runs_tasks.start(session, day, actor)))


@post(PATH + "/{day:date}/close", opt=CLOSE, status_code=200, tags=TAGS)
async def close(
    session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile], day: FromPath[dt.date]
) -> RunRead:
    """Close a day; refused while something is open, and to the person who ran it."""
    await closing.close(session, day, actor, client.settings)
    return await runs_lists.find_run(session, day, client.settings)


@post(PATH + "/{day:date}/reopen", opt=CLOSE, status_code=200, tags=TAGS)
async def reopen(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    day: FromPath[dt.date],
    data: JSONBody[Reopen],
) -> RunRead:
    """Open a closed day again, with a reason."""
    await closing.reopen(session, day, actor, data.reason)
    return await runs_lists.find_run(session, day, client.settings)


ROUTES = [list_runs, get_run, get_result, run, close, reopen]
