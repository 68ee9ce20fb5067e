"""Patients in the console: the list, and one patient with cards, visits and history."""

from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core.database import Session
from core.identity.actor import Actor
from core.platform import Platform
from core.web.filters import status_label
from core.web.templating import render
from plugins.medical.patients import lists
from plugins.medical.patients.states import INSURANCES

READ = {"permission": lists.READ}
IMPORT = "medical.patient.import"


@get("/console/medical/patients", opt=READ, include_in_schema=False)
async def patient_list(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    q: FromQuery[str] = "",
    insurance: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response:
    """Patients by name, initials, number, phone, card."""
    keys = await platform.vault.keys(session)
    found = await lists.list_patients(session, keys, actor, words=q, insurance=insurance, cursor=cursor)
    return render(
        request, "medical/patients.html", found=found, insurances=[(code, status_label(code, "medical.insurance")) for code in INSURANCES],
        may_import=actor.may(IMPORT), may_export=actor.may("exports.make"), filtered=bool(q or insurance),
    )  # fmt: skip


@get("/console/medical/patients/{patient_id:uuid}", opt=READ, include_in_schema=False)
async def patient_page(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    patient_id: FromPath[UUID],
) -> Response:
    """One patient."""
    found = await lists.read_patient(session, patient_id, actor, await platform.vault.keys(session))
    return render(
        request, "medical/patient.html", patient=found, age=lists.age_of(found.birth_on), sees_orders=actor.may("medical.order.read"),
        sees_bindings=actor.may("payers.binding.read"),
    )  # fmt: skip


ROUTES = [patient_list, patient_page]
