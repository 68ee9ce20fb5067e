"""Routes in the API: which merchant number takes which payments."""

from typing import Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from core.database import Session
from core.identity.actor import Actor
from core.once import once
from core.payments.accounts.desk import MANAGE, READ
from core.payments.routing import desk as routes_desk
from core.payments.routing.desk import RouteWrite
from core.platform import Platform

ROUTES_PATH = "/api/v1/payment-routes"
TAGS = ["支付 payments"]


class RouteRead(RouteWrite, frozen=True, kw_only=True):
    """A route as it is kept."""

    id: UUID
    active: bool


class RoutePage(msgspec.Struct, frozen=True):
    """Every route, the first tried first."""

    items: list[RouteRead]


class RouteStatus(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether a route is used."""

    status: Literal["active", "suspended"]


@get(ROUTES_PATH, opt={"permission": READ}, tags=TAGS)
async def list_routes(session: NamedDependency[Session]) -> RoutePage:
    """The routes, in the order in which they are tried."""
    return await _page(session)


@post(ROUTES_PATH, opt={"permission": MANAGE}, status_code=201, tags=TAGS)
async def add_route(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform],
    data: JSONBody[RouteWrite],
) -> Response[RouteRead]:
    """Add a route; its limit may be lower than the channel's, never higher. Needs an `Idempotency-Key`."""

    async def work() -> RouteRead:
        route_id = await routes_desk.add(session, actor, platform.channels, data)
        return RouteRead(**msgspec.structs.asdict(data), id=route_id, active=True)

    return await once(request, session, actor, 201, work)


@post(ROUTES_PATH + "/{route_id:uuid}/status", opt={"permission": MANAGE}, status_code=200, tags=TAGS)
async def change_route(
    session: NamedDependency[Session], actor: NamedDependency[Actor], route_id: FromPath[UUID], data: JSONBody[RouteStatus]
) -> RoutePage:
    """Leave a route out (`suspended`) or use it again (`active`); answers all of them."""
    await routes_desk.set_active(session, actor, route_id, data.status == "active")
    return await _page(session)


@delete(ROUTES_PATH + "/{route_id:uuid}", opt={"permission": MANAGE}, status_code=204, tags=TAGS)
async def remove_route(session: NamedDependency[Session], actor: NamedDependency[Actor], route_id: FromPath[UUID]) -> None:
    """Remove a route; payments under way are not touched."""
    await routes_desk.remove(session, actor, route_id)


async def _page(session: Session) -> RoutePage:
    rows = await routes_desk.listed(session)
    return RoutePage([RouteRead(**{name: getattr(row, name) for name in RouteRead.__struct_fields__}) for row in rows])


ROUTES = [list_routes, add_route, change_route, remove_route]
