"""Instalment templates in the database."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from core.database import Row, Session
from plugins.education.plans.models import instalment_template as template


async def list_templates(session: Session, *, active_only: bool) -> Sequence[Row]:
    """The school's templates by code."""
    query = select(template).order_by(template.c.code)
    return await session.all(query.where(template.c.active) if active_only else query)


async def find(session: Session, template_id: UUID) -> Row | None:
    """One template."""
    return await session.one_or_none(select(template).where(template.c.id == template_id))


async def lock(session: Session, template_id: UUID) -> Row | None:
    """One template, held."""
    return await session.one_or_none(select(template).where(template.c.id == template_id).with_for_update())


async def add(session: Session, row: dict[str, object]) -> bool:
    """Write a new template; False when its code is taken."""
    return (await session.execute(insert(template).values(row).on_conflict_do_nothing())).rowcount == 1


async def change(session: Session, template_id: UUID, values: dict[str, object]) -> None:
    """Other facts, in a new version."""
    await session.execute(update(template).where(template.c.id == template_id).values(**values, version=template.c.version + 1))
