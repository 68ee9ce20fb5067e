"""Correcting a bill from the console: each form names the version it was drawn from, gives a reason, and waits for a second person."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody

from core import money
from core.billing import corrections, credit, lists, service
from core.billing.errors import BillNotFound
from core.billing.schemas import BillRead, LineChange
from core.database import Session
from core.errors import InvalidRequest, PlatformError
from core.identity.actor import Actor
from core.web.i18n import N_
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

ADJUST = {"permission": lists.ADJUST}
Reason = Annotated[str, msgspec.Meta(max_length=200)]
BILL = "/console/bills/{bill_id:uuid}"


class ReasonForm(msgspec.Struct):
    """Why, and of which version."""

    version: int
    reason: Reason = ""


class CreditForm(msgspec.Struct):
    """Use the family's credit, once."""

    version: int
    idempotency_key: Annotated[str, msgspec.Meta(min_length=8, max_length=100)]


def _proposed(request: Request, bill: BillRead) -> Response:
    return redirect(request, f"/console/bills/{bill.id}", success=_("已提交，等待另一位同事复核"))


@post(BILL + "/void", opt=ADJUST, include_in_schema=False)
async def void(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    bill_id: FromPath[UUID],
    data: URLEncodedBody[ReasonForm],
) -> Response:
    """Ask that a wrong bill be voided."""
    bill = await lists.fresh_bill(session, bill_id, actor, data.version)
    await corrections.propose_void(session, bill, data.reason, actor)
    return _proposed(request, bill)


@post(BILL + "/write-off", opt=ADJUST, include_in_schema=False)
async def write_off(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    bill_id: FromPath[UUID],
    data: URLEncodedBody[ReasonForm],
) -> Response:
    """Ask that what an overdue bill still owes be given up."""
    bill = await lists.fresh_bill(session, bill_id, actor, data.version)
    await corrections.propose_write_off(session, bill, data.reason, actor)
    return _proposed(request, bill)


@get(BILL + "/adjust", opt=ADJUST, include_in_schema=False)
async def adjust_form(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], bill_id: FromPath[UUID]
) -> Response:
    """The form for other amounts."""
    bill = await lists.find_bill(session, bill_id, actor, lists.ADJUST)
    return render(request, "billing/adjust.html", bill=lists.masked(bill), typed={}, errors={})


@post(BILL + "/adjust", opt=ADJUST, include_in_schema=False)
async def adjust(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], bill_id: FromPath[UUID]) -> Response:
    """Ask that lines come to other amounts; what is wrong is said beside the field."""
    typed = {name: str(value) for name, value in (await request.form()).items()}
    bill = await lists.fresh_bill(session, bill_id, actor, _version(typed))
    changes, errors = _changes(bill, typed)
    reason = typed.get("reason", "").strip()
    if not reason or len(reason) > 200:
        errors["reason"] = _("请填写 1–200 字的原因，复核人需要据此判断")
    elif not errors and not changes:
        errors["reason"] = _("没有一项金额改变，无需提交")
    if errors:
        return render(request, "billing/adjust.html", status=422, bill=lists.masked(bill), typed=typed, errors=errors)
    await corrections.propose_adjust(session, bill, changes, reason, actor)
    return _proposed(request, bill)


@get(BILL + "/move", opt=ADJUST, include_in_schema=False)
async def move_form(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], bill_id: FromPath[UUID]
) -> Response:
    """The form for moving money to another bill."""
    bill = await lists.find_bill(session, bill_id, actor, lists.ADJUST)
    return await _move_page(request, session, actor, bill, {}, {})


@post(BILL + "/move", opt=ADJUST, include_in_schema=False)
async def move(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], bill_id: FromPath[UUID]) -> Response:
    """Ask that money paid on this bill lie on another."""
    typed = {name: str(value) for name, value in (await request.form()).items()}
    source, errors = await lists.fresh_bill(session, bill_id, actor, _version(typed)), {}
    amount_fen, target = 0, None
    try:
        amount_fen = money.yuan(typed.get("amount", ""))
    except InvalidRequest as error:
        errors["amount"] = error.message
    try:
        target = await lists.bill_of_number(session, typed.get("number") or typed.get("target", ""), actor)
    except BillNotFound:
        errors["number"] = _("请选择或填写您管辖范围内的账单号")
    reason = typed.get("reason", "").strip()
    if not reason or len(reason) > 200:
        errors["reason"] = _("请填写 1–200 字的原因，复核人需要据此判断")
    if not errors:
        try:
            await corrections.propose_move(session, source, target, amount_fen, reason, actor)
            return _proposed(request, source)
        except PlatformError as error:
            if error.code not in ("MOVE_NOT_POSSIBLE", "PARTIAL_NOT_ALLOWED", "NOTHING_TO_PAY", "BILL_NOT_OPEN", "AMOUNT_TOO_LARGE"):
                raise
            errors["amount"] = error.message
    return await _move_page(request, session, actor, source, typed, errors, status=422)


@post(BILL + "/use-credit", opt=ADJUST, include_in_schema=False)
async def use_credit(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    bill_id: FromPath[UUID],
    data: URLEncodedBody[CreditForm],
) -> Response:
    """Put the family's credit on the bill; a second press of the same page changes nothing."""
    bill = await lists.fresh_bill(session, bill_id, actor, data.version)
    people = [row.id for row in await lists.family(session, bill.party_id)]
    used = await credit.use(session, people, bill.id, actor, f"{bill.id}:{data.idempotency_key}")
    return redirect(request, f"/console/bills/{bill.id}", success=_("已用家庭余额抵缴 %(fen)s 元", fen=money.format_yuan(used)))


@post(BILL + "/choose", opt=ADJUST, include_in_schema=False)
async def choose(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], bill_id: FromPath[UUID]) -> Response:
    """Tick optional lines for a payer who asked for it."""
    form = await request.form()
    ticked = {int(value) for value in form.getall("line", []) if str(value).isdigit()}
    bill = await lists.fresh_bill(session, bill_id, actor, _version(form))
    await service.choose_lines(session, bill.id, ticked, actor, bill.version)
    return redirect(request, f"/console/bills/{bill.id}", success=_("可选项目已更新"))


def _version(typed: Mapping[str, object]) -> int:
    value = str(typed.get("version", ""))
    if not value.isdigit() or len(value) > 9:
        raise InvalidRequest(N_("页面不完整，请刷新后重新填写"))
    return int(value)


def _changes(bill: BillRead, typed: Mapping[str, str]) -> tuple[list[LineChange], dict[str, str]]:
    changes, errors = [], {}
    for line in bill.lines:
        field = f"net_{line.line_no}"
        if not typed.get(field, "").strip():
            continue
        try:
            net_fen = money.yuan(typed[field])
        except InvalidRequest as error:
            errors[field] = error.message
            continue
        if not 0 <= net_fen <= line.amount_fen:
            errors[field] = _("必须在 0 与原价 %(fen)s 元之间", fen=money.format_yuan(line.amount_fen))
        elif net_fen != line.net_fen:
            changes.append(LineChange(line.line_no, net_fen))
    return changes, errors


async def _move_page(
    request: Request, session: Session, actor: Actor, bill: BillRead, typed: Mapping[str, str], errors: dict[str, str], status: int = 200
) -> Response:
    others = [lists.masked(other) for other in await lists.open_bills_of_family(session, bill, actor)]
    return render(request, "billing/move.html", status=status, bill=lists.masked(bill), others=others, typed=typed, errors=errors)


ROUTES = [void, write_off, adjust_form, adjust, move_form, move, use_credit, choose]
