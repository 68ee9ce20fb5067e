"""Reminders in the API: send a run, look what became of it."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core import paging
from core.billing import reminding, status, units
from core.billing.reminder_schemas import MessagePage, Reminded, ReminderRequest, RunPage, RunRead
from core.database import Session
from core.identity.actor import Actor
from core.platform import Platform
from core.tenancy.directory import ClientProfile

REMIND = {"permission": status.REMIND}
TAGS = ["提醒 reminders"]
RUNS = "/api/v1/reminder-runs"
RUN = RUNS + "/{run_id:uuid}"


@post(RUNS, opt=REMIND, tags=TAGS)
async def send_reminders(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    data: JSONBody[ReminderRequest],
) -> Reminded:
    """Remind the payers of those who owe, at most once a day each; 409 when nobody owes, is bound, or is left for today."""
    tree, keys = await units.load(session, actor.reach(status.REMIND)), await platform.vault.keys(session)
    return await reminding.remind(session, keys, tree, data.org_id, data.party_id, actor, reminding.contacts_of(platform, client))


@get(RUNS, opt=REMIND, tags=TAGS)
async def list_runs(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> RunPage:
    """Runs that wrote about people within reach, the newest first."""
    tree = await units.load(session, actor.reach(status.REMIND))
    return await reminding.runs(session, tree, cursor, paging.page_size(limit))


@get(RUN, opt=REMIND, tags=TAGS)
async def get_run(session: NamedDependency[Session], actor: NamedDependency[Actor], run_id: FromPath[UUID]) -> RunRead:
    """One run: how many messages wait, were sent, failed."""
    return await reminding.run(session, await units.load(session, actor.reach(status.REMIND)), run_id)


@get(RUN + "/messages", opt=REMIND, tags=TAGS)
async def list_messages(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    run_id: FromPath[UUID],
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> MessagePage:
    """What became of each message; names and phones masked."""
    tree = await units.load(session, actor.reach(status.REMIND))
    return await reminding.messages(session, tree, run_id, cursor, paging.page_size(limit))


ROUTES = [send_reminders, list_runs, get_run, list_messages]
