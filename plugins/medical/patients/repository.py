"""Patients, cards and visits in the database: written set-based, listed by keyset."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select, text, update

from core.database import Row, Session
from core.payers.models import party
from plugins.medical.patients.models import card, patient, visit

_ALL = select(patient, party.c.name, party.c.name_pinyin, party.c.org_id).join(
    party, (party.c.tenant_id == patient.c.tenant_id) & (party.c.id == patient.c.id)
)

PATIENT_COLUMNS = (
    "id patient_no id_type id_sealed id_index id_tail_index gender birth_on phone_sealed insurance psn_no_sealed"
).split()
_TYPES = {
    "id": "uuid", "id_sealed": "bytea", "id_index": "bytea", "id_tail_index": "bytea", "birth_on": "date", "phone_sealed": "bytea",
    "psn_no_sealed": "bytea",
}  # fmt: skip
_UNNEST = ", ".join(f"CAST(:{name} AS {_TYPES.get(name, 'text')}[])" for name in PATIENT_COLUMNS)
_SET = ", ".join(f"{name} = excluded.{name}" for name in PATIENT_COLUMNS if name not in ("id", "patient_no"))
_UPSERT = text(f"""
    INSERT INTO medical.patient AS old ({", ".join(PATIENT_COLUMNS)})
    SELECT * FROM unnest({_UNNEST})
    ON CONFLICT (tenant_id, id) DO UPDATE SET {_SET}, version = old.version + 1, changed_at = now()
""")
_BY_NO = text("""
    SELECT s.*, p.name, p.name_pinyin, p.org_id FROM medical.patient s JOIN core.party p ON p.tenant_id = s.tenant_id AND p.id = s.id
    WHERE s.patient_no = :patient_no
""")
_COUNT = text("SELECT count(*) FROM medical.patient")
_ADD_CARDS = text("""
    INSERT INTO medical.patient_card (id, patient_id, kind, number_sealed, number_index, tail)
    SELECT * FROM unnest(CAST(:id AS uuid[]), CAST(:patient_id AS uuid[]), CAST(:kind AS text[]), CAST(:number_sealed AS bytea[]),
                         CAST(:number_index AS bytea[]), CAST(:tail AS text[]))
    ON CONFLICT (tenant_id, kind, number_index) DO NOTHING
""")
_HOLDERS = text("""
    SELECT c.kind, c.number_index, c.patient_id, p.patient_no, c.tail
    FROM medical.patient_card c JOIN medical.patient p ON p.tenant_id = c.tenant_id AND p.id = c.patient_id
    WHERE c.number_index = ANY(CAST(:indexes AS bytea[]))
""")
_CARDS_OF = text("SELECT patient_id, kind, number_index FROM medical.patient_card WHERE patient_id = ANY(CAST(:patients AS uuid[]))")
_BY_IDS = text("SELECT patient_no, id_index FROM medical.patient WHERE id_index = ANY(CAST(:indexes AS bytea[])) ORDER BY id DESC")
_BY_FACTS = text("""
    SELECT s.*, p.name FROM medical.patient s JOIN core.party p ON p.tenant_id = s.tenant_id AND p.id = s.id
    WHERE s.patient_no = :patient_no AND s.id_tail_index = :id_tail_index AND p.name = :name
""")
_CARD_OWNERS = text("SELECT patient_id FROM medical.patient_card WHERE number_index = ANY(CAST(:indexes AS bytea[]))")
_PHONE_OWNERS = text("SELECT party_id FROM core.party_phone WHERE phone_mark = :mark OR tail_mark = :tail")
_ADD_VISIT = text("""
    INSERT INTO medical.visit (id, visit_no, patient_id, kind, department_id, doctor, began_on, status)
    VALUES (:id, :visit_no, :patient_id, :kind, :department_id, :doctor, :began_on, 'open')
    ON CONFLICT (tenant_id, visit_no) DO NOTHING
