"""Patients as staff look for them: ids, phones and cards masked, names clear only for those who keep the files (domain book §4.8)."""

import datetime as dt
from uuid import UUID

from core import clock, paging
from core.billing import units
from core.database import Row, Session
from core.errors import InvalidRequest
from core.identity.actor import Actor
from core.identity.vault import TenantKeys
from core.masking import mask_card, mask_id, mask_name, mask_phone
from core.search.marks import mark, tail_mark
from plugins.medical.patients import repository, service
from plugins.medical.patients.columns import CARD_KINDS
from plugins.medical.patients.keeping import MANAGE
from plugins.medical.patients.schemas import CardRead, PatientPage, PatientRead, PatientRow, VisitRead
from plugins.medical.patients.states import INSURANCES

READ = "medical.patient.read"
CARD_LENGTH = 4


def shown_name(by: Actor, name: str) -> str:
    """A name in clear for whoever keeps the files, masked for everybody else."""
    return name if by.may(MANAGE) else mask_name(name)


async def list_patients(
    session: Session, keys: TenantKeys, by: Actor, *, words: str, insurance: str, cursor: str | None, limit: int = paging.PAGE
) -> PatientPage:
    """Patients by number; `words` is part of a name, initials, a number, a phone or its end, or a card's number."""
    last = paging.read_cursor(cursor, tuple[str])
    rows = await repository.list_page(session, **await asked(session, keys, words, insurance), after=last[0] if last else "", limit=limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: paging.write_cursor(row.patient_no))
    return PatientPage([_row(row, by, keys) for row in shown], more)


async def asked(session: Session, keys: TenantKeys, words: str, insurance: str) -> dict[str, object]:
    """The filters as the repository wants them: phones and cards are looked up by their hashes first."""
    if insurance and insurance not in INSURANCES:
        raise InvalidRequest()
    search = " ".join(words.replace("\0", "").split())[:64]
    found: list[UUID] = []
    if len(search) >= CARD_LENGTH and search.isascii():
        cards = [service.card_index(keys, kind, search)[1] for kind in CARD_KINDS]
        found = await repository.owners(session, cards, mark(keys, search), tail_mark(keys, search))
    return {"search": search, "found_ids": found, "insurance": insurance or None}


def _row(row: Row, by: Actor, keys: TenantKeys) -> PatientRow:
    return PatientRow(
        id=row.id, patient_no=row.patient_no, name=shown_name(by, row.name), gender=row.gender, age=age_of(row.birth_on),
        phone=_masked(keys, row.phone_sealed, mask_phone), insurance=row.insurance,
    )  # fmt: skip


def age_of(birth_on: dt.date | None) -> int | None:
    """Whole years today."""
    if birth_on is None:
        return None
    today = clock.today()
    return today.year - birth_on.year - ((today.month, today.day) < (birth_on.month, birth_on.day))


def _masked(keys: TenantKeys, sealed: bytes | None, mask: object) -> str:
    return mask(keys.open(sealed)) if sealed else ""


async def read_patient(session: Session, patient_id: UUID, by: Actor, keys: TenantKeys) -> PatientRead:
    """One patient with cards and visits."""
    return await _read(session, await service.find(session, patient_id), by, keys)


async def read_by_no(session: Session, patient_no: str, by: Actor, keys: TenantKeys) -> PatientRead:
    """The same by number."""
    return await _read(session, await service.find_by_no(session, patient_no), by, keys)


async def _read(session: Session, row: Row, by: Actor, keys: TenantKeys) -> PatientRead:
    tree = await units.load(session, None)
    return PatientRead(
        id=row.id, patient_no=row.patient_no, name=shown_name(by, row.name), id_type=row.id_type, id_no=_masked(keys, row.id_sealed, mask_id),
        gender=row.gender, birth_on=row.birth_on, phone=_masked(keys, row.phone_sealed, mask_phone), insurance=row.insurance,
        psn_no=_masked(keys, row.psn_no_sealed, mask_card), version=row.version,
        cards=[CardRead(card.kind, card.tail) for card in await repository.list_cards(session, row.id)],
        visits=[_visit(visit, tree) for visit in await repository.list_visits(session, row.id)],
    )  # fmt: skip


def _visit(row: Row, tree: units.Units) -> VisitRead:
    return VisitRead(
        id=row.id, visit_no=row.visit_no, kind=row.kind, department=tree.path(row.department_id, 2), doctor=row.doctor, began_on=row.began_on,
        discharged_on=row.discharged_on, status=row.status,
    )  # fmt: skip
