"""The people that bills are made out to: plugins write them, everybody reads them."""

from collections.abc import Sequence
from uuid import UUID

from core.database import Session
from core.errors import NotFound
from core.payers import repository
from core.payers.schemas import PartyRead, PartyRow


async def upsert_parties(session: Session, rows: Sequence[PartyRow]) -> int:
    """Write a plugin's people, new or changed, any number in one statement; answers how many were new or different.

    A person is known by the `id` the plugin gives; two persons of one plugin with the same number are refused (409).
    """
    if not rows:
        return 0
    return await repository.upsert_parties(session, {name: [getattr(row, name) for row in rows] for name in repository.PARTY_COLUMNS})


async def list_parties(session: Session, party_ids: Sequence[UUID]) -> list[PartyRead]:
    """Some people, with the names of where they belong."""
    return [PartyRead(**row._mapping) for row in await repository.list_parties(session, party_ids)]


async def find_party(session: Session, party_id: UUID) -> PartyRead:
    """One person; NotFound outside this client."""
    found = await list_parties(session, [party_id])
    if not found:
        raise NotFound()
    return found[0]
