"""What people said of their way: owners, days and notes of steps, and when the client went live. Rows of the client."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from core.database import Row, Session
from core.golive.models import step, way


async def find_way(session: Session) -> Row | None:
    """What is known of the whole way, if anything was said."""
    return await session.one_or_none(select(way))


async def set_way(session: Session, client_id: UUID, values: dict[str, object]) -> None:
    """Say something of the whole way."""
    put = upsert(way).values({"id": client_id, **values})
    await session.execute(put.on_conflict_do_update(index_elements=["tenant_id", "id"], set_=values))


async def set_live(session: Session, client_id: UUID, at: dt.datetime, by: str) -> bool:
    """The client collects from now on; False when it did before."""
    put = upsert(way).values({"id": client_id, "live_at": at, "live_by": by})
    put = put.on_conflict_do_update(index_elements=["tenant_id", "id"], set_={"live_at": at, "live_by": by}, where=way.c.live_at.is_(None))
    return (await session.execute(put)).rowcount == 1


async def list_steps(session: Session) -> Sequence[Row]:
    """Steps that somebody took on, or of which something was noted."""
    return await session.all(select(step))


async def set_step(session: Session, code: str, values: dict[str, object]) -> None:
    """Who takes a step on, until when, with which note."""
    put = upsert(step).values({"code": code, **values})
    await session.execute(put.on_conflict_do_update(index_elements=["tenant_id", "code"], set_=values))
