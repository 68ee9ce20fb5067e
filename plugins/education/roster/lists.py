"""Students as staff look for them: within reach, ids and phones masked, names clear only for those who keep the roster (§3.8, §9)."""

from uuid import UUID

from core import paging
from core.billing.units import Units
from core.billing.units import load as load_units
from core.database import Row, Session
from core.identity.actor import Actor
from core.identity.vault import TenantKeys
from core.masking import mask_id, mask_name, mask_phone
from plugins.education.roster import repository, service
from plugins.education.roster.errors import StudentNotFound
from plugins.education.roster.models import STUDENT
from plugins.education.roster.schemas import Guardian, StudentPage, StudentRead, StudentRow

READ, MANAGE = "education.student.read", "education.student.manage"
LEVELS = 4


def shown_name(by: Actor, class_id: UUID, name: str) -> str:
    """A name in clear for whoever keeps this class' roster, masked for everybody else."""
    return name if by.reaches(MANAGE, class_id) else mask_name(name)


async def list_students(
    session: Session,
    by: Actor,
    units: Units,
    *,
    words: str,
    unit_id: UUID | None,
    status: str,
    cursor: str | None,
    limit: int = paging.PAGE,
) -> StudentPage:
    """Students by number; `words` is part of a name, pinyin initials or the beginning of a number."""
    if status and status not in STUDENT.states:
        raise StudentNotFound()
    last = paging.read_cursor(cursor, tuple[str])
    rows = await repository.list_page(
        session, search=words_of(words), org_ids=units.scope(unit_id), status=status or None, after=last[0] if last else "", limit=limit + 1
    )
    shown, more = paging.cut(rows, limit, lambda row: paging.write_cursor(row.student_no))
    return StudentPage([_row(row, by, units) for row in shown], more)


def words_of(typed: str) -> str:
    """What was typed into the search field, as it is looked for."""
    return " ".join(typed.replace("\0", "").split())[:64]


def _row(row: Row, by: Actor, units: Units) -> StudentRow:
    return StudentRow(
        id=row.id,
        student_no=row.student_no,
        name=shown_name(by, row.class_id, row.name),
        place=units.path(row.class_id, LEVELS),
        boarding=row.boarding,
        student_type=row.student_type,
        status=row.status,
        entry_on=row.entry_on,
    )


async def read_student(session: Session, student_id: UUID, by: Actor, keys: TenantKeys) -> StudentRead:
    """One student with guardians and brothers and sisters; StudentNotFound beyond the asker's reach."""
    row = await service.find(session, student_id, by)
    units = await load_units(session, by.reach(READ))
    family = await repository.list_family(session, row.family_index) if row.family_index else []
    others = [other for other in family if other.id != row.id]
    seen = [other for other in others if by.reaches(READ, other.class_id)]
    return StudentRead(
        id=row.id,
        student_no=row.student_no,
        name=shown_name(by, row.class_id, row.name),
        class_id=row.class_id,
        place=units.path(row.class_id, LEVELS),
        id_type=row.id_type,
        id_no=mask_id(keys.open(row.id_sealed)),
        gender=row.gender,
        register_no=mask_id(keys.open(row.register_sealed)) if row.register_sealed else None,
        boarding=row.boarding,
        student_type=row.student_type,
        status=row.status,
        entry_on=row.entry_on,
        remark=row.remark,
        version=row.version,
        guardians=_guardians(row, by, keys),
        siblings=[_row(other, by, units) for other in seen],
        other_children=len(others) - len(seen),
    )


def _guardians(row: Row, by: Actor, keys: TenantKeys) -> list[Guardian]:
    def named(name: str | None) -> str:
        return shown_name(by, row.class_id, name or "")

    found = [Guardian(named(row.guardian1_name), row.guardian1_relation, mask_phone(keys.open(row.guardian1_phone_sealed)))]
    if row.guardian2_name or row.guardian2_phone_sealed:
        phone = mask_phone(keys.open(row.guardian2_phone_sealed)) if row.guardian2_phone_sealed else ""
        found.append(Guardian(named(row.guardian2_name), "", phone))
    return found


def next_states(status: str) -> list[str]:
    """Where a student may go from here."""
    return [target for target in STUDENT.states if (status, target) in STUDENT.steps]
