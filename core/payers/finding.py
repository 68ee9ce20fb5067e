"""Finding people by whatever somebody has in hand; the query every source of people shares (`core/search/sources.py`)."""

from collections.abc import Sequence
from uuid import UUID

from core.database import Row, Session
from core.payers import finding_repository as repository
from core.search.sources import Asked


async def find_people(
    session: Session, asked: Asked, org_ids: list[UUID] | None, limit: int, *, plugin: str = "", billed: bool = False
) -> Sequence[Row]:
    """People of some units (None: all) by name, pinyin, initials, number or phone; `billed` are only those with a bill that payers see."""
    if not (asked.name or asked.letters or asked.number):
        return []
    return await repository.find_people(session, asked, org_ids, limit, plugin, billed)
