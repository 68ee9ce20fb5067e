"""The verbs of a settlement batch: submit it for review, approve, refuse, pay again what came back (domain book §2.7, annex A.1)."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from core import clock, money
from core.approvals import service as approvals
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from core.settlement import booking, calculating, gathering_repository, payouts, payouts_repository, repository
from core.settlement import gate as gates
from core.settlement.errors import (
    AccountLacking,
    BatchChanged,
    BatchFrozen,
    BatchNotFound,
    BatchShort,
    GateClosed,
    NothingToPayOut,
    PayoutNotReturned,
    SameAccount,
)
from core.settlement.guard import check_open
from core.settlement.states import BATCH, OPEN
from core.settlement.terms import Terms
from core.web.filters import status_label

READ, MAKE, CHECK = "settlement.batch.read", "settlement.batch.make", "settlement.batch.check"
KIND, REPAY = "settlement.batch", "settlement.repay"


async def calculate(session: Session, terms: Terms, day: dt.date, by: Actor) -> list[UUID]:
    """Lay out a day's batches, as often as wanted until they are approved; answers their ids."""
    return await calculating.calculate(session, terms, day, by)


async def submit(session: Session, batch_id: UUID, by: Actor, reason: str = "按日结算") -> UUID:
    """Ask a second person to let a batch be paid; the gate must be open and something to pay. Answers the approval's id."""
    batch = await _pending(session, batch_id)
    await _check_gate(session, batch)
    if batch.pay_fen <= 0:
        raise NothingToPayOut(number=batch.number)
    if await payouts_repository.account_of(session, batch.merchant_id) is None:
        raise AccountLacking(merchant=batch.merchant_code)
    proposal = {
        "number": batch.number, "merchant": batch.merchant_code, "bill_on": batch.bill_on.isoformat(), "net_fen": batch.net_fen,
        "gross_fen": batch.gross_fen, "refund_fen": batch.refund_fen, "pay_fen": batch.pay_fen,
    }  # fmt: skip
    approval_id = await approvals.propose(
        session, by, kind=KIND, title=f"结算 {batch.merchant_code} {batch.bill_on:%Y-%m-%d}", subject_id=batch_id, proposal=proposal,
        reason=reason, amount_fen=batch.pay_fen,
    )  # fmt: skip
    await repository.change(session, batch_id, made_by=by.name)
    return approval_id


async def submit_all(session: Session, batch_ids: Sequence[UUID], by: Actor, reason: str) -> int:
    """The same for several batches at once: all of them, or none."""
    for batch_id in sorted(set(batch_ids), key=str):
        await submit(session, batch_id, by, reason)
    return len(set(batch_ids))


async def approve(session: Session, batch_id: UUID, proposal: Mapping[str, object], by: Actor) -> None:
    """Another person agrees with exactly these amounts: fees and payout are booked, the instruction goes out after the commit."""
    await gathering_repository.lock(session)
    batch = await _pending(session, batch_id)
    if any(getattr(batch, name) != proposal[name] for name in ("net_fen", "gross_fen", "refund_fen", "pay_fen")):
        raise BatchChanged(number=batch.number)
    await check_open(session, batch.bill_on)
    await _check_gate(session, batch)
    available_fen = await booking.available_fen(session, batch)
    if available_fen < batch.pay_fen:
        wanted, has = money.format_yuan(batch.pay_fen), money.format_yuan(max(available_fen, 0))
        raise BatchShort(merchant=batch.merchant_code, wanted=wanted, available=has)
    values = {"status": BATCH.check(batch.status, "approved"), "checked_by": by.name, "checked_at": clock.now()}
    await repository.change(session, batch_id, **values)
    await booking.book_costs(session, batch.merchant_id, batch_id, by.name)
    await payouts.draw_up(session, batch, batch.pay_fen, 1, by.name)
    await audit.record(
        session, by, "settlement.batch.approve", "settlement_batch", batch_id, after={"number": batch.number, "amount_fen": batch.pay_fen}
    )


async def propose_repay(session: Session, batch_id: UUID, reason: str, by: Actor, *, same_account: bool = False) -> UUID:
    """Ask a second person to pay again what the bank sent back: to a corrected account, or to the same one with a word that it is right."""
    batch = await _held(session, batch_id)
    last = await _last_returned(session, batch)
    account = await payouts_repository.account_of(session, batch.merchant_id)
    if account is None:
        raise AccountLacking(merchant=batch.merchant_code)
    if last.status == "returned" and account.id == last.account_id and not same_account:
        raise SameAccount(account=account.number_masked)
    await check_open(session, batch.bill_on)
    proposal = {
        "number": batch.number, "merchant": batch.merchant_code, "pay_fen": batch.pay_fen, "attempt": last.attempt + 1,
        "account_id": str(account.id), "account": f"{account.holder} {account.number_masked}",
    }  # fmt: skip
    return await approvals.propose(
        session, by, kind=REPAY, title=f"重新付款 {batch.merchant_code} {batch.bill_on:%Y-%m-%d}", subject_id=batch_id, proposal=proposal,
        reason=reason, amount_fen=batch.pay_fen,
    )  # fmt: skip


async def approve_repay(session: Session, batch_id: UUID, proposal: Mapping[str, object], by: Actor) -> None:
    """Another person agrees: a new instruction with a number of its own."""
    batch = await _held(session, batch_id)
    last = await _last_returned(session, batch)
    account = await payouts_repository.account_of(session, batch.merchant_id)
    if account is None or str(account.id) != proposal["account_id"] or last.attempt + 1 != proposal["attempt"]:
        raise BatchChanged(number=batch.number)
    await check_open(session, batch.bill_on)
    await repository.change(session, batch_id, status=BATCH.check(batch.status, "re_pay"))
    await payouts.draw_up(session, batch, batch.pay_fen, last.attempt + 1, by.name)
    after = {"number": batch.number, "amount_fen": batch.pay_fen, "attempt": last.attempt + 1}
    await audit.record(session, by, "settlement.batch.repay", "settlement_batch", batch_id, after=after)


async def _held(session: Session, batch_id: UUID) -> Row:
    batch = await repository.lock(session, batch_id)
    if batch is None:
        raise BatchNotFound()
    return batch


async def _pending(session: Session, batch_id: UUID) -> Row:
    batch = await _held(session, batch_id)
    if batch.status not in OPEN:
        raise BatchFrozen(number=batch.number, status=status_label(batch.status, "settlement_batch"))
    return batch


async def _last_returned(session: Session, batch: Row) -> Row:
    attempts = await payouts_repository.list_of(session, batch.id)
    if batch.status != "returned" or not attempts or attempts[0].status not in ("returned", "failed"):
        raise PayoutNotReturned(number=batch.number, status=status_label(batch.status, "settlement_batch"))
    return attempts[0]


async def _check_gate(session: Session, batch: Row) -> None:
    """The gate as it stands now, by the client's rule of the day when the batch was calculated."""
    now = await gates.as_it_stands(session, batch.bill_on, gates.read(batch.gate))
    if not now.open:
        raise GateClosed(day=batch.bill_on.isoformat(), why=now.why)
