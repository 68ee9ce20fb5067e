"""What people look at of HIS: orders that it did not take, the calls made to it, what it said that our books do not."""

import datetime as dt
from uuid import UUID

import msgspec

from core import clock, paging
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from core.identity.worklist import Waiting
from plugins.medical.his import repository
from plugins.medical.his.errors import DisagreementNotFound, PostingNotFound
from plugins.medical.his.states import DISAGREEMENT

READ, REPOST = "medical.his.read", "medical.his.repost"


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """An order that HIS did not take; `next_at` is when something happens by itself, `returning` that it goes back already."""

    number: str
    his_bill_no: str
    title: str
    scene: str
    kind: str
    cash_fen: int
    paid_at: dt.datetime
    post_failed_at: dt.datetime
    post_error: str | None
    next_at: dt.datetime | None
    returning: bool


class FailurePage(msgspec.Struct, frozen=True):
    """Orders that HIS did not take, the oldest first, and what they come to."""

    items: list[Failure]
    next_cursor: str | None
    orders: int
    amount_fen: int


class DisagreementPage(msgspec.Struct, frozen=True):
    """What HIS said that our books do not, the newest first."""

    items: list[Row]
    next_cursor: str | None


async def list_failures(session: Session, typed: str, cursor: str | None, limit: int = paging.PAGE) -> FailurePage:
    """A page of the work list."""
    after = paging.read_cursor(cursor, tuple[dt.datetime, UUID])
    rows = await repository.list_failed(session, typed, after, limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: paging.write_cursor(row.post_failed_at, row.id))
    sums = await repository.sum_failed(session, typed)
    return FailurePage([failure(row) for row in shown], more, sums.orders, sums.amount_fen)


def failure(row: Row) -> Failure:
    """One of them."""
    named = ("number", "his_bill_no", "title", "scene", "kind", "cash_fen", "paid_at", "post_failed_at", "post_error", "returning")
    return Failure(**{name: getattr(row, name) for name in named}, next_at=row.post_at)


async def count_failures(session: Session, by: Actor) -> Waiting:
    """The work list's count, and since when the oldest waits."""
    sums = await repository.sum_failed(session)
    return Waiting(sums.orders, sums.since)


async def count_disagreements(session: Session, by: Actor) -> int:
    """How many answers of HIS nobody has looked at."""
    return await repository.count_disagreements(session)


async def find_posting(session: Session, number: str) -> Row:
    """An order as far as HIS is concerned. Raises PostingNotFound."""
    order_id = await repository.find_order_id(session, number)
    found = await repository.list_postings(session, [order_id]) if order_id else []
    if not found:
        raise PostingNotFound()
    return found[0]


async def list_disagreements(session: Session, status: str, cursor: str | None, limit: int = paging.PAGE) -> DisagreementPage:
    """A page of what HIS said that our books do not."""
    rows = await repository.list_disagreements(session, status, paging.read_id(cursor), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: str(row.id))
    return DisagreementPage(shown, more)


async def settle_disagreement(session: Session, disagreement_id: UUID, note: str, by: Actor) -> None:
    """A person has looked, and says what came of it; our books stay as they are."""
    row = await repository.find_disagreement(session, disagreement_id)
    if row is None:
        raise DisagreementNotFound()
    values = {"status": DISAGREEMENT.check(row.status, "settled"), "settled_by": by.name, "settled_at": clock.now(), "note": note.strip()[:200]}
    await repository.settle_disagreement(session, row.id, **values)
    after = {"kind": row.kind, "ours": row.ours, "theirs": row.theirs}
    await audit.record(session, by, "medical.his_disagreement.settle", "med_order", row.order_id, after=after, reason=note.strip())
