"""Which patient a family's facts describe, and the only phone that may receive the code: the one on the patient's file."""

from collections.abc import Sequence
from uuid import UUID

from core.database import Session
from core.hookspecs import BindingFacts, BindingProposal
from core.identity.vault import TenantKeys
from core.masking import mask_phone
from core.web.i18n import N_
from plugins.medical.patients import repository

RELATION = N_("就诊人登记手机")


async def propose(session: Session, facts: BindingFacts, keys: TenantKeys) -> BindingProposal | None:
    """Name, patient number and the last four characters of the id must all fit; a patient without a phone on file is bound at the hospital."""
    tail = keys.index("id_tail", facts.id_tail)
    row = await repository.find_by_facts(session, facts.number.strip(), facts.name.strip(), tail)
    if row is None or row.phone_sealed is None:
        return None
    return BindingProposal(row.id, ((mask_phone(keys.open(row.phone_sealed)), row.phone_sealed, RELATION),))


async def contacts(session: Session, patient_ids: Sequence[UUID]) -> list[BindingProposal]:
    """The phones on the files of some patients."""
    rows = await repository.list_some(session, patient_ids)
    return [BindingProposal(row.id, (("", row.phone_sealed, RELATION),)) for row in rows if row.phone_sealed is not None]
