"""Refunds as finance looks at them: only what lies within reach is found."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

import msgspec

from core import clock, paging
from core.billing.filters import day_of, uuid_of, word_of
from core.database import Row, Session
from core.identity.actor import Actor
from core.masking import mask_name
from core.payments.lists import begin_of, end_of
from core.refunds import batches_repository, drafts_repository, lists_repository, service
from core.refunds.errors import BatchNotFound, RefundNotFound
from core.refunds.lists_repository import Asked
from core.refunds.schemas import RefundRead

STUCK_AFTER = dt.timedelta(days=1)


class RefundRow(msgspec.Struct, frozen=True, kw_only=True):
    """A refund in a list, its person masked."""

    id: UUID
    number: str
    source: str
    title: str
    bill_number: str | None
    party_name: str
    party_number: str
    amount_fen: int
    refunded_fen: int
    status: str
    reason: str
    error: str | None
    requested_by: str
    created_at: dt.datetime
    finished_at: dt.datetime | None


class RefundPage(msgspec.Struct, frozen=True):
    """Refunds, the newest first, with the sums of everything the filter means."""

    items: list[RefundRow]
    next_cursor: str | None
    refunds: int
    amount_fen: int
    refunded_fen: int


class BatchRead(msgspec.Struct, frozen=True, kw_only=True):
    """A batch: how many refunds stand where, and what has arrived."""

    id: UUID
    number: str
    title: str
    reason: str
    status: str
    count: int
    amount_fen: int
    made_by: str
    checked_by: str | None
    job_id: UUID | None
    created_at: dt.datetime
    finished_at: dt.datetime | None
    statuses: dict[str, int] = {}


class BatchPage(msgspec.Struct, frozen=True):
    """Batches, the newest first."""

    items: list[BatchRead]
    next_cursor: str | None


def asked_of(values: Mapping[str, str]) -> Asked:
    """What a page's address or an export asks for; days are those of Shanghai."""
    return Asked(
        typed=word_of(values, "q"), status=word_of(values, "status"), source=word_of(values, "source"), batch_id=uuid_of(values.get("batch")),
        bill_id=uuid_of(values.get("bill")), start=begin_of(day_of(values.get("start"))), until=end_of(day_of(values.get("until"))),
    )  # fmt: skip


async def list_refunds(session: Session, asked: Asked, by: Actor, cursor: str | None, limit: int = paging.PAGE) -> RefundPage:
    """Refunds within reach, the newest first."""
    reach = by.reach(service.READ)
    rows = await lists_repository.list_page(session, asked, reach, paging.read_id(cursor), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: str(row.id))
    sums = await lists_repository.sum_page(session, asked, reach)
    return RefundPage([refund_row(row) for row in shown], more, sums.refunds, sums.amount_fen, sums.refunded_fen)


def refund_row(row: Row) -> RefundRow:
    """A row of a list; the title of credit and suspense names no person in clear."""
    known = ("party_name", "party_number")
    facts = {name: getattr(row, name) for name in RefundRow.__struct_fields__ if name not in known}
    return RefundRow(**facts, party_name=mask_name(row.party_name or ""), party_number=row.party_number or "")


async def find_refund(session: Session, refund_id: UUID, by: Actor, permission: str = service.READ) -> RefundRead:
    """One refund, if the right reaches it."""
    refund = await service.find(session, refund_id)
    if not by.reaches(permission, refund.org_id):
        raise RefundNotFound()
    return refund


async def list_of_person(session: Session, party_id: UUID, by: Actor) -> list[RefundRow]:
    """Every refund of one person within reach, drafts too, the newest first."""
    rows = await drafts_repository.list_of_party(session, party_id)
    return [refund_row(row) for row in rows if by.reaches(service.READ, row.org_id)]


async def list_batches(session: Session, by: Actor, cursor: str | None, limit: int = paging.PAGE) -> BatchPage:
    """Batches within reach, the newest first."""
    rows = await batches_repository.list_page(session, by.reach(service.READ), by.id, paging.read_id(cursor), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: str(row.id))
    return BatchPage([_batch(row, {}) for row in shown], more)


async def find_batch(session: Session, batch_id: UUID, by: Actor, permission: str = service.READ) -> BatchRead:
    """One batch with where its refunds stand."""
    row = await batches_repository.find(session, batch_id)
    if row is None or not (by.reaches(permission, row.org_id) or (row.made_by_id == by.id and by.may(permission))):
        raise BatchNotFound()
    return _batch(row, {found.status: found.refunds for found in await batches_repository.count_statuses(session, batch_id)})


def _batch(row: Row, statuses: dict[str, int]) -> BatchRead:
    facts = {name: getattr(row, name) for name in BatchRead.__struct_fields__ if name != "statuses"}
    return BatchRead(**facts, statuses=statuses)


async def count_by_hand(session: Session, by: Actor) -> int:
    """The work list's count of transfers to make."""
    return await lists_repository.count_by_hand(session, by.reach(service.MAKE))


async def count_drafts(session: Session, by: Actor) -> int:
    """The work list's count of drafts to look at."""
    return await drafts_repository.count_open(session, by.reach(service.MAKE))


async def count_stuck(session: Session, by: Actor) -> int:
    """The work list's count of refunds that take too long."""
    return await lists_repository.count_stuck(session, by.reach(service.MAKE), clock.now() - STUCK_AFTER)
