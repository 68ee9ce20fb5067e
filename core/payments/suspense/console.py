"""Suspense in the console: money that waits for its owner, and the proposal that gives it one."""

from collections.abc import Mapping
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core import money
from core.approvals import lists as approvals
from core.billing import lists as bills
from core.billing.filters import word_of
from core.database import Session
from core.errors import InvalidRequest, NotFound, PlatformError
from core.identity.actor import Actor
from core.payments import lists
from core.payments.story_schemas import SuspenseRead
from core.payments.suspense import desk as suspense_desk
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

PATH = "/console/suspense"
READ = {"permission": lists.READ_SUSPENSE}
NOT_TAKEN = ("SUSPENSE_TOO_SMALL", "BILL_NOT_OPEN", "NOTHING_TO_PAY", "AMOUNT_TOO_LARGE", "PARTIAL_NOT_ALLOWED", "INVALID_REQUEST")


@get(PATH, opt=READ, include_in_schema=False)
async def suspense_list(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    status: FromQuery[str] = "open",
    cursor: FromQuery[str | None] = None,
) -> Response:
    """What came unexpectedly; open items first of all."""
    wanted = "" if status == "all" else word_of({"status": status}, "status")
    page = await lists.list_suspense(session, wanted, "", actor, cursor)
    return render(request, "payments/suspense_list.html", found=page, tab=status)


@get(PATH + "/{item_id:uuid}", opt=READ, include_in_schema=False)
async def suspense_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], item_id: FromPath[UUID]
) -> Response:
    """One item and, for those who may, the form that proposes an owner."""
    return await _page(request, session, actor, await lists.suspense_item(session, item_id, actor), {}, {})


@post(PATH + "/{item_id:uuid}/propose", opt={"permission": lists.RESOLVE}, include_in_schema=False)
async def propose(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], item_id: FromPath[UUID]) -> Response:
    """Ask that the money go onto a bill or become a person's credit."""
    typed = {name: str(value) for name, value in (await request.form()).items()}
    item, errors = await lists.suspense_item(session, item_id, actor, lists.RESOLVE), {}
    amount_fen, bill_id, party_id = 0, None, None
    try:
        amount_fen = money.yuan(typed.get("amount", ""))
    except InvalidRequest as error:
        errors["amount"] = error.message
    try:
        if word_of(typed, "person"):
            party_id = (await suspense_desk.person_of_number(session, typed["person"], actor)).id
        else:
            number = word_of(typed, "number") or word_of(typed, "target")
            bill_id = (await bills.bill_of_number(session, number, actor, lists.RESOLVE)).id
    except NotFound as error:
        errors["person" if word_of(typed, "person") else "number"] = error.message
    if not word_of(typed, "reason"):
        errors["reason"] = _("请填写处理依据，复核人需要据此判断")
    if not errors:
        try:
            await suspense_desk.propose(
                session, item_id, actor, amount_fen=amount_fen, reason=word_of(typed, "reason"), bill_id=bill_id, party_id=party_id
            )
            return redirect(request, f"{PATH}/{item_id}", success=_("已提交，等待另一位同事复核"))
        except PlatformError as error:
            if error.code not in NOT_TAKEN:
                raise
            errors["amount"] = error.message
    return await _page(request, session, actor, item, typed, errors, status=422)


@post(PATH + "/{item_id:uuid}/close", opt={"permission": lists.RESOLVE}, include_in_schema=False)
async def close(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], item_id: FromPath[UUID]) -> Response:
    """Ask that a disagreement that was looked into be closed."""
    reason = word_of({name: str(value) for name, value in (await request.form()).items()}, "reason")
    if not reason:
        item = await lists.suspense_item(session, item_id, actor, lists.RESOLVE)
        return await _page(request, session, actor, item, {}, {"reason": _("请填写处理依据，复核人需要据此判断")}, status=422)
    await suspense_desk.propose_closing(session, item_id, actor, reason)
    return redirect(request, f"{PATH}/{item_id}", success=_("已提交，等待另一位同事复核"))


async def _page(
    request: Request,
    session: Session,
    actor: Actor,
    item: SuspenseRead,
    typed: Mapping[str, str],
    errors: dict[str, str],
    status: int = 200,
) -> Response:
    may_resolve = actor.may(lists.RESOLVE) and item.status == "open" and item.payment_id is not None
    waiting = [row for row in await approvals.about(session, item.id) if row.status == "waiting"]
    return render(
        request,
        "payments/suspense.html",
        status=status,
        item=item,
        waiting=waiting,
        may_resolve=may_resolve and not waiting,
        may_close=actor.may(lists.RESOLVE) and item.status == "open" and item.payment_id is None and not waiting,
        suggestions=await suspense_desk.suggestions(session, item, actor) if may_resolve else [],
        may_refund=actor.may("refunds.refund.make") and item.status == "open" and item.payment_id is not None,
        payment_linked=actor.may(lists.READ_PAYMENTS) and actor.reach(lists.READ_PAYMENTS) is None,
        typed=typed,
        errors=errors,
    )


ROUTES = [suspense_list, suspense_page, propose, close]
