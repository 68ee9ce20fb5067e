"""Patients as HIS, vendors and files tell them: written once, changed only where something differs; ids, phones and cards are sealed."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec
from pypinyin import Style, lazy_pinyin

from core import ids
from core.database import Row, Session
from core.identity.vault import TenantKeys
from core.payers import service as payers
from core.payers.schemas import PartyRow
from core.search.marks import marks
from plugins.medical.patients import repository
from plugins.medical.patients.errors import CardTaken, PatientNotFound
from plugins.medical.patients.schemas import PatientDraft

PLUGIN = "medical"
FACTS = ("name", "id_type", "id_no", "phone", "insurance", "psn_no", "gender", "birth_on", "org_id")
RESIDENT_ID = "居民身份证"
CardIndex = tuple[str, bytes]


async def find_by_no(session: Session, patient_no: str) -> Row:
    """One patient by number; PatientNotFound otherwise."""
    row = await repository.find_by_no(session, patient_no)
    if row is None:
        raise PatientNotFound()
    return row


async def find(session: Session, patient_id: UUID) -> Row:
    """One patient; PatientNotFound otherwise."""
    row = await repository.find(session, patient_id)
    if row is None:
        raise PatientNotFound()
    return row


def draft_of(row: Row, keys: TenantKeys) -> PatientDraft:
    """A patient who is there, in the form in which one is told; without the cards."""
    return PatientDraft(
        patient_no=row.patient_no, name=row.name, id_type=row.id_type, id_no=_open(keys, row.id_sealed), phone=_open(keys, row.phone_sealed),
        insurance=row.insurance, psn_no=_open(keys, row.psn_no_sealed), gender=row.gender, birth_on=row.birth_on, org_id=row.org_id,
    )  # fmt: skip


def differences(told: PatientDraft, known: PatientDraft) -> list[str]:
    """The facts in which what is told differs from what is known; what is not told differs in nothing."""
    return [name for name in FACTS if getattr(told, name) not in (None, getattr(known, name))]


def merged(told: PatientDraft, known: PatientDraft | None) -> PatientDraft:
    """The patient to keep: what is told, and what was known where nothing is told. Whoever is new and uninsured as far as told pays alone."""
    if known is None:
        return msgspec.structs.replace(told, insurance=told.insurance or "self", id_type=told.id_type or (RESIDENT_ID if told.id_no else None))
    given = {name: value for name in FACTS if (value := getattr(told, name)) is not None}
    return msgspec.structs.replace(known, cards=told.cards, **given)


async def upsert(session: Session, keys: TenantKeys, drafts: Sequence[PatientDraft]) -> dict[str, UUID]:
    """Write patients, new or changed; answers their ids by number. CardTaken when a card is somebody else's."""
    rows = {row.patient_no: row for row in await repository.list_by_numbers(session, [draft.patient_no for draft in drafts])}
    found = {number: row.id for number, row in rows.items()}
    fresh: dict[str, PatientDraft] = {}
    for draft in drafts:
        known = draft_of(rows[draft.patient_no], keys) if draft.patient_no in rows else fresh.get(draft.patient_no)
        if known is None or differences(draft, known):
            fresh[draft.patient_no] = merged(draft, known)
    for number in fresh:
        found.setdefault(number, ids.uuid7())
    if fresh:
        await payers.upsert_parties(session, [_party(draft, found, keys) for draft in fresh.values()])
        await repository.upsert(session, [_row(draft, found, keys) for draft in fresh.values()])
    await _add_cards(session, keys, drafts, found)
    return {draft.patient_no: found[draft.patient_no] for draft in drafts}


async def _add_cards(session: Session, keys: TenantKeys, drafts: Sequence[PatientDraft], found: Mapping[str, UUID]) -> None:
    cards = {card_index(keys, kind, number): (draft, kind, number) for draft in drafts for kind, number in draft.cards}
    if not cards:
        return
    held = await holders(session, cards)
    wanted = []
    for (kind, index), (draft, _, number) in cards.items():
        holder = held.get((kind, index))
        if holder is not None and holder.patient_id != found[draft.patient_no]:
            raise CardTaken(kind=kind, tail=number[-4:])
        if holder is None:
            wanted.append(
                {"id": ids.uuid7(), "patient_id": found[draft.patient_no], "kind": kind, "number_sealed": keys.seal(number),
                 "number_index": index, "tail": number[-4:]}
            )  # fmt: skip
    if wanted:
        await repository.add_cards(session, wanted)


async def holders(session: Session, cards: Iterable[CardIndex]) -> dict[CardIndex, Row]:
    """Who holds some cards, by kind and index."""
    rows = await repository.card_holders(session, [index for _, index in cards])
    return {(row.kind, bytes(row.number_index)): row for row in rows}


def card_index(keys: TenantKeys, kind: str, number: str) -> CardIndex:
    """The keyed hash under which a card is found."""
    return kind, keys.index("patient card", f"{kind} {number}")


def initials(name: str) -> str:
    """The first letters of a name's pinyin, by which people search."""
    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower()


def _party(draft: PatientDraft, found: Mapping[str, UUID], keys: TenantKeys) -> PartyRow:
    return PartyRow(
        id=found[draft.patient_no], plugin=PLUGIN, number=draft.patient_no, name=draft.name, name_pinyin=initials(draft.name),
        org_id=draft.org_id, phones=marks(keys, (draft.phone,)),
    )  # fmt: skip


def _row(draft: PatientDraft, found: Mapping[str, UUID], keys: TenantKeys) -> dict[str, object]:
    return {
        "id": found[draft.patient_no],
        "patient_no": draft.patient_no,
        "id_type": draft.id_type,
        "id_sealed": _seal(keys, draft.id_no),
        "id_index": keys.index("id_no", draft.id_no) if draft.id_no else None,
        "id_tail_index": keys.index("id_tail", draft.id_no[-4:]) if draft.id_no else None,
        "gender": draft.gender,
        "birth_on": draft.birth_on,
        "phone_sealed": _seal(keys, draft.phone),
        "insurance": draft.insurance,
        "psn_no_sealed": _seal(keys, draft.psn_no),
    }


def _open(keys: TenantKeys, sealed: bytes | None) -> str | None:
    return None if sealed is None else keys.open(sealed)


def _seal(keys: TenantKeys, plain: str | None) -> bytes | None:
    return None if plain is None else keys.seal(plain)
