"""Refunds in the API: what could go back, the request, its way, and the transfers that people make."""

import datetime as dt
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core import paging
from core.billing.story_schemas import Proposed
from core.database import Session
from core.identity.actor import Actor
from core.once import once
from core.platform import Platform
from core.refunds import desk, lists, repository, sending, service, stopping, transfers
from core.refunds.errors import RefundNotFound
from core.refunds.lists import RefundPage
from core.refunds.schemas import Quote, RefundAsk, RefundRead, TransferAsk
from core.tenancy.directory import ClientProfile

READ, MAKE = {"permission": service.READ}, {"permission": service.MAKE}
TAGS = ["退款 refunds"]


class Why(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reason in words."""

    reason: str


class Finished(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The bank's reference of a transfer that arrived."""

    bank_reference: str


@get("/api/v1/refunds", opt=READ, tags=TAGS)
async def list_refunds(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    q: FromQuery[str] = "",
    status: FromQuery[str] = "",
    source: FromQuery[str] = "",
    bill_id: FromQuery[UUID | None] = None,
    batch_id: FromQuery[UUID | None] = None,
    created_from: FromQuery[dt.datetime | None] = None,
    created_to: FromQuery[dt.datetime | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> RefundPage:
    """Refunds, the newest first, without drafts (those: `status=draft`); `q` is a refund, bill, order or channel number, or a person's name or number."""
    asked = lists.asked_of({"q": q, "status": status, "source": source})
    asked = msgspec.structs.replace(asked, bill_id=bill_id, batch_id=batch_id, start=created_from, until=created_to)
    return await lists.list_refunds(session, asked, actor, cursor, paging.page_size(limit))


@get("/api/v1/refunds/{refund_id:uuid}", opt=READ, tags=TAGS)
async def get_refund(session: NamedDependency[Session], actor: NamedDependency[Actor], refund_id: FromPath[UUID]) -> RefundRead:
    """One refund with every number it used at its channels."""
    return await lists.find_refund(session, refund_id, actor)


@post("/api/v1/refunds/quote", opt=MAKE, status_code=200, tags=TAGS)
async def quote_refund(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    data: JSONBody[RefundAsk],
) -> Quote:
    """What a request would come to: what is free, what the policies say, which payments would give it and how. Changes nothing."""
    await desk.check_reach(session, data, actor)
    return await desk.quote(session, platform, client, data, data.effective_on)


@post("/api/v1/refunds", opt=MAKE, status_code=201, tags=TAGS)
async def request_refund(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    data: JSONBody[RefundAsk],
) -> Response[RefundRead]:
    """Ask for a refund off a bill, out of a person's credit, or from suspense; needs an `Idempotency-Key`. Above the client's limit another
    person approves it first."""

    async def work() -> RefundRead:
        return await desk.request(session, platform, client, data, actor)

    return await once(request, session, actor, 201, work)


@post("/api/v1/refunds/{refund_id:uuid}/submit", opt=MAKE, status_code=200, tags=TAGS)
async def submit_refund_draft(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    refund_id: FromPath[UUID],
    data: JSONBody[RefundAsk],
) -> Response[RefundRead]:
    """Ask for what a draft worked out (`GET /api/v1/refunds?status=draft`), with the amounts as they are to be; needs an `Idempotency-Key`.
    409 REFUND_NOT_WAITING when the draft was submitted or put away already."""

    async def work() -> RefundRead:
        return await desk.submit_draft(session, platform, client, refund_id, data, actor)

    return await once(request, session, actor, 200, work)


@post("/api/v1/refunds/{refund_id:uuid}/drop", opt=MAKE, status_code=200, tags=TAGS)
async def drop_refund_draft(
    session: NamedDependency[Session], actor: NamedDependency[Actor], refund_id: FromPath[UUID], data: JSONBody[Why]
) -> RefundRead:
    """Put a draft away: nothing goes back."""
    await desk.drop_draft(session, refund_id, data.reason, actor)
    return await service.find(session, refund_id)


@post("/api/v1/refunds/{refund_id:uuid}/stop", opt=MAKE, status_code=200, tags=TAGS)
async def stop_refund(
    asker: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    refund_id: FromPath[UUID],
    data: JSONBody[Why],
) -> RefundRead:
    """Give up every part that is not under way at the channel; its money is free again. What failed there is asked about first."""
    async with platform.database.tenant(client.id) as session:
        refund = await lists.find_refund(session, refund_id, asker, service.MAKE)
    for item in refund.items:
        await transfers.ask_channel_first(platform, client, item.id)
    async with platform.database.tenant(client.id) as session:
        await stopping.stop(session, refund_id, data.reason, asker)
        return await service.find(session, refund_id)


@post("/api/v1/refund-items/{item_id:uuid}/transfer", opt=MAKE, status_code=201, tags=TAGS)
async def propose_transfer(
    request: Request,
    asker: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    item_id: FromPath[UUID],
    data: JSONBody[TransferAsk],
) -> Response[Proposed]:
    """Propose the payer's verified account for what the channel does not take back; needs an `Idempotency-Key`. The channel is asked first."""
    async with platform.database.tenant(client.id) as session:
        await _seen(session, item_id, asker)
    await transfers.ask_channel_first(platform, client, item_id)
    async with platform.database.tenant(client.id) as session:

        async def work() -> Proposed:
            return Proposed(await transfers.propose(session, await platform.vault.keys(session), client.settings, item_id, data, asker))

        return await once(request, session, asker, 201, work)


@post("/api/v1/refund-items/{item_id:uuid}/finish", opt=MAKE, status_code=200, tags=TAGS)
async def finish_transfer(
    session: NamedDependency[Session], actor: NamedDependency[Actor], item_id: FromPath[UUID], data: JSONBody[Finished]
) -> RefundRead:
    """A transfer arrived."""
    refund_id = await _seen(session, item_id, actor)
    await transfers.finish(session, item_id, data.bank_reference, actor)
    return await service.find(session, refund_id)


@post("/api/v1/refund-items/{item_id:uuid}/return", opt=MAKE, status_code=200, tags=TAGS)
async def return_transfer(
    session: NamedDependency[Session], actor: NamedDependency[Actor], item_id: FromPath[UUID], data: JSONBody[Why]
) -> RefundRead:
    """The bank sent a transfer back; it waits for another account."""
    refund_id = await _seen(session, item_id, actor)
    await transfers.returned(session, item_id, data.reason, actor)
    return await service.find(session, refund_id)


@post("/api/v1/refunds/{refund_id:uuid}/check", opt=MAKE, status_code=200, tags=TAGS)
async def check_refund(
    asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform], refund_id: FromPath[UUID]
) -> RefundRead:
    """Go on now instead of at the next turn: send what is held, ask about what is under way. Nothing is held while the channel answers."""
    async with platform.database.tenant(client.id) as session:
        refund = await lists.find_refund(session, refund_id, asker, service.MAKE)
    for item in refund.items:
        await sending.advance(platform, client, item.id)
    async with platform.database.tenant(client.id) as session:
        return await service.find(session, refund_id)


async def _seen(session: Session, item_id: UUID, by: Actor) -> UUID:
    item = await repository.find_item(session, item_id)
    if item is None:
        raise RefundNotFound()
    return (await lists.find_refund(session, item.refund_id, by, service.MAKE)).id


ROUTES = [
    list_refunds, get_refund, quote_refund, request_refund, submit_refund_draft, drop_refund_draft, stop_refund,
    propose_transfer, finish_transfer, return_transfer, check_refund,
]  # fmt: skip
