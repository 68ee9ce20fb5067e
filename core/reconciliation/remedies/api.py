"""Remedies in the API: proposed here, agreed to through approvals, undone by two people too; batches; what a business system re-posts."""

import contextlib
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core import paging
from core.billing.filters import word_of
from core.billing.story_schemas import Proposed
from core.database import Session
from core.errors import InvalidRequest, PlatformError
from core.identity.actor import Actor
from core.once import once
from core.platform import Platform
from core.reconciliation import rights
from core.reconciliation.differences import service as differences
from core.reconciliation.remedies import bulk, bulk_lists, reposts, requery
from core.reconciliation.remedies import service as remedies
from core.reconciliation.remedies.bulk_lists import RemedyBatchPage, RemedyBatchRead, RemedyPage, RemedyRead
from core.reconciliation.remedies.reposts import RepostPage
from core.reconciliation.remedies.service import RemedyAsk
from core.tenancy.directory import ClientProfile
from core.web.i18n import N_

READ, HANDLE = {"permission": rights.READ}, {"permission": rights.HANDLE}
TAGS = ["差异处理 remedies"]
BATCHES = "/api/v1/remedy-batches"


class RemedyProposal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A remedy for one difference; `target` holds `bill_number` or `person_number` (credit), `way`, `reference`, `evidence` (refund),
    `due_on` (chase), `bearer` (write_off)."""

    difference_id: UUID
    kind: str
    reason: str
    version: int | None = None
    amount_fen: int | None = None
    target: dict[str, str] = {}


class Reversal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a remedy is to be undone."""

    reason: str


class BatchProposal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One remedy for many differences: these, or all that `filter` means (the query of the list) and it makes sense for; one of the two."""

    kind: str
    reason: str
    difference_ids: tuple[UUID, ...] | None = None
    filter: dict[str, str] | None = None
    target: dict[str, str] = {}


class RepostAnswer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The business system's word: posted under `serial`, or not and why."""

    accepted: bool
    serial: str = ""
    message: str = ""


class RepostState(msgspec.Struct, frozen=True):
    """How the remedy stands now."""

    status: str


@get("/api/v1/remedies", opt=READ, tags=TAGS)
async def list_remedies(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    status: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> RemedyPage:
    """Remedies, the newest first."""
    asked = {"status": status, "kind": kind}
    return await bulk_lists.list_remedies(session, actor, word_of(asked, "status"), word_of(asked, "kind"), cursor, paging.page_size(limit))


@get("/api/v1/remedies/{remedy_id:uuid}", opt=READ, tags=TAGS)
async def get_remedy(session: NamedDependency[Session], actor: NamedDependency[Actor], remedy_id: FromPath[UUID]) -> RemedyRead:
    """One remedy with the journal it posted and the refund it made."""
    return await bulk_lists.find_remedy(session, remedy_id, actor)


@post("/api/v1/remedies", opt=HANDLE, status_code=201, tags=TAGS)
async def propose_remedy(
    request: Request, asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform],
    data: JSONBody[RemedyProposal],
) -> Response[RemedyRead]:
    """Propose a remedy; a second person agrees through `/api/v1/approvals`. Needs an `Idempotency-Key`."""
    if data.kind == "book":
        with contextlib.suppress(PlatformError):  # what stands in the way is said by the proposal itself
            await requery.confirm_first(platform, client, data.difference_id, asker)
    ask = RemedyAsk(kind=data.kind, reason=data.reason, amount_fen=data.amount_fen, version=data.version, target=data.target)

    async with platform.database.tenant(client.id) as session:

        async def work() -> RemedyRead:
            remedy_id = await remedies.propose(session, client.settings, data.difference_id, ask, asker)
            return await bulk_lists.find_remedy(session, remedy_id, asker)

        return await once(request, session, asker, 201, work)


@post("/api/v1/remedies/{remedy_id:uuid}/reversal", opt=HANDLE, status_code=201, tags=TAGS)
async def propose_reversal(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], remedy_id: FromPath[UUID], data: JSONBody[Reversal]
) -> Response[Proposed]:
    """Ask that a remedy be undone; a second person agrees. Needs an `Idempotency-Key`."""

    async def work() -> Proposed:
        return Proposed(await remedies.propose_reversal(session, remedy_id, data.reason, actor))

    return await once(request, session, actor, 201, work)


@get(BATCHES, opt=READ, tags=TAGS)
async def list_remedy_batches(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> RemedyBatchPage:
    """Batches, the newest first."""
    return await bulk_lists.list_batches(session, actor, cursor, paging.page_size(limit))


@get(BATCHES + "/{batch_id:uuid}", opt=READ, tags=TAGS)
async def get_remedy_batch(session: NamedDependency[Session], actor: NamedDependency[Actor], batch_id: FromPath[UUID]) -> RemedyBatchRead:
    """One batch: how many of its remedies stand where."""
    return await bulk_lists.find_batch(session, batch_id, actor)


@post(BATCHES, opt=HANDLE, status_code=201, tags=TAGS)
async def create_remedy_batch(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile],
    data: JSONBody[BatchProposal],
) -> Response[RemedyBatchRead]:
    """Freeze a batch and ask a second person; what cannot be done is refused, and nothing is written. Needs an `Idempotency-Key`."""
    ask = RemedyAsk(kind=data.kind, reason=data.reason, target=data.target)
    if bool(data.difference_ids) == (data.filter is not None):
        raise InvalidRequest(N_("请列出差异（difference_ids），或给出筛选条件（filter，空的筛选就是全部待办），二者取一"))

    async def work() -> RemedyBatchRead:
        asked = differences.asked_of(data.filter or {})
        batch_id = await bulk.propose(session, client.settings, asked, data.difference_ids or (), ask, actor)
        return await bulk_lists.find_batch(session, batch_id, actor)

    return await once(request, session, actor, 201, work)


@post(BATCHES + "/{batch_id:uuid}/run-again", opt=HANDLE, status_code=200, tags=TAGS)
async def run_remedy_batch_again(session: NamedDependency[Session], actor: NamedDependency[Actor], batch_id: FromPath[UUID]) -> RemedyBatchRead:
    """Take up again only what failed."""
    await bulk.run_again(session, batch_id, actor)
    return await bulk_lists.find_batch(session, batch_id, actor)


@get("/api/v1/reposts", opt=HANDLE, tags=TAGS)
async def list_reposts(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> RepostPage:
    """What the business system is asked to post or correct, the oldest first; the same again on every call until it was answered."""
    return await reposts.list_open(session, actor, cursor, paging.page_size(limit))


@post("/api/v1/reposts/{remedy_id:uuid}/answer", opt=HANDLE, status_code=200, tags=TAGS)
async def answer_repost(
    session: NamedDependency[Session], actor: NamedDependency[Actor], remedy_id: FromPath[UUID], data: JSONBody[RepostAnswer]
) -> RepostState:
    """Posted, or not and why; the same answer twice is no harm."""
    told = await reposts.answer(session, remedy_id, actor, accepted=data.accepted, serial=data.serial, message=data.message)
    return RepostState(told)


ROUTES = [
    list_remedies, get_remedy, propose_remedy, propose_reversal, list_remedy_batches, get_remedy_batch, create_remedy_batch,
    run_remedy_batch_again, list_reposts, answer_repost,
]  # fmt: skip
