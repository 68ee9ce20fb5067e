"""Booking a refund as sent: funds, spacing, receipt and rules checked, the journal posted, the money taken from where it lay; one commit."""

import contextlib
import datetime as dt
from uuid import UUID

from core import clock
from core.billing import returning_repository
from core.billing.schemas import Placement
from core.database import Row, Session
from core.identity.actor import system
from core.ledger import service as ledger
from core.ledger.errors import NotEnoughBalance
from core.ledger.schemas import SUSPENSE_LONG, Journal, Posting, channel_account, credit, debit, merchant_account, prepaid_account
from core.payments.channels.protocol import Channel
from core.receipts import service as receipts
from core.receipts.errors import ReceiptNotFound
from core.refunds import holding, money_repository, repository, service
from core.refunds.errors import MoneyMoved
from core.refunds.states import ITEM

AGAIN_AFTER_FLUSH = dt.timedelta(seconds=30)


async def submit(session: Session, item_id: UUID, way: Channel | None) -> bool:
    """Book one held item as sent; True when the channel is to be called now.

    False when it waits (spacing, receipt), goes to a person, or its money was moved away. Raises NotEnoughBalance when the merchant's is short.
    """
    refund, item, parts = await held(session, item_id)
    if item is None or item.journal_id is not None or item.state not in ("held", "waiting_funds"):
        return False
    await money_repository.lock_source(session, bill_id=refund.bill_id, suspense_id=refund.suspense_id)
    [payment] = await money_repository.lock_payments(session, [item.payment_id])
    sent = next(iter(await money_repository.list_sent(session, [item.payment_id])), None)
    if why := holding.by_hand(payment, sent.refunds if sent else 0, way):
        await repository.change_item(session, item_id, state=ITEM.check(item.state, "manual_transfer"), error=why, next_at=None)
        await service.settle_status(session, refund)
        return False
    free_at = sent.last_sent_at + dt.timedelta(seconds=way.refund_rules.spacing_seconds) if sent else clock.now()
    if free_at > clock.now():
        await repository.change_item(session, item_id, next_at=free_at)
        return False
    await _check_funds(session, parts)
    if not await flush_receipts(session, refund, item, parts):
        await repository.change_item(session, item_id, next_at=clock.now() + AGAIN_AFTER_FLUSH, error="等待收据红冲完成")
        return False
    try:
        account = channel_account(payment.channel, payment.mchid)
        await post(session, refund, item, parts, account, state="submitted", event="refund.submitted")
    except MoneyMoved as error:
        await give_up(session, refund, item, parts, error.message)
        return False
    await service.settle_status(session, refund)
    return True


async def held(session: Session, item_id: UUID) -> tuple[Row | None, Row | None, list[Row]]:
    """An item with its refund, both held, and its parts."""
    found = await repository.find_item(session, item_id)
    if found is None:
        return None, None, []
    refund = await repository.lock(session, found.refund_id)
    item = await repository.lock_item(session, item_id)
    return refund, item, list(await repository.list_parts(session, [item_id]))


async def post(session: Session, refund: Row, item: Row, parts: list[Row], account: str, *, state: str, event: str) -> UUID:
    """Post the journal and take the money from where it lies: Dr merchant, family or suspense, Cr the channel or the bank (§2.2).

    Source and payment must be held. Raises NotEnoughBalance, MoneyMoved.
    """
    journal = Journal(
        key=f"refund:{item.number}:{item.posts}",
        event=event,
        biz_type="refund",
        biz_id=str(refund.id),
        postings=(*_debits(refund, parts), credit(account, item.amount_fen)),
        by=refund.approved_by or "system",
        memo=item.number,
    )
    journal_id, posting = await ledger.posting(session, journal)
    if not await money_repository.lies_there(session, item.id):
        raise MoneyMoved()
    now = clock.now()
    values = {
        "moved_fen": item.amount_fen, "unheld_fen": item.amount_fen, "moved_payment": item.payment_id, "moved_state": ITEM.check(item.state, state),
        "moved_journal": journal_id, "moved_posts": 1, "moved_at": now, "moved_next": now + dt.timedelta(seconds=60) if state == "submitted" else None,
        "moved_item": item.id, "moved_by": refund.approved_by, "moved_suspense": refund.suspense_id,
    }  # fmt: skip
    written = await session.together(
        posting,
        returning_repository.returning(journal_id, placements(item, parts), now),
        money_repository.moving(values, suspense=refund.suspense_id is not None),
    )
    assert written.posted and written.counted, "a refund item is posted once, while it is held"
    return journal_id


