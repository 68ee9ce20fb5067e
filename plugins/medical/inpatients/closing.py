"""From a settlement to the last fen: what was paid against the patient's own part, looked at anew whenever money moved, until nothing is open.

Nothing here remembers what it did: each look compares what lies there with what is owed. So money that comes late, a return that another person
refused and a worker that died half-way all come out right at the next look.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from core import clock, ids
from core.database import Row, Session
from core.errors import Conflict, PlatformError
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import TenantKeys
from core.jobs import service as jobs
from core.money import format_yuan
from plugins.medical.inpatients import repository, rules
from plugins.medical.inpatients.rules import Paid
from plugins.medical.inpatients.states import ADMISSION, SETTLED
from plugins.medical.orders import service as orders
from plugins.medical.orders.schemas import Item, OrderAsk
from plugins.medical.returns import service as returns
from plugins.medical.returns.schemas import ReturnAsk

Settings = Mapping[str, object]
AGAIN = dt.timedelta(minutes=2)
"""How soon a stay is looked at again while it waits for somebody; money that moves wakes it at once."""
UNPAID = ("created", "insurance_pre_settled", "awaiting_payment")
BACK = ("done",)
STUCK = ("failed", "rejected")
SLOW = {"manual_transfer": "不能原路退回，等财务人工转账", "waiting_funds": "等收款商户余额充足后退回"}
REASON = "出院结算退预交金"


async def go_on(session: Session, keys: TenantKeys, settings: Settings, admission_id: UUID, by: Actor) -> None:
    """Collect what is short, give back what is too much, close when everything arrived; a settled stay only."""
    row = await repository.lock(session, admission_id)
    if row is None or row.status not in SETTLED:
        return
    stay = await repository.find(session, admission_id)
    paid = await repository.list_payments(session, row.visit_id)
    await write_deposits(session, row.id, [one for one in paid if one.paid_fen and one.deposit_id is None])
    difference_fen = sum(one.left_fen for one in paid) - row.cash_fen
    waits = await _withdraw(session, [one for one in paid if _in_the_way(one, difference_fen)], by)
    values: dict[str, object] = {"shortage_fen": -difference_fen, "surplus_fen": 0} if difference_fen < 0 and row.status != "closed" else {}
    if not waits and difference_fen < 0 and row.status != "closed":
        values = await _collect(session, keys, settings, stay, paid, -difference_fen, by)
    elif difference_fen > 0:
        waits = await _give_back(session, settings, stay, paid, difference_fen, by) or waits
    if difference_fen < 0 and row.status == "closed":
        waits = f"结清后又退出过款项，比应收少 {format_yuan(-difference_fen)} 元，请核对"
    await _follow(session, row, difference_fen, waits, values, by)


async def write_deposits(session: Session, admission_id: UUID, paid: Sequence[Row]) -> None:
    """A deposit for each payment that has none yet, numbered; again for the same payment nothing happens."""
    day = clock.today().strftime("%y%m%d")
    rows = [{"id": ids.uuid7(), "deposit_no": ids.number("YJ", day, 8), "admission_id": admission_id, "order_id": _order_id(one)} for one in paid]
    await repository.add_deposits(session, rows)


def _order_id(row: Row) -> UUID:
    return getattr(row, "order_id", None) or row.id


def _in_the_way(one: Row, difference_fen: int) -> bool:
    """An order nobody paid that must not be paid any more: every deposit, and a discharge order of another amount than is short."""
    return one.status in UNPAID and not one.paid_fen and not (one.kind == "discharge" and one.cash_fen == -difference_fen)


async def _withdraw(session: Session, unpaid: Sequence[Row], by: Actor) -> str:
    """Withdraw orders; where somebody is paying just now, the words why this waits."""
    waits = ""
    for one in unpaid:
        try:
            async with repository.attempt(session):
                await orders.cancel(session, one.number, by, None)
        except Conflict:
            waits = f"订单 {one.number} 正在支付，有结果后再结清"
    return waits


async def _collect(
    session: Session, keys: TenantKeys, settings: Settings, stay: Row, paid: Sequence[Row], shortage_fen: int, by: Actor
) -> dict[str, object]:
    """An order over exactly what is short, unless it is there."""
    asked = [one for one in paid if one.kind == "discharge"]
    standing = next((one for one in asked if one.status in UNPAID and one.cash_fen == shortage_fen), None)
    if standing is not None:
        return {"shortage_fen": shortage_fen, "surplus_fen": 0, "discharge_order_id": standing.order_id}
    ask = OrderAsk(
        his_bill_no=f"CYBJ-{stay.visit_no}-{len(asked) + 1}", patient_no=stay.patient_no, visit_no=stay.visit_no, scene="inpatient",
        kind="discharge", title="出院结算补缴", total_fen=shortage_fen, items=(Item("出院结算", "出院结算补缴", 1, shortage_fen, shortage_fen),),
    )  # fmt: skip
    placed = await orders.place(session, keys, ask, by, None, settings)
    return {"shortage_fen": shortage_fen, "surplus_fen": 0, "discharge_order_id": placed.id}


async def _give_back(session: Session, settings: Settings, stay: Row, paid: Sequence[Row], surplus_fen: int, by: Actor) -> str:
    """Ask for the surplus back, the newest payment first; the words why a part could not be asked for."""
    by_order = {one.order_id: one for one in paid}
    parts = rules.give_back([Paid(one.order_id, one.paid_at or clock.now(), one.left_fen) for one in paid], surplus_fen)
    waits = ""
    for part, part_fen in parts:
        one = by_order[part.id]
        if one.return_status is not None and one.return_status not in BACK:  # one return of a payment at a time
            waits = f"订单 {one.number} 的上一笔退款还在办理"
            continue
        ask = ReturnAsk(
            his_refund_no=f"CYTK-{one.number}-{(one.returns or 0) + 1}", order_number=one.number, patient_no=stay.patient_no, cash_fen=part_fen,
            reason=REASON,
        )  # fmt: skip
        try:
            async with repository.attempt(session):
                await returns.request(session, settings, ask, by, None)
        except PlatformError as error:
            waits = f"订单 {one.number} 的 {format_yuan(part_fen)} 元没能退出：{error.message}"
            continue
        await repository.set_return(session, one.order_id, ask.his_refund_no)
    return waits


async def _follow(session: Session, row: Row, difference_fen: int, waits: str, values: dict[str, object], by: Actor) -> None:
    """The stay's state follows from its money."""
    paid = await repository.list_payments(session, row.visit_id)
    under_way = [one for one in paid if one.return_status is not None and one.return_status not in BACK]
    stuck = [one for one in under_way if one.return_status in STUCK]
    slow = [one for one in under_way if one.refund_status in SLOW]
    back_fen = sum(one.return_fen for one in paid if one.return_id)
    if difference_fen > 0:
        values = {"shortage_fen": 0, "surplus_fen": back_fen}
    if stuck:
        waits = waits or f"订单 {stuck[0].number} 的 {format_yuan(stuck[0].return_fen)} 元没有退成：{stuck[0].return_error or '请查看退费单'}"
    elif slow and not waits:
        waits = f"订单 {slow[0].number} 的 {format_yuan(slow[0].return_fen)} 元{SLOW[slow[0].refund_status]}"
    wanted = "collecting" if difference_fen < 0 else "refunding" if under_way or difference_fen > 0 else "closed"
    if row.status == "closed" and wanted == "collecting":
        wanted = "closed"
    if waits and wanted == "closed" and row.status != "closed":
        wanted = "collecting" if row.status == "collecting" else "refunding"
    values |= {"waits_for": waits or None, "look_at": clock.now() + AGAIN if wanted == "refunding" or waits else None}
    if wanted != row.status:
        values["status"] = ADMISSION.check(row.status, wanted)
        values["closed_at"] = clock.now() if wanted == "closed" else None
        await audit.record(
            session, by, f"medical.admission.{wanted}", "admission", row.id, before={"status": row.status}, after={"status": wanted},
            reason=waits or None,
        )  # fmt: skip
        if wanted == "closed":
            await repository.close_visit(session, row.visit_id, clock.business_day(row.requested_at or clock.now()))
    await repository.change(session, row.id, **values)
    if values["look_at"] is not None:
        await jobs.call_worker(session, values["look_at"])
