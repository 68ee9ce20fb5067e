"""Adjustments, partners' shares and signed months in the API."""

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
from core.settlement import adjusting, lists, months, partners, service, statement_files
from core.settlement.adjusting import AdjustmentAsk
from core.settlement.api import MAKE, READ, TAGS, Why
from core.settlement.month_words import signed_facts
from core.settlement.partners import SplitAsk
from core.settlement.schemas import AdjustmentPage, AdjustmentRead, MonthPage, MonthRead, SplitRead
from core.tenancy.directory import ClientProfile


class Asked(msgspec.Struct, frozen=True):
    """What was asked for waits for a second person under this id."""

    id: UUID


class Ending(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The last day of a share, and why."""

    until_on: dt.date
    reason: str


@get("/api/v1/settlement-adjustments", opt=READ, tags=TAGS)
async def list_adjustments(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    merchant: FromQuery[str] = "",
    status: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> AdjustmentPage:
    """Adjustments, the newest first; `status` is `open` (in no batch yet) or `settled`."""
    return await lists.list_adjustments(session, actor, merchant, status, cursor, paging.page_size(limit))


@get("/api/v1/settlement-adjustments/{adjustment_id:uuid}", opt=READ, tags=TAGS)
async def get_adjustment(session: NamedDependency[Session], actor: NamedDependency[Actor], adjustment_id: FromPath[UUID]) -> AdjustmentRead:
    """One adjustment that two people agreed to."""
    return await lists.find_adjustment(session, adjustment_id, actor)


@post("/api/v1/settlement-adjustments", opt=MAKE, status_code=201, tags=TAGS)
async def propose_adjustment(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], data: JSONBody[AdjustmentAsk]
) -> Response[Asked]:
    """Ask a second person for an adjustment; needs an `Idempotency-Key`. The next batch of the merchant takes it."""
    lists.check_reach(actor, service.MAKE)

    async def work() -> Asked:
        return Asked(await adjusting.propose(session, data, actor))

    return await once(request, session, actor, 201, work)


@get("/api/v1/settlement-splits", opt=READ, tags=TAGS)
async def list_splits(session: NamedDependency[Session], actor: NamedDependency[Actor]) -> list[SplitRead]:
    """Partners' shares, past ones too."""
    return await lists.list_splits(session, actor)


@post("/api/v1/settlement-splits", opt=MAKE, status_code=201, tags=TAGS)
async def propose_split(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], data: JSONBody[SplitAsk]
) -> Response[Asked]:
    """Ask a second person for a partner's share; needs an `Idempotency-Key`."""
    lists.check_reach(actor, service.MAKE)

    async def work() -> Asked:
        return Asked(await partners.propose(session, data, actor))

    return await once(request, session, actor, 201, work)


@post("/api/v1/settlement-splits/{rule_id:uuid}/end", opt=MAKE, status_code=202, tags=TAGS)
async def end_split(
    session: NamedDependency[Session], actor: NamedDependency[Actor], rule_id: FromPath[UUID], data: JSONBody[Ending]
) -> Asked:
    """Ask a second person to let a partner's share end."""
    lists.check_reach(actor, service.MAKE)
    await partners.propose_end(session, rule_id, data.until_on, data.reason, actor)
    return Asked(rule_id)


@get("/api/v1/settlement-months", opt=READ, tags=TAGS)
async def list_months(
    session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[str | None] = None, limit: FromQuery[int] = 24
) -> MonthPage:
    """Months with settlements, the newest first."""
    return await lists.list_months(session, actor, cursor, paging.page_size(limit))


@get("/api/v1/settlement-months/{month:str}", opt=READ, tags=TAGS)
async def get_month(session: NamedDependency[Session], actor: NamedDependency[Actor], month: FromPath[str]) -> MonthRead:
    """One month (`2026-11`): its sums, by merchant too, and what stands in the way of signing it."""
    return await lists.find_month(session, months.first_of(month), actor)


@get("/api/v1/settlement-months/{month:str}/statement", opt=READ, tags=TAGS)
async def get_month_statement(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    month: FromPath[str],
    format: FromQuery[Literal["xlsx", "pdf"]] = "xlsx",
) -> Response[bytes]:
    """The settlement statement of a month as a file."""
    first = months.first_of(month)
    found = await lists.find_month(session, first, actor)
    if format == "pdf":
        return attachment(*await statement_files.month_pdf(session, first, client.name, signed_facts(found)), statement_files.PDF)
    return attachment(*await statement_files.month_excel(session, first, client.name), MEDIA_TYPE)


@post("/api/v1/settlement-months/{month:str}/sign", opt=MAKE, status_code=201, tags=TAGS)
async def propose_month(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], month: FromPath[str], data: JSONBody[Why]
) -> Response[Proposed]:
    """Ask a second person to sign a month; signed, nothing of it changes any more. Needs an `Idempotency-Key`."""
    lists.check_reach(actor, service.MAKE)

    async def work() -> Proposed:
        return Proposed(await months.propose(session, months.first_of(month), data.reason, actor))

    return await once(request, session, actor, 201, work)


@post("/api/v1/settlement-months/{month:str}/reopen", opt=MAKE, status_code=201, tags=TAGS)
async def reopen_month(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], month: FromPath[str], data: JSONBody[Why]
) -> Response[Proposed]:
    """Ask a second person to open a signed month again; needs an `Idempotency-Key`."""
    lists.check_reach(actor, service.MAKE)

    async def work() -> Proposed:
        return Proposed(await months.propose_reopen(session, months.first_of(month), data.reason, actor))

    return await once(request, session, actor, 201, work)


ROUTES = [
    list_adjustments, get_adjustment, propose_adjustment, list_splits, propose_split, end_split, list_months, get_month, get_month_statement,
    propose_month, reopen_month,
]  # fmt: skip
