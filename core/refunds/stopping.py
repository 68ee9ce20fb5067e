"""Stopping a refund before its money is at the channel: what is held goes free, what was booked and refused is booked back."""

from uuid import UUID

from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from core.refunds import batching, money_repository, repository, service, submitting
from core.refunds.errors import RefundNotFound, RefundNotWaiting

STOPPABLE = ("held", "waiting_funds", "failed", "manual_transfer")


async def stop(session: Session, refund_id: UUID, reason: str, by: Actor) -> int:
    """Give up every part that is not under way at the channel; answers how many. RefundNotWaiting when there is none."""
    refund = await repository.lock(session, refund_id)
    if refund is None:
        raise RefundNotFound()
    stopped = 0
    for found in await repository.list_items(session, refund_id):
        item = await repository.lock_item(session, found.id)
        if item.state in STOPPABLE:
            await _stop_item(session, refund, item, reason)
            stopped += 1
    if not stopped:
        raise RefundNotWaiting(status=refund.status)
    status = await service.settle_status(session, await repository.find(session, refund_id))
    await batching.follow(session, refund.batch_id, status)
    await audit.record(session, by, "refunds.refund.stop", "refund", refund_id, before={"status": refund.status}, reason=reason)
    return stopped


async def _stop_item(session: Session, refund: Row, item: Row, reason: str) -> None:
    parts = list(await repository.list_parts(session, [item.id]))
    if item.journal_id is not None:
        await money_repository.lock_source(session, bill_id=refund.bill_id, suspense_id=refund.suspense_id)
        await money_repository.lock_payments(session, [item.payment_id])
        await submitting.undo(session, refund, item, parts, state=item.state, why=reason)
    await submitting.give_up(session, refund, item, parts, reason)
