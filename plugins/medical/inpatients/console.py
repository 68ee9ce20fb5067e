"""Inpatients in the console: the list, one stay with its money, and what a cashier does: take a deposit, begin a discharge, take failed returns up again."""

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody

from core import clock, money
from core.database import Session
from core.errors import Conflict, InvalidRequest, PlatformError
from core.identity import audit
from core.identity.actor import Actor
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.error_words import translated
from core.web.filters import status_label
from core.web.i18n import gettext as _
from core.web.templating import redirect, render
from plugins.medical.inpatients import daily, depositing, entry, lists, repository, service, words
from plugins.medical.inpatients.schemas import DischargeAsk
from plugins.medical.inpatients.states import PRESENT

WORDS = words
READ, MAKE = {"permission": lists.READ}, {"permission": lists.MAKE}
BASE = "/console/medical/inpatients"
STAY = BASE + "/{admission_id:uuid}"
COUNTER = "/console/counter"
RUN = "counter.shift.run"


class DepositForm(msgspec.Struct):
    """An amount as the page posts it, yuan; `key` makes the same press one order."""

    amount: Annotated[str, msgspec.Meta(max_length=32)] = ""
    idempotency_key: Annotated[str, msgspec.Meta(max_length=80)] = ""


class ReasonForm(msgspec.Struct):
    """Why, where a deed asks for it."""

    reason: Annotated[str, msgspec.Meta(max_length=200)] = ""


@get(BASE, opt=READ, include_in_schema=False)
async def stay_list(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    q: FromQuery[str] = "",
    status: FromQuery[str] = "",
    due: FromQuery[str] = "",
    stuck: FromQuery[str] = "",
    department: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response:
    """Stays by status, department and the day on which the money has to be back."""
    reach = actor.reach(lists.READ)
    given = {"q": q, "status": status, "due": due, "stuck": stuck, "department": department}
    found = await lists.list_page(session, given, reach, cursor)
    return render(
        request, "medical/inpatients.html", found=found, departments=await repository.list_departments(session, reach),
        counts=await repository.counts(session, reach, clock.today()),
        statuses=[("present", _("在院（含待结算）")), ("leaving", _("出院办理中")), *((s, status_label(s, "medical.admission")) for s in lists.states())],
        dues=[("today", _("今天及以前到期")), ("overdue", _("已逾期")), ("week", _("一周内到期"))], may_export=actor.may("exports.make"),
        filtered=bool(q or status or due or stuck or department),
    )  # fmt: skip


@get(STAY, opt=READ, include_in_schema=False)
async def stay_page(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    admission_id: FromPath[UUID],
) -> Response:
    """One stay."""
    return await _page(request, session, actor, client, admission_id)


@post(STAY + "/deposits", opt=MAKE, include_in_schema=False)
async def take_deposit(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    admission_id: FromPath[UUID],
    data: URLEncodedBody[DepositForm],
) -> Response:
    """Make the order of a deposit and go to the window with its bill."""
    row = await lists.find(session, admission_id, actor, lists.MAKE)
    try:
        amount_fen = money.yuan(data.amount or "0")
        placed = await depositing.place(
            session, await platform.vault.keys(session), client.settings, row, amount_fen, "window", data.idempotency_key, actor
        )
    except (InvalidRequest, Conflict) as error:
        return await _page(request, session, actor, client, admission_id, {"amount": translated(error)}, data.amount)
    await audit.record(session, actor, "medical.admission.deposit", "admission", row.id, after={"amount_fen": amount_fen, "number": placed.number})
    return redirect(request, await _till(session, actor, placed.number, admission_id), success=_("已生成预交金订单，请收款"))


@post(STAY + "/discharge", opt=MAKE, include_in_schema=False)
async def ask_discharge(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], admission_id: FromPath[UUID]
) -> Response:
    """The patient leaves."""
    row = await lists.find(session, admission_id, actor, lists.MAKE)
    await service.ask_discharge(session, row.id, DischargeAsk(), actor)
    return redirect(request, f"{BASE}/{row.id}", success=_("已申请出院，等待 HIS 送来出院结算"))


@post(STAY + "/stay-on", opt=MAKE, include_in_schema=False)
async def stay_on(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], admission_id: FromPath[UUID], data: URLEncodedBody[ReasonForm]
) -> Response:
    """The patient stays after all."""
    row = await lists.find(session, admission_id, actor, lists.MAKE)
    await service.stay_on(session, row.id, actor, data.reason)
    return redirect(request, f"{BASE}/{row.id}", success=_("已撤回出院申请"))


@post(STAY + "/cancel", opt=MAKE, include_in_schema=False)
async def cancel(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], admission_id: FromPath[UUID], data: URLEncodedBody[ReasonForm]
) -> Response:
    """A stay that never happened."""
    row = await lists.find(session, admission_id, actor, lists.MAKE)
    try:
        await entry.cancel(session, row.id, data.reason, actor)
    except Conflict as error:
        return redirect(request, f"{BASE}/{row.id}", danger=translated(error))
    return redirect(request, f"{BASE}/{row.id}", success=_("已取消这次住院"))


@post(STAY + "/repeat", opt=MAKE, include_in_schema=False)
async def repeat(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    admission_id: FromPath[UUID],
) -> Response:
    """Take failed or refused returns up again."""
    row = await lists.find(session, admission_id, actor, lists.MAKE)
    try:
        await service.repeat(session, await platform.vault.keys(session), client.settings, row.id, actor)
    except PlatformError as error:
        return redirect(request, f"{BASE}/{row.id}", danger=translated(error))
    return redirect(request, f"{BASE}/{row.id}", success=_("已重新办理"))


async def _till(session: Session, by: Actor, number: str, admission_id: UUID) -> str:
    """The window with the order's bill, for those who run one; else the stay itself."""
    bill_number = await repository.bill_of_order(session, number)
    if bill_number is None or not by.may(RUN):
        return f"{BASE}/{admission_id}"
    return f"{COUNTER}?{urlencode({'q': bill_number})}"


async def _page(
    request: Request, session: Session, actor: Actor, client: ClientProfile, admission_id: UUID, errors: dict[str, str] | None = None, typed: str = ""
) -> Response:
    row = await lists.find(session, admission_id, actor)
    stay = await lists.read(session, row)
    may = actor.reaches(lists.MAKE, row.department_id)
    least, most, offered = entry.limits(client.settings)
    return render(
        request, "medical/inpatient.html", status=422 if errors else 200, stay=stay, name=row.name, days=await daily.lists(session, row.id),
        categories=daily.by_category(await repository.list_lists(session, row.id)), errors=errors or {}, typed=typed, key=depositing.new_key(),
        may=may, may_take=may and row.status in PRESENT, may_collect=actor.may(RUN), least=least, most=most, offered=offered,
        due_bill=await repository.bill_of_order(session, row.discharge_order) if row.discharge_order else None,
        may_patients=actor.may("medical.patient.read"), may_orders=actor.may("medical.order.read"), may_returns=actor.may("medical.return.read"),
        today=clock.today(),
    )  # fmt: skip


ROUTES = [stay_list, stay_page, take_deposit, ask_discharge, stay_on, cancel, repeat]
