"""Returns: asked for by HIS, a vendor or at the window, or found because core began a refund; the insurer first, then the cash, then HIS is told.

The cash is a refund of core from the first moment: core holds what was paid, asks a second person above the client's limit, and sends nothing
while the insurer's part stands (`waiting`).
"""

import hashlib
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from core import clock, ids
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor, system
from core.jobs import service as jobs
from core.money import format_yuan
from core.refunds import repository as refund_repository
from core.refunds import service as refunds
from core.refunds.schemas import RefundAsk
from core.web.i18n import N_
from core.web.i18n import gettext as _
from plugins.medical.orders.states import ORDER, PAID
from plugins.medical.returns import repository, rules
from plugins.medical.returns.errors import (
    AlreadyReturned,
    BadReturn,
    OrderNotPaid,
    ReturnDiffers,
    ReturnedOrderNotFound,
    ReturnNotFailed,
    ReturnNotFound,
    ReturnTooLarge,
)
from plugins.medical.returns.schemas import ReturnAsk, ReturnRead
from plugins.medical.returns.states import RETURN

READ, MAKE, DECIDE = "medical.return.read", "medical.return.make", "medical.return.decide"
Settings = Mapping[str, object]
AUTOMATIC = "上账失败自动退款"
WAITS = {
    "settled": N_("医保尚未撤销，撤销后退现金部分"),
    "cleared": N_("医保尚未撤销，撤销后退现金部分"),
    "reversing": N_("正在撤销医保，撤销后退现金部分"),
}
ENDS = {"rejected": N_("退款未获同意或已停止，款项没有退出"), "failed": N_("退款没有成功，请核对后重新退款")}
ADOPTED_AT_ONCE = 200


async def request(session: Session, settings: Settings, ask: ReturnAsk, by: Actor, vendor: Row | None = None) -> ReturnRead:
    """Give back an order or a part of its cash; the same number with the same content again is the same return.

    Raises ReturnedOrderNotFound for another patient's or vendor's order, ReturnDiffers, OrderNotPaid, ReturnTooLarge.
    """
    row = await repository.lock_order(session, ask.order_number)
    if row is None or row.patient_no != ask.patient_no or (vendor is not None and row.vendor_id != vendor.id):
        raise ReturnedOrderNotFound()
    digest = _digest(ask)
    if (known := await repository.find_by_his_no(session, ask.his_refund_no)) is not None:
        return _same(known, row, digest, ask)
    if row.status not in (*PAID, "refunded"):
        raise OrderNotPaid()
    _check_amount(row, ask)
    made = await _add(session, row, ask.his_refund_no, ask.cash_fen, ask.reason.strip(), digest, by)
    refund_id = None
    if ask.cash_fen:
        told = RefundAsk(amount_fen=ask.cash_fen, reason=ask.reason, bill_id=row.bill_id)
        refund_id = (await refunds.request(session, settings, told, by)).id
    await _begin(session, made, refund_id)
    facts = {"order": row.number, "cash_fen": ask.cash_fen, "his_refund_no": ask.his_refund_no}
    await audit.record(session, by, "medical.return.request", "med_return", made, after=facts, reason=ask.reason)
    return read(await repository.find_by_id(session, made))


async def give_back(session: Session, row: Row, reason: str, *, by: Actor | None = None, settings: Settings | None = None) -> str | None:
    """What is left of an order that HIS does not have goes back; answers the return's number, None when nothing is left. The order must be held.

    By itself no second person is asked: the hospital set the minutes after which it happens. A person's wish takes the usual way. Where the
    insurer paid all, its part alone is taken back.
    """
    row = await repository.lock_order(session, row.number)
    left_fen = rules.left_of(row.cash_fen, row.refunded_fen, row.open_fen)
    if not left_fen and (row.cash_fen or row.returned):
        return None
    actor = by or system(session.tenant_id)
    made = await _add(session, row, "", left_fen, reason, b"", actor)
    ask = RefundAsk(amount_fen=left_fen, reason=reason, bill_id=row.bill_id)
    refund_id = None
    if left_fen and by is not None:
        refund_id = (await refunds.request(session, settings or {}, ask, by)).id
    elif left_fen:
        refund_id = (await refunds.draft(session, settings or {}, ask, actor))["id"]
        await refunds.hold_approved(session, await refund_repository.lock(session, refund_id), AUTOMATIC)
    await _begin(session, made, refund_id)
    await audit.record(session, actor, "medical.return.request", "med_return", made, after={"order": row.number, "cash_fen": left_fen}, reason=reason)
    return (await repository.find_by_id(session, made)).number


async def adopt(session: Session) -> int:
    """Refunds of medical bills that began in core (desk, payer, batch, difference) become returns, so that insurer and HIS are told too."""
    found = await repository.list_unadopted(session, ADOPTED_AT_ONCE)
    for row in found:
        settlement = await repository.find_settlement(session, row.order_id)
        number = new_number()
        values = {
            "id": ids.uuid7(), "number": number, "his_refund_no": row.refund_number, "order_id": row.order_id, "vendor_id": row.vendor_id,
            "cash_fen": row.amount_fen, "reason": row.reason, "settlement_id": settlement.id if settlement else None, "refund_id": row.refund_id,
            "status": "requested", "body_hash": b"", "made_by": row.requested_by, "made_by_id": row.requested_by_id,
        }  # fmt: skip
        await repository.add(session, values)
    return len(found)


async def follow(session: Session, return_id: UUID | None = None) -> int:
    """Every return (or one) goes to where its refund and its settlement have brought it; answers how many moved."""
    moving = [row.id for row in await repository.list_moving(session, return_id) if _next(row, row.status)]
    held = await repository.hold(session, moving) if moving else []
    for row in held:
        await _move(session, row)
    return len(held)


