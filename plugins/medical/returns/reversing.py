"""The insurer takes its part back before any cash moves: one number however often it is asked, an answer that is lost is asked about."""

import datetime as dt

from core import clock
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from core.jobs import service as jobs
from core.refunds import service as refunds
from core.refunds import stopping
from core.web.i18n import N_
from plugins.medical.his import client, posting
from plugins.medical.his.client import His
from plugins.medical.his.wire import Told
from plugins.medical.insurance.states import SETTLEMENT
from plugins.medical.returns import repository, service
from plugins.medical.returns.errors import BadReturn, ReturnNotFound, ReturnNotRefused
from plugins.medical.returns.states import RETURN

LADDER_SECONDS = (10, 30, 120, 600)
"""Waits after an answer that cannot be believed; the last one again and again."""
MOST_TRIES = 12
"""After an hour and a half of silence a person is asked."""
SILENT = N_("医保撤销久无应答，请与医保办核对后处置")
NO_HIS = N_("没有接入 HIS，无法撤销医保；请在医保平台撤销后在此确认，或接入 HIS 后再撤销")
OTHER_AMOUNT = N_("医保撤销应答的金额与我方不符，请与医保办核对")


async def advance(his: His, work: Row) -> None:
    """Ask the insurer once, or ask what became of it."""
    async with his.platform.database.tenant(his.tenant_id) as session:
        held = await repository.lock_settlement(session, work.settlement_id)
        if held.status == "reversed":
            await decide(session, work, Told(state="posted", amount_fen=work.insured_fen))
            return
        again = held.status == "reversing"
        reversal_no = held.reversal_no or work.number
        if not again:
            values = {"status": SETTLEMENT.check(held.status, "reversing"), "reversal_no": reversal_no}
            await repository.change_settlement(session, held.id, reversal_tries=held.reversal_tries + 1, **values)
    told = await client.query_reversal(his, work.setl_id, work.order_id) if again else Told(state="absent")
    if told.state == "absent":
        told = await client.reverse_insurance(his, work.setl_id, reversal_no, work.order_id, work.insured_fen)
    async with his.platform.database.tenant(his.tenant_id) as session:
        await decide(session, work, told)


async def decide(session: Session, work: Row, told: Told) -> None:
    """What was said becomes the settlement's and the return's state."""
    held = await repository.lock_settlement(session, work.settlement_id)
    if held.status == "reversed":
        await _reversed(session, work)
    elif told.state == "posted" and told.amount_fen == work.insured_fen:
        await _take_back(session, held)
        await _reversed(session, work)
    elif told.state == "posted":
        await posting.keep(session, work.order_id, "amount", str(work.insured_fen), str(told.amount_fen))
        await _refused(session, work, held, OTHER_AMOUNT, keep=True)
    elif told.state == "refused":
        await _refused(session, work, held, told.message, keep=False)
    elif work.tell_tries >= MOST_TRIES:
        await _refused(session, work, held, told.message or SILENT, keep=True)
    else:
        wait = LADDER_SECONDS[min(work.tell_tries, len(LADDER_SECONDS) - 1)]
        await repository.change_settlement(session, held.id, reversal_error=told.message[:200])
        await repository.change(session, work.id, due_at=clock.now() + dt.timedelta(seconds=wait), error=told.message[:200])


async def leave_to_people(session: Session, now: dt.datetime) -> None:
    """Without HIS nobody can be asked: a person takes it back at the insurer and says so, has HIS connected again, or gives the return up."""
    for work in await repository.list_unasked(session, now):
        held = await repository.lock_settlement(session, work.settlement_id)
        if held.status == "reversed":
            await _reversed(session, work)
        else:
            await _refused(session, work, held, NO_HIS, keep=True)


async def again(session: Session, number: str, by: Actor) -> None:
    """A person has the insurer asked once more. Raises ReturnNotRefused."""
    work = await _refused_one(session, number)
    await repository.change(session, work.id, status=RETURN.check(work.status, "requested"), due_at=clock.now(), tell_tries=0, error=None)
    await jobs.call_worker(session)
    await audit.record(session, by, "medical.return.again", "med_return", work.id, before={"error": work.error})


async def confirm(session: Session, number: str, reason: str, by: Actor) -> None:
    """A person has seen at the insurer that the settlement was taken back there: the cash may go. Raises ReturnNotRefused, BadReturn without a reason."""
    _check_reason(reason)
    work = await _refused_one(session, number)
    held = await repository.lock_settlement(session, work.settlement_id)
    await _take_back(session, held)
    await repository.change(session, work.id, status=RETURN.check(work.status, "requested"), error=None, due_at=None)
    await _reversed(session, work)
    await audit.record(session, by, "medical.return.confirm_reversed", "med_return", work.id, after={"setl_id": work.setl_id}, reason=reason)


async def give_up(session: Session, number: str, reason: str, by: Actor) -> None:
    """A person gives the return up: the cash stays, its refund is stopped. Raises ReturnNotRefused, BadReturn without a reason."""
    _check_reason(reason)
    work = await _refused_one(session, number)
    if work.refund_id is not None:
        await stopping.stop(session, work.refund_id, reason, by)
    values = {"status": RETURN.check(work.status, "rejected"), "error": reason[:200], "due_at": None, "finished_at": clock.now()}
    await repository.change(session, work.id, **values)
    await audit.record(session, by, "medical.return.give_up", "med_return", work.id, reason=reason)


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise BadReturn(why=N_("请写明怎样核实的，或为什么不再退"))


async def _take_back(session: Session, held: Row) -> None:
    """The insurer has taken it back; what another return found refused meanwhile is asked for first."""
    status = held.status if held.status == "reversing" else SETTLEMENT.check(held.status, "reversing")
    await repository.change_settlement(session, held.id, status=SETTLEMENT.check(status, "reversed"), reversed_at=clock.now(), reversal_error=None)


async def _reversed(session: Session, work: Row) -> None:
    await repository.change(session, work.id, due_at=None, error=None)
    await service.follow(session, work.id)
    if work.bill_id is not None:
        await refunds.go_on(session, [work.bill_id])


async def _refused(session: Session, work: Row, held: Row, why: str, *, keep: bool) -> None:
    """The insurer says no; `keep` leaves the settlement asked for, because what it came to is not known."""
    values = {} if keep or held.status != "reversing" else {"status": SETTLEMENT.check(held.status, "settled")}
    await repository.change_settlement(session, held.id, reversal_error=why[:200], **values)
    await repository.change(session, work.id, status=RETURN.check(work.status, "insurance_refused"), error=why[:200], due_at=None)


async def _refused_one(session: Session, number: str) -> Row:
    row = await repository.find(session, number)
    if row is None:
        raise ReturnNotFound()
    await repository.lock_order(session, row.order_number)
    row = await repository.find(session, number)
    if row.status != "insurance_refused":
        raise ReturnNotRefused()
    return row
