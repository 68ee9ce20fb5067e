"""Payment orders, payments and suspense in the API."""

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
from core.payments import lists, service
from core.payments.lists_repository import Asked
from core.payments.story_schemas import (
    CloseRequest,
    OrderPage,
    OrderStory,
    PaymentPage,
    PaymentStory,
    ResolveRequest,
    SuspensePage,
    SuspenseRead,
)
from core.payments.suspense import desk as suspense_desk
from core.platform import Platform
from core.tenancy.directory import ClientProfile

ORDERS, PAYMENTS, SUSPENSE = (
    {"permission": lists.READ_ORDERS},
    {"permission": lists.READ_PAYMENTS},
    {"permission": lists.READ_SUSPENSE},
)
TAGS = ["支付 payments"]


def _asked(q: str, start: dt.datetime | None, until: dt.datetime | None, **more: str) -> Asked:
    return msgspec.structs.replace(lists.asked_of({"q": q, **more}), start=start, until=until)


@get("/api/v1/payment-orders", opt=ORDERS, tags=TAGS)
async def list_orders(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    q: FromQuery[str] = "",
    status: FromQuery[str] = "",
    created_from: FromQuery[dt.datetime | None] = None,
    created_to: FromQuery[dt.datetime | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> OrderPage:
    """Payment orders, the newest first; `q` is an order, channel or bill number, or a person's name or number."""
    asked = _asked(q, created_from, created_to, status=status)
    return await lists.list_orders(session, asked, actor, cursor, paging.page_size(limit))


@get("/api/v1/payment-orders/{number:str}", opt=ORDERS, tags=TAGS)
async def get_order(session: NamedDependency[Session], actor: NamedDependency[Actor], number: FromPath[str]) -> OrderStory:
    """One order with its bills, notices and payments."""
    return await lists.order_story(session, number, actor)


@post("/api/v1/payment-orders/{number:str}/check", opt=ORDERS, status_code=200, tags=TAGS)
async def check_order(
    asker: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    number: FromPath[str],
) -> OrderStory:
    """Ask the channel about the order now, and answer its state."""
    async with platform.database.tenant(client.id) as session:
        await lists.order_story(session, number, asker)
    await service.check_order(platform, client, number)
    async with platform.database.tenant(client.id) as session:
        return await lists.order_story(session, number, asker)


@get("/api/v1/payments", opt=PAYMENTS, tags=TAGS)
async def list_payments(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    q: FromQuery[str] = "",
    channel: FromQuery[str] = "",
    paid_from: FromQuery[dt.datetime | None] = None,
    paid_to: FromQuery[dt.datetime | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> PaymentPage:
    """Payments, the newest first, with the sums of everything the filter means."""
    asked = _asked(q, paid_from, paid_to, channel=channel)
    return await lists.list_payments(session, asked, actor, cursor, paging.page_size(limit))


@get("/api/v1/payments/{payment_id:uuid}", opt=PAYMENTS, tags=TAGS)
async def get_payment(session: NamedDependency[Session], actor: NamedDependency[Actor], payment_id: FromPath[UUID]) -> PaymentStory:
    """One payment: where each fen lies, the journals behind it, its receipts."""
    return await lists.payment_story(session, payment_id, actor)


@get("/api/v1/suspense-items", opt=SUSPENSE, tags=TAGS)
async def list_suspense(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    status: FromQuery[str] = "",
    reason: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> SuspensePage:
    """Money without an owner, the newest first; `status` is open or resolved."""
    status, reason = status.replace("\0", ""), reason.replace("\0", "")
    return await lists.list_suspense(session, status, reason, actor, cursor, paging.page_size(limit))


@get("/api/v1/suspense-items/{item_id:uuid}", opt=SUSPENSE, tags=TAGS)
async def get_suspense(session: NamedDependency[Session], actor: NamedDependency[Actor], item_id: FromPath[UUID]) -> SuspenseRead:
    """One item."""
    return await lists.suspense_item(session, item_id, actor)


@post("/api/v1/suspense-items/{item_id:uuid}/resolve", opt={"permission": lists.RESOLVE}, status_code=201, tags=TAGS)
async def propose_resolution(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    item_id: FromPath[UUID],
    data: JSONBody[ResolveRequest],
) -> Response[Proposed]:
    """Propose that an item's money go onto a bill or to a person; needs an `Idempotency-Key`."""

    async def work() -> Proposed:
        given = {"amount_fen": data.amount_fen, "reason": data.reason, "bill_id": data.bill_id, "party_id": data.party_id}
        return Proposed(await suspense_desk.propose(session, item_id, actor, **given))

    return await once(request, session, actor, 201, work)


@post("/api/v1/suspense-items/{item_id:uuid}/close", opt={"permission": lists.RESOLVE}, status_code=201, tags=TAGS)
async def propose_closing(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    item_id: FromPath[UUID],
    data: JSONBody[CloseRequest],
) -> Response[Proposed]:
    """Propose that an item be closed that holds no money, having looked into it; needs an `Idempotency-Key`."""

    async def work() -> Proposed:
        return Proposed(await suspense_desk.propose_closing(session, item_id, actor, data.reason))

    return await once(request, session, actor, 201, work)


ROUTES = [list_orders, get_order, check_order, list_payments, get_payment, list_suspense, get_suspense, propose_resolution, propose_closing]
