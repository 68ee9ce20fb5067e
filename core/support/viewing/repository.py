"""Which log-in looks at which client: rows of the bank."""

import datetime as dt
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from core.database import Row, Session
from core.support.models import view


async def find_open(session: Session, session_id: UUID) -> Row | None:
    """The view that a log-in has open."""
    return await session.one_or_none(select(view).where(view.c.session_id == session_id, view.c.ended_at.is_(None)))


async def end_open(session: Session, session_id: UUID, now: dt.datetime) -> Row | None:
    """End the view of a log-in; answers it."""
    ended = update(view).where(view.c.session_id == session_id, view.c.ended_at.is_(None)).values(ended_at=now)
    return await session.one_or_none(ended.returning(view.c.id, view.c.client_id, view.c.consent_id))


async def begin(session: Session, row: dict[str, object]) -> None:
    """Open a view; a second one for the same log-in at the same moment takes no place."""
    await session.execute(upsert(view).values(row).on_conflict_do_nothing())
