"""Proposals in the API: read, approve, reject, take back."""

from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core import paging
from core.approvals import lists, service
from core.approvals.schemas import ApprovalPage, ApprovalRead, Remark
from core.database import Session
from core.identity.actor import Actor
from core.once import once
from core.platform import Platform
from core.tenancy.directory import ClientProfile

ANYBODY = {"permission": "any"}
TAGS = ["复核 approvals"]


@get("/api/v1/approvals", opt=ANYBODY, tags=TAGS)
async def list_approvals(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    tab: FromQuery[str] = "waiting",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> ApprovalPage:
    """Proposals, newest first: `tab` is `waiting` (for the asker), `mine` or `decided`."""
    kinds = service.kinds_of(platform.plugins, client.plugins)
    return await lists.desk(session, kinds, actor, tab, cursor, paging.page_size(limit))


@get("/api/v1/approvals/{approval_id:uuid}", opt=ANYBODY, tags=TAGS)
async def get_approval(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    approval_id: FromPath[UUID],
) -> ApprovalRead:
    """One proposal with what it would change."""
    return await lists.find(session, service.kinds_of(platform.plugins, client.plugins), approval_id, actor)


@post("/api/v1/approvals/{approval_id:uuid}/approve", opt=ANYBODY, status_code=200, tags=TAGS)
async def approve(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    approval_id: FromPath[UUID],
    data: JSONBody[Remark],
) -> Response[ApprovalRead]:
    """Agree, and do it; needs an `Idempotency-Key`."""
    kinds = service.kinds_of(platform.plugins, client.plugins)

    async def work() -> ApprovalRead:
        await service.approve(session, kinds, approval_id, actor, data.remark)
        return await lists.find(session, kinds, approval_id, actor)

    return await once(request, session, actor, 200, work)


@post("/api/v1/approvals/{approval_id:uuid}/reject", opt=ANYBODY, status_code=200, tags=TAGS)
async def reject(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    approval_id: FromPath[UUID],
    data: JSONBody[Remark],
) -> ApprovalRead:
    """Refuse with a remark; nothing happens."""
    kinds = service.kinds_of(platform.plugins, client.plugins)
    await service.reject(session, kinds, approval_id, actor, data.remark)
    return await lists.find(session, kinds, approval_id, actor)


@post("/api/v1/approvals/{approval_id:uuid}/withdraw", opt=ANYBODY, status_code=200, tags=TAGS)
async def withdraw(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    approval_id: FromPath[UUID],
) -> ApprovalRead:
    """Take one's own proposal back."""
    kinds = service.kinds_of(platform.plugins, client.plugins)
    await service.withdraw(session, kinds, approval_id, actor)
    return await lists.find(session, kinds, approval_id, actor)


ROUTES = [list_approvals, get_approval, approve, reject, withdraw]
