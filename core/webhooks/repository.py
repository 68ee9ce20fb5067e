"""Addresses, messages and tries: every statement."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from core.database import Row, Session
from core.webhooks.models import attempt, delivery, endpoint

_CLAIM = text("""
    UPDATE core.webhook_delivery d SET next_at = :lease FROM (
        SELECT turn.id FROM core.webhook_endpoint e, LATERAL (
            SELECT w.id FROM core.webhook_delivery w WHERE w.endpoint_id = e.id AND w.next_at <= :now
            ORDER BY w.next_at LIMIT :limit FOR UPDATE SKIP LOCKED) turn
        WHERE e.status = 'active') due
    WHERE d.id = due.id RETURNING d.id
""")
_ONE = text("""
    SELECT d.*, e.url, e.title, e.secret_sealed FROM core.webhook_delivery d JOIN core.webhook_endpoint e ON e.id = d.endpoint_id WHERE d.id = :id
""")
_NEXT = text("""
    SELECT min(d.next_at) FROM core.webhook_delivery d JOIN core.webhook_endpoint e ON e.id = d.endpoint_id AND e.status = 'active'
    WHERE d.next_at IS NOT NULL
""")
_PAGE = text("""
    SELECT d.*, e.title, e.url FROM core.webhook_delivery d JOIN core.webhook_endpoint e ON e.id = d.endpoint_id
    WHERE (:status = '' OR d.status = :status) AND (:event = '' OR d.event = :event) AND (:typed = '' OR d.key = :typed OR d.id::text = :typed)
      AND (CAST(:before AS uuid) IS NULL OR d.id < CAST(:before AS uuid))
    ORDER BY d.id DESC LIMIT :limit
""")
_OF = text("""
    SELECT d.about_id, d.id, d.status, d.tries, d.next_at, d.answer, d.delivered_at, e.title FROM core.webhook_delivery d
    JOIN core.webhook_endpoint e ON e.id = d.endpoint_id WHERE d.about_id = ANY(CAST(:ids AS uuid[])) ORDER BY d.id
""")


async def add_endpoint(session: Session, row: Mapping[str, object]) -> None:
    """A new address."""
    await session.execute(insert(endpoint), dict(row))


async def list_endpoints(session: Session) -> Sequence[Row]:
    """Every address, the oldest first."""
    return await session.all(select(endpoint).order_by(endpoint.c.created_at, endpoint.c.id))


async def find_endpoint(session: Session, endpoint_id: UUID) -> Row | None:
    """One address."""
    return await session.one_or_none(select(endpoint).where(endpoint.c.id == endpoint_id))


async def change_endpoint(session: Session, endpoint_id: UUID, values: Mapping[str, object]) -> None:
    """New facts of an address."""
    await session.execute(update(endpoint).where(endpoint.c.id == endpoint_id).values(**values))


async def add(session: Session, rows: Sequence[Mapping[str, object]]) -> int:
    """Messages; one whose key an address has already is not added again. Answers how many are new."""
    return (await session.execute(upsert(delivery).values(list(rows)).on_conflict_do_nothing())).rowcount


async def claim(session: Session, now: dt.datetime, lease: dt.datetime, limit: int) -> list[UUID]:
    """Take messages whose turn it is, at most `limit` of each address; whoever dies with them loses them at the end of the lease."""
    return [row.id for row in await session.all(_CLAIM, {"now": now, "lease": lease, "limit": limit})]


async def find(session: Session, delivery_id: UUID) -> Row | None:
    """One message with its address."""
    return await session.one_or_none(_ONE, {"id": delivery_id})


async def change(session: Session, delivery_id: UUID, values: Mapping[str, object]) -> None:
    """What became of a message."""
    await session.execute(update(delivery).where(delivery.c.id == delivery_id).values(**values))


async def add_attempt(session: Session, row: Mapping[str, object]) -> None:
    """One try, for good."""
    await session.execute(insert(attempt), dict(row))


async def list_attempts(session: Session, delivery_id: UUID) -> Sequence[Row]:
    """Every try of a message, the last first."""
    return await session.all(select(attempt).where(attempt.c.delivery_id == delivery_id).order_by(attempt.c.id.desc()).limit(50))


async def next_due(session: Session) -> dt.datetime | None:
    """When the next message has its turn."""
    return await session.scalar(_NEXT)


async def list_page(session: Session, asked: Mapping[str, str], before: UUID | None, limit: int) -> Sequence[Row]:
    """Messages, the newest first."""
    return await session.all(_PAGE, {**asked, "before": before, "limit": limit})


async def list_about(session: Session, ids: Sequence[UUID]) -> Sequence[Row]:
    """Messages about some things, the oldest first."""
    return await session.all(_OF, {"ids": list(ids)}) if ids else ()


async def count_failed(session: Session) -> int:
    """How many messages nobody took."""
    return int(await session.scalar(text("SELECT count(*) FROM core.webhook_delivery WHERE status = 'failed'")) or 0)
