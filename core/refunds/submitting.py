"""Booking a refund as sent: funds, spacing, receipt and rules checked, the journal posted, the money taken from where it lay; one commit."""

import contextlib
import datetime as dt
from collections.abc import Mapping
from uuid import UUID

import msgspec

from core import clock
from core.billing import returning_repository
from core.billing.schemas import Placement
from core.database import Row, Session
from core.identity.actor import system
from core.ledger import service as ledger
from core.ledger.schemas import SUSPENSE_LONG, Journal, Posting, channel_account, credit, debit, merchant_account, prepaid_account
from core.payments.channels.protocol import Channel
from core.receipts import service as receipts
from core.receipts.errors import ReceiptNotFound
from core.refunds import holding, money_repository, repository, service
from core.refunds.errors import MoneyMoved, RefundNotFound
from core.refunds.repository import Held
from core.refunds.states import ITEM, REFUND, status_of

AGAIN_WHEN_DISPUTED = dt.timedelta(minutes=10)
FLUSH_SOON, FLUSH_LATE = dt.timedelta(seconds=5), dt.timedelta(minutes=5)
"""An outside issuer confirms a red ticket within seconds, or is away for hours: asked again after as long as it has taken so far."""


class Ready(msgspec.Struct, frozen=True):
    """A held item with everything looked at and its receipt taken back: only the books are left to do."""

    found: Held
    standing: Row
    account: str


async def submit(session: Session, item_id: UUID, way: Channel | None) -> dt.datetime | None:
    """Book one held item as sent; answers the moment of it when the channel is to be called now.

    None when it waits (spacing, receipt), goes to a person, or its money was moved away. Raises NotEnoughBalance when the merchant's is short.
    """
    ready = await prepare(session, item_id, way)
    return await book(session, ready) if ready else None


async def prepare(session: Session, item_id: UUID, way: Channel | None) -> Ready | None:
    """Hold an item, look at its rules, take its receipt back; None when it is not to be booked now."""
    found = await repository.hold(session, item_id=item_id)
    if found is None or not _waits(found):
        return None
    payment = await lock_payment(session, found)
    standing = await money_repository.standing(session, found.refund.id, item_id, payment.id)
    return await _look(session, found, payment, standing, way)


async def prepare_many(session: Session, asked: Mapping[UUID, Channel | None]) -> list[Ready]:
    """The same for many items of different payments: refunds and items, what their money lies on, payments, receipts are held in this order,
    each in a fixed one of its own; then one is looked at after the other."""
    found = [each for each in await repository.hold_many(session, item_ids=list(asked)) if _waits(each)]
    payments = {
        row.id: row
        for row in await money_repository.lock_payments(
            session,
            {each.item.payment_id for each in found},
            bill_ids={each.refund.bill_id for each in found} - {None},
            suspense_ids={each.refund.suspense_id for each in found} - {None},
        )
    }
    standing = await money_repository.standing_of(session, [each.item.id for each in found])
    await receipts.hold_many(session, list(payments))
    looked_at = [
        await _look(session, each, payments[each.item.payment_id], standing[each.item.id], asked[each.item.id], alone=True) for each in found
    ]
    return [ready for ready in looked_at if ready is not None]


def _waits(found: Held) -> bool:
    return found.item.journal_id is None and found.item.state in ("held", "waiting_funds")


async def _look(session: Session, found: Held, payment: Row, standing: Row, way: Channel | None, *, alone: bool = False) -> Ready | None:
    """The rules, then the receipt; with `alone` nobody else can change the payment's receipts now."""
    refund, item, item_id = found.refund, found.item, found.item.id
    if why := holding.by_hand(payment, standing.refunds, way):
        await repository.change_item(session, item_id, state=ITEM.check(item.state, "manual_transfer"), error=why, next_at=None)
        await service.settle_status(session, refund)
        return None
    now = clock.now()
    if standing.disputed:  # the same money may be gone already: nothing more of this payment is sent until finance has looked
        values = {"next_at": now + AGAIN_WHEN_DISPUTED, "error": "渠道又退了一笔已结束的退款，请财务先核对挂账中的该条，再办理这笔"}
        await repository.change_item(session, item_id, **values)
        return None
    free_at = standing.last_sent_at and standing.last_sent_at + dt.timedelta(seconds=way.refund_rules.spacing_seconds)
    if free_at and free_at > now:
        await repository.change_item(session, item_id, next_at=free_at)
        return None
    if not await flush_receipts(session, found, alone=alone):
        again = now + max(FLUSH_SOON, min(FLUSH_LATE, now - refund.approved_at))
        await repository.change_item(session, item_id, next_at=again, error="等待收据红冲完成")
        return None
    return Ready(found, standing, channel_account(payment.channel, payment.mchid))


