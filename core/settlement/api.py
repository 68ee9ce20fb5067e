"""Settlement in the API: batches, what they are made of, their statements and payouts."""

import datetime as dt
from typing import Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core import paging
from core.billing.story_schemas import Proposed
from core.database import Session
from core.exports.workbook import MEDIA_TYPE
from core.files.answers import attachment
from core.identity.actor import Actor
from core.once import once
from core.platform import Platform
from core.settlement import calculating, lists, service, statement_files, tasks
from core.settlement.schemas import BatchPage, BatchRead, ItemPage, PayoutPage, PayoutRead
from core.settlement.terms import terms_for
from core.tenancy.directory import ClientProfile

READ, MAKE = {"permission": service.READ}, {"permission": service.MAKE}
TAGS = ["结算 settlement"]


class DayAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The bill date whose batches are wanted."""

    bill_on: dt.date


class Why(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reason in words."""

    reason: str


class Again(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why it is paid again; `same_account` says that the account is right as it is."""

    reason: str
    same_account: bool = False


class JobStarted(msgspec.Struct, frozen=True):
    """Work that a worker does; ask `href` how far it is."""

    job_id: UUID
    href: str


@get("/api/v1/settlement-batches", opt=READ, tags=TAGS)
async def list_batches(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    q: FromQuery[str] = "",
    status: FromQuery[str] = "",
    merchant: FromQuery[str] = "",
    bill_from: FromQuery[dt.date | None] = None,
    bill_to: FromQuery[dt.date | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> BatchPage:
    """Batches, the newest day first; `q` is a batch, payout, order or bank number, or a merchant."""
    asked = lists.asked_of({"q": q, "status": status, "merchant": merchant})
    return await lists.list_batches(session, msgspec.structs.replace(asked, start=bill_from, until=bill_to), actor, cursor, paging.page_size(limit))


@post("/api/v1/settlement-batches", opt=MAKE, status_code=201, tags=TAGS)
async def calculate_day(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    data: JSONBody[DayAsk],
) -> Response[BatchPage | JobStarted]:
    """Calculate a day's batches, anew as long as nobody has approved them; needs an `Idempotency-Key`. A large day answers 202 with its job."""
    lists.check_reach(actor, service.MAKE)

    async def start() -> JobStarted:
        job_id = await tasks.start(session, data.bill_on, actor)
        return JobStarted(job_id=job_id, href=f"/api/v1/jobs/{job_id}")

    async def work() -> BatchPage:
        await service.calculate(session, terms_for(platform, client), data.bill_on, actor)
        asked = lists.Asked(start=data.bill_on, until=data.bill_on)
        reading = msgspec.structs.replace(actor, rights={**actor.rights, service.READ: None})
        return await lists.list_batches(session, asked, reading, None, paging.MOST)

    if await calculating.is_large(session, terms_for(platform, client), data.bill_on):
        return await once(request, session, actor, 202, start)
    return await once(request, session, actor, 201, work)


@get("/api/v1/settlement-batches/{batch_id:uuid}", opt=READ, tags=TAGS)
async def get_batch(session: NamedDependency[Session], actor: NamedDependency[Actor], batch_id: FromPath[UUID]) -> BatchRead:
    """One batch with the parts of its formula and its gate."""
    return await lists.find_batch(session, batch_id, actor)


@get("/api/v1/settlement-batches/{batch_id:uuid}/items", opt=READ, tags=TAGS)
async def list_items(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    batch_id: FromPath[UUID],
    kind: FromQuery[str] = "",
    q: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> ItemPage:
    """What a batch is made of."""
    await lists.find_batch(session, batch_id, actor)
    return await lists.list_items(session, batch_id, kind, q.replace("\0", ""), cursor, paging.page_size(limit))


@get("/api/v1/settlement-batches/{batch_id:uuid}/statement", opt=READ, tags=TAGS)
async def get_statement(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    batch_id: FromPath[UUID],
    format: FromQuery[Literal["xlsx", "pdf"]] = "xlsx",
) -> Response[bytes]:
    """The settlement statement of a batch as a file."""
    lists.check_reach(actor)
    if format == "pdf":
        return attachment(*await statement_files.batch_pdf(session, batch_id, client.name), statement_files.PDF)
    return attachment(*await statement_files.batch_excel(session, batch_id, client.name), MEDIA_TYPE)


@post("/api/v1/settlement-batches/{batch_id:uuid}/submit", opt=MAKE, status_code=201, tags=TAGS)
async def submit_batch(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    batch_id: FromPath[UUID],
    data: JSONBody[Why],
) -> Response[Proposed]:
    """Ask a second person to let a batch be paid; needs an `Idempotency-Key`. Refused while the gate is closed."""
    lists.check_reach(actor, service.MAKE)

    async def work() -> Proposed:
        return Proposed(await service.submit(session, batch_id, actor, data.reason))

    return await once(request, session, actor, 201, work)


@post("/api/v1/settlement-batches/{batch_id:uuid}/repay", opt=MAKE, status_code=201, tags=TAGS)
async def repay_batch(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    batch_id: FromPath[UUID],
    data: JSONBody[Again],
) -> Response[Proposed]:
    """Ask a second person to pay again what the bank sent back; needs an `Idempotency-Key`."""
    lists.check_reach(actor, service.MAKE)

    async def work() -> Proposed:
        return Proposed(await service.propose_repay(session, batch_id, data.reason, actor, same_account=data.same_account))

    return await once(request, session, actor, 201, work)


@get("/api/v1/payouts", opt=READ, tags=TAGS)
async def list_payouts(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    q: FromQuery[str] = "",
    status: FromQuery[str] = "",
    batch_id: FromQuery[UUID | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> PayoutPage:
    """Payment instructions, the newest first; `q` is their number, the bank's serial, a batch or a merchant."""
    return await lists.list_payouts(session, actor, q, status, batch_id, cursor, paging.page_size(limit))


@get("/api/v1/payouts/{payout_id:uuid}", opt=READ, tags=TAGS)
async def get_payout(session: NamedDependency[Session], actor: NamedDependency[Actor], payout_id: FromPath[UUID]) -> PayoutRead:
    """One payment instruction."""
    return await lists.find_payout(session, payout_id, actor)


ROUTES = [
    list_batches, calculate_day, get_batch, list_items, get_statement, submit_batch, repay_batch, list_payouts, get_payout,
]  # fmt: skip
