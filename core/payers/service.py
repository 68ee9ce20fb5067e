"""The people that bills are made out to: plugins write them, everybody reads them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from core.database import Session
from core.errors import NotFound
from core.payers import naming, repository
from core.payers.schemas import PartyRead, PartyRow
from core.search.marks import Marks


async def upsert_parties(session: Session, rows: Sequence[PartyRow]) -> int:
    """Write a plugin's people, new or changed, any number in one statement; answers how many were new or different.

    A person is known by the `id` the plugin gives; two persons of one plugin with the same number are refused (409).
    """
    if not rows:
        return 0
    columns = {name: [getattr(row, name) for row in rows] for name in repository.PARTY_COLUMNS}
    changed = await repository.upsert_parties(session, columns | {"name_spelling": [naming.spelling(row.name) for row in rows]})
    await set_phones(session, {row.id: row.phones for row in rows if row.phones is not None})
    return changed


async def set_phones(session: Session, marks: Mapping[UUID, Marks]) -> None:
    """By which phones (their marks) staff find some people from now on."""
    if marks:
        marked = [(party_id, *pair) for party_id, pairs in marks.items() for pair in pairs]
        names = ("party_id", "phone_mark", "tail_mark")
        await repository.set_phones(session, list(marks), {name: [row[place] for row in marked] for place, name in enumerate(names)})


async def list_parties(session: Session, party_ids: Sequence[UUID]) -> list[PartyRead]:
    """Some people, with the names of where they belong."""
    return [PartyRead(**row._mapping) for row in await repository.list_parties(session, party_ids)]


async def find_party(session: Session, party_id: UUID) -> PartyRead:
    """One person; NotFound outside this client."""
    found = await list_parties(session, [party_id])
    if not found:
        raise NotFound()
    return found[0]
