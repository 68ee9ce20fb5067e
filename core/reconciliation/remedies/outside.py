"""A refund that was made outside this platform, in the channel's own back office: booked on evidence, never sent."""

import datetime as dt
from uuid import UUID

from core import clock
from core.database import Session
from core.ledger.schemas import channel_account
from core.reconciliation.remedies.refusals import BadRemedy
from core.refunds import money_repository, repository, settling, submitting


async def settle_refund(session: Session, refund_id: UUID, reference: str, at: dt.datetime) -> None:
    """Every part of a held refund is booked as done: Dr where the money lay, Cr the channel (§2.2)."""
    for item in await repository.list_items(session, refund_id):
        if item.state in ("held", "manual_transfer"):
            await settle_item(session, item.id, reference, at)


async def settle_item(session: Session, item_id: UUID, reference: str, at: dt.datetime) -> bool:
    """One part that nobody has sent; False when somebody was faster."""
    found = await submitting.hold(session, item_id)
    item = found.item
    if item.state not in ("held", "manual_transfer"):
        return False
    payment = await submitting.lock_payment(session, found)
    if not await submitting.flush_receipts(session, found):
        raise BadRemedy(why="收据红冲还没有完成，请稍后再办")
    if item.journal_id is not None:  # it went to the channel once, and failed there: what was booked then stands
        await settling.arrived(session, found, at=at, reference=reference)
        return True
    standing = await money_repository.standing(session, found.refund.id, item.id, item.payment_id)
    state = "submitted" if item.state == "held" else "transferring"
    account = channel_account(payment.channel, payment.mchid)
    await submitting.post(session, found, standing, account, state=state, event="refund.submitted", now=clock.now())
    await settling.arrived(session, await submitting.hold(session, item_id), at=at, reference=reference)
    return True
