"""Every statement of the outbox."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session, Write

_PULSE = """
    INSERT INTO core.tenant_due (tenant_id, kind, due_at) VALUES (:event_tenant, 'pulse', :event_at) ON CONFLICT DO NOTHING
"""
_ADDED = """
    INSERT INTO core.outbox_event (id, kind, payload, created_at, due_at)
    VALUES (:event_id, :event_kind, CAST(:event_payload AS jsonb), :event_at, :event_at) RETURNING id
"""

_CLAIM = text("""
    UPDATE core.outbox_event SET attempts = attempts + 1, due_at = :lease
    WHERE id IN (SELECT id FROM core.outbox_event WHERE delivered_at IS NULL AND due_at <= :now
                 ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED)
    RETURNING id, kind, payload, attempts, only_plugin
""")

_HOLD = text("""
    INSERT INTO core.outbox_event (id, kind, payload, created_at, due_at, only_plugin)
    SELECT :copy_id, kind, payload, created_at, :due_at, :plugin FROM core.outbox_event WHERE id = :id
    ON CONFLICT DO NOTHING
""")

_RELEASE = text("""
    WITH pulse AS (INSERT INTO core.tenant_due (tenant_id, kind, due_at) VALUES (:tenant_id, 'pulse', :now) ON CONFLICT DO NOTHING)
    UPDATE core.outbox_event SET due_at = :now WHERE only_plugin = :plugin AND delivered_at IS NULL
""")

_DONE = text("UPDATE core.outbox_event SET delivered_at = :now, last_error = NULL WHERE id = :id")
_FAILED = text("UPDATE core.outbox_event SET due_at = :due_at, last_error = :error WHERE id = :id AND delivered_at IS NULL")
_WAITING = text("SELECT count(*), min(due_at) FROM core.outbox_event WHERE delivered_at IS NULL")
_CLEAN = text("DELETE FROM core.outbox_event WHERE delivered_at < :before")


def adding(values: dict[str, object]) -> Write:
    """An event, and the tenant's pulse that makes sure somebody comes for it."""
    return Write((("pulse", _PULSE), ("event_added", _ADDED)), values, "event_added")


async def claim(session: Session, now: dt.datetime, lease: dt.datetime, limit: int) -> Sequence[Row]:
    """Take due events for a while; whoever dies with them loses them at the end of the lease."""
    return await session.all(_CLAIM, {"now": now, "lease": lease, "limit": limit})


async def hold(session: Session, event_id: UUID, copy_id: UUID, plugin: str, due_at: dt.datetime) -> None:
    """Keep a copy of an event for one plugin that is off."""
    await session.execute(_HOLD, {"id": event_id, "copy_id": copy_id, "plugin": plugin, "due_at": due_at})


async def release(session: Session, plugin: str, now: dt.datetime) -> int:
    """What was kept for a plugin is due now; answers how many events."""
    return (await session.execute(_RELEASE, {"plugin": plugin, "now": now, "tenant_id": session.tenant_id})).rowcount


async def mark_delivered(session: Session, event_id: UUID, now: dt.datetime) -> None:
    """Done for good."""
    await session.execute(_DONE, {"id": event_id, "now": now})


async def mark_failed(session: Session, event_id: UUID, due_at: dt.datetime, error: str) -> None:
    """Try again later."""
    await session.execute(_FAILED, {"id": event_id, "due_at": due_at, "error": error})


async def waiting(session: Session) -> Row:
    """How many events wait, and since when the first is due."""
    return await session.one(_WAITING)


async def clean(session: Session, before: dt.datetime) -> None:
    """Forget what was delivered long ago."""
    await session.execute(_CLEAN, {"before": before})