async def undo(session: Session, refund: Row, item: Row, parts: list[Row], *, state: str, why: str) -> None:
    """Reverse a posted item exactly: the money lies again where it was taken from, and is held."""
    now = clock.now()
    journal_id = await ledger.reverse(session, item.journal_id, by="system", memo=why)
    values = {
        "moved_fen": -item.amount_fen, "unheld_fen": -item.amount_fen, "moved_payment": item.payment_id, "moved_state": state,
        "moved_journal": None, "moved_posts": 0, "moved_at": now, "moved_next": None, "moved_item": item.id, "moved_by": None,
        "moved_suspense": refund.suspense_id,
    }  # fmt: skip
    await session.together(
        returning_repository.returning(journal_id, placements(item, parts, sign=-1), now),
        money_repository.moving(values, suspense=refund.suspense_id is not None),
    )


async def send_again(session: Session, item_id: UUID, lease: dt.datetime) -> bool:
    """Write down, before the call, that a booked item goes to the channel once more under its number; False when it no longer should."""
    refund, item, _ = await held(session, item_id)
    if item.journal_id is None or item.state not in ("failed", "waiting_funds"):
        return False
    await repository.change_item(session, item_id, state=ITEM.check(item.state, "submitted"), sent_at=clock.now(), next_at=lease)
    await service.settle_status(session, refund)
    return True


async def give_up(session: Session, refund: Row, item: Row, parts: list[Row], why: str) -> None:
    """An item that will not be sent: its hold is given back, and its receipt stands again. A posted one must be undone first."""
    await money_repository.hold(session, item.payment_id, -item.amount_fen)
    values = {"state": ITEM.check(item.state, "cancelled"), "error": why, "next_at": None, "finished_at": clock.now()}
    await repository.change_item(session, item.id, **values)
    await restore_receipts(session, item, parts, why)
    await service.settle_status(session, refund)


async def wait_for_funds(session: Session, item_id: UUID, why: str, again_at: dt.datetime) -> None:
    """The money is not there yet, with us or at the channel: wait for it in the queue."""
    refund, item, _ = await held(session, item_id)
    if item.state in ("held", "waiting_funds", "submitted", "processing", "failed"):
        await repository.change_item(session, item_id, state=ITEM.check(item.state, "waiting_funds"), error=why, next_at=again_at)
        await service.settle_status(session, refund)


async def flush_receipts(session: Session, refund: Row, item: Row, parts: list[Row]) -> bool:
    """The receipt first: what goes back is taken out of it before any money moves; False while an outside issuer has not confirmed."""
    by_bill: dict[UUID, dict[int, int]] = {}
    for part in parts:
        if part.kind == "bill":
            lines = by_bill.setdefault(part.bill_id, {})
            lines[part.line_no] = lines.get(part.line_no, 0) + part.amount_fen
    done = True
    for bill_id, lines in by_bill.items():
        flushed = await receipts.red_flush(
            session, item.payment_id, bill_id, sum(lines.values()), refund.reason, system(session.tenant_id), flush_key(item, bill_id), lines
        )
        done = done and flushed.state == "done"
    return done


async def restore_receipts(session: Session, item: Row, parts: list[Row], why: str) -> None:
    """The refund failed for good: its receipts say the whole again."""
    for bill_id in {part.bill_id for part in parts if part.kind == "bill"}:
        with contextlib.suppress(ReceiptNotFound):  # never red-flushed: nothing to restore
            await receipts.flush_state(session, flush_key(item, bill_id))
            await receipts.restore(session, flush_key(item, bill_id), why, system(session.tenant_id))


def flush_key(item: Row, bill_id: UUID) -> str:
    """The name of a red-flush: the first number of this part of the refund, and the bill."""
    return f"{item.flush_key}:{bill_id}"


def placements(item: Row, parts: list[Row], sign: int = 1) -> list[Placement]:
    """Where an item's money is taken from."""
    return [
        Placement(
            payment_id=item.payment_id, kind=part.kind, amount_fen=sign * part.amount_fen, bill_id=part.bill_id, line_no=part.line_no,
            party_id=part.party_id,
        )
        for part in parts
    ]  # fmt: skip


async def _check_funds(session: Session, parts: list[Row]) -> None:
    """A look without a lock, so that a receipt is not red-flushed for a refund that has to wait; the posting looks again, locked."""
    wanted: dict[str, int] = {}
    for part in parts:
        if part.kind == "bill":
            account = merchant_account(part.merchant_code)
            wanted[account] = wanted.get(account, 0) + part.amount_fen
    for account, fen in wanted.items():
        available = await ledger.balance(session, account)
        if available < fen:
            raise NotEnoughBalance(account=account, available_fen=available, needed_fen=fen)


def _debits(refund: Row, parts: list[Row]) -> list[Posting]:
    owed: dict[tuple[str, UUID | None], int] = {}
    for part in parts:
        if part.kind == "bill":
            key = (merchant_account(part.merchant_code), part.merchant_id)
        else:
            key = (prepaid_account(part.party_id) if part.kind == "credit" else SUSPENSE_LONG, None)
        owed[key] = owed.get(key, 0) + part.amount_fen
    return [debit(account, fen, merchant_id) for (account, merchant_id), fen in sorted(owed.items(), key=lambda pair: pair[0][0])]
