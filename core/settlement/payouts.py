"""A payout's life: written with its journal when a batch is approved, told by the bank, undone exactly when the money came back (退票).

A number is one payment for ever. Unknown is asked about; only after the bank has said that nothing moved, or that the money is back, is there
another number for the same batch.
"""

import datetime as dt
from uuid import UUID

from core import clock, ids
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import system
from core.settlement import adjusting, booking, payouts_repository, repository
from core.settlement.bank import PaymentState
from core.settlement.errors import AccountLacking, BankLacking
from core.settlement.guard import is_signed
from core.settlement.states import BATCH, PAYOUT

WATCHED_SECONDS = (600, 3600, 21_600, 86_400, 172_800, 259_200)
"""After a payment is through the bank is asked a few times more: returned money is mostly back within three days."""


async def draw_up(session: Session, batch: Row, amount_fen: int, attempt: int, by: str) -> UUID:
    """Write an instruction with its journal; a worker sends it after the commit. Raises AccountLacking, BankLacking, NotEnoughBalance."""
    account = await payouts_repository.account_of(session, batch.merchant_id)
    if account is None:
        raise AccountLacking(merchant=batch.merchant_code)
    clearing = await payouts_repository.clearing_number(session)
    if clearing is None:
        raise BankLacking()
    payout_id, number = ids.uuid7(), ids.number("FK", clock.today().strftime("%y%m%d"), 14)
    journal_id = await booking.book_payout(session, batch, number, amount_fen, clearing, by)
    row = {
        "id": payout_id, "number": number, "batch_id": batch.id, "attempt": attempt, "amount_fen": amount_fen, "account_id": account.id,
        "account_name": account.holder, "account_masked": account.number_masked, "clearing_number": clearing, "status": "created", "journal_id": journal_id,
        "next_at": clock.now(),
    }  # fmt: skip
    await payouts_repository.add(session, row)
    session.has_work = True
    return payout_id


async def told(session: Session, number: str, state: PaymentState) -> bool:
    """Apply what the bank truthfully says of an instruction, from an answer or from its statement; False when the number is not ours.

    The same word again changes nothing. A word about another amount is believed in nothing.
    """
    known = await payouts_repository.find_by_number(session, number)
    if known is None:
        return False
    batch = await repository.lock(session, known.batch_id)
    row = await payouts_repository.lock(session, known.id)
    if state.amount_fen is not None and state.amount_fen != row.amount_fen:
        await _note(session, row, f"银行告知的金额 {state.amount_fen} 分与指令不符，未采信")
        return True
    if state.state == "paid" and row.status == "sent":
        await _paid(session, batch, row, state)
    elif state.state == "paid" and row.status == "paid":
        await payouts_repository.change(session, row.id, bank_serial=state.bank_serial or row.bank_serial)
    elif state.state == "returned" and row.status in ("sent", "paid"):
        await _ended(session, batch, row, "returned", state)
    elif state.state == "failed" and row.status == "sent":
        await _ended(session, batch, row, "failed", state)
    return True


async def _paid(session: Session, batch: Row, row: Row, state: PaymentState) -> None:
    now = clock.now()
    values = {"finished_at": state.paid_at or now, "next_at": now + dt.timedelta(seconds=WATCHED_SECONDS[0]), "tries": 0, "error": None}
    await payouts_repository.change(session, row.id, status=PAYOUT.check(row.status, "paid"), bank_serial=state.bank_serial, **values)
    await repository.change(session, batch.id, status=BATCH.check(batch.status, "paid"), finished_at=now)
    after = {"number": row.number, "amount_fen": row.amount_fen, "bank_serial": state.bank_serial}
    await audit.record(session, system(session.tenant_id), "settlement.payout.paid", "settlement_batch", batch.id, after=after)


async def _ended(session: Session, batch: Row, row: Row, status: str, state: PaymentState) -> None:
    """The money is back or never left: the journal is reversed; the batch waits to be paid again, unless its month is signed."""
    why = state.reason or ("银行退票" if status == "returned" else "银行付款失败")
    journal_id = await booking.undo_payout(session, row.journal_id, why)
    values = {"error": why[:200], "next_at": None, "finished_at": clock.now(), "bank_serial": state.bank_serial or row.bank_serial}
    await payouts_repository.change(session, row.id, status=PAYOUT.check(row.status, status), **values)
    if batch.status == "paid" and await is_signed(session, batch.bill_on):
        reason = f"批次 {batch.number} 的付款 {row.number} 被退回，所属月份已签认：{why}"
        await adjusting.give_back(session, batch.merchant_id, row.amount_fen, journal_id, reason)
    else:
        source = batch.status
        if source == "approved":
            source = BATCH.check(source, "paying")
        await repository.change(session, batch.id, status=BATCH.check(source, "returned"), finished_at=None)
    after = {"number": row.number, "amount_fen": row.amount_fen, "status": status}
    await audit.record(session, system(session.tenant_id), f"settlement.payout.{status}", "settlement_batch", batch.id, after=after, reason=why)


async def _note(session: Session, row: Row, error: str) -> None:
    await payouts_repository.change(session, row.id, error=error[:200])
