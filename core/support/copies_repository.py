"""The bank's copies of rows that a client's tenant owns: what has changed, putting it, and remembering which version the bank knows."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Table, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from core.database import Row, Session
from core.support.models import consent, ticket

COPIED = (consent, ticket)
_DUE = text("INSERT INTO core.tenant_due (tenant_id, kind, due_at) VALUES (:tenant_id, 'pulse', :now) ON CONFLICT DO NOTHING")


async def wake(session: Session, now: dt.datetime) -> None:
    """Have a worker look at this tenant soon, should the copy not be made at once."""
    session.has_work = True
    await session.execute(_DUE, {"tenant_id": session.tenant_id, "now": now})


async def list_uncopied(session: Session, table: Table, limit: int) -> Sequence[Row]:
    """What the bank has not heard of."""
    return await session.all(select(table).where(table.c.copied < table.c.version).order_by(table.c.id).limit(limit))


async def mark_copied(session: Session, table: Table, rows: Sequence[Row]) -> None:
    """The bank knows these versions."""
    for row in rows:
        await session.execute(update(table).where(table.c.id == row.id, table.c.copied < row.version).values(copied=row.version))


async def put_copies(session: Session, table: Table, rows: Sequence[Row]) -> None:
    """The bank's copies become what the client's rows said; an older version never takes a newer one's place."""
    for row in rows:
        values = {name: value for name, value in row._mapping.items() if name != "tenant_id"} | {"copied": row.version}
        put = upsert(table).values(values)
        newer = table.c.version < row.version
        await session.execute(put.on_conflict_do_update(index_elements=["tenant_id", "id"], set_=values, where=newer))