async def book(session: Session, ready: Ready) -> dt.datetime | None:
    """Post what is ready; None when its money was moved away meanwhile. Raises NotEnoughBalance."""
    now = clock.now()
    try:
        await post(session, ready.found, ready.standing, ready.account, state="submitted", event="refund.submitted", now=now)
    except MoneyMoved as error:
        await give_up(session, ready.found, error.message)
        return None
    return now


async def hold(session: Session, item_id: UUID) -> Held:
    """An item with its refund, both held; RefundNotFound when there is none."""
    found = await repository.hold(session, item_id=item_id)
    if found is None:
        raise RefundNotFound()
    return found


async def lock_payment(session: Session, found: Held) -> Row:
    """Hold what the money lies on, then the payment it came by."""
    sources = {"bill_ids": {found.refund.bill_id} - {None}, "suspense_ids": {found.refund.suspense_id} - {None}}
    (payment,) = await money_repository.lock_payments(session, [found.item.payment_id], **sources)
    return payment


async def post(session: Session, found: Held, standing: Row, account: str, *, state: str, event: str, now: dt.datetime) -> None:
    """Post the journal and take the money from where it lies: Dr merchant, family or suspense, Cr the channel or the bank (§2.2).

    Source and payment must be held, `standing` looked at since. The merchant's account is held last and as briefly as possible: every
    refund of the merchant needs it. Raises NotEnoughBalance, MoneyMoved.
    """
    refund, item = found.refund, found.item
    if not standing.there:
        raise MoneyMoved()
    status = status_of([state, *(standing.others or [])])
    journal = Journal(
        key=f"refund:{item.number}:{item.posts}",
        event=event,
        biz_type="refund",
        biz_id=str(refund.id),
        postings=(*_debits(found), credit(account, item.amount_fen)),
        by=refund.approved_by or "system",
        memo=item.number,
    )
    journal_id, posting = await ledger.posting(session, journal)
    if refund.source == "credit":  # a person's credit is held by its account in the books, which is now
        standing = await money_repository.standing(session, refund.id, item.id, item.payment_id)
        if not standing.there:
            raise MoneyMoved()
    values = {
        "moved_fen": item.amount_fen, "unheld_fen": item.amount_fen, "moved_payment": item.payment_id, "moved_state": ITEM.check(item.state, state),
        "moved_journal": journal_id, "moved_posts": 1, "moved_at": now, "moved_next": now + dt.timedelta(seconds=60) if state == "submitted" else None,
        "moved_item": item.id, "moved_by": refund.approved_by, "moved_suspense": refund.suspense_id, "moved_refund": refund.id,
    }  # fmt: skip
    changed = None if status == refund.status else REFUND.check(refund.status, status)
    written = await session.together(
        posting,
        returning_repository.returning(journal_id, placements(found), now),
        money_repository.moving(values, suspense=refund.suspense_id is not None, status=changed),
    )
    assert written.posted and written.counted, "a refund item is posted once, while it is held"


async def undo(session: Session, found: Held, *, state: str, why: str) -> None:
    """Reverse a posted item exactly: the money lies again where it was taken from, and is held."""
    refund, item, now = found.refund, found.item, clock.now()
    journal_id = await ledger.reverse(session, item.journal_id, by="system", memo=why)
    values = {
        "moved_fen": -item.amount_fen, "unheld_fen": -item.amount_fen, "moved_payment": item.payment_id, "moved_state": state,
        "moved_journal": None, "moved_posts": 0, "moved_at": now, "moved_next": None, "moved_item": item.id, "moved_by": None,
        "moved_suspense": refund.suspense_id,
    }  # fmt: skip
    await session.together(
        returning_repository.returning(journal_id, placements(found, sign=-1), now),
        money_repository.moving(values, suspense=refund.suspense_id is not None),
    )


