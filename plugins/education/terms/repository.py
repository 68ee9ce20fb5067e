"""Terms in the database."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from core.database import Row, Session
from plugins.education.pricing.rules import Term
from plugins.education.terms.models import term as table


async def find(session: Session, code: str) -> Row | None:
    """One term."""
    return await session.one_or_none(select(table).where(table.c.code == code))


async def get(session: Session, term_id: UUID) -> Row:
    """One term by id."""
    return await session.one(select(table).where(table.c.id == term_id))


async def list_terms(session: Session) -> Sequence[Row]:
    """Every term, newest first."""
    return await session.all(select(table).order_by(table.c.starts_on.desc()))


async def upsert(session: Session, term_id: UUID, term: Term) -> None:
    """Write a term or its new days."""
    days = {"starts_on": term.starts_on, "ends_on": term.ends_on, "months_counted": term.months_counted, "teaching_days": term.teaching_days}
    statement = insert(table).values(id=term_id, code=term.code, **days)
    await session.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "code"], set_=days))
