"""Issuers of a client and the tickets that wait at them: every statement."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert

from core.database import Row, Session
from core.receipts.models import receipt, receipt_issuer

_SETTLED_BEFORE = """(r.follows_id IS NULL OR EXISTS (
    SELECT FROM core.receipt f WHERE f.id = r.follows_id AND f.status IN ('issued', 'red_flushed', 'voided')))"""
"""A red ticket waits until its blue one is issued, a new blue one until the red one is."""

_CLAIM = text(f"""
    UPDATE core.receipt c SET next_query_at = :lease, queries = queries + 1
    WHERE c.id IN (SELECT r.id FROM core.receipt r WHERE r.next_query_at <= :now AND {_SETTLED_BEFORE}
                   ORDER BY r.next_query_at LIMIT :limit FOR UPDATE OF r SKIP LOCKED)
    RETURNING c.*
""")
_NEXT = text(f"SELECT min(r.next_query_at) FROM core.receipt r WHERE r.next_query_at IS NOT NULL AND {_SETTLED_BEFORE}")

_ITEMS = text("""
    SELECT line_no, item_code, trim_scale(quantity)::text AS quantity, unit_price_fen FROM core.bill_line WHERE bill_id = :bill_id
""")
_RED_OF = text("SELECT * FROM core.receipt WHERE follows_id = :id AND kind = 'red' FOR UPDATE")
_FEE_ITEMS = text("SELECT code, name, ticket_type, min(position) AS place FROM core.fee_item GROUP BY code, name, ticket_type ORDER BY place, code")
_RETRY = text("""
    WITH pulse AS (INSERT INTO core.tenant_due (tenant_id, kind, due_at) VALUES (:tenant_id, 'pulse', :now) ON CONFLICT DO NOTHING)
    UPDATE core.receipt SET next_query_at = :now, queries = 0, last_error = NULL
    WHERE id = :id AND status = 'issuing' AND next_query_at IS NULL
""")


async def claim(session: Session, now: dt.datetime, lease: dt.datetime, limit: int) -> Sequence[Row]:
    """Take the tickets whose turn it is; a worker that dies loses them at the end of the lease."""
    return await session.all(_CLAIM, {"now": now, "lease": lease, "limit": limit})


async def next_due(session: Session) -> dt.datetime | None:
    """When the next ticket wants to be asked for."""
    return await session.scalar(_NEXT)


async def lock(session: Session, receipt_id: UUID) -> Row:
    """A ticket held while its state is written."""
    return await session.one(select(receipt).where(receipt.c.id == receipt_id).with_for_update())


async def lock_red_of(session: Session, receipt_id: UUID) -> Row | None:
    """The red ticket that takes this one back, held."""
    return await session.one_or_none(_RED_OF, {"id": receipt_id})


async def list_items(session: Session, bill_id: UUID) -> dict[int, Row]:
    """Fee item, quantity and unit price of each line of a bill."""
    return {row.line_no: row for row in await session.all(_ITEMS, {"bill_id": bill_id})}


async def set_next(session: Session, receipt_id: UUID, at: dt.datetime | None, error: str | None) -> None:
    """Ask again then; never, when it was refused."""
    which = (receipt.c.id == receipt_id) & (receipt.c.status == "issuing")
    await session.execute(update(receipt).where(which).values(next_query_at=at, last_error=error))


async def retry(session: Session, receipt_id: UUID, now: dt.datetime) -> bool:
    """Submit a refused ticket again; False when it was not refused."""
    return (await session.execute(_RETRY, {"id": receipt_id, "now": now, "tenant_id": session.tenant_id})).rowcount == 1


async def list_issuers(session: Session) -> Sequence[Row]:
    """Where the client has tickets issued."""
    return await session.all(select(receipt_issuer).order_by(receipt_issuer.c.ticket.desc()))


async def find_issuer(session: Session, ticket: str) -> Row | None:
    """One of them."""
    return await session.one_or_none(select(receipt_issuer).where(receipt_issuer.c.ticket == ticket))


async def save_issuer(session: Session, row: dict[str, object]) -> None:
    """Write one down, or change it; the id and the kind of ticket stay."""
    changed = {name: value for name, value in row.items() if name not in ("id", "ticket")}
    statement = insert(receipt_issuer).values(row)
    again = {**changed, "version": receipt_issuer.c.version + 1}
    await session.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "ticket"], set_=again))


async def list_fee_items(session: Session) -> Sequence[Row]:
    """The client's fee items, for choosing which are on which ticket."""
    return await session.all(_FEE_ITEMS)
