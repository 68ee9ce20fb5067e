"""The way in the API: a client's steps, who takes them on, the trial of a cent, the word that collecting begins; for the bank, how far each is."""

from uuid import UUID

from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core import clock, paging
from core.database import Session
from core.golive import progress, service, trials
from core.golive import progress_repository as repository
from core.golive.errors import TrialNotFound
from core.golive.schemas import ProgressPage, StepPatch, TrialCreate, TrialRead, WayRead
from core.golive.service import MANAGE, READ
from core.identity.actor import Actor
from core.platform import Platform
from core.tenancy.directory import ClientProfile

TAGS = ["上线 go-live"]
WAY, OF_CLIENT = "/api/v1/go-live", "/api/v1/clients/{client_id:uuid}/go-live"
TRIALS = WAY + "/trials"
LOOK, ACT = {"permission": READ}, {"permission": MANAGE}


@get(WAY, opt=LOOK, tags=TAGS)
async def read_way(
    session: NamedDependency[Session], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform]
) -> WayRead:
    """Every step on the way to collecting: how it stands, what is missing, who owes it, until when, what proves it."""
    return await service.look(session, platform.plugins, client)


@put(WAY + "/steps/{code:str}", opt=ACT, tags=TAGS)
async def take_step_on(
    session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform], code: FromPath[str], data: JSONBody[StepPatch],
) -> WayRead:  # fmt: skip
    """Say who takes a step on, until when, and a note; 422 for somebody who is no colleague, 404 for a step that is none."""
    await service.take_on(session, platform.plugins, client, code, data, actor, await service.colleagues(session))
    return await service.look(session, platform.plugins, client)


@post(WAY + "/live", opt=ACT, tags=TAGS, status_code=200)
async def begin_collecting(
    session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform]
) -> WayRead:
    """The client collects from now on; 409 with the steps that are lacking, or when it said so before."""
    await service.go_live(session, platform.plugins, client, actor)
    return await service.look(session, platform.plugins, client)


@get(TRIALS + "/latest", opt=LOOK, tags=TAGS)
async def read_latest_trial(session: NamedDependency[Session], actor: NamedDependency[Actor]) -> TrialRead:
    """The last trial of a cent; 404 before the first."""
    found = await trials.newest(session)
    if found is None:
        raise TrialNotFound()
    return found


@post(TRIALS, opt=ACT, tags=TAGS, status_code=201)
async def create_trial(session: NamedDependency[Session], actor: NamedDependency[Actor], data: JSONBody[TrialCreate]) -> TrialRead:
    """One more test bill of a cent; 409 while one is unpaid, or while no merchant can be paid."""
    return await trials.find(session, await trials.make(session, actor, data.merchant_id))


@get(TRIALS + "/{trial_id:uuid}", opt=LOOK, tags=TAGS)
async def read_trial(session: NamedDependency[Session], actor: NamedDependency[Actor], trial_id: FromPath[UUID]) -> TrialRead:
    """One trial and what became of its cent."""
    return await trials.find(session, trial_id)


@post(TRIALS + "/{trial_id:uuid}/refund", opt={"permission": "refunds.refund.make"}, tags=TAGS, status_code=200)
async def refund_trial(
    session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform], trial_id: FromPath[UUID],
) -> TrialRead:  # fmt: skip
    """Give the cent back by the ordinary refund; 409 unless it was paid and not given back yet."""
    await trials.refund(session, platform, client, trial_id, actor)
    return await trials.find(session, trial_id)


@get("/api/v1/clients/go-live", opt={"permission": progress.LOOK, "side": "bank"}, tags=TAGS)
async def list_ways(
    session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform], q: FromQuery[str] = "",
    status: FromQuery[str] = "", late: FromQuery[bool] = False, cursor: FromQuery[str] = "", limit: FromQuery[int] = paging.PAGE,
) -> ProgressPage:
    """How far the clients of one's branches are, by code."""
    size, place = paging.page_size(limit), paging.read_cursor(cursor, tuple[str])
    rows = await repository.list_clients(
        session, actor.reach(progress.LOOK), clock.today(), q=q[:100], status=status[:20], late=late, after=place[0] if place else "", limit=size + 1
    )
    shown, more = paging.cut(rows, size, lambda row: paging.write_cursor(row.code))
    return ProgressPage(items=[progress.told(platform, row) for row in shown], next_cursor=more)


@get(OF_CLIENT, opt={"permission": progress.LOOK, "side": "bank"}, tags=TAGS)
async def read_way_of_client(asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID]) -> WayRead:
    """The steps of one client of one's branches, as the client reads them."""
    return (await progress.of_client(platform, asker, client_id))[1]


@put(OF_CLIENT + "/steps/{code:str}", opt={"permission": progress.ACT, "side": "bank"}, tags=TAGS)
async def take_step_of_client_on(
    asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID], code: FromPath[str], data: JSONBody[StepPatch]
) -> WayRead:
    """The branch says who takes a step on: `client`, `bank`, `channel`, or the asker's own id."""
    await progress.take_on(platform, asker, client_id, code, data)
    return (await progress.of_client(platform, asker, client_id))[1]


ROUTES = [
    read_way, take_step_on, begin_collecting, read_latest_trial, create_trial, read_trial, refund_trial, list_ways, read_way_of_client,
    take_step_of_client_on,
]  # fmt: skip
