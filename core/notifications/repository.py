"""Messages: every statement."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session

_ADD = text("""
    WITH pulse AS (
        INSERT INTO core.tenant_due (tenant_id, kind, due_at) VALUES (:tenant_id, 'pulse', :now) ON CONFLICT DO NOTHING)
    INSERT INTO core.message (id, key, template, means, party_id, to_sealed, to_masked, body_sealed, facts, status, due_at)
    SELECT id, key, template, means, party_id, to_sealed, to_masked, body_sealed, facts, 'waiting', due_at
    FROM unnest(CAST(:id AS uuid[]), CAST(:key AS text[]), CAST(:template AS text[]), CAST(:means AS text[]), CAST(:party_id AS uuid[]),
                CAST(:to_sealed AS bytea[]), CAST(:to_masked AS text[]), CAST(:body_sealed AS bytea[]), CAST(:facts AS jsonb[]),
                CAST(:due_at AS timestamptz[]))
         AS m(id, key, template, means, party_id, to_sealed, to_masked, body_sealed, facts, due_at)
    ON CONFLICT (tenant_id, key) DO NOTHING RETURNING key
""")

_CLAIM = text("""
    UPDATE core.message SET attempts = attempts + 1, due_at = :lease
    WHERE id IN (SELECT id FROM core.message WHERE status = 'waiting' AND due_at <= :now
                 ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED)
    RETURNING id, template, means, to_sealed, body_sealed, facts, attempts, created_at, due_at
""")

_SENT = text("""
    UPDATE core.message SET status = 'sent', sent_at = :now, last_error = NULL,
           body_sealed = CASE WHEN :wipe THEN NULL ELSE body_sealed END
    WHERE id = :id
""")

_RETRY = text("UPDATE core.message SET due_at = :due_at, last_error = :error WHERE id = :id AND status = 'waiting'")

_FAILED = text("""
    UPDATE core.message SET status = 'failed', last_error = :error, body_sealed = CASE WHEN :wipe THEN NULL ELSE body_sealed END
    WHERE id = :id AND status = 'waiting'
""")

_NEXT = text("SELECT min(due_at) FROM core.message WHERE status = 'waiting'")


async def add_messages(session: Session, columns: dict[str, list[object]], now: dt.datetime) -> set[str]:
    """Write messages whose keys are new; answers these keys."""
    return {row.key for row in await session.all(_ADD, {**columns, "tenant_id": session.tenant_id, "now": now})}


async def claim(session: Session, now: dt.datetime, lease: dt.datetime, limit: int) -> Sequence[Row]:
    """Take due messages for a while; whoever dies with them loses them at the end of the lease."""
    return await session.all(_CLAIM, {"now": now, "lease": lease, "limit": limit})


async def mark_sent(session: Session, message_id: UUID, now: dt.datetime, wipe: bool) -> None:
    """Handed over to the gateway."""
    await session.execute(_SENT, {"id": message_id, "now": now, "wipe": wipe})


async def mark_retry(session: Session, message_id: UUID, due_at: dt.datetime, error: str | None) -> None:
    """Try again later."""
    await session.execute(_RETRY, {"id": message_id, "due_at": due_at, "error": error})


async def mark_failed(session: Session, message_id: UUID, error: str, wipe: bool) -> None:
    """Given up."""
    await session.execute(_FAILED, {"id": message_id, "error": error, "wipe": wipe})


async def next_due(session: Session) -> dt.datetime | None:
    """When the first waiting message is due."""
    return await session.scalar(_NEXT)
