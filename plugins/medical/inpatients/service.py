"""Leaving hospital: the discharge is asked for, the insurer's settlement comes, the rest follows the money (`closing.py`)."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from core import clock
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import TenantKeys
from core.jobs import service as jobs
from core.money import format_yuan
from plugins.medical.inpatients import closing, repository, rules
from plugins.medical.inpatients.errors import (
    AdmissionNotFound,
    DischargeNotRequested,
    ListsDiffer,
    NothingToRepeat,
    SettlementBroken,
    SettlementDiffers,
)
from plugins.medical.inpatients.schemas import DischargeAsk, SettlementAsk
from plugins.medical.inpatients.states import ADMISSION, SETTLED
from plugins.medical.insurance import rules as insurance_rules
from plugins.medical.insurance import service as insurance
from plugins.medical.returns import service as returns

Settings = Mapping[str, object]


async def ask_discharge(session: Session, admission_id: UUID, ask: DischargeAsk, by: Actor) -> None:
    """The patient may leave: the three working days begin. Asked again before the settlement nothing changes."""
    row = await _held(session, admission_id)
    if row.status == "discharge_requested":
        return
    asked_on = ask.asked_on or clock.today()
    if asked_on > clock.today() or asked_on < clock.business_day(row.created_at) - dt.timedelta(days=3660):
        raise SettlementBroken(why="申请出院的日期不合理，请核对")
    status = ADMISSION.check(row.status, "discharge_requested")
    due_on = rules.due_on(asked_on)
    await repository.change(session, row.id, status=status, requested_at=clock.now(), due_on=due_on)
    after = {"status": status, "due_on": str(due_on)}
    await audit.record(session, by, "medical.admission.request", "admission", row.id, before={"status": row.status}, after=after)


async def stay_on(session: Session, admission_id: UUID, by: Actor, reason: str = "") -> None:
    """The patient stays after all: before the settlement only."""
    row = await _held(session, admission_id)
    status = ADMISSION.check(row.status, "in_hospital")
    await repository.change(session, row.id, status=status, requested_at=None, due_on=None)
    await audit.record(
        session, by, "medical.admission.stay", "admission", row.id, before={"status": row.status}, after={"status": status}, reason=reason or None
    )


async def settle(session: Session, keys: TenantKeys, settings: Settings, admission_id: UUID, ask: SettlementAsk, by: Actor) -> None:
    """Keep what the stay cost and who bears it, then collect or give back. The same settlement again changes nothing.

    SplitBroken and SettlementBroken when the amounts contradict each other, ListsDiffer when daily lists are there and come to another sum,
    DischargeNotRequested before the discharge was asked for, SettlementDiffers for a second settlement.
    """
    row = await _held(session, admission_id)
    digest = hashlib.sha256(msgspec.json.encode(ask)).digest()
    if row.status in SETTLED:
        if bytes(row.settled_hash) == digest:
            return
        raise SettlementDiffers(setl_no=row.setl_no)
    if row.status != "discharge_requested":
        raise DischargeNotRequested()
    cash_fen = await _checked(session, admission_id, ask)
    values: dict[str, object] = {
        "status": ADMISSION.check(row.status, "insurance_settled"), "total_fen": ask.total_fen, "cash_fen": cash_fen, "setl_no": ask.setl_no,
        "settled_at": clock.now(), "settled_hash": digest,
    }  # fmt: skip
    if ask.insurance is not None:
        values["settlement_id"] = await insurance.keep(session, ask.insurance, patient_id=row.patient_id, visit_id=row.visit_id)
    await repository.change(session, row.id, **values)
    after = {"total_fen": ask.total_fen, "cash_fen": cash_fen, "setl_no": ask.setl_no}
    await audit.record(session, by, "medical.admission.settle", "admission", row.id, before={"status": row.status}, after=after)
    await closing.go_on(session, keys, settings, row.id, by)


async def _checked(session: Session, admission_id: UUID, ask: SettlementAsk) -> int:
    """What the patient bears, once everything adds up."""
    stay = await repository.find(session, admission_id)
    cash_fen = ask.total_fen
    if ask.insurance is not None:
        insurance_rules.check(ask.insurance)
        if ask.insurance.medfee_sumamt != ask.total_fen:
            fee = format_yuan(ask.insurance.medfee_sumamt)
            raise SettlementBroken(why=f"结算总额 {format_yuan(ask.total_fen)} 元与医保 medfee_sumamt {fee} 元不一致")
        cash_fen = ask.insurance.psn_cash_pay
    if await repository.list_lists(session, admission_id) and stay.lists_fen != ask.total_fen:
        raise ListsDiffer(total=format_yuan(ask.total_fen), lists=format_yuan(stay.lists_fen), total_fen=ask.total_fen, lists_fen=stay.lists_fen)
    return cash_fen


async def hold(session: Session, bill_ids: Sequence[UUID]) -> None:
    """Before orders of some bills are touched: so that a payment and a settlement at the same moment wait for each other in one order."""
    if bill_ids:
        await repository.hold(session, bill_ids)


async def deposit_paid(session: Session, order: Row) -> None:
    """A deposit was paid: it is written down; where the patient has left already a worker gives it back. Told twice, nothing changes."""
    row = await repository.status_of_visit(session, order.visit_id) if order.visit_id else None
    if row is not None:
        await closing.write_deposits(session, row.id, [order])
        await _look_soon(session, order_ids=[order.id])


async def collected(session: Session, order: Row) -> None:
    """What was short at discharge was paid: a worker closes the stay."""
    await _look_soon(session, order_ids=[order.id])


async def moved(session: Session, bill_ids: Sequence[UUID]) -> None:
    """Money of some bills went back: stays that wait for it are looked at."""
    await _look_soon(session, bill_ids=[bill_id for bill_id in bill_ids if bill_id])


async def _look_soon(session: Session, *, order_ids: Sequence[UUID] = (), bill_ids: Sequence[UUID] = ()) -> None:
    if await repository.look_soon(session, clock.now(), order_ids=order_ids, bill_ids=bill_ids):
        await jobs.call_worker(session)


async def repeat(session: Session, keys: TenantKeys, settings: Settings, admission_id: UUID, by: Actor) -> int:
    """Take up returns at discharge that failed or were refused; answers how many. NothingToRepeat when there is none."""
    row = await _held(session, admission_id)
    failed = [one for one in await repository.list_payments(session, row.visit_id) if one.return_status == "failed"]
    for one in failed:
        await returns.retry(session, one.return_id, by, settings)
    freed = await repository.free_returns(session, row.id)
    if row.status not in SETTLED or not (failed or freed or row.waits_for):
        raise NothingToRepeat()
    await audit.record(session, by, "medical.admission.repeat", "admission", row.id, after={"returns": len(failed) + freed})
    await closing.go_on(session, keys, settings, row.id, by)
    return len(failed) + freed


async def _held(session: Session, admission_id: UUID) -> Row:
    row = await repository.lock(session, admission_id)
    if row is None:
        raise AdmissionNotFound()
    return row