def _next(row: Row, status: str) -> str | None:
    return rules.next_status(status, row.refund_status if row.refund_id else None, row.insurance)


async def _move(session: Session, row: Row) -> None:
    status, now = row.status, clock.now()
    while target := _next(row, status):
        status = RETURN.check(status, target)
    if status == row.status:
        return
    values: dict[str, object] = {"status": status, "error": ENDS.get(status)}
    if status == "done":
        values |= {"due_at": now, "tell_tries": 0, "finished_at": now}
        if row.refund_id is None:  # the insurer paid all of it: no refund will tell that the order is given back
            await repository.change_order(session, row.order_id, status=ORDER.check(row.order_status, "refunded"), post_at=None)
    elif status == "rejected":
        values |= {"due_at": None, "finished_at": now}
    await repository.change(session, row.id, **values)


async def retry(session: Session, return_id: UUID, by: Actor, settings: Settings | None = None) -> None:
    """What failed is refunded again: a refund of what has not gone back, in place of the one before. Raises ReturnNotFailed."""
    row = await repository.find_by_id(session, return_id)
    if row is None:
        raise ReturnNotFound()
    await repository.lock_order(session, row.order_number)
    row = await repository.find_by_id(session, return_id)
    if row.status != "failed":
        raise ReturnNotFailed()
    gone = await refunds.find(session, row.refund_id)
    ask = RefundAsk(amount_fen=row.cash_fen - gone.refunded_fen, reason=row.reason, bill_id=row.bill_id)
    made = await refunds.request(session, settings or {}, ask, by)
    await repository.change(session, row.id, refund_id=made.id, status=RETURN.check(row.status, "refunding"), error=None)
    await audit.record(session, by, "medical.return.retry", "med_return", row.id, before={"refund": gone.number}, after={"refund": made.number})


async def waiting(session: Session, bill_ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """Which bills' cash must not go back yet, because the insurer's part of them stands."""
    rows = await repository.list_waits(session, bill_ids)
    return {row.bill_id: f"{_(WAITS[row.status])}{_('：') + row.reversal_error if row.reversal_error else ''}" for row in rows}


async def refunded(session: Session, bill_id: UUID) -> None:
    """Money of an order went back: what has gone back of it in all, and its state; told twice it changes nothing, nor does money that paid no order."""
    row = await repository.lock_refunded(session, bill_id)
    if row is None or row.gone_fen == row.refunded_fen or row.status not in (*PAID, "refunded"):
        return
    gone_fen = min(row.gone_fen, row.cash_fen)
    status = "refunded" if gone_fen == row.cash_fen else "partial_refund"
    values: dict[str, object] = {"refunded_fen": gone_fen}
    if status != row.status or status == "partial_refund":
        values["status"] = ORDER.check(row.status, status)
    if status == "refunded":
        values["post_at"] = None
    await repository.change_order(session, row.id, **values)


async def find(session: Session, number: str, vendor: Row | None = None) -> ReturnRead:
    """One return; of a vendor only its own. Raises ReturnNotFound."""
    row = await repository.find(session, number, vendor.id if vendor is not None else None)
    if row is None:
        raise ReturnNotFound()
    return read(row)


async def id_of(session: Session, number: str) -> UUID:
    """The id of a return. Raises ReturnNotFound."""
    row = await repository.find(session, number)
    if row is None:
        raise ReturnNotFound()
    return row.id


def read(row: Row) -> ReturnRead:
    """A return as pages and programs see it."""
    return ReturnRead(**{name: getattr(row, name) for name in ReturnRead.__struct_fields__})


def new_number() -> str:
    """A return's own number; it is also the number under which the insurer is asked to take back."""
    return ids.number("TF", clock.today().strftime("%y%m%d"), 10)


def _digest(ask: ReturnAsk) -> bytes:
    return hashlib.sha256(msgspec.json.encode(ask)).digest()


def _same(known: Row, row: Row, digest: bytes, ask: ReturnAsk) -> ReturnRead:
    if known.order_id != row.id or known.body_hash != digest:
        raise ReturnDiffers(number=ask.his_refund_no)
    return read(known)


def _check_amount(row: Row, ask: ReturnAsk) -> None:
    if not ask.reason.strip():
        raise BadReturn(why=N_("请填写退费原因"))
    if not ask.cash_fen and row.cash_fen:
        raise BadReturn(why=N_("退费金额应大于 0"))
    if not row.cash_fen and row.returned:
        raise AlreadyReturned()
    left_fen = rules.left_of(row.cash_fen, row.refunded_fen, row.open_fen)
    if ask.cash_fen > left_fen:
        raise ReturnTooLarge(free=format_yuan(left_fen), amount=format_yuan(ask.cash_fen))


async def _add(session: Session, row: Row, his_refund_no: str, cash_fen: int, reason: str, digest: bytes, by: Actor) -> UUID:
    settlement = await repository.find_settlement(session, row.id)
    number, made = new_number(), ids.uuid7()
    values = {
        "id": made, "number": number, "his_refund_no": his_refund_no or number, "order_id": row.id, "vendor_id": row.vendor_id,
        "cash_fen": cash_fen, "reason": reason, "settlement_id": settlement.id if settlement else None, "status": "requested",
        "body_hash": digest, "made_by": by.name, "made_by_id": by.id,
    }  # fmt: skip
    if not await repository.add(session, values):
        raise ReturnDiffers(number=his_refund_no)
    return made


async def _begin(session: Session, return_id: UUID, refund_id: UUID | None) -> None:
    await repository.change(session, return_id, refund_id=refund_id)
    await follow(session, return_id)
    await repository.wake_agreed(session, clock.now())
    await jobs.call_worker(session)
