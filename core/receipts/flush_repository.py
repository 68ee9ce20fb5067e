"""Taking receipts back: every statement."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert, select, text

from core.database import Row, Session
from core.receipts.models import receipt_flush

_HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended('receipts of ' || CAST(:payment_id AS text), 0))")

# A refused ticket (numbered, never to be asked for again) was never issued; it is voided like one without a number.
_STANDING = text("""
    SELECT r.*, (r.status = 'to_issue' OR (r.status = 'issuing' AND r.next_query_at IS NULL)) AS unissued
    FROM core.receipt r
    WHERE r.payment_id = :payment_id AND (CAST(:bill_id AS uuid) IS NULL OR r.bill_id = CAST(:bill_id AS uuid))
      AND r.kind = 'blue' AND r.status IN ('to_issue', 'issuing', 'issued')
      AND NOT EXISTS (SELECT FROM core.receipt d WHERE d.payment_id = r.payment_id AND d.bill_id = r.bill_id AND d.kind = 'red'
                        AND d.ticket = r.ticket AND d.sequence = r.sequence)
    ORDER BY r.bill_id, r.ticket, r.sequence FOR UPDATE OF r
""")

_NEWEST = text("""
    SELECT DISTINCT ON (ticket) * FROM core.receipt
    WHERE payment_id = :payment_id AND bill_id = :bill_id AND kind = 'blue' ORDER BY ticket, sequence DESC
""")

_REDS = text("SELECT id, ticket, status FROM core.receipt WHERE flush_id = :flush_id AND kind = 'red' ORDER BY ticket, sequence")


_ALLOCATED = text("""
    SELECT bill_id, line_no, sum(amount_fen)::bigint AS amount_fen FROM core.allocation
    WHERE payment_id = :payment_id AND kind = 'bill' GROUP BY bill_id, line_no HAVING sum(amount_fen) > 0
""")

_MOVED = text("""
    SELECT DISTINCT a.payment_id FROM core.allocation a JOIN core.payment p ON p.id = a.payment_id
    WHERE a.allocated_at >= :since AND a.allocated_at > p.booked_at
""")


async def hold(session: Session, payment_id: UUID) -> None:
    """Whoever changes the receipts of a payment does so alone."""
    await session.execute(_HOLD, {"payment_id": str(payment_id)})


async def find_flush(session: Session, key: str) -> Row | None:
    """What was done under a key."""
    return await session.one_or_none(select(receipt_flush).where(receipt_flush.c.key == key))


async def add_flush(session: Session, row: dict[str, object]) -> None:
    """Write down what is taken back, or restored."""
    await session.execute(insert(receipt_flush).values(row))


async def list_standing(session: Session, payment_id: UUID, bill_id: UUID | None = None) -> Sequence[Row]:
    """The blue receipts of a payment (on one bill) that count, held; `unissued` ones were never given out."""
    return await session.all(_STANDING, {"payment_id": payment_id, "bill_id": bill_id})


async def list_newest(session: Session, payment_id: UUID, bill_id: UUID) -> Sequence[Row]:
    """The last blue receipt of each ticket, whatever became of it."""
    return await session.all(_NEWEST, {"payment_id": payment_id, "bill_id": bill_id})


async def list_taken_back(session: Session, payment_id: UUID) -> set[UUID]:
    """The bills of a payment from whose receipts a refund or a correction took something, restored or not."""
    asked = (receipt_flush.c.payment_id == payment_id) & ~receipt_flush.c.key.startswith("moved:")
    return {row.bill_id for row in await session.all(select(receipt_flush.c.bill_id).where(asked))}


async def list_reds(session: Session, flush_id: UUID) -> Sequence[Row]:
    """The red receipts that one taking back made."""
    return await session.all(_REDS, {"flush_id": flush_id})


async def list_allocated(session: Session, payment_id: UUID) -> dict[tuple[UUID, int], int]:
    """What a payment has on each line of each bill now."""
    rows = await session.all(_ALLOCATED, {"payment_id": payment_id})
    return {(row.bill_id, row.line_no): row.amount_fen for row in rows}


async def list_moved(session: Session, since: dt.datetime) -> list[UUID]:
    """The payments whose money was moved after it was booked, since then."""
    return [row.payment_id for row in await session.all(_MOVED, {"since": since})]
