"""Field maps and their versions: every query."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from core.database import Row, Session
from core.statements.models import field_map, field_map_version, statement

_USES = (
    select(statement.c.source, func.count().label("statements"), func.max(statement.c.created_at).label("used_at"))
    .where(statement.c.source.like("map-%"))
    .group_by(statement.c.source)
    .subquery()
)


async def add(session: Session, row: dict[str, object]) -> bool:
    """A new field map; False when its code is taken."""
    return (await session.execute(upsert(field_map).values(row).on_conflict_do_nothing())).rowcount == 1


async def find(session: Session, map_id: UUID, *, lock: bool = False) -> Row | None:
    """One field map."""
    query = select(field_map).where(field_map.c.id == map_id)
    return await session.one_or_none(query.with_for_update() if lock else query)


async def find_by_code(session: Session, code: str) -> Row | None:
    """One field map by the code its source carries."""
    return await session.one_or_none(select(field_map).where(field_map.c.code == code))


async def change(session: Session, map_id: UUID, values: dict[str, object]) -> None:
    """What became of it."""
    await session.execute(update(field_map).where(field_map.c.id == map_id).values(values))


async def add_version(session: Session, map_id: UUID, version: int, layout: object, by: str) -> None:
    """Keep a layout for good."""
    await session.execute(insert(field_map_version), {"field_map_id": map_id, "version": version, "layout": layout, "made_by": by})


async def list_versions(session: Session, map_id: UUID) -> Sequence[Row]:
    """Its layouts, the newest first."""
    query = select(field_map_version).where(field_map_version.c.field_map_id == map_id)
    return await session.all(query.order_by(field_map_version.c.version.desc()).limit(100))


async def list_all(session: Session, typed: str = "") -> Sequence[Row]:
    """A client's field maps by code, with how often each was used."""
    query = select(field_map, func.coalesce(_USES.c.statements, 0).label("statements"), _USES.c.used_at).outerjoin(
        _USES, _USES.c.source == text("'map-' || field_map.code")
    )
    if typed:
        query = query.where(field_map.c.code.contains(typed, autoescape=True) | field_map.c.title.contains(typed, autoescape=True))
    return await session.all(query.order_by(field_map.c.active.desc(), field_map.c.code).limit(500))


async def list_active(session: Session) -> Sequence[Row]:
    """The ones in use."""
    return await session.all(select(field_map).where(field_map.c.active).order_by(field_map.c.code))
