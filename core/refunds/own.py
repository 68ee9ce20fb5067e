"""A payer's own refunds: what is theirs to ask back, asking once, taking the asking back. The pages and the API stand on this."""

from collections.abc import Mapping
from uuid import UUID

import msgspec

from core.approvals import lists as approvals
from core.approvals import service as decisions
from core.billing import credit
from core.billing.errors import BillNotFound
from core.cashier import family
from core.cashier.family import Family
from core.database import Row, Session
from core.errors import Conflict
from core.identity import idempotency
from core.identity.actor import Actor
from core.payers.access import Payer
from core.platform import Platform
from core.refunds import desk, lists_repository, service
from core.refunds.errors import RefundNotFound
from core.refunds.schemas import RefundAsk, RefundRead
from core.refunds.states import UNASKED
from core.tenancy.directory import ClientProfile
from core.web.i18n import N_

NOT_HERE = N_("收费单位不在线上受理退款申请，请直接联系收费单位")


class RefundsNotOnline(Conflict):
    code = "REFUNDS_NOT_ONLINE"
    message = NOT_HERE


class RefundUnderWay(Conflict):
    code = "REFUND_UNDER_WAY"
    message = N_("这笔申请已经在办理，不能撤回")


def bills_of(known: Family) -> list[UUID]:
    """The family's own bills; one opened by its pay code can be paid, but nothing of it asked back."""
    return [bill.id for member in known.members if member.own for bill in member.bills]


def check_own(known: Family, bill_id: UUID) -> None:
    """BillNotFound for anybody else's."""
    if bill_id not in bills_of(known):
        raise BillNotFound()


def check_online(client: ClientProfile) -> None:
    """RefundsNotOnline where the client wants to be asked in person."""
    if not family.may_ask_back(client):
        raise RefundsNotOnline()


async def listed(session: Session, known: Family) -> list[RefundRead]:
    """The family's refunds, the newest first."""
    return [service.read(row) for row in await lists_repository.list_of_family(session, known.own_ids, bills_of(known))]


async def find(session: Session, payer: Payer, refund_id: UUID) -> RefundRead:
    """One of them; somebody else's does not exist."""
    known = await family.load(session, payer)
    refund = await service.find(session, refund_id)
    if refund.status in UNASKED or (refund.party_id not in known.own_ids and refund.bill_id not in bills_of(known)):
        raise RefundNotFound()
    return refund


async def credits(session: Session, known: Family) -> list[tuple[UUID, str, int]]:
    """Who of the family has unused credit, and how much, fen."""
    has = await credit.balances(session, known.own_ids)
    return [(member.id, member.name, has[member.id]) for member in known.members if member.own and has.get(member.id, 0) > 0]


async def proposal(session: Session, refund_id: UUID) -> Row | None:
    """The asking that a person of the client decides, waiting or decided."""
    return next((row for row in await approvals.about(session, refund_id) if row.kind == service.KIND), None)


def may_withdraw(asked: Row | None, payer: Payer) -> bool:
    """Only who asked, and only while nobody has decided."""
    return asked is not None and asked.status == "waiting" and asked.made_by_id == str(payer.payer_id)


async def withdraw(session: Session, platform: Platform, client: ClientProfile, payer: Payer, refund_id: UUID, by: Actor) -> None:
    """Take the asking back. Raises RefundUnderWay when it is being dealt with."""
    await find(session, payer, refund_id)
    asked = await proposal(session, refund_id)
    if asked is None or not may_withdraw(asked, payer):
        raise RefundUnderWay()
    await decisions.withdraw(session, decisions.kinds_of(platform.plugins, client.plugins), asked.id, by)


async def request(session: Session, platform: Platform, client: ClientProfile, payer: Payer, wanted: RefundAsk, by: Actor) -> UUID:
    """Ask; somebody of the client decides."""
    told = await desk.lines_of(session, platform, client, wanted.bill_id, wanted.effective_on) if wanted.bill_id else None
    return (await service.request(session, client.settings, wanted, by, payer_id=payer.payer_id, told=told)).id


async def ask(
    session: Session, platform: Platform, client: ClientProfile, payer: Payer, wanted: RefundAsk, typed: Mapping[str, str], by: Actor
) -> UUID:
    """Ask once, however often the form (`typed` carries its key) is sent; answers the refund."""

    async def work() -> idempotency.Answer:
        return idempotency.Answer(303, str(await request(session, platform, client, payer, wanted, by)))

    body = msgspec.json.encode({name: value for name, value in sorted(typed.items()) if not name.startswith("_")})
    answer = await idempotency.once(
        session, who=str(payer.session_id), route="POST /h5/refunds", key=typed.get("idempotency_key"), body=body, work=work
    )
    return UUID(answer.body)
