"""A payer asks for money back through the API: what could go back, the asking, how far it is, taking it back."""

import datetime as dt
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core import clock
from core.cashier import family
from core.database import Session
from core.errors import InvalidRequest
from core.identity import idempotency
from core.once import HEADER
from core.payers.access import Payer
from core.payers.api import ROOT, TAGS, opt
from core.payers.pages import actor_of
from core.platform import Platform
from core.refunds import desk, own, policy
from core.refunds.errors import RefundNotFound
from core.refunds.schemas import PolicyLine, RefundAsk, RefundRead
from core.tenancy.directory import ClientProfile
from core.web.i18n import N_
from core.web.i18n import gettext as _

REFUNDS = ROOT + "/refunds"


class OwnAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So much of a bill, or (`party_id`) all unused credit of a person; `effective_on` is the day a child left, for what policies come to.
    `cause` is one of 退学 转学 休学 重复缴费 多缴 退餐 服务未提供."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    bill_id: UUID | None = None
    amount_fen: Annotated[int, msgspec.Meta(gt=0, le=10**13)] | None = None
    party_id: UUID | None = None
    effective_on: dt.date | None = None
    cause: str | None = None


class Credit(msgspec.Struct, frozen=True):
    """Unused credit of a person, fen."""

    party_id: UUID
    name: str
    amount_fen: int


class OwnRefunds(msgspec.Struct, frozen=True, kw_only=True):
    """The family's refunds, the newest first, and the credit that can be asked back; `online`: whether asking is possible here at all."""

    items: list[RefundRead]
    credits: list[Credit]
    online: bool


class OwnQuote(msgspec.Struct, frozen=True):
    """What can go back of a bill at most, and what each line's policy comes to, fen."""

    free_fen: int
    lines: list[PolicyLine]


@get(REFUNDS, opt=opt("payer"), tags=TAGS)
async def list_own_refunds(
    session: NamedDependency[Session], payer: NamedDependency[Payer], client: NamedDependency[ClientProfile]
) -> OwnRefunds:
    """The family's refunds and unused credit."""
    known = await family.load(session, payer)
    credits = [Credit(*each) for each in await own.credits(session, known)]
    return OwnRefunds(items=await own.listed(session, known), credits=credits, online=family.may_ask_back(client))


@get(REFUNDS + "/{refund_id:uuid}", opt=opt("payer"), tags=TAGS)
async def get_own_refund(session: NamedDependency[Session], payer: NamedDependency[Payer], refund_id: FromPath[UUID]) -> RefundRead:
    """One refund and how far it is; somebody else's does not exist (404)."""
    return await own.find(session, payer, refund_id)


@get(ROOT + "/bills/{bill_id:uuid}/refund-quote", opt=opt("payer"), tags=TAGS)
async def quote_own(
    session: NamedDependency[Session], payer: NamedDependency[Payer], client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform], bill_id: FromPath[UUID], effective_on: FromQuery[dt.date | None] = None,
) -> OwnQuote:
    """What could go back of a bill on a day (left out: today), before anything is asked for."""
    own.check_own(await family.load(session, payer), bill_id)
    wanted = desk.Wanted(bill_id=bill_id, party_id=None, suspense_id=None, payment_id=None)
    quote = await desk.quote(session, platform, client, wanted, policy.check_day(effective_on) or clock.today())
    return OwnQuote(quote.free_fen, quote.policy)


@post(REFUNDS, opt=opt("payer"), tags=TAGS, status_code=201)
async def ask_own(
    request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer], client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform], data: JSONBody[OwnAsk],
) -> Response[RefundRead]:
    """Ask for money back; somebody of the client decides. Needs an `Idempotency-Key`; 409 REFUNDS_NOT_ONLINE where the client wants to be
    asked in person."""
    own.check_online(client)
    known = await family.load(session, payer)
    by = actor_of(request, payer, client.id)

    async def work() -> idempotency.Answer:
        wanted = await _wanted(session, known, data)
        refund_id = await own.request(session, platform, client, payer, wanted, by)
        return idempotency.Answer(201, msgspec.to_builtins(await own.find(session, payer, refund_id)))

    answer = await idempotency.once(
        session, who=str(payer.session_id), route="POST payer refunds", key=request.headers.get(HEADER), body=await request.body(), work=work
    )
    return Response(answer.body, status_code=answer.status)


async def _wanted(session: Session, known: family.Family, data: OwnAsk) -> RefundAsk:
    if (data.bill_id is None) == (data.party_id is None):
        raise InvalidRequest(N_("请说明要退哪张账单，或谁的余额"))
    if data.bill_id is not None:
        own.check_own(known, data.bill_id)
        if data.amount_fen is None:
            raise InvalidRequest(N_("请填写要退的金额"))
        return RefundAsk(amount_fen=data.amount_fen, reason=data.reason, bill_id=data.bill_id, effective_on=data.effective_on, cause=data.cause)
    mine = {party_id: fen for party_id, _name, fen in await own.credits(session, known)}
    if data.party_id not in mine:
        raise RefundNotFound()
    if data.amount_fen not in (None, mine[data.party_id]):
        raise InvalidRequest(N_("余额只能全部退回"))
    return RefundAsk(amount_fen=mine[data.party_id], reason=data.reason or _("退回未使用的余额"), party_id=data.party_id)


@post(REFUNDS + "/{refund_id:uuid}/withdraw", opt=opt("payer"), tags=TAGS, status_code=200)
async def withdraw_own(
    request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer], client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform], refund_id: FromPath[UUID],
) -> RefundRead:
    """Who asked takes it back while nobody has decided; 409 REFUND_UNDER_WAY afterwards."""
    await own.withdraw(session, platform, client, payer, refund_id, actor_of(request, payer, client.id))
    return await own.find(session, payer, refund_id)


ROUTES = [list_own_refunds, get_own_refund, quote_own, ask_own, withdraw_own]
