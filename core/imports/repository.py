"""Imports: every query."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert, select, update

from core.database import Row, Session
from core.imports.models import import_batch


async def add(session: Session, row: dict[str, object]) -> None:
    """A file came in."""
    await session.execute(insert(import_batch), row)


async def find(session: Session, batch_id: UUID, *, lock: bool = False) -> Row | None:
    """One import; `lock` holds it until the transaction ends."""
    query = select(import_batch).where(import_batch.c.id == batch_id)
    return await session.one_or_none(query.with_for_update() if lock else query)


async def change(session: Session, batch_id: UUID, values: dict[str, object]) -> None:
    """What became of it."""
    await session.execute(update(import_batch).where(import_batch.c.id == batch_id).values(values))


async def list_recent(session: Session, kinds: list[str], limit: int, before: UUID | None) -> Sequence[Row]:
    """Imports of some kinds, newest first (ids are time-ordered)."""
    query = select(import_batch).where(import_batch.c.kind.in_(kinds)).order_by(import_batch.c.id.desc()).limit(limit)
    return await session.all(query.where(import_batch.c.id < before) if before else query)