async def send_again(session: Session, item_id: UUID, lease: dt.datetime) -> dt.datetime | None:
    """Write down, before the call, that a booked item goes to the channel once more under its number; None when it no longer should."""
    found, now = await hold(session, item_id), clock.now()
    if found.item.journal_id is None or found.item.state not in ("failed", "waiting_funds"):
        return None
    await repository.change_item(session, item_id, state=ITEM.check(found.item.state, "submitted"), sent_at=now, next_at=lease)
    await service.settle_status(session, found.refund)
    return now


async def give_up(session: Session, found: Held, why: str) -> None:
    """An item that will not be sent: its hold is given back, and its receipt stands again. A posted one must be undone first."""
    item = found.item
    await money_repository.hold(session, item.payment_id, -item.amount_fen)
    values = {"state": ITEM.check(item.state, "cancelled"), "error": why, "next_at": None, "finished_at": clock.now()}
    await repository.change_item(session, item.id, **values)
    await restore_receipts(session, found, why)
    await service.settle_status(session, found.refund)


async def wait_for_funds(session: Session, item_id: UUID, why: str, again_at: dt.datetime) -> None:
    """The money is not there yet, with us or at the channel: wait for it in the queue."""
    found = await hold(session, item_id)
    item = found.item
    if item.state in ("held", "waiting_funds", "submitted", "processing", "failed"):
        await repository.change_item(session, item_id, state=ITEM.check(item.state, "waiting_funds"), error=why, next_at=again_at)
        await service.settle_status(session, found.refund)


async def flush_receipts(session: Session, found: Held, *, alone: bool = False) -> bool:
    """The receipt first: what goes back is taken out of it before any money moves; False while an outside issuer has not confirmed."""
    by_bill: dict[UUID, dict[int, int]] = {}
    for part in found.parts:
        if part.kind == "bill":
            lines = by_bill.setdefault(part.bill_id, {})
            lines[part.line_no] = lines.get(part.line_no, 0) + part.amount_fen
    done = True
    for bill_id, lines in by_bill.items():
        flushed = await receipts.red_flush(
            session, found.item.payment_id, bill_id, sum(lines.values()), found.refund.reason, system(session.tenant_id),
            flush_key(found, bill_id), lines, held=alone,
        )  # fmt: skip
        done = done and flushed.state == "done"
    return done


async def restore_receipts(session: Session, found: Held, why: str) -> None:
    """The refund failed for good: its receipts say the whole again."""
    for bill_id in {part.bill_id for part in found.parts if part.kind == "bill"}:
        with contextlib.suppress(ReceiptNotFound):  # never red-flushed: nothing to restore
            await receipts.flush_state(session, flush_key(found, bill_id))
            await receipts.restore(session, flush_key(found, bill_id), why, system(session.tenant_id))


def flush_key(found: Held, bill_id: UUID) -> str:
    """The name of a red-flush: the first number of this part of the refund, and the bill."""
    return f"{found.item.flush_key}:{bill_id}"


def placements(found: Held, sign: int = 1) -> list[Placement]:
    """Where an item's money is taken from."""
    return [
        Placement(
            payment_id=found.item.payment_id, kind=part.kind, amount_fen=sign * part.amount_fen, bill_id=part.bill_id, line_no=part.line_no,
            party_id=part.party_id,
        )
        for part in found.parts
    ]  # fmt: skip


def _debits(found: Held) -> list[Posting]:
    owed: dict[tuple[str, UUID | None], int] = {}
    for part in found.parts:
        if part.kind == "bill":
            key = (merchant_account(part.merchant_code), part.merchant_id)
        else:
            key = (prepaid_account(part.party_id) if part.kind == "credit" else SUSPENSE_LONG, None)
        owed[key] = owed.get(key, 0) + part.amount_fen
    return [debit(account, fen, merchant_id) for (account, merchant_id), fen in sorted(owed.items(), key=lambda pair: pair[0][0])]
