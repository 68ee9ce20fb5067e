"""Taking receipts back: every statement."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, text

from core.database import Row, Session, Write
from core.database.tables import encode_json
from core.receipts.models import receipt_flush

# Bills, then payments, then receipts: the order of refunds. A receipt refers to both, so writing one first would wait for them too late.
_HOLD = text("""
    WITH bill AS MATERIALIZED (
        SELECT b.id FROM core.bill b
        WHERE b.id IN (SELECT a.bill_id FROM core.allocation a WHERE a.payment_id = ANY(CAST(:payment_ids AS uuid[])))
        ORDER BY b.id FOR KEY SHARE),
    payment AS MATERIALIZED (
        SELECT p.id FROM core.payment p WHERE p.id = ANY(CAST(:payment_ids AS uuid[])) AND (SELECT count(*) FROM bill) >= 0
        ORDER BY p.id FOR KEY SHARE)
    SELECT pg_advisory_xact_lock(key)
    FROM (SELECT hashtextextended('receipts of ' || id, 0) AS key FROM unnest(CAST(:payment_ids AS text[])) AS g(id) ORDER BY key) ordered
    WHERE (SELECT count(*) FROM payment) >= 0
""")

# A refused ticket (numbered, never to be asked for again) was never issued; it is voided like one without a number.
_STANDS = """
    SELECT r.*, (r.status = 'to_issue' OR (r.status = 'issuing' AND r.next_query_at IS NULL)) AS unissued
    FROM core.receipt r
    WHERE r.payment_id = :payment_id AND (CAST(:bill_id AS uuid) IS NULL OR r.bill_id = CAST(:bill_id AS uuid))
      AND r.kind = 'blue' AND r.status IN ('to_issue', 'issuing', 'issued')
      AND NOT EXISTS (SELECT FROM core.receipt d WHERE d.payment_id = r.payment_id AND d.bill_id = r.bill_id AND d.kind = 'red'
                        AND d.ticket = r.ticket AND d.sequence = r.sequence)
    ORDER BY r.bill_id, r.ticket, r.sequence FOR UPDATE OF r
"""
_STANDING = text(_STANDS)

_NOTED = """
    INSERT INTO core.receipt_flush (id, key, payment_id, bill_id, amount_fen, lines, reason, made_by)
    VALUES (:flush_id, :flush_key, :flush_payment_id, :flush_bill_id, :flush_amount_fen, CAST(:flush_lines AS jsonb), :flush_reason,
            :flush_made_by)
    RETURNING id
"""
_CHANGED = """
    UPDATE core.receipt r
    SET status = x.status, next_query_at = CASE WHEN x.over THEN NULL ELSE r.next_query_at END,
        last_error = CASE WHEN x.over THEN NULL ELSE r.last_error END
    FROM jsonb_to_recordset(CAST(:receipts_changed AS jsonb)) AS x(id uuid, status text, over boolean) WHERE r.id = x.id
"""
_ADDED = """
    INSERT INTO core.receipt (id, payment_id, bill_id, ticket, kind, sequence, follows_id, flush_id, verify_code, amount_fen, content, status)
    SELECT x.id, x.payment_id, x.bill_id, x.ticket, x.kind, x.sequence, x.follows_id, x.flush_id, x.verify_code, x.amount_fen, x.content,
           'to_issue'
    FROM jsonb_to_recordset(CAST(:receipts_added AS jsonb))
        AS x(id uuid, payment_id uuid, bill_id uuid, ticket text, kind text, sequence int, follows_id uuid, flush_id uuid, verify_code text,
             amount_fen bigint, content jsonb)
    ON CONFLICT (tenant_id, payment_id, bill_id, ticket, kind, sequence) DO NOTHING
"""
_PULSE = """
    INSERT INTO core.tenant_due (tenant_id, kind, due_at)
    VALUES (CAST(:receipts_tenant AS uuid), 'pulse', CAST(:receipts_at AS timestamptz)) ON CONFLICT DO NOTHING
"""

_NEWEST = text("""
    SELECT DISTINCT ON (ticket) * FROM core.receipt
    WHERE payment_id = :payment_id AND bill_id = :bill_id AND kind = 'blue' ORDER BY ticket, sequence DESC
""")

_REDS = text("SELECT id, ticket, status FROM core.receipt WHERE flush_id = :flush_id AND kind = 'red' ORDER BY ticket, sequence")


_LIES = """
    SELECT bill_id, line_no, sum(amount_fen)::bigint AS amount_fen FROM core.allocation
    WHERE payment_id = :payment_id AND kind = 'bill' GROUP BY bill_id, line_no HAVING sum(amount_fen) > 0
"""
_ALLOCATED = text(_LIES)
_LOOK = text(f"""
    WITH standing AS MATERIALIZED ({_STANDS})
    SELECT EXISTS (SELECT FROM core.receipt_flush WHERE key = :key) AS known, (SELECT jsonb_agg(to_jsonb(a)) FROM ({_LIES}) a) AS allocated, s.*
    FROM (SELECT 1) one LEFT JOIN standing s ON true ORDER BY s.bill_id, s.ticket, s.sequence
""")

_MOVED = text("""
    SELECT DISTINCT a.payment_id FROM core.allocation a JOIN core.payment p ON p.id = a.payment_id
    WHERE a.allocated_at >= :since AND a.allocated_at > p.booked_at
""")


async def hold(session: Session, *payment_ids: UUID) -> None:
    """Whoever changes the receipts of a payment does so alone; several are held in one order for everybody."""
    await session.all(_HOLD, {"payment_ids": [str(payment_id) for payment_id in payment_ids]})


async def find_flush(session: Session, key: str) -> Row | None:
    """What was done under a key."""
    return await session.one_or_none(select(receipt_flush).where(receipt_flush.c.key == key))


async def look(session: Session, payment_id: UUID, key: str) -> tuple[bool, dict[tuple[UUID, int], int], Sequence[Row]]:
    """Everything a taking back begins with: whether its key was used, what the payment has on each line now, its standing receipts, held."""
    rows = await session.all(_LOOK, {"payment_id": payment_id, "bill_id": None, "key": key})
    on_lines = {(UUID(each["bill_id"]), each["line_no"]): each["amount_fen"] for each in rows[0].allocated or ()}
    return rows[0].known, on_lines, [row for row in rows if row.id is not None]


def papers(flush: dict[str, object], receipts: list[dict[str, object]], changed: list[dict[str, object]], tenant_id: UUID, now: dt.datetime) -> Write:
    """What is taken back (or restored) noted, receipts that end, receipts that begin, and a worker to number them."""
    values = {f"flush_{name}": encode_json(value) if name == "lines" else value for name, value in flush.items()}
    values |= {
        "receipts_added": encode_json(receipts), "receipts_changed": encode_json(changed), "receipts_tenant": tenant_id, "receipts_at": now,
    }  # fmt: skip
    parts = (("flush_noted", _NOTED), ("changed_receipts", _CHANGED), ("added_receipts", _ADDED), ("receipts_pulse", _PULSE))
    return Write(parts, values, "flush_noted")


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
