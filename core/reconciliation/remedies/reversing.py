"""Undoing a remedy: its journal's mirror image, and the money back where it lay; what has left the house cannot be undone."""

from uuid import UUID

from core.billing import service as billing
from core.billing.schemas import Placement
from core.database import Row, Session
from core.identity.actor import Actor
from core.ledger import service as ledger
from core.reconciliation.remedies import repository
from core.reconciliation.remedies.refusals import RemedyNotReversible, RemedyNotWaiting
from core.refunds import money_repository
from core.web.filters import status_label
from core.web.i18n import gettext as _


async def check(session: Session, row: Row, remedy: Row) -> None:
    """Raise where a remedy is not done, or cannot be taken back any more."""
    if remedy.status != "done":
        raise RemedyNotWaiting(status=status_label(remedy.status, "remedy"))
    if row.status not in ("resolved", "confirmed"):
        raise RemedyNotWaiting(status=status_label(row.status, "difference"))
    if remedy.kind == "refund":
        raise RemedyNotReversible(why=_("钱已退给付款人，不能撤销；需要收回的，请重新收款"))
    if remedy.kind == "requery":
        raise RemedyNotReversible(why=_("查询不动账，无需撤销"))
    if remedy.reversal_id is not None:
        raise RemedyNotReversible(why=_("已经冲回过了"))
    if remedy.kind == "chase" and await _given_up(session, row):
        raise RemedyNotReversible(why=_("这笔追款已经核销，请先撤销核销"))


async def _given_up(session: Session, row: Row) -> bool:
    return any(each.kind == "write_off" and each.status == "done" for each in await repository.list_of(session, row.id))


async def reverse(session: Session, row: Row, remedy: Row, by: Actor, why: str) -> UUID | None:
    """Take it back; answers the reversing journal, None where nothing was booked."""
    if remedy.kind == "book":
        return await _unbook(session, row, remedy, by, why)
    if remedy.kind == "credit":
        return await _uncredit(session, row, remedy, by, why)
    return await ledger.reverse(session, remedy.journal_id, by=by.name, memo=why) if remedy.journal_id else None


async def _unbook(session: Session, row: Row, remedy: Row, by: Actor, why: str) -> UUID:
    """A long that still lies in suspense, whole and held by nobody, is taken out of the books again."""
    payment = await repository.payment_behind(session, row.payment_id, row.channel, "", "")
    item = await repository.suspense_of(session, payment.id)
    whole = item is not None and item.left_fen == payment.amount_fen and payment.held_fen == 0 and payment.refunded_fen == 0
    if not whole:
        raise RemedyNotReversible(why=_("补入的钱已进账单或已被使用，请用退款退回"))
    await money_repository.lock_source(session, bill_id=None, suspense_id=item.id)
    journal_id = await ledger.reverse(session, remedy.journal_id, by=by.name, memo=why)
    await billing.place(session, journal_id, [Placement(payment_id=payment.id, kind="suspense", amount_fen=-payment.amount_fen)])
    if not await repository.move_suspense(session, item.id, -payment.amount_fen, "reversed", by.name):
        raise RemedyNotReversible(why=_("补入的钱刚刚被使用，请刷新页面"))
    return journal_id


async def _uncredit(session: Session, row: Row, remedy: Row, by: Actor, why: str) -> UUID:
    """What was given an owner goes back to suspense, while it still lies where it was put."""
    placed = [each for each in await repository.list_placed(session, remedy.journal_id) if each.kind != "suspense"]
    payment_id = placed[0].payment_id
    source = {"bill_id": placed[0].bill_id, "party_id": placed[0].party_id, "suspense_id": None, "payment_id": payment_id}
    await money_repository.lock_source(session, bill_id=source["bill_id"], suspense_id=row.suspense_id)
    await money_repository.lock_payments_of(session, **source)
    if source["bill_id"] is not None:
        await billing.share_out(session, [(source["bill_id"], 0)], 0)
        there = {each.line_no: each.amount_fen for each in await money_repository.list_on_bill(session, source["bill_id"], payment_id)}
    else:
        there = {None: sum(each.amount_fen for each in await money_repository.list_as_credit(session, source["party_id"], payment_id))}
    if any(there.get(each.line_no, 0) < each.amount_fen for each in placed):
        raise RemedyNotReversible(why=_("转入的钱已被使用或正在退款，不能撤销"))
    journal_id = await ledger.reverse(session, remedy.journal_id, by=by.name, memo=why)
    placements = [
        Placement(payment_id=each.payment_id, kind=each.kind, bill_id=each.bill_id, line_no=each.line_no, party_id=each.party_id, amount_fen=-each.amount_fen)
        for each in placed
    ]
    placements.append(Placement(payment_id=payment_id, kind="suspense", amount_fen=remedy.amount_fen))
    await billing.place(session, journal_id, placements)
    await repository.move_suspense(session, row.suspense_id, remedy.amount_fen, None, by.name)
    return journal_id