""")


async def list_by_numbers(session: Session, numbers: Sequence[str]) -> Sequence[Row]:
    """Those of some patients that are there."""
    return await session.all(_ALL.where(patient.c.patient_no == text("ANY(CAST(:numbers AS text[]))")), {"numbers": list(numbers)})


async def find_by_no(session: Session, patient_no: str) -> Row | None:
    """One patient by number."""
    return await session.one_or_none(_BY_NO, {"patient_no": patient_no})


async def find(session: Session, patient_id: UUID) -> Row | None:
    """One patient."""
    return await session.one_or_none(_ALL.where(patient.c.id == patient_id))


async def find_by_facts(session: Session, patient_no: str, name: str, id_tail_index: bytes) -> Row | None:
    """The patient whom somebody's facts describe, if all three fit."""
    return await session.one_or_none(_BY_FACTS, {"patient_no": patient_no, "name": name, "id_tail_index": id_tail_index})


async def list_some(session: Session, patient_ids: Sequence[UUID]) -> Sequence[Row]:
    """Some patients."""
    return await session.all(_ALL.where(patient.c.id.in_(patient_ids)))


async def list_page(
    session: Session, *, search: str, found_ids: Sequence[UUID], insurance: str | None, after: str, limit: int
) -> Sequence[Row]:
    """Patients by number, a page after a key; `search` fits name, initials or number, `found_ids` are those found by phone or card."""
    query = _ALL.where(patient.c.patient_no > after).order_by(patient.c.patient_no).limit(limit)
    if insurance:
        query = query.where(patient.c.insurance == insurance)
    if search:
        fits = party.c.name.contains(search, autoescape=True) | party.c.name_pinyin.startswith(search.lower(), autoescape=True)
        query = query.where(fits | patient.c.patient_no.startswith(search, autoescape=True) | patient.c.id.in_(list(found_ids)))
    return await session.all(query)


async def owners(session: Session, cards: Sequence[bytes], phone: bytes, tail: bytes) -> list[UUID]:
    """Whose card, phone or end of a phone it is, by keyed hashes."""
    found = {row.patient_id for row in await session.all(_CARD_OWNERS, {"indexes": list(cards)})}
    return list(found | {row.party_id for row in await session.all(_PHONE_OWNERS, {"mark": phone, "tail": tail})})


async def count(session: Session) -> int:
    """How many patients there are."""
    return await session.scalar(_COUNT)


async def upsert(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Write patients, new or changed, in one statement."""
    await session.execute(_UPSERT, {name: [row[name] for row in rows] for name in PATIENT_COLUMNS})


async def add_cards(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Write cards; one that is there stays."""
    names = ("id", "patient_id", "kind", "number_sealed", "number_index", "tail")
    await session.execute(_ADD_CARDS, {name: [row[name] for row in rows] for name in names})


async def card_holders(session: Session, indexes: Sequence[bytes]) -> Sequence[Row]:
    """Whose some card numbers are."""
    return await session.all(_HOLDERS, {"indexes": list(indexes)})


async def list_cards_of(session: Session, patient_ids: Sequence[UUID]) -> Sequence[Row]:
    """The cards of some patients."""
    return await session.all(_CARDS_OF, {"patients": list(patient_ids)})


async def list_by_ids(session: Session, indexes: Sequence[bytes]) -> Sequence[Row]:
    """Which patients have some ids; of two files of one person the older one last, so that it is the one that is named."""
    return await session.all(_BY_IDS, {"indexes": list(indexes)})


async def list_cards(session: Session, patient_id: UUID) -> Sequence[Row]:
    """A patient's cards, by kind."""
    return await session.all(select(card).where(card.c.patient_id == patient_id).order_by(card.c.kind, card.c.id))


async def add_visit(session: Session, row: Mapping[str, object]) -> None:
    """Write a visit; one of that number stays as it is."""
    await session.execute(_ADD_VISIT, row)


async def find_visit(session: Session, visit_no: str) -> Row | None:
    """One visit by number, with its patient's number."""
    query = select(visit, patient.c.patient_no).join(patient, (patient.c.tenant_id == visit.c.tenant_id) & (patient.c.id == visit.c.patient_id))
    return await session.one_or_none(query.where(visit.c.visit_no == visit_no))


async def close_visit(session: Session, visit_id: UUID, status: str, on: dt.date) -> None:
    """A visit is over."""
    await session.execute(update(visit).where(visit.c.id == visit_id).values(status=status, discharged_on=on))


async def list_visits(session: Session, patient_id: UUID, limit: int = 50) -> Sequence[Row]:
    """A patient's visits, the newest first."""
    return await session.all(select(visit).where(visit.c.patient_id == patient_id).order_by(visit.c.began_on.desc(), visit.c.id.desc()).limit(limit))
