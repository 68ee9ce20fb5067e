"""A patient that HIS or a vendor sends: HIS keeps the files, a vendor may open one and sees nothing of it afterwards."""

from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import TenantKeys
from plugins.medical.patients import facts, repository, service
from plugins.medical.patients.errors import PatientDiffers
from plugins.medical.patients.schemas import PatientDraft, PatientKept

MANAGE = "medical.patient.manage"
OBJECT = "patient"


async def keep(session: Session, keys: TenantKeys, draft: PatientDraft, by: Actor, vendor: Row | None) -> PatientKept:
    """Write a patient; the same again changes nothing.

    A vendor that sends other facts than those on file is refused (PatientDiffers): codes go to the phone on file, so only the hospital changes it.
    """
    draft = facts.checked(draft)
    row = await repository.find_by_no(session, draft.patient_no)
    cards = {(card.kind, bytes(card.number_index)) for card in await repository.list_cards_of(session, [row.id])} if row else set()
    added = [card for card in draft.cards if service.card_index(keys, *card) not in cards]
    differing = service.differences(draft, service.draft_of(row, keys)) if row else []
    if row and vendor and (differing or added):
        raise PatientDiffers(patient_no=draft.patient_no)
    found = await service.upsert(session, keys, [draft])
    outcome = "created" if row is None else "changed" if differing or added else "unchanged"
    patient_id = found[draft.patient_no]
    if outcome != "unchanged":
        verb = "create" if outcome == "created" else "change"
        after = {"patient_no": draft.patient_no} | ({"fields": differing + ["cards"] * bool(added)} if row else {})
        await audit.record(session, by, f"medical.patient.{verb}", OBJECT, patient_id, after=after)
    return PatientKept(patient_id, draft.patient_no, outcome)
