"""Imports: every query."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Integer, cast, func, insert, select, update

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


async def oldest_open(session: Session, made_by: str) -> Row | None:
    """Somebody's oldest import that was checked and not applied, or failed: how many there are (`n`), since when."""
    query = select(func.count().over().label("n"), import_batch.c.created_at.label("since"))
    query = query.where(import_batch.c.made_by == made_by, import_batch.c.status.in_(("checked", "failed")))
    return await session.one_or_none(query.order_by(import_batch.c.id).limit(1))


async def oldest_to_mend(session: Session, made_by: str, since: dt.datetime) -> Row | None:
    """Somebody's oldest import with rejected rows after which no other of its kind came: those rows still have to be mended."""
    later = import_batch.alias()
    came = select(later.c.id).where(later.c.kind == import_batch.c.kind, later.c.id > import_batch.c.id, later.c.status == "applied").exists()
    query = select(func.count().over().label("n"), import_batch.c.created_at.label("since"))
    query = query.where(
        import_batch.c.made_by == made_by, import_batch.c.status == "applied", import_batch.c.created_at > since,
        cast(import_batch.c.totals["rejected"].astext, Integer) > 0, ~came,
    )  # fmt: skip
    return await session.one_or_none(query.order_by(import_batch.c.id).limit(1))


async def list_recent(session: Session, kinds: list[str], limit: int, before: UUID | None) -> Sequence[Row]:
    """Imports of some kinds, newest first (ids are time-ordered)."""
    query = select(import_batch).where(import_batch.c.kind.in_(kinds)).order_by(import_batch.c.id.desc()).limit(limit)
    return await session.all(query.where(import_batch.c.id < before) if before else query)
