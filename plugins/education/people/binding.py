"""Which student a parent's facts describe, and the only phones that may receive the code: those on the roster (architecture §11.8)."""

from collections.abc import Sequence
from uuid import UUID

from core.database import Row, Session
from core.hookspecs import BindingFacts, BindingProposal
from core.identity.vault import TenantKeys
from core.masking import mask_phone
from plugins.education.roster import repository


async def propose(session: Session, facts: BindingFacts, keys: TenantKeys) -> BindingProposal | None:
    """Name, student number and the last four characters of the id must all fit one present student."""
    tail = keys.index("id_tail", facts.id_tail)
    row = await repository.find_by_facts(session, facts.number.strip(), facts.name.strip(), tail)
    if row is None:
        return None
    return BindingProposal(party_id=row.id, phones=tuple((mask_phone(keys.open(sealed)), sealed, relation) for sealed, relation in _phones(row)))


async def contacts(session: Session, student_ids: Sequence[UUID]) -> list[BindingProposal]:
    """The guardians' phones on the roster, for students at school."""
    rows = await repository.list_present(session, student_ids)
    return [BindingProposal(row.id, tuple(("", sealed, relation) for sealed, relation in _phones(row))) for row in rows]


def _phones(row: Row) -> list[tuple[bytes, str]]:
    phones = [(row.guardian1_phone_sealed, row.guardian1_relation)]
    if row.guardian2_phone_sealed is not None:
        phones.append((row.guardian2_phone_sealed, "其他监护人"))
    return phones
