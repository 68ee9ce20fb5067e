"""Patients and visits in the API: HIS keeps them, vendors open new ones. Whole files come through /api/v1/imports with kind `medical.patients`."""

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core import paging
from core.database import Session
from core.identity.actor import Actor
from core.platform import Platform
from plugins.medical.patients import keeping, lists, visits
from plugins.medical.patients.errors import VisitNotFound
from plugins.medical.patients.schemas import PatientKept, PatientPage, PatientRead, PatientWrite, VisitEnd, VisitKept, VisitWrite
from plugins.medical.vendors import service as vendors

TAGS = ["医疗 medical"]
READ, MANAGE, VISIT = {"permission": lists.READ}, {"permission": keeping.MANAGE}, {"permission": "medical.visit.make"}
PATIENTS = "/api/v1/medical/patients"


@get(PATIENTS, opt=READ, tags=TAGS)
async def list_patients(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    q: FromQuery[str] = "",
    insurance: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> PatientPage:
    """Patients by number; `q` is part of a name, initials, a number, a phone or its last four digits, or a card's number."""
    keys = await platform.vault.keys(session)
    return await lists.list_patients(session, keys, actor, words=q, insurance=insurance, cursor=cursor, limit=paging.page_size(limit))


@get(PATIENTS + "/{patient_no:str}", opt=READ, tags=TAGS)
async def get_patient(
    session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform], patient_no: FromPath[str]
) -> PatientRead:
    """One patient with cards and visits; ids, phones and cards masked."""
    return await lists.read_by_no(session, patient_no, actor, await platform.vault.keys(session))


@post(PATIENTS, opt=MANAGE, status_code=200, tags=TAGS)
async def keep_patient(
    session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform], data: JSONBody[PatientWrite]
) -> PatientKept:
    """Write a patient by number; the same again changes nothing. A vendor may only add: other facts than those on file are 409."""
    vendor = await vendors.vendor_of(session, actor)
    return await keeping.keep(session, await platform.vault.keys(session), data.draft(), actor, vendor)


@post("/api/v1/medical/visits", opt=VISIT, status_code=200, tags=TAGS)
async def open_visit(session: NamedDependency[Session], actor: NamedDependency[Actor], data: JSONBody[VisitWrite]) -> VisitKept:
    """Register a visit by number; the same again is the same visit, other facts are 409."""
    await vendors.vendor_of(session, actor)
    visit_id = await visits.open_visit(session, data.draft())
    return VisitKept(visit_id, data.visit_no, (await visits.find(session, data.visit_no)).status)


@post("/api/v1/medical/visits/{visit_no:str}/close", opt=VISIT, status_code=200, tags=TAGS)
async def close_visit(
    session: NamedDependency[Session], actor: NamedDependency[Actor], visit_no: FromPath[str], data: JSONBody[VisitEnd]
) -> VisitKept:
    """A visit is over, as HIS says; the same again changes nothing. A vendor ends nobody's visit (404)."""
    if await vendors.vendor_of(session, actor):
        raise VisitNotFound()
    row = await visits.close(session, visit_no, actor, data.on)
    return VisitKept(row.id, row.visit_no, row.status)


ROUTES = [list_patients, get_patient, keep_patient, open_visit, close_visit]
