"""A payer asks for money back on the phone: of a paid bill or of unused credit, and watches it come."""

import datetime as dt
from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import FromPath

from core import clock, ids, money
from core.billing import credit
from core.billing.errors import BillNotFound
from core.billing.filters import day_of, uuid_of, word_of
from core.cashier import family
from core.cashier.family import Family
from core.database import Session
from core.errors import InvalidRequest, PlatformError
from core.identity import idempotency
from core.payers.access import Payer
from core.payers.pages import action, actor_of, home, page
from core.platform import Platform
from core.refunds import desk, lists_repository, policy, service
from core.refunds.errors import RefundNotFound
from core.refunds.schemas import RefundAsk
from core.tenancy.directory import ClientProfile
from core.web.i18n import N_
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

REASONS = (N_("退学"), N_("转学"), N_("休学"), N_("重复缴费"), N_("多缴"), N_("服务未提供"))


@page("/refunds", permission="payer")
async def refund_list(request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer]) -> Response[str]:
    """The family's refunds, and the credit that can be asked back."""
    known = await family.load(session, payer)
    rows = await lists_repository.list_of_family(session, known.own_ids, _own_bills(known))
    return render(request, "refunds/h5_list.html", home=home(request), refunds=[service.read(row) for row in rows], credits=await _credits(session, known))


@page("/refunds/{refund_id:uuid}", permission="payer")
async def refund_page(
    request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer], refund_id: FromPath[UUID]
) -> Response[str]:
    """One refund and how far it is; somebody else's does not exist."""
    known = await family.load(session, payer)
    refund = await service.find(session, refund_id)
    if refund.party_id not in known.own_ids and refund.bill_id not in _own_bills(known):
        raise RefundNotFound()
    live = refund.status in ("requested", "approved", "waiting_funds", "submitted", "processing")
    return render(request, "refunds/h5_refund.html", refresh_seconds=5 if live else None, home=home(request), refund=refund)


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
    _own(await family.load(session, payer), bill_id)
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
    try:
        day = day_of(typed.get("effective_on"))
        ask = RefundAsk(amount_fen=_amount(typed), reason=_reason(typed), bill_id=bill_id, effective_on=day)
        async with platform.database.tenant(client.id) as session:
            _own(await family.load(session, paying), bill_id)
            return await _asked(request, session, platform, client, paying, ask, typed)
    except PlatformError as error:
        if error.status >= 500 or error.status == 404:
            raise
        told = error.message
    async with platform.database.tenant(client.id) as session:
        _own(await family.load(session, paying), bill_id)
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
    mine = {member_id: fen for member_id, _name, fen in await _credits(session, known)}
    party_id = uuid_of(typed.get("person"))
    if party_id not in mine:
        raise RefundNotFound()
    ask = RefundAsk(amount_fen=mine[party_id], reason=_("退回未使用的余额"), party_id=party_id)
    return await _asked(request, session, platform, client, payer, ask, typed)


async def _asked(
    request: Request, session: Session, platform: Platform, client: ClientProfile, payer: Payer, ask: RefundAsk, typed: dict[str, str]
) -> Response:
    by = actor_of(request, payer, client.id)

    async def work() -> idempotency.Answer:
        told = await desk.lines_of(session, platform, client, ask.bill_id, ask.effective_on) if ask.bill_id else None
        refund = await service.request(session, client.settings, ask, by, payer_id=payer.payer_id, told=told)
        return idempotency.Answer(303, str(refund.id))

    body = msgspec.json.encode({name: value for name, value in sorted(typed.items()) if not name.startswith("_")})
    answer = await idempotency.once(
        session, who=str(payer.session_id), route="POST /h5/refunds", key=typed.get("idempotency_key"), body=body, work=work
    )
    return redirect(request, f"{home(request)}/refunds/{answer.body}")


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


def _own_bills(known: Family) -> list[UUID]:
    return [bill.id for member in known.members if member.own for bill in member.bills]


def _own(known: Family, bill_id: UUID) -> None:
    """A bill opened by its pay code can be paid, and only its own people can ask money back."""
    if bill_id not in _own_bills(known):
        raise BillNotFound()


async def _credits(session: Session, known: Family) -> list[tuple[UUID, str, int]]:
    found = [(member.id, member.name, await credit.balance(session, [member.id])) for member in known.members if member.own]
    return [each for each in found if each[2] > 0]


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
    by_rule = sum(line.amount_fen or 0 for line in quote.policy)
    return render(
        request, "refunds/h5_new.html", status=status, home=home(request), bill_id=bill_id, quote=quote, by_rule_fen=by_rule, day=day, typed=typed,
        error=error, reasons=[_(reason) for reason in REASONS], key=ids.token(),
    )  # fmt: skip


ROUTES = [refund_list, refund_page, bill_form, ask_for_bill, ask_for_credit]
