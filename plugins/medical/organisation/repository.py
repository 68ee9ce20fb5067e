"""The tree by codes, and as paths of names."""

from uuid import UUID

from sqlalchemy import text

from core.database import Session

_NAME = text("SELECT name FROM core.org_unit WHERE id = :id")
_BY_CODE = text("SELECT id FROM core.org_unit WHERE kind = :kind AND code = :code ORDER BY id LIMIT 1")


async def find_by_code(session: Session, kind: str, code: str) -> UUID | None:
    """The unit of a kind that bears a code."""
    return await session.scalar(_BY_CODE, {"kind": kind, "code": code})


async def name_of(session: Session, unit_id: UUID) -> str | None:
    """A unit's name."""
    return await session.scalar(_NAME, {"id": unit_id})
