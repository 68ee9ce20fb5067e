"""`core.tenant_due`: which tenants have work, and since when they have had none. A reference table; workers never scan clients."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Database, Row, Session

_CLAIM = text("""
    UPDATE core.tenant_due d SET due_at = :lease FROM (
        SELECT tenant_id, kind FROM core.tenant_due WHERE due_at <= :now ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED) found
    WHERE d.tenant_id = found.tenant_id AND d.kind = found.kind
    RETURNING d.tenant_id, d.kind, d.idle_since
""")

_ADD = text("INSERT INTO core.tenant_due (tenant_id, kind, due_at) VALUES (:tenant_id, :kind, :due_at) ON CONFLICT DO NOTHING")

_SET = text("""
    INSERT INTO core.tenant_due (tenant_id, kind, due_at, idle_since) VALUES (:tenant_id, :kind, :due_at, :idle_since)
    ON CONFLICT (tenant_id, kind) DO UPDATE SET due_at = excluded.due_at, idle_since = excluded.idle_since
""")

_REMOVE = text("DELETE FROM core.tenant_due WHERE tenant_id = :tenant_id AND kind = :kind")


async def claim(database: Database, now: dt.datetime, lease: dt.datetime, limit: int) -> Sequence[Row]:
    """Take tenants that are due; whoever dies with them loses them at the end of the lease."""
    async with database.reference() as session:
        return await session.all(_CLAIM, {"now": now, "lease": lease, "limit": limit})


async def add(database: Database, tenant_id: UUID, kind: str, due_at: dt.datetime) -> None:
    """Make a tenant due, unless it is already."""
    async with database.reference() as session:
        await session.execute(_ADD, {"tenant_id": tenant_id, "kind": kind, "due_at": due_at})


async def call(session: Session, at: dt.datetime) -> None:
    """Make this transaction's tenant due with it, unless it is already."""
    await session.execute(_ADD, {"tenant_id": session.tenant_id, "kind": "pulse", "due_at": at})


async def set_due(database: Database, tenant_id: UUID, kind: str, due_at: dt.datetime, idle_since: dt.datetime | None = None) -> None:
    """Say when a tenant is next due, and since when it has been idle."""
    async with database.reference() as session:
        row = {"tenant_id": tenant_id, "kind": kind, "due_at": due_at, "idle_since": idle_since}
        await session.execute(_SET, row)


async def retire(database: Database, tenant_id: UUID, last_look: dt.datetime) -> None:
    """Forget an idle tenant's pulse, but look once more: an event whose transaction was still open found the row there and added none."""
    async with database.reference() as session:
        await session.execute(_SET, {"tenant_id": tenant_id, "kind": "recheck", "due_at": last_look, "idle_since": None})
        await session.execute(_REMOVE, {"tenant_id": tenant_id, "kind": "pulse"})


async def remove(database: Database, tenant_id: UUID, kind: str) -> None:
    """Forget one kind of due work."""
    async with database.reference() as session:
        await session.execute(_REMOVE, {"tenant_id": tenant_id, "kind": kind})
