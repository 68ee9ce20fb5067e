"""Pushes in the API: addresses, messages, sending again."""

from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core import paging
from core.database import Session
from core.identity.actor import Actor
from core.once import once
from core.platform import Platform
from core.webhooks import lists, service
from core.webhooks.lists import DeliveryPage, EndpointRead
from core.webhooks.service import EndpointAsk, Made

READ, MAKE = {"permission": service.READ}, {"permission": service.MAKE}
TAGS = ["推送 webhooks"]


class StatusAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`active` or `paused`."""

    status: str


@get("/api/v1/webhooks", opt=READ, tags=TAGS)
async def list_endpoints(session: NamedDependency[Session], actor: NamedDependency[Actor]) -> list[EndpointRead]:
    """The client's addresses, without their secrets."""
    return await lists.list_endpoints(session)


@post("/api/v1/webhooks", opt=MAKE, status_code=201, tags=TAGS)
async def declare(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform], data: JSONBody[EndpointAsk]
) -> Made:
    """A new address; the answer holds its secret, once."""
    return await service.declare(session, await platform.vault.keys(session), platform.settings, data, actor)


@post("/api/v1/webhooks/{endpoint_id:uuid}/status", opt=MAKE, status_code=204, tags=TAGS)
async def set_status(session: NamedDependency[Session], actor: NamedDependency[Actor], endpoint_id: FromPath[UUID], data: JSONBody[StatusAsk]) -> None:
    """Pause an address or use it again."""
    await service.set_status(session, endpoint_id, data.status, actor)


@get("/api/v1/webhook-deliveries", opt=READ, tags=TAGS)
async def list_deliveries(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    q: FromQuery[str] = "",
    status: FromQuery[str] = "",
    event: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> DeliveryPage:
    """Messages, the newest first."""
    return await lists.list_deliveries(session, lists.asked_of({"q": q, "status": status, "event": event}), cursor, paging.page_size(limit))


@post("/api/v1/webhook-deliveries/{delivery_id:uuid}/resend", opt=MAKE, status_code=202, tags=TAGS)
async def resend(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], delivery_id: FromPath[UUID]) -> Response[dict[str, str]]:
    """Send a message again that was delivered or given up. Needs an `Idempotency-Key`."""

    async def work() -> dict[str, str]:
        await service.resend(session, delivery_id, actor)
        return {"status": "waiting"}

    return await once(request, session, actor, 202, work)


ROUTES = [list_endpoints, declare, set_status, list_deliveries, resend]
