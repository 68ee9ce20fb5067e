"""A difference's remedy says that HIS should post, correct or take back: it is asked until it has said yes or no, and the remedy gets its answer."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from uuid import UUID

import msgspec
import structlog

from core import clock
from core.database import Row, Session
from core.events import RepostAsked
from core.identity.actor import system
from core.jobs import service as jobs
from core.platform import Platform
from core.reconciliation import rights
from core.reconciliation.remedies import reposts
from core.web.i18n import N_
from plugins.medical.his import client, posting, repository, service
from plugins.medical.his.client import His
from plugins.medical.his.wire import Told
from plugins.medical.orders.states import PAID

log = structlog.get_logger()
LEASE = dt.timedelta(seconds=60)
AT_ONCE = 20
LADDER_SECONDS = (10, 30, 120, 600, 1800)
MOST_TRIES = 20
NO_ORDER = N_("没有找到对应的诊疗订单")
NOT_OURS = N_("金额与平台账不一致，请人工核对")
IS_PAID = N_("这笔订单平台已收款，不能在 HIS 撤销")
IS_GONE = N_("这笔订单已退款")
NO_ANSWER = N_("HIS 一直没有可信的应答")
NOT_FITTING = N_("这类差异不能由 HIS 补记")


class Outcome(msgspec.Struct, frozen=True):
    """`accepted` None: not known yet."""

    accepted: bool | None
    serial: str = ""
    message: str = ""


Doer = Callable[[His, Row], Awaitable[Outcome]]
_DOERS: dict[str, Doer] = {}


def register(kind: str, doer: Doer) -> None:
    """Let a feature carry out what concerns it (`refund`)."""
    _DOERS[kind] = doer


async def keep(session: Session, event: RepostAsked) -> None:
    """Remember what was asked, once; without a link it stays with `GET /api/v1/reposts`, where HIS asks by itself."""
    if await repository.find_link(session) is None:
        return
    order_id = await repository.find_traded(session, event.number, event.order_number, event.bill_number)
    if order_id is None and event.klass != "SH2":
        return
    row = {
        "remedy_id": event.remedy_id, "klass": event.klass, "kind": event.kind, "number": event.number, "order_id": order_id,
        "amount_fen": event.amount_fen, "due_at": clock.now(), "status": "asked",
    }  # fmt: skip
    await repository.add_repost(session, row)
    await jobs.call_worker(session)


async def carry_out_due(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """Go on with every re-post of a client whose turn it is; answers when the next one is due."""
    his = await service.reach(platform, tenant_id)
    if his is None:
        return None
    now = clock.now()
    async with platform.database.tenant(tenant_id) as session:
        works = await repository.claim_reposts(session, now, now + LEASE, AT_ONCE)
    outcomes = await asyncio.gather(*(_advance(his, work) for work in works), return_exceptions=True)
    for work, outcome in zip(works, outcomes, strict=True):
        if isinstance(outcome, BaseException):
            log.error("repost_not_advanced", remedy_id=str(work.remedy_id), exc_info=outcome)
    async with platform.database.tenant(tenant_id) as session:
        return await repository.next_repost(session)


async def _advance(his: His, work: Row) -> None:
    if work.klass == "SH2":
        outcome = await _take_back(his, work)
    elif work.kind == "pay":
        outcome = await _post(his, work)
    else:
        outcome = await _DOERS[work.kind](his, work) if work.kind in _DOERS else Outcome(False, message=NOT_FITTING)
    async with his.platform.database.tenant(his.tenant_id) as session:
        await _keep(session, work, outcome)


async def _keep(session: Session, work: Row, outcome: Outcome) -> None:
    accepted = outcome.accepted
    if accepted is None and work.tries < MOST_TRIES:
        wait = LADDER_SECONDS[min(work.tries, len(LADDER_SECONDS)) - 1]
        await repository.change_repost(session, work.remedy_id, due_at=clock.now() + dt.timedelta(seconds=wait), message=outcome.message)
        return
    message = outcome.message if accepted is not None else NO_ANSWER
    status = "accepted" if accepted else "refused"
    await repository.change_repost(session, work.remedy_id, status=status, due_at=None, message=message or None)
    by = msgspec.structs.replace(system(session.tenant_id, "HIS"), rights={rights.HANDLE: None})
    await reposts.answer(session, work.remedy_id, by, accepted=bool(accepted), serial=outcome.serial, message=message)


async def _post(his: His, work: Row) -> Outcome:
    """HIS books what it lacks, or our amount in place of its own; unknown is asked about first."""
    async with his.platform.database.tenant(his.tenant_id) as session:
        found = await repository.list_postings(session, [work.order_id])
    order = found[0]
    if order.status not in PAID:
        return Outcome(False, message=IS_GONE)
    trades = {trade["number"]: trade["amount_fen"] for trade in order.trades}
    if trades.get(work.number) != work.amount_fen:
        return Outcome(False, message=NOT_OURS)
    told = await posting.post(his, order, ask_first=True)
    if told.state == "posted" and told.amount_fen != order.cash_fen:
        told = await client.correct_payment(his, order.number, order.cash_fen, order.id)
    if told.state == "posted" and told.amount_fen == order.cash_fen:
        async with his.platform.database.tenant(his.tenant_id) as session:
            await posting.believe(session, await repository.lock_order(session, order.id), told)
        return Outcome(True, told.serial)
    return outcome_of(told)


async def _take_back(his: His, work: Row) -> Outcome:
    """HIS has what nobody paid: it takes it out of its books."""
    number = work.number
    if work.order_id is not None:
        async with his.platform.database.tenant(his.tenant_id) as session:
            (order,) = await repository.list_postings(session, [work.order_id])
        if order.status in (*PAID, "refunded"):
            return Outcome(False, message=IS_PAID)
        number = order.number
    told = await client.cancel_payment(his, number, work.order_id)
    return Outcome(True, told.serial) if told.state == "cancelled" else outcome_of(told)


def outcome_of(told: Told) -> Outcome:
    """A no is a no; whatever cannot be believed is not known."""
    if told.state in ("refused", "cancelled", "absent"):
        return Outcome(False, message=told.message or {"cancelled": posting.CANCELLED, "absent": posting.NOT_THERE}.get(told.state, ""))
    return Outcome(None, message=told.message)
