"""Students in the console: the list, one student with family, bills and history, and a change of status."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody

from core import clock
from core.billing import filters, units
from core.billing import service as billing
from core.billing.schemas import BillRead
from core.database import Session
from core.errors import Conflict, InvalidRequest, PlatformError
from core.identity.actor import Actor
from core.platform import Platform
from core.refunds import lists as refund_lists
from core.refunds import service as refunds
from core.tenancy.directory import ClientProfile
from core.web.error_words import translated
from core.web.filters import status_label
from core.web.i18n import gettext as _
from core.web.templating import redirect, render
from plugins.education.people import history
from plugins.education.pricing.rules import ENROLLED
from plugins.education.refunding import leaving
from plugins.education.roster import lists, phones, service
from plugins.education.roster.models import STUDENT
from plugins.education.roster.phones import PhoneChange
from plugins.education.roster.schemas import StudentRead
from plugins.education.standards import repository as standards_repository

READ = {"permission": lists.READ}
MANAGE = {"permission": lists.MANAGE}
LEAVING = "education.leaving"
BESIDE = {"ILLEGAL_TRANSITION": "status", "BAD_REFUND": "effective_on", "BAD_FILTER": "effective_on"}
"""What is refused, and the field it stands beside."""
STUDENT_PATH = "/console/education/students/{student_id:uuid}"


class StatusForm(msgspec.Struct):
    """A student's next state as the page posts it."""

    version: int
    status: Annotated[str, msgspec.Meta(max_length=10)] = ""
    reason: Annotated[str, msgspec.Meta(max_length=200)] = ""
    effective_on: Annotated[str, msgspec.Meta(max_length=10)] = ""


class PhoneForm(msgspec.Struct):
    """Another phone of a guardian as the page posts it."""

    guardian: Annotated[str, msgspec.Meta(max_length=1)] = "1"
    phone: Annotated[str, msgspec.Meta(max_length=32)] = ""
    why: Annotated[str, msgspec.Meta(max_length=200)] = ""


@get("/console/education/students", opt=READ, include_in_schema=False)
async def student_list(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    q: FromQuery[str] = "",
    status: FromQuery[str] = "",
    org: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response:
    """Students by name, pinyin initials, number, place and status."""
    tree = await units.load(session, actor.reach(lists.READ))
    found = await lists.list_students(session, actor, tree, words=q, unit_id=filters.uuid_of(org), status=status, cursor=cursor)
    return render(
        request, "education/students.html", found=found, units=tree.choices(), statuses=[(s, s) for s in STUDENT.states],
        may_import=actor.may(service.IMPORT), may_export=actor.may("exports.make"), filtered=bool(q or status or org),
    )  # fmt: skip


@get(STUDENT_PATH, opt=READ, include_in_schema=False)
async def student_page(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    student_id: FromPath[UUID],
) -> Response:
    """One student."""
    return await _page(request, session, actor, platform, student_id)


@post(STUDENT_PATH + "/status", opt=MANAGE, include_in_schema=False)
async def change_status(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    client: NamedDependency[ClientProfile],
    student_id: FromPath[UUID],
    data: URLEncodedBody[StatusForm],
) -> Response:
    """Move a student to another state; what is wrong is said beside the field."""
    errors = {}
    if not data.status:
        errors["status"] = _("请选择新的状态")
    if not data.reason.strip():
        errors["reason"] = _("请填写变更原因")
    if not errors:
        try:
            told = await service.change_status(
                session, student_id, data.status, data.reason, actor, data.version, settings=client.settings,
                effective_on=filters.day_of(data.effective_on),
            )  # fmt: skip
            said = _("学籍状态已变更。%(told)s", told=status_label(told.why, LEAVING)) if told.why else _("学籍状态已变更")
            return redirect(request, f"/console/education/students/{student_id}", success=said)
        except PlatformError as error:
            if error.code not in BESIDE:
                raise
            errors[BESIDE[error.code]] = translated(error)
    return await _page(request, session, actor, platform, student_id, data, errors)


@post(STUDENT_PATH + "/phone", opt=MANAGE, include_in_schema=False)
async def propose_phone(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    student_id: FromPath[UUID],
    data: URLEncodedBody[PhoneForm],
) -> Response:
    """Ask for another phone of a guardian; what is wrong is said beside the field."""
    try:
        asked = PhoneChange(2 if data.guardian == "2" else 1, data.phone, data.why)
        await phones.propose(session, await platform.vault.keys(session), student_id, asked, actor)
    except (InvalidRequest, Conflict) as error:
        field = "phone" if error.code in ("BAD_PHONE", "PHONE_UNCHANGED") else "why"
        return await _page(request, session, actor, platform, student_id, errors={field: translated(error)}, phone=data)
    return redirect(request, f"/console/education/students/{student_id}", success=_("已提交，等待另一位同事复核"))


async def _page(
    request: Request,
    session: Session,
    actor: Actor,
    platform: Platform,
    student_id: UUID,
    data: StatusForm | None = None,
    errors: dict | None = None,
    phone: PhoneForm | None = None,
) -> Response:
    student = await lists.read_student(session, student_id, actor, await platform.vault.keys(session))
    sees_money, sees_state = actor.reaches("billing.bill.read", student.class_id), actor.reaches("billing.status.read", student.class_id)
    bills = await billing.bills_of(session, [student_id]) if sees_money or sees_state else []
    return render(
        request, "education/student.html", status=409 if errors else 200, student=student, data=data, errors=errors or {},
        bills=bills, sees_money=sees_money,
        sees_bills=sees_money or sees_state,
        next_states=[(s, s) for s in lists.next_states(student.status)] if actor.reaches(lists.MANAGE, student.class_id) else [],
        grants=await standards_repository.list_grants_of(session, student_id),
        may_apply=student.status == ENROLLED and actor.reaches("education.discount.apply", student.class_id),
        may_manage=actor.reaches(lists.MANAGE, student.class_id), phone=phone or PhoneForm(),
        sees_bindings=actor.reaches("payers.binding.read", student.class_id),
        events=await history.timeline(session, student_id, "student"), today=clock.today(), **await _left(session, actor, student, bills),
    )  # fmt: skip


async def _left(session: Session, actor: Actor, student: StudentRead, bills: Sequence[BillRead]) -> dict[str, object]:
    """Refunds of somebody who leaves or left, why there is none, and what is still unpaid; nothing of it without the right to see refunds."""
    gone = student.status in leaving.CAUSES
    if not actor.reaches(refunds.READ, student.class_id):
        return {"refunds": [], "sees_refunds": False, "no_refund": "", "unpaid": 0}
    found = await refund_lists.list_of_person(session, student.id, actor)
    why = leaving.why_nothing(sum(bill.paid_fen for bill in bills))
    unpaid = leaving.unpaid(bills) if student.status in leaving.LEFT else 0
    return {"refunds": found, "sees_refunds": gone or bool(found), "no_refund": status_label(why, LEAVING), "unpaid": unpaid}


ROUTES = [student_list, student_page, change_status, propose_phone]
