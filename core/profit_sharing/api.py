"""Profit sharing in the API: receivers, payments that wait, splits, releases, returns. What moves money is asked for here and agreed to by another."""

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
from core.profit_sharing import receivers, service
from core.profit_sharing.errors import ReceiverNotFound
from core.profit_sharing.schemas import (
    PaymentPage,
    PaymentSharing,
    ReceiverAsk,
    ReceiverRead,
    ReleaseAsk,
    RemoveAsk,
    ReturnAsk,
    SplitAsk,
    SplitRead,
)
from core.tenancy.directory import ClientProfile

READ, MAKE = {"permission": service.READ}, {"permission": service.MAKE}
TAGS = ["分账 profit sharing"]
SPLITS = "/api/v1/sharing-splits"


class ReceiverPage(msgspec.Struct, frozen=True):
    """Receivers, the newest first."""

    items: list[ReceiverRead]
    next_cursor: str | None


@get("/api/v1/sharing-receivers", opt=READ, tags=TAGS)
async def list_receivers(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    status: FromQuery[str] = "",
    q: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> ReceiverPage:
    """Who may be given shares, and who waits to be."""
    service.need_whole(actor, service.READ)
    return ReceiverPage(*await receivers.list_page(session, status.replace("\0", ""), q, cursor, paging.page_size(limit)))


@post("/api/v1/sharing-receivers", opt=MAKE, status_code=201, tags=TAGS)
async def add_receiver(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform],
    data: JSONBody[ReceiverAsk],
) -> Response[ReceiverRead]:
    """Ask a second person to allow somebody to receive; needs an `Idempotency-Key`."""
    service.need_whole(actor, service.MAKE)

    async def work() -> ReceiverRead:
        receiver_id = await receivers.propose(session, platform.vault, data, actor)
        return await _receiver(session, receiver_id)

    return await once(request, session, actor, 201, work)


@post("/api/v1/sharing-receivers/{receiver_id:uuid}/remove", opt=MAKE, status_code=200, tags=TAGS)
async def remove_receiver(
    session: NamedDependency[Session], actor: NamedDependency[Actor], receiver_id: FromPath[UUID], data: JSONBody[RemoveAsk]
) -> ReceiverRead:
    """Ask a second person to allow it no longer."""
    service.need_whole(actor, service.MAKE)
    await receivers.propose_removal(session, receiver_id, data.reason, actor)
    return await _receiver(session, receiver_id)


async def _receiver(session: Session, receiver_id: UUID) -> ReceiverRead:
    found = await receivers.find(session, receiver_id)
    if found is None:
        raise ReceiverNotFound()
    return found


@get("/api/v1/sharing-payments", opt=READ, tags=TAGS)
async def list_payments(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    stage: FromQuery[str] = "",
    q: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> PaymentPage:
    """Payments that are frozen for sharing; `stage` is waiting, under_way, shared or released."""
    service.need_whole(actor, service.READ)
    return PaymentPage(*await service.list_payments(session, platform.vault, client.settings, stage, q, cursor, paging.page_size(limit)))


@get("/api/v1/sharing-payments/{payment_id:uuid}", opt=READ, tags=TAGS)
async def get_payment(
    session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile], payment_id: FromPath[UUID]
) -> PaymentSharing:
    """One payment with every split, release and return."""
    service.need_whole(actor, service.READ)
    return await service.story(session, client.settings, payment_id)


@get(SPLITS + "/{split_id:uuid}", opt=READ, tags=TAGS)
async def get_split(session: NamedDependency[Session], actor: NamedDependency[Actor], split_id: FromPath[UUID]) -> SplitRead:
    """One split or release, share by share."""
    service.need_whole(actor, service.READ)
    return await service.find(session, split_id)


@post(SPLITS, opt=MAKE, status_code=201, tags=TAGS)
async def ask_split(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform], data: JSONBody[SplitAsk],
) -> Response[SplitRead]:
    """Ask a second person to share a payment, by amount or percent; needs an `Idempotency-Key`."""
    service.need_whole(actor, service.MAKE)

    async def work() -> SplitRead:
        return await service.find(session, await service.propose(session, platform.vault, client.settings, data, actor))

    return await once(request, session, actor, 201, work)


@post("/api/v1/sharing-releases", opt=MAKE, status_code=201, tags=TAGS)
async def ask_release(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform],
    data: JSONBody[ReleaseAsk],
) -> Response[SplitRead]:
    """Ask a second person to give what was not shared to the merchant; needs an `Idempotency-Key`."""
    service.need_whole(actor, service.MAKE)

    async def work() -> SplitRead:
        return await service.find(session, await service.propose_release(session, platform.vault, data, actor))

    return await once(request, session, actor, 201, work)


@post("/api/v1/sharing-returns", opt=MAKE, status_code=201, tags=TAGS)
async def ask_return(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], data: JSONBody[ReturnAsk]
) -> Response[SplitRead]:
    """Ask a second person to take a merchant's share back; needs an `Idempotency-Key`."""
    service.need_whole(actor, service.MAKE)

    async def work() -> SplitRead:
        await service.propose_return(session, data, actor)
        return await service.find(session, data.split_id)

    return await once(request, session, actor, 201, work)


@post(SPLITS + "/{split_id:uuid}/check", opt=MAKE, status_code=200, tags=TAGS)
async def check_split(session: NamedDependency[Session], actor: NamedDependency[Actor], split_id: FromPath[UUID]) -> SplitRead:
    """Have the channel asked at the next beat instead of at its turn."""
    service.need_whole(actor, service.MAKE)
    await service.hurry(session, split_id)
    return await service.find(session, split_id)


ROUTES = [
    list_receivers, add_receiver, remove_receiver, list_payments, get_payment, get_split, ask_split, ask_release, ask_return, check_split,
]  # fmt: skip
