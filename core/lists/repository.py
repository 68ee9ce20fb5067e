"""Views and columns: every statement. `core.identity` reads them with the session, so that a list page asks nothing more."""

from uuid import UUID

from sqlalchemy import delete, func, insert, or_, select, text, update

from core.database import Row, Session
from core.lists.models import list_choice, saved_view

_SET_COLUMNS = text("""
    INSERT INTO core.list_choice AS c (user_id, page, columns) VALUES (:user_id, :page, CAST(:columns AS jsonb))
    ON CONFLICT (tenant_id, user_id, page) DO UPDATE SET columns = c.columns || excluded.columns
""")
_SET_DEFAULT = text("""
    INSERT INTO core.list_choice (user_id, page, view_id) VALUES (:user_id, :page, :view_id)
    ON CONFLICT (tenant_id, user_id, page) DO UPDATE SET view_id = excluded.view_id
""")
_CHOICE = select(list_choice.c.columns)


async def add_view(session: Session, row: dict[str, object]) -> None:
    """Keep a view."""
    await session.execute(insert(saved_view), row)


async def count_views(session: Session, page: str, owner_id: str) -> int:
    """How many views of a page somebody has."""
    return await session.scalar(select(func.count()).where(saved_view.c.page == page, saved_view.c.owner_id == owner_id))


async def find_same(session: Session, page: str, owner_id: str, title: str) -> UUID | None:
    """One's own view of this name."""
    mine = (saved_view.c.page == page) & (saved_view.c.owner_id == owner_id) & (saved_view.c.title == title)
    return await session.scalar(select(saved_view.c.id).where(mine))


async def change_view(session: Session, view_id: UUID, query: str, shared: bool) -> None:
    """Another filter under the same name."""
    await session.execute(update(saved_view).where(saved_view.c.id == view_id).values(query=query, shared=shared))


async def find_view(session: Session, view_id: UUID, user_id: str) -> Row | None:
    """A view that this person sees: an own or a shared one."""
    seen = or_(saved_view.c.owner_id == user_id, saved_view.c.shared)
    return await session.one_or_none(select(saved_view).where(saved_view.c.id == view_id, seen))


async def remove_view(session: Session, view_id: UUID) -> None:
    """Drop a view; whoever had it open by default sees the plain list again."""
    await session.execute(update(list_choice).where(list_choice.c.view_id == view_id).values(view_id=None))
    await session.execute(delete(saved_view).where(saved_view.c.id == view_id))


async def set_default(session: Session, user_id: str, page: str, view_id: UUID | None) -> None:
    """The view that the menu opens for this person."""
    await session.execute(_SET_DEFAULT, {"user_id": user_id, "page": page, "view_id": view_id})


async def set_columns(session: Session, user_id: str, page: str, columns: str) -> None:
    """The columns of one table of a page, as JSON."""
    await session.execute(_SET_COLUMNS, {"user_id": user_id, "page": page, "columns": columns})


async def find_columns(session: Session, user_id: str, page: str) -> dict:
    """What somebody left out on a page, by table."""
    return await session.scalar(_CHOICE.where(list_choice.c.user_id == user_id, list_choice.c.page == page)) or {}
