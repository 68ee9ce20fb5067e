"""Remedies and batches as programs and pages read them."""

import datetime as dt
from uuid import UUID

import msgspec

from core import paging
from core.database import Row, Session
from core.identity.actor import Actor
from core.reconciliation.differences import service as differences
from core.reconciliation.remedies import bulk, repository
from core.reconciliation.remedies.refusals import RemedyNotFound


class RemedyRead(msgspec.Struct, frozen=True, kw_only=True):
    """One remedy: who asked, who agreed, what it posted, and how it stands."""

    id: UUID
    difference_id: UUID
    batch_id: UUID | None
    kind: str
    amount_fen: int
    target: dict[str, object]
    reason: str
    status: str
    made_by: str
    checked_by: str | None
    journal_id: UUID | None
    reversal_id: UUID | None
    refund_id: UUID | None
    error: str | None
    tries: int
    finished_at: dt.datetime | None
    created_at: dt.datetime


class RemedyPage(msgspec.Struct, frozen=True):
    """Remedies, the newest first."""

    items: list[RemedyRead]
    next_cursor: str | None


class RemedyBatchRead(msgspec.Struct, frozen=True, kw_only=True):
    """A batch: count and sum as they were frozen, and how many remedies stand where."""

    id: UUID
    code: str
    kind: str
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


class RemedyBatchPage(msgspec.Struct, frozen=True):
    """Batches, the newest first."""

    items: list[RemedyBatchRead]
    next_cursor: str | None


async def list_remedies(session: Session, by: Actor, status: str, kind: str, cursor: str | None, limit: int = paging.PAGE) -> RemedyPage:
    """What was asked for and what came of it."""
    differences.check_reach(by)
    rows = await repository.list_page(session, status, kind, paging.read_id(cursor), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: str(row.id))
    return RemedyPage([read(row) for row in shown], more)


async def find_remedy(session: Session, remedy_id: UUID, by: Actor) -> RemedyRead:
    """One remedy; RemedyNotFound outside this client."""
    differences.check_reach(by)
    row = await repository.find(session, remedy_id)
    if row is None:
        raise RemedyNotFound()
    return read(row)


async def list_batches(session: Session, by: Actor, cursor: str | None, limit: int = paging.PAGE) -> RemedyBatchPage:
    """Every batch."""
    differences.check_reach(by)
    rows = await repository.list_batches(session, paging.read_id(cursor), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: str(row.id))
    return RemedyBatchPage([_batch(row, {}) for row in shown], more)


async def find_batch(session: Session, batch_id: UUID, by: Actor) -> RemedyBatchRead:
    """One batch with where its remedies stand."""
    batch = await bulk.find(session, batch_id, by)
    return _batch(batch, {row.status: row.remedies for row in await repository.count_batch(session, batch_id)})


def read(row: Row) -> RemedyRead:
    """A remedy from its row."""
    return RemedyRead(**{name: getattr(row, name) for name in RemedyRead.__struct_fields__})


def _batch(row: Row, statuses: dict[str, int]) -> RemedyBatchRead:
    facts = {name: getattr(row, name) for name in RemedyBatchRead.__struct_fields__ if name != "statuses"}
    return RemedyBatchRead(**facts, statuses=statuses)
