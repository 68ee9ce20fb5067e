"""Applications for discounts in the console: applied, evidence checked, approved by three people, carried onto bills."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody

from core.billing import filters
from core.database import Session
from core.errors import PlatformError
from core.identity.actor import Actor
from core.web import statuses
from core.web.error_words import translated
from core.web.i18n import gettext as _
from core.web.templating import redirect, render
from plugins.education.people import history
from plugins.education.roster import lists as students
from plugins.education.roster import service as roster
from plugins.education.roster.errors import StudentNotFound
from plugins.education.standards import grants, lists, repository
from plugins.education.standards.forms import ReasonForm
from plugins.education.standards.models import GRANT, GRANTED

READ = {"permission": students.READ}
BASE = "/console/education/grants"
GRANT_PATH = BASE + "/{grant_id:uuid}"


class GrantForm(msgspec.Struct):
    """An application as the page posts it."""

    student_id: UUID
    discount_code: Annotated[str, msgspec.Meta(max_length=32)] = ""
    evidence: Annotated[str, msgspec.Meta(max_length=500)] = ""


@get(BASE, opt=READ, include_in_schema=False)
async def grant_list(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    status: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response:
    """Applications by state."""
    found = await lists.list_grants(session, actor, status, cursor)
    return render(request, "education/grants.html", found=found, chosen=status, state_options=[(s, status_label(s)) for s in GRANT.states])


@get(BASE + "/new", opt={"permission": grants.APPLY}, include_in_schema=False)
async def grant_new(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], student: FromQuery[str] = "") -> Response:
    """The form of an application for one student."""
    student_id = filters.uuid_of(student)
    if student_id is None:
        raise StudentNotFound()
    return await _form(request, session, actor, GrantForm(student_id=student_id), {})


@post(BASE, opt={"permission": grants.APPLY}, include_in_schema=False)
async def grant_apply(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], data: URLEncodedBody[GrantForm]) -> Response:
    """Apply; what is wrong is said beside the field."""
    try:
        grant_id = await grants.apply(session, data.student_id, data.discount_code, data.evidence, actor)
    except PlatformError as error:
        if error.code not in ("GRANT_WRONG", "GRANT_TAKEN"):
            raise
        return await _form(request, session, actor, data, {str(error.facts.get("field", "discount_code")): translated(error)})
    return redirect(request, f"{BASE}/{grant_id}", success=_("已申请，请另一位同事核验材料"))


async def _form(request: Request, session: Session, actor: Actor, data: GrantForm, errors: dict[str, str]) -> Response:
    student = await roster.find(session, data.student_id, actor)
    options = [(row.code, row.name, row.told) for row in await lists.list_discounts(session)]
    return render(
        request, "education/grant_new.html", status=422 if errors else 200, data=data, errors=errors, options=options,
        student_no=student.student_no, name=students.shown_name(actor, student.class_id, student.name),
    )  # fmt: skip


@get(GRANT_PATH, opt=READ, include_in_schema=False)
async def grant_page(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], grant_id: FromPath[UUID]) -> Response:
    """One application: where it stands, who did what, which bills it touches."""
    row = await grants.find(session, grant_id, actor)
    seen = actor.reaches("billing.bill.read", row.class_id)
    differing = await grants.differences(session, row) if seen and row.status in (*GRANTED, "revoked") else []
    part = row.applied_by_id == actor.id, actor.id in (row.applied_by_id, row.checked_by_id)
    return render(
        request, "education/grant.html", grant=lists.read_grant(row, actor), differing=differing, steps=_steps(row.status),
        told={d.code: f"{d.told}；{d.condition}" for d in await lists.list_discounts(session)}.get(row.code, ""),
        may_check=actor.reaches(grants.CHECK, row.class_id) and row.status == "applied", is_applicant=part[0],
        may_approve=actor.reaches(grants.APPROVE, row.class_id) and row.status == "evidence_checked", had_part=part[1],
        may_revoke=actor.reaches(grants.APPROVE, row.class_id) and row.status in GRANTED,
        may_carry=actor.reaches(grants.CARRY, row.class_id), events=await history.timeline(session, grant_id, "discount_grant"),
    )  # fmt: skip


def _steps(status: str) -> int:
    return {"applied": 1, "evidence_checked": 2, "approved": 3, "applied_to_bill": 4}.get(status, 0)


@post(GRANT_PATH + "/check", opt={"permission": grants.CHECK}, include_in_schema=False)
async def grant_check(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], grant_id: FromPath[UUID]) -> Response:
    """The evidence was seen."""
    await grants.check_evidence(session, grant_id, actor)
    return redirect(request, f"{BASE}/{grant_id}", success=_("材料已核验，等待批准"))


@post(GRANT_PATH + "/approve", opt={"permission": grants.APPROVE}, include_in_schema=False)
async def grant_approve(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], grant_id: FromPath[UUID]) -> Response:
    """A third person agrees."""
    job_id = await grants.approve(session, grant_id, actor)
    said = _("优惠已批准，正在计入未缴清的账单") if job_id else _("优惠已批准")
    return redirect(request, f"{BASE}/{grant_id}", success=said)


@post(GRANT_PATH + "/reject", opt=READ, include_in_schema=False)
async def grant_reject(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    grant_id: FromPath[UUID],
    data: URLEncodedBody[ReasonForm],
) -> Response:
    """Refuse, saying why."""
    await grants.reject(session, grant_id, data.reason, actor)
    return redirect(request, f"{BASE}/{grant_id}", info=_("申请已驳回"))


@post(GRANT_PATH + "/revoke", opt={"permission": grants.APPROVE}, include_in_schema=False)
async def grant_revoke(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    grant_id: FromPath[UUID],
    data: URLEncodedBody[ReasonForm],
) -> Response:
    """Take a granted discount back."""
    await grants.revoke(session, grant_id, data.reason, actor)
    return redirect(request, f"{BASE}/{grant_id}", info=_("优惠已撤销；已开的账单需另行调整"))


@post(GRANT_PATH + "/carry", opt={"permission": grants.CARRY}, include_in_schema=False)
async def grant_carry(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], grant_id: FromPath[UUID]) -> Response:
    """Propose the adjustments that bring the student's bills in step."""
    asked = await grants.carry(session, grant_id, actor)
    return redirect(request, f"{BASE}/{grant_id}", success=_("已提出 %(n)s 张账单的调整，等待另一位同事复核", n=len(asked)))


def status_label(status: str) -> str:
    """A state's word."""
    return statuses.word_of(status, "education.grant")[0]


async def count_waiting(session: Session, actor: Actor, status: str, permission: str) -> int:
    """How many applications wait in a state for somebody who had no part in them yet."""
    return await repository.count_grants(session, status, actor.reach(permission), actor.id)


ROUTES = [
    grant_list, grant_new, grant_apply, grant_page, grant_check, grant_approve, grant_reject, grant_revoke, grant_carry,
]  # fmt: skip
