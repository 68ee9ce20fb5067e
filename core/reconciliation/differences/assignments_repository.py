"""Who looks after which differences: every statement."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, func, insert, select, text, update

from core.database import Row, Session
from core.reconciliation.models import assignment

_TO_ASSIGN = text("""
    SELECT id, class AS klass, channel, severity, amount_fen, created_at, due_at FROM core.recon_difference
    WHERE bill_on = :bill_on AND owner_id IS NULL AND status IN ('open', 'expected', 'confirmed', 'rejected')
      AND (CAST(:after AS uuid) IS NULL OR id > CAST(:after AS uuid)) ORDER BY id LIMIT :limit FOR UPDATE
""")
_WRITE = text("""
    UPDATE core.recon_difference d SET owner_id = x.owner_id, owner_name = x.owner_name, due_at = x.due_at, version = version + 1
    FROM unnest(CAST(:ids AS uuid[]), CAST(:owners AS text[]), CAST(:names AS text[]), CAST(:dues AS timestamptz[])) AS x(id, owner_id, owner_name, due_at)
    WHERE d.id = x.id
""")


async def list_rules(session: Session) -> Sequence[Row]:
    """The rules in their order."""
    return await session.all(select(assignment).order_by(assignment.c.position, assignment.c.id))


async def add(session: Session, row: dict[str, object]) -> None:
    """Write a rule at the end."""
    last = await session.scalar(select(func.coalesce(func.max(assignment.c.position), 0)))
    await session.execute(insert(assignment), row | {"position": int(last) + 10})


async def change(session: Session, rule_id: UUID, **values: object) -> bool:
    """Change a rule; False when it is not there."""
    return (await session.execute(update(assignment).where(assignment.c.id == rule_id).values(**values))).rowcount == 1


async def remove(session: Session, rule_id: UUID) -> bool:
    """Drop a rule; False when it is not there."""
    return (await session.execute(delete(assignment).where(assignment.c.id == rule_id))).rowcount == 1


async def list_to_assign(session: Session, bill_on: dt.date, after: UUID | None, limit: int) -> Sequence[Row]:
    """Differences of a day that nobody looks after yet, held."""
    return await session.all(_TO_ASSIGN, {"bill_on": bill_on, "after": after, "limit": limit})


async def write(session: Session, rows: Sequence[tuple[UUID, str | None, str, dt.datetime | None]]) -> None:
    """Owner and day for many at once; a day that stands already stays."""
    ids, owners, names, dues = (list(column) for column in zip(*rows, strict=True))
    await session.execute(_WRITE, {"ids": ids, "owners": owners, "names": names, "dues": dues})
