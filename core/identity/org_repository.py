"""The org tree inside a tenant; and, for the bank's own roles, whether a branch exists."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, func, insert, select, text, update

from core.database import Session
from core.identity.models import org_unit

_BRANCH = text("SELECT EXISTS (SELECT FROM core.branch WHERE id = :place_id)")
_BRANCHES = text("SELECT id, parent_id, name FROM core.branch ORDER BY path")
_SUBTREE = text("""
    SELECT below.id FROM core.org_unit here JOIN core.org_unit below ON below.path OPERATOR(public.<@) here.path WHERE here.id = :unit_id
""")
_MOVE = text("""
    UPDATE core.org_unit SET path = CAST(:new_path AS public.ltree) OPERATOR(public.||)
        CASE WHEN id = :unit_id THEN CAST('' AS public.ltree) ELSE public.subpath(path, public.nlevel(CAST(:old_path AS public.ltree))) END
    WHERE path OPERATOR(public.<@) CAST(:old_path AS public.ltree)
""")
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('org tree ' || current_setting('app.tenant_id'), 0))")


async def lock_tree(session: Session) -> None:
    """One change of the tree at a time in a tenant."""
    await session.execute(_LOCK)


async def list_units(session: Session) -> Sequence[Row]:
    """The whole tree, siblings by position and name."""
    return await session.all(select(org_unit).order_by(func.public.nlevel(org_unit.c.path), org_unit.c.position, org_unit.c.name))


async def find_unit(session: Session, unit_id: UUID) -> Row | None:
    """One org unit."""
    return await session.one_or_none(select(org_unit).where(org_unit.c.id == unit_id))


async def unit_exists(session: Session, unit_id: UUID) -> bool:
    """Whether the tenant has this org unit."""
    return await find_unit(session, unit_id) is not None


async def branch_exists(session: Session, branch_id: UUID) -> bool:
    """Whether the bank has this branch."""
    return await session.scalar(_BRANCH, {"place_id": branch_id})


async def list_branches(session: Session) -> Sequence[Row]:
    """The bank's branches, parents first."""
    return await session.all(_BRANCHES)


async def subtree_ids(session: Session, unit_id: UUID) -> list[UUID]:
    """A unit and everything under it."""
    return [row.id for row in await session.all(_SUBTREE, {"unit_id": unit_id})]


async def add_units(session: Session, rows: list[dict[str, object]]) -> None:
    """New units, parents before children."""
    await session.execute(insert(org_unit), rows)


async def change_unit(session: Session, unit_id: UUID, values: dict[str, object]) -> None:
    """Change a unit's own facts."""
    await session.execute(update(org_unit).where(org_unit.c.id == unit_id).values(values))


async def move_subtree(session: Session, unit_id: UUID, old_path: str, new_path: str) -> None:
    """Give a unit and everything under it a new place."""
    await session.execute(_MOVE, {"unit_id": unit_id, "old_path": old_path, "new_path": new_path})
