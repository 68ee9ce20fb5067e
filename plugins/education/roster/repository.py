"""Students in the database: read whole for a comparison, written set-based, listed by keyset."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, text

from core.database import Row, Session
from core.payers.models import party
from plugins.education.roster.models import student

_ALL = select(student, party.c.name, party.c.family_index).join(party, (party.c.tenant_id == student.c.tenant_id) & (party.c.id == student.c.id))

STUDENT_COLUMNS = (
    "id student_no id_type id_sealed id_index id_tail_index gender birth_on register_sealed class_id boarding student_type entry_on status "
    "guardian1_name guardian1_relation guardian1_phone_sealed guardian2_name guardian2_phone_sealed remark"
).split()
_TYPES = {
    "id": "uuid", "id_sealed": "bytea", "id_index": "bytea", "id_tail_index": "bytea", "birth_on": "date", "register_sealed": "bytea",
    "class_id": "uuid", "entry_on": "date", "guardian1_phone_sealed": "bytea", "guardian2_phone_sealed": "bytea",
}  # fmt: skip
_UNNEST = ", ".join(f"CAST(:{name} AS {_TYPES.get(name, 'text')}[])" for name in STUDENT_COLUMNS)
_SET = ", ".join(f"{name} = excluded.{name}" for name in STUDENT_COLUMNS if name not in ("id", "student_no"))
_UPSERT = text(f"""
    INSERT INTO education.student AS old ({", ".join(STUDENT_COLUMNS)})
    SELECT * FROM unnest({_UNNEST})
    ON CONFLICT (tenant_id, id) DO UPDATE SET {_SET}, version = old.version + 1, changed_at = now()
""")

_BY_FACTS = text("""
    SELECT s.*, p.name FROM education.student s JOIN core.party p ON p.id = s.id
    WHERE s.student_no = :student_no AND s.id_tail_index = :id_tail_index AND p.name = :name
      AND s.status IN ('预录', '在读', '休学')
""")

_PLAN_AFRESH = text("SET LOCAL plan_cache_mode = force_custom_plan")
"""A connection keeps the plan it once made; one made while the school was empty would join 8,000 students row by row for seconds.

Only statements with a parameter are planned afresh.
"""

_SET_STATUS = text("UPDATE education.student SET status = :status, version = version + 1, changed_at = now() WHERE id = :id")
_SET_PHONE = {
    number: text(f"UPDATE education.student SET guardian{number}_phone_sealed = :sealed, version = version + 1, changed_at = now() WHERE id = :id")
    for number in (1, 2)
}
_COUNTS = text("SELECT class_id, status, count(*) AS students FROM education.student GROUP BY class_id, status")

_WITHOUT_MARKS = text("""
    SELECT s.id, s.guardian1_phone_sealed, s.guardian2_phone_sealed FROM education.student s
    WHERE NOT EXISTS (SELECT FROM core.party_phone n WHERE n.party_id = s.id) LIMIT :limit
""")


async def list_all(session: Session) -> Sequence[Row]:
    """Every student with the party's name, for a comparison or for pricing."""
    await session.execute(_PLAN_AFRESH)
    return await session.all(_ALL.where(party.c.plugin == "education"))


async def list_family(session: Session, family_index: bytes) -> Sequence[Row]:
    """The children of one family, the eldest entry first."""
    return await session.all(_ALL.where(party.c.family_index == family_index).order_by(student.c.entry_on, student.c.student_no))


async def find_by_number(session: Session, student_no: str) -> Row | None:
    """One student by number."""
    return await session.one_or_none(_ALL.where(student.c.student_no == student_no))


async def find(session: Session, student_id: UUID) -> Row | None:
    """One student."""
    return await session.one_or_none(_ALL.where(student.c.id == student_id))


async def lock(session: Session, student_id: UUID) -> Row | None:
    """One student, held."""
    return await session.one_or_none(select(student).where(student.c.id == student_id).with_for_update())


async def find_by_facts(session: Session, student_no: str, name: str, id_tail_index: bytes) -> Row | None:
    """The student whom a parent's facts describe, if all three fit."""
    return await session.one_or_none(_BY_FACTS, {"student_no": student_no, "name": name, "id_tail_index": id_tail_index})


async def list_present(session: Session, student_ids: Sequence[UUID]) -> Sequence[Row]:
    """Those of some students who are at school or about to be."""
    return await session.all(select(student).where(student.c.id.in_(student_ids), student.c.status.in_(("预录", "在读", "休学"))))


async def list_states(session: Session, student_ids: Sequence[UUID]) -> Sequence[Row]:
    """The states of some students."""
    return await session.all(select(student.c.id, student.c.status).where(student.c.id.in_(student_ids)))


async def lock_states(session: Session, student_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The states of some students by id, held in a fixed order."""
    found = select(student.c.id, student.c.status).where(student.c.id.in_(student_ids)).order_by(student.c.id).with_for_update()
    return {row.id: row.status for row in await session.all(found)}


async def list_without_marks(session: Session, limit: int) -> Sequence[Row]:
    """Students whose guardians' phones cannot be searched yet."""
    return await session.all(_WITHOUT_MARKS, {"limit": limit})


async def upsert(session: Session, rows: Sequence[dict[str, object]]) -> None:
    """Write students, new or changed, in one statement."""
    await session.execute(_UPSERT, {name: [row[name] for row in rows] for name in STUDENT_COLUMNS})


async def set_status(session: Session, student_id: UUID, status: str) -> None:
    """Move a student to another state (the caller checked the step)."""
    await session.execute(_SET_STATUS, {"id": student_id, "status": status})


async def set_phone(session: Session, student_id: UUID, guardian: int, sealed: bytes) -> None:
    """Another phone of the first or second guardian."""
    await session.execute(_SET_PHONE[guardian], {"id": student_id, "sealed": sealed})


async def list_page(session: Session, *, search: str, org_ids: list[UUID] | None, status: str | None, after: str, limit: int) -> Sequence[Row]:
    """Students by number, a page after a key; `search` fits name, pinyin initials or number."""
    query = _ALL.where(student.c.student_no > after).order_by(student.c.student_no).limit(limit)
    if org_ids is not None:
        query = query.where(student.c.class_id.in_(org_ids))
    if status:
        query = query.where(student.c.status == status)
    if search:
        fits = party.c.name.contains(search, autoescape=True) | party.c.name_pinyin.startswith(search.lower(), autoescape=True)
        query = query.where(fits | student.c.student_no.startswith(search, autoescape=True))
    return await session.all(query)


async def count_by_class(session: Session) -> Sequence[Row]:
    """How many students of each state a class has."""
    return await session.all(_COUNTS)
