"""The hospital's org tree in the database: group → hospital → campus → department, window, terminal; chain → store."""

from uuid import UUID

from core.database import Session
from plugins.medical.organisation import repository
from plugins.medical.organisation.errors import DepartmentUnknown, UnitUnknown

_WORDS = {"window": "窗口", "terminal": "自助终端", "store": "门店", "campus": "院区"}


async def department(session: Session, code: str) -> UUID:
    """The department that HIS means by a code; DepartmentUnknown otherwise."""
    found = await repository.find_by_code(session, "department", code)
    if found is None:
        raise DepartmentUnknown(code=code)
    return found


async def unit(session: Session, kind: str, code: str) -> UUID:
    """A window, terminal, store or campus by its code; UnitUnknown otherwise."""
    found = await repository.find_by_code(session, kind, code)
    if found is None:
        raise UnitUnknown(code=code, kind=_WORDS.get(kind, kind))
    return found


async def name_of(session: Session, unit_id: UUID) -> str:
    """A unit's name; empty when it is gone."""
    return await repository.name_of(session, unit_id) or ""
