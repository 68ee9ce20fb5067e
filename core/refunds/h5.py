"""A payer asks for money back on the phone: of a paid bill or of unused credit, and watches it come."""

import datetime as dt
from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import FromPath

from core import clock, ids, money
from core.billing.filters import day_of, uuid_of, word_of
from core.cashier import family
from core.database import Session
from core.errors import InvalidRequest, PlatformError
from core.payers.access import Payer
from core.payers.pages import action, actor_of, home, page
from core.platform import Platform
from core.refunds import desk, own, policy, timeline
from core.refunds.errors import RefundNotFound
from core.refunds.own import NOT_HERE
from core.refunds.schemas import RefundAsk, RefundRead
from core.refunds.words import CAUSES
from core.tenancy.directory import ClientProfile
from core.web.i18n import N_
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

NOT_ONLINE = ("退餐",)
"""Causes that the client settles by itself."""


@page("/refunds", permission="payer")
async def refund_list(
    request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer], client: NamedDependency[ClientProfile]
) -> Response[str]:
    """The family's refunds, and the credit that can be asked back."""
    known = await family.load(session, payer)
    context = {
        "refunds": [_spoken(refund) for refund in await own.listed(session, known)],
        "credits": await own.credits(session, known),
        "may_ask": family.may_ask_back(client),
    }  # fmt: skip
    return render(request, "refunds/h5_list.html", home=home(request), **context)


@page("/refunds/{refund_id:uuid}", permission="payer")
async def refund_page(
    request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer], refund_id: FromPath[UUID]
) -> Response[str]:
    """One refund and how far it is; somebody else's does not exist."""
    refund = _spoken(await own.find(session, payer, refund_id))
    live = refund.status in ("requested", "approved", "waiting_funds", "submitted", "processing")
    asked = await own.proposal(session, refund_id)
    context = {"refund": refund, "steps": timeline.steps(refund, (asked and asked.remark) or ""), "may_withdraw": own.may_withdraw(asked, payer)}
    return render(request, "refunds/h5_refund.html", refresh_seconds=5 if live else None, home=home(request), **context)


@action("/refunds/{refund_id:uuid}/withdraw", permission="payer")
async def withdraw(
    request: Request,
    session: NamedDependency[Session],
    payer: NamedDependency[Payer],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    refund_id: FromPath[UUID],
) -> Response:
    """Who asked takes it back while nobody has decided."""
    here = f"{home(request)}/refunds/{refund_id}"
    try:
        await own.withdraw(session, platform, client, payer, refund_id, actor_of(request, payer, client.id))
    except own.RefundUnderWay as error:
        return redirect(request, here, info=_(error.message))
    return redirect(request, here, success=_("已撤回，没有退款"))


def _spoken(refund: RefundRead) -> RefundRead:
    """With a reason that was chosen from the list in the reader's language."""
    return msgspec.structs.replace(refund, reason=_(refund.reason))


@page("/bills/{bill_id:uuid}/refund", permission="payer")
async def bill_form(
    request: Request,
    session: NamedDependency[Session],
    payer: NamedDependency[Payer],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    bill_id: FromPath[UUID],
) -> Response[str]:
    """What could go back of a bill, line by line, before anything is asked for."""
    own.check_own(await family.load(session, payer), bill_id)
    if not family.may_ask_back(client):
        return redirect(request, f"{home(request)}/bills/{bill_id}", info=_(NOT_HERE))
    return await _bill_form(request, session, client, platform, bill_id, dict(request.query_params), "")


@action("/bills/{bill_id:uuid}/refund", permission="payer")
async def ask_for_bill(
    request: Request,
    paying: NamedDependency[Payer],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    bill_id: FromPath[UUID],
) -> Response:
    """Ask, in a transaction of its own; a second tap on the same page is the same request, a refused one leaves nothing behind."""
    typed = {name: str(value) for name, value in (await request.form()).items()}
    if not family.may_ask_back(client):
        return redirect(request, f"{home(request)}/bills/{bill_id}", info=_(NOT_HERE))
    try:
        day = day_of(typed.get("effective_on"))
        cause = word_of(typed, "why")
        ask = RefundAsk(
            amount_fen=_amount(typed), reason=_reason(typed), bill_id=bill_id, effective_on=day, cause=cause if cause in CAUSES else None
        )
        async with platform.database.tenant(client.id) as session:
            own.check_own(await family.load(session, paying), bill_id)
            return await _asked(request, session, platform, client, paying, ask, typed)
    except PlatformError as error:
        if error.status >= 500 or error.status == 404:
            raise
        told = error.message
    async with platform.database.tenant(client.id) as session:
        own.check_own(await family.load(session, paying), bill_id)
        return await _bill_form(request, session, client, platform, bill_id, typed, told, status=422)


@action("/credit/refund", permission="payer")
async def ask_for_credit(
    request: Request,
    session: NamedDependency[Session],
    payer: NamedDependency[Payer],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
) -> Response:
    """Ask for unused credit, all that a person has."""
    known = await family.load(session, payer)
    typed = {name: str(value) for name, value in (await request.form()).items()}
    if not family.may_ask_back(client):
        return redirect(request, f"{home(request)}/refunds", info=_(NOT_HERE))
    mine = {member_id: fen for member_id, _name, fen in await own.credits(session, known)}
    party_id = uuid_of(typed.get("person"))
    if party_id not in mine:
        raise RefundNotFound()
    ask = RefundAsk(amount_fen=mine[party_id], reason=_("退回未使用的余额"), party_id=party_id)
    return await _asked(request, session, platform, client, payer, ask, typed)


async def _asked(
    request: Request, session: Session, platform: Platform, client: ClientProfile, payer: Payer, ask: RefundAsk, typed: dict[str, str]
) -> Response:
    refund_id = await own.ask(session, platform, client, payer, ask, typed, actor_of(request, payer, client.id))
    return redirect(request, f"{home(request)}/refunds/{refund_id}")


def _amount(typed: dict[str, str]) -> int:
    fen = money.yuan(typed.get("amount", ""))
    if fen <= 0:
        raise InvalidRequest(N_("请填写要退的金额"))
    return fen


def _reason(typed: dict[str, str]) -> str:
    told = " ".join(filter(None, (word_of(typed, "why"), word_of(typed, "reason"))))
    if not told:
        raise InvalidRequest(N_("请选择或填写退款原因"))
    return told[:200]


async def _bill_form(
    request: Request, session: Session, client: ClientProfile, platform: Platform, bill_id: UUID, typed: dict[str, str], error: str,
    status: int = 200,
) -> Response[str]:
    try:
        day: dt.date = policy.check_day(day_of(typed.get("effective_on"))) or clock.today()
    except PlatformError:
        day = clock.today()
    wanted = desk.Wanted(bill_id=bill_id, party_id=None, suspense_id=None, payment_id=None)
    quote = await desk.quote(session, platform, client, wanted, day)
    told = [(line.item_name, line.amount_fen or 0, [(_(label), _(value)) for label, value in line.explanation]) for line in quote.policy]
    by_rule = sum(line.amount_fen or 0 for line in quote.policy)
    return render(
        request, "refunds/h5_new.html", status=status, home=home(request), bill_id=bill_id, quote=quote, told=told, by_rule_fen=by_rule, day=day, typed=typed,
        error=error, reasons=[(cause, _(cause)) for cause in CAUSES if cause not in NOT_ONLINE], key=ids.token(),
    )  # fmt: skip


ROUTES = [refund_list, refund_page, withdraw, bill_form, ask_for_bill, ask_for_credit]
