"""Visits: opened once by number; the same number again is the same visit or a mistake."""

import datetime as dt
from uuid import UUID

from core import clock, ids
from core.database import Row, Session
from core.errors import InvalidRequest
from core.identity import audit
from core.identity.actor import Actor
from plugins.medical.organisation import service as organisation
from plugins.medical.patients import repository, service
from plugins.medical.patients.errors import VisitDiffers, VisitNotFound
from plugins.medical.patients.schemas import VisitDraft
from plugins.medical.patients.states import VISIT

_WORDS = {"patient_id": "患者", "kind": "就诊类型", "department_id": "科室", "began_on": "就诊日期"}
"""What must not differ when a number comes again; the doctor of a visit may change."""


async def open_visit(session: Session, draft: VisitDraft) -> UUID:
    """A new visit; the same number and facts again are the same visit, other facts are refused (VisitDiffers)."""
    patient = await service.find_by_no(session, draft.patient_no)
    department_id = await organisation.department(session, draft.department_code) if draft.department_code else None
    row = {
        "id": ids.uuid7(), "visit_no": draft.visit_no, "patient_id": patient.id, "kind": draft.kind, "department_id": department_id,
        "doctor": draft.doctor, "began_on": draft.began_on,
    }  # fmt: skip
    await repository.add_visit(session, row)
    kept = await repository.find_visit(session, draft.visit_no)
    differing = [word for name, word in _WORDS.items() if getattr(kept, name) != row[name]]
    if differing:
        raise VisitDiffers(visit_no=draft.visit_no, fields="、".join(differing))
    return kept.id


async def find(session: Session, visit_no: str) -> Row:
    """One visit by number, with `patient_no`; VisitNotFound otherwise."""
    row = await repository.find_visit(session, visit_no)
    if row is None:
        raise VisitNotFound()
    return row


async def close(session: Session, visit_no: str, by: Actor, on: dt.date | None = None) -> Row:
    """The visit is over, on a day between its first and today (left out: today). Closed again it stays as it is; IllegalTransition once cancelled."""
    row = await find(session, visit_no)
    if row.status == "closed":
        return row
    day, status = on or clock.today(), VISIT.check(row.status, "closed")
    if not row.began_on <= day <= clock.today():
        raise InvalidRequest("结束日期应在就诊日期与今天之间", field="on")
    await repository.close_visit(session, row.id, status, day)
    await audit.record(session, by, "medical.visit.close", "visit", row.id, before={"status": row.status}, after={"status": status})
    return await find(session, visit_no)
