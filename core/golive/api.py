"""The way in the API: a client's steps and trials; for the bank, how far each client is."""

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from core import clock, paging
from core.database import Session
from core.golive import progress, service
from core.golive import progress_repository as repository
from core.golive.schemas import ProgressPage, WayRead
from core.golive.service import READ
from core.identity.actor import Actor
from core.platform import Platform
from core.tenancy.directory import ClientProfile

TAGS = ["上线 go-live"]


@get("/api/v1/go-live", opt={"permission": READ}, tags=TAGS)
async def read_way(
    session: NamedDependency[Session], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform]
) -> WayRead:
    """Every step on the way to collecting: how it stands, what is missing, who owes it, until when, what proves it."""
    return await service.look(session, platform.plugins, client)


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


ROUTES = [read_way, list_ways]
