"""Batches of refunds: every statement."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, insert, select, text, update

from core.database import Row, Session
from core.refunds.models import batch, refund

_LONGS = text("""
    SELECT s.id, s.left_fen FROM core.suspense_item s
    WHERE s.status = 'open' AND s.payment_id IS NOT NULL AND s.left_fen > 0 AND (:reason = '' OR s.reason = :reason)
      AND NOT EXISTS (SELECT FROM core.refund r WHERE r.suspense_id = s.id AND NOT (r.status = ANY(:ended)))
    ORDER BY s.created_at, s.id LIMIT :limit
""")

_BILLS = text("SELECT id, number, org_id FROM core.bill WHERE number = ANY(CAST(:numbers AS text[]))")

_REOPEN = text("""
    UPDATE core.refund SET status = 'requested', error = NULL, finished_at = NULL, version = version + 1
    WHERE batch_id = :batch_id AND status = ANY(:undone)
""")


async def add(session: Session, row: dict[str, object]) -> None:
    """Write a batch."""
    await session.execute(insert(batch), row)


async def find(session: Session, batch_id: UUID) -> Row | None:
    """One batch."""
    return await session.one_or_none(select(batch).where(batch.c.id == batch_id))


async def lock(session: Session, batch_id: UUID) -> Row | None:
    """One batch, held until the transaction ends; it is always held after its refunds."""
    return await session.one_or_none(select(batch).where(batch.c.id == batch_id).with_for_update())


async def change(session: Session, batch_id: UUID, **values: object) -> None:
    """Write new facts of a batch."""
    await session.execute(update(batch).where(batch.c.id == batch_id).values(**values))


async def list_refunds(session: Session, batch_id: UUID) -> Sequence[Row]:
    """The refunds of a batch in their order."""
    return await session.all(select(refund).where(refund.c.batch_id == batch_id).order_by(refund.c.position))


async def list_waiting(session: Session, batch_id: UUID) -> list[UUID]:
    """The refunds of a batch whose money is not held yet."""
    which = (refund.c.batch_id == batch_id) & (refund.c.status == "requested")
    return [row.id for row in await session.all(select(refund.c.id).where(which).order_by(refund.c.position))]


async def count_statuses(session: Session, batch_id: UUID) -> Sequence[Row]:
    """How many refunds of a batch stand where, and what they come to."""
    columns = (refund.c.status, func.count().label("refunds"), func.sum(refund.c.amount_fen).label("amount_fen"))
    return await session.all(select(*columns).where(refund.c.batch_id == batch_id).group_by(refund.c.status))


async def end_all(session: Session, batch_id: UUID, status: str) -> None:
    """The batch was refused: its refunds end with it."""
    await session.execute(update(refund).where(refund.c.batch_id == batch_id, refund.c.status == "requested").values(status=status, finished_at=func.now()))


async def reopen(session: Session, batch_id: UUID, undone: Sequence[str]) -> int:
    """Whatever did not succeed is wanted again."""
    return (await session.execute(_REOPEN, {"batch_id": batch_id, "undone": list(undone)})).rowcount


async def list_longs(session: Session, reason: str, ended: Sequence[str], limit: int) -> Sequence[Row]:
    """Open suspense items with money that no refund is under way for, the oldest first."""
    return await session.all(_LONGS, {"reason": reason, "ended": list(ended), "limit": limit})


async def list_bills(session: Session, numbers: Sequence[str]) -> Sequence[Row]:
    """The bills of some numbers."""
    return await session.all(_BILLS, {"numbers": list(numbers)})


async def list_page(session: Session, reach: list[UUID] | None, maker_id: str, before: UUID | None, limit: int) -> Sequence[Row]:
    """Batches, the newest first, as far as the asker reaches, and those they made."""
    query = select(batch).order_by(batch.c.id.desc()).limit(limit)
    if reach is not None:
        query = query.where(batch.c.org_id.in_(reach) | (batch.c.made_by_id == maker_id))
    return await session.all(query.where(batch.c.id < before) if before else query)
