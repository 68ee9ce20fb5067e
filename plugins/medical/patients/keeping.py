"""A patient as HIS, a vendor or a file tells: HIS and files keep what is known right, a vendor may open one and sees nothing of it afterwards."""

from collections.abc import Sequence
from uuid import UUID

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
    if row is None and vendor and (await repository.find(session, patient_id)).version > 1:  # the hospital opened this patient meanwhile
        raise PatientDiffers(patient_no=draft.patient_no)
    if outcome != "unchanged":
        verb = "create" if outcome == "created" else "change"
        after = {"patient_no": draft.patient_no} | ({"fields": differing + ["cards"] * bool(added)} if row else {})
        await audit.record(session, by, f"medical.patient.{verb}", OBJECT, patient_id, after=after)
    return PatientKept(patient_id, draft.patient_no, outcome)


async def keep_many(session: Session, keys: TenantKeys, drafts: Sequence[PatientDraft], by: Actor) -> None:
    """Write patients of a file; each one's history says who brought the file and what it corrected."""
    rows = {row.patient_no: row for row in await repository.list_by_numbers(session, [draft.patient_no for draft in drafts])}
    cards = {(row.kind, bytes(row.number_index)) for row in await repository.list_cards_of(session, [row.id for row in rows.values()])}
    found = await service.upsert(session, keys, drafts)
    opened: list[tuple[UUID, None, dict[str, object], str]] = []
    corrected: list[tuple[UUID, None, dict[str, object], str]] = []
    for draft in drafts:
        after: dict[str, object] = {"patient_no": draft.patient_no}
        if draft.patient_no not in rows:
            opened.append((found[draft.patient_no], None, after, ""))
            continue
        added = any(service.card_index(keys, *card) not in cards for card in draft.cards)
        if differing := service.differences(draft, service.draft_of(rows[draft.patient_no], keys)) + ["cards"] * added:
            corrected.append((found[draft.patient_no], None, after | {"fields": differing}, ""))
    await audit.record_many(session, by, "medical.patient.create", OBJECT, opened)
    await audit.record_many(session, by, "medical.patient.change", OBJECT, corrected)
