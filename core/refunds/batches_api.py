"""Batches of refunds in the API: made from a list or from what lies in suspense, watched, taken up again."""

from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core import paging
from core.database import Session
from core.errors import InvalidRequest
from core.identity.actor import Actor
from core.once import once
from core.refunds import batches, desk, lists, service
from core.refunds.lists import BatchPage, BatchRead
from core.refunds.schemas import RefundAsk
from core.tenancy.directory import ClientProfile
from core.web.i18n import N_

READ, MAKE = {"permission": service.READ}, {"permission": service.MAKE}
TAGS = ["退款 refunds"]


class BatchAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Many refunds at once: a list of requests, or every open suspense item of one reason (`*`: of all)."""

    title: str
    reason: str
    items: tuple[RefundAsk, ...] = ()
    suspense: str = ""


@get("/api/v1/refund-batches", opt=READ, tags=TAGS)
async def list_batches(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> BatchPage:
    """Batches, the newest first; their refunds are at `/api/v1/refunds?batch_id=…`."""
    return await lists.list_batches(session, actor, cursor, paging.page_size(limit))


@get("/api/v1/refund-batches/{batch_id:uuid}", opt=READ, tags=TAGS)
async def get_batch(session: NamedDependency[Session], actor: NamedDependency[Actor], batch_id: FromPath[UUID]) -> BatchRead:
    """One batch: how many refunds stand where."""
    return await lists.find_batch(session, batch_id, actor)


@post("/api/v1/refund-batches", opt=MAKE, status_code=201, tags=TAGS)
async def create_batch(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    data: JSONBody[BatchAsk],
) -> Response[BatchRead]:
    """Freeze a batch and ask a second person; all of it must be possible now, or nothing is written. Needs an `Idempotency-Key`."""
    if bool(data.items) == bool(data.suspense):
        raise InvalidRequest(N_("请提交 items 列表，或用 suspense 指定挂账原因（二选一）"))

    async def work() -> BatchRead:
        asks = list(data.items)
        if data.suspense:
            kind = "" if data.suspense == "*" else data.suspense.replace("\0", "")
            asks = await desk.longs_within_reach(session, kind, data.reason, actor)
        batch_id = await desk.create_batch(session, client, asks, actor, title=data.title, reason=data.reason)
        return await lists.find_batch(session, batch_id, actor, service.MAKE)

    return await once(request, session, actor, 201, work)


@post("/api/v1/refund-batches/{batch_id:uuid}/run-again", opt=MAKE, status_code=200, tags=TAGS)
async def run_again(session: NamedDependency[Session], actor: NamedDependency[Actor], batch_id: FromPath[UUID]) -> BatchRead:
    """Take up again whatever did not succeed; what did is left alone."""
    await lists.find_batch(session, batch_id, actor, service.MAKE)
    await batches.run_again(session, batch_id, actor)
    return await lists.find_batch(session, batch_id, actor, service.MAKE)


ROUTES = [list_batches, get_batch, create_batch, run_again]
