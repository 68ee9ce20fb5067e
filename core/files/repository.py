"""Stored files."""

from uuid import UUID

from sqlalchemy import insert, select

from core.database import Row, Session
from core.files.models import stored_file


async def add(session: Session, row: dict[str, object]) -> None:
    """Keep a file."""
    await session.execute(insert(stored_file), row)


async def find(session: Session, file_id: UUID) -> Row | None:
    """One file with its sealed content."""
    return await session.one_or_none(select(stored_file).where(stored_file.c.id == file_id))
