"""Another phone for a guardian on the roster: asked by who keeps the roster, agreed by a second person, for it is the way to bind."""

import base64
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from core.approvals import service as approvals
from core.database import Row, Session
from core.errors import InvalidRequest
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import TenantKeys
from core.masking import mask_name, mask_phone
from core.payers import service as payers
from core.payers.login import phone_of
from core.search.marks import marks
from plugins.education.roster import repository
from plugins.education.roster.errors import StudentNotFound
from plugins.education.roster.service import party_of

MANAGE, CHECK = "education.student.manage", "education.student.check"
KIND = "education.student.phone"
OBJECT = "student"


class PhoneUnchanged(InvalidRequest):
    code = "PHONE_UNCHANGED"
    message = "新手机号与登记的相同，无需变更"


class PhoneChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which guardian (1 or 2) has which phone now, and why: how it was made sure who asks."""

    guardian: Literal[1, 2]
    phone: Annotated[str, msgspec.Meta(max_length=32)]
    reason: Annotated[str, msgspec.Meta(max_length=200)]


async def propose(session: Session, keys: TenantKeys, student_id: UUID, asked: PhoneChange, by: Actor) -> UUID:
    """Ask for another phone; what waits holds it sealed, and shows it masked."""
    student = await repository.find(session, student_id)
    if student is None or not by.reaches(MANAGE, student.class_id):
        raise StudentNotFound()
    phone, before, other = phone_of(asked.phone), _present(keys, student, asked.guardian), 3 - asked.guardian
    if phone == before:
        raise PhoneUnchanged()
    proposal = {
        "guardian": asked.guardian,
        "student": f"{mask_name(student.name)} {student.student_no}",
        "before": mask_phone(before) if before else "",
        "after": mask_phone(phone),
        "_sealed": base64.b64encode(keys.seal(phone)).decode(),
        "_family": base64.b64encode(keys.index("family", phone)).decode(),
        "_marks": [[base64.b64encode(mark).decode() for mark in pair] for pair in marks(keys, (phone, _present(keys, student, other)))],
    }
    title = f"变更登记手机号 {mask_name(student.name)}（{student.student_no}）"
    return await approvals.propose(
        session, by, kind=KIND, title=title, subject_id=student_id, proposal=proposal, reason=asked.reason, org_id=student.class_id
    )


async def change(session: Session, student_id: UUID, proposal: dict, by: Actor) -> None:
    """The second person agreed: codes go to the new phone from now on. The first guardian's phone also says who is one family."""
    if await repository.lock(session, student_id) is None:
        raise StudentNotFound()
    guardian = proposal["guardian"]
    await repository.set_phone(session, student_id, guardian, base64.b64decode(proposal["_sealed"]))
    found_by = tuple(tuple(base64.b64decode(mark) for mark in pair) for pair in proposal.get("_marks", ()))
    await payers.set_phones(session, {student_id: found_by})
    if guardian == 1:
        row = await repository.find(session, student_id)
        await payers.upsert_parties(session, [msgspec.structs.replace(party_of(row), family_index=base64.b64decode(proposal["_family"]))])
    await audit.record(
        session, by, "education.student.phone", OBJECT, student_id, before={"phone": proposal["before"]}, after={"phone": proposal["after"]},
        reason=proposal["reason"],
    )  # fmt: skip


def describe(proposal: dict) -> list[tuple[str, str, str]]:
    """What would change, for the second person."""
    return [(f"{proposal['student']} 家长{proposal['guardian']}手机号", proposal["before"], proposal["after"])]


def _present(keys: TenantKeys, student: Row, guardian: int) -> str | None:
    sealed = student.guardian1_phone_sealed if guardian == 1 else student.guardian2_phone_sealed
    return keys.open(sealed) if sealed else None
