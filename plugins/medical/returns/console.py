"""Returns in the console: the list, one return and what a person decides of it, the form at the window, and giving back what HIS did not take."""

from typing import Annotated

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody

from core import ids, money
from core.database import Session
from core.errors import PlatformError
from core.identity.actor import Actor
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.error_words import translated
from core.web.i18n import gettext as _
from core.web.templating import redirect, render
from plugins.medical.his import lists as his_lists
from plugins.medical.his.failures_console import PATH as FAILURES
from plugins.medical.returns import giving_back, lists, repository, reversing, rules, service
from plugins.medical.returns.schemas import ReturnAsk
from plugins.medical.returns.words import STATES

PATH = "/console/medical/returns"
ONE = PATH + "/{number:str}"
READ, MAKE, DECIDE = ({"permission": right} for right in (service.READ, service.MAKE, service.DECIDE))
Short = Annotated[str, msgspec.Meta(max_length=200)]


class ReturnForm(msgspec.Struct):
    """A return as the page posts it; `key` makes the same press the same return."""

    order_number: Short = ""
    patient_no: Short = ""
    amount: Short = ""
    reason: Short = ""
    idempotency_key: Short = ""


class WhyForm(msgspec.Struct):
    """A reason as the page posts it."""

    reason: Short = ""


@get(PATH, opt=READ, include_in_schema=False)
async def return_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[str | None] = None
) -> Response:
    """Every return with its state."""
    asked = lists.asked_of(request.query_params)
    states = [(code, _(label)) for code, label, _tone in STATES]
    page = await lists.list_returns(session, asked, cursor)
    return render(request, "medical/returns.html", found=page, asked=asked, states=states, may_make=actor.may(service.MAKE))


@get(PATH + "/new", opt=MAKE, include_in_schema=False)
async def return_form(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], order: FromQuery[str] = "", patient: FromQuery[str] = ""
) -> Response:
    """The form; with an order's number it says what can go back."""
    return await _form(request, session, ReturnForm(order_number=order[:64], patient_no=patient[:64]), {})


@post(PATH + "/new", opt=MAKE, include_in_schema=False)
async def make_return(
    request: Request, asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform],
    data: URLEncodedBody[ReturnForm],
) -> Response:
    """Ask for it; what is refused leaves nothing behind and is said beside the field."""
    try:
        fen = money.yuan(data.amount or "0")
        ask = msgspec.convert(
            {
                "his_refund_no": f"WEB-{data.idempotency_key}"[:64], "order_number": data.order_number.strip(), "patient_no": data.patient_no.strip(),
                "cash_fen": fen, "reason": data.reason.strip(),
            },
            ReturnAsk,
        )  # fmt: skip
        async with platform.database.tenant(client.id) as session:
            made = await service.request(session, client.settings, ask, asker)
    except (PlatformError, msgspec.ValidationError) as error:
        told = translated(error) if isinstance(error, PlatformError) else _("请填写订单号、患者编号、金额与原因")
        async with platform.database.tenant(client.id) as session:
            return await _form(request, session, data, {"amount": told}, status=422)
    return redirect(request, f"{PATH}/{made.number}", success=_("已提交：先撤销医保，再原路退现金部分"))


@get(ONE, opt=READ, include_in_schema=False)
async def return_page(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], number: FromPath[str]) -> Response:
    """One return."""
    found = await service.find(session, number)
    live = found.status in ("requested", "insurance_reversed", "refunding")
    return render(
        request, "medical/return.html", refresh_seconds=10 if live else None, found=found, may_make=actor.may(service.MAKE),
        may_decide=actor.may(service.DECIDE),
        may_see_refund=actor.may("refunds.refund.read"), may_see_his=actor.may(his_lists.READ),
    )  # fmt: skip


@post(ONE + "/again", opt=MAKE, include_in_schema=False)
async def ask_again(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], number: FromPath[str]) -> Response:
    """Have the insurer asked once more."""
    await reversing.again(session, number, actor)
    return redirect(request, f"{PATH}/{number}", success=_("已再次向医保申请撤销"))


@post(ONE + "/confirm", opt=DECIDE, include_in_schema=False)
async def confirm(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], number: FromPath[str], data: URLEncodedBody[WhyForm]
) -> Response:
    """A person has seen that the insurer took it back."""
    await reversing.confirm(session, number, data.reason, actor)
    return redirect(request, f"{PATH}/{number}", success=_("已记录医保撤销，现金部分开始退回"))


@post(ONE + "/give-up", opt=DECIDE, include_in_schema=False)
async def give_up(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], number: FromPath[str], data: URLEncodedBody[WhyForm]
) -> Response:
    """Give the return up."""
    await reversing.give_up(session, number, data.reason, actor)
    return redirect(request, f"{PATH}/{number}", info=_("已放弃退费，款项没有退出"))


@post(ONE + "/retry", opt=DECIDE, include_in_schema=False)
async def retry(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile], number: FromPath[str]
) -> Response:
    """Refund again what failed."""
    await service.retry(session, await service.id_of(session, number), actor, client.settings)
    return redirect(request, f"{PATH}/{number}", success=_("已重新退款"))


@post(FAILURES + "/{number:str}/refund", opt=DECIDE, include_in_schema=False)
async def give_back(
    request: Request, asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform], number: FromPath[str],
    data: URLEncodedBody[WhyForm],
) -> Response:
    """What HIS did not take goes back now, once HIS has made its number dead."""
    async with platform.database.tenant(client.id) as session:
        found = await his_lists.find_posting(session, number)
    try:
        made = await giving_back.by_person(platform, client.id, client.settings, found.id, asker, data.reason.strip() or _("HIS 没有入账"))
    except PlatformError as error:
        if error.status >= 500:
            raise
        return redirect(request, f"{FAILURES}/{number}", warning=translated(error))
    return redirect(request, f"{PATH}/{made}" if made else PATH, success=_("HIS 已作废这一笔，开始原路退回"))


async def _form(request: Request, session: Session, data: ReturnForm, errors: dict[str, str], status: int = 200) -> Response:
    order = await repository.find_order(session, data.order_number.strip()) if data.order_number.strip() else None
    left_fen = rules.left_of(order.cash_fen, order.refunded_fen, order.open_fen) if order and order.patient_no == data.patient_no.strip() else None
    data = data if data.idempotency_key else msgspec.structs.replace(data, idempotency_key=ids.token()[:40])
    return render(request, "medical/return_new.html", status=status, data=data, errors=errors, left_fen=left_fen)


ROUTES = [return_list, return_form, make_return, return_page, ask_again, confirm, give_up, retry, give_back]
