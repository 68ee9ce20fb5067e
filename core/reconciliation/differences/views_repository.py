"""Saved views: every statement."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, insert, select

from core.database import Row, Session
from core.lists.models import saved_view


async def list_views(session: Session, page: str, owner_id: str) -> Sequence[Row]:
    """One's own and the shared ones, by title."""
    mine = (saved_view.c.page == page) & ((saved_view.c.owner_id == owner_id) | saved_view.c.shared)
    return await session.all(select(saved_view).where(mine).order_by(saved_view.c.title, saved_view.c.id).limit(100))


async def add(session: Session, row: dict[str, object]) -> None:
    """Keep a view."""
    await session.execute(insert(saved_view), row)


async def remove(session: Session, view_id: UUID, owner_id: str) -> bool:
    """Drop one's own view; False when it is not one's own."""
    mine = (saved_view.c.id == view_id) & (saved_view.c.owner_id == owner_id)
    return (await session.execute(delete(saved_view).where(mine))).rowcount == 1
