"""Which student a parent's facts describe, and the only phones that may receive the code: those on the roster (architecture §11.8)."""

from core.database import Session
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
    phones = [(row.guardian1_phone_sealed, row.guardian1_relation)]
    if row.guardian2_phone_sealed is not None:
        phones.append((row.guardian2_phone_sealed, "其他监护人"))
    return BindingProposal(party_id=row.id, phones=tuple((mask_phone(keys.open(sealed)), sealed, relation) for sealed, relation in phones))
