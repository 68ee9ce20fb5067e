"""Stopping a refund before its money is at the channel: what is held goes free, what was booked and refused is booked back."""

from uuid import UUID

from core.database import Session
from core.identity import audit
from core.identity.actor import Actor
from core.refunds import batching, repository, service, submitting
from core.refunds.errors import RefundNotFound, RefundNotWaiting
from core.refunds.repository import Held

STOPPABLE = ("held", "waiting_funds", "failed", "manual_transfer")


async def stop(session: Session, refund_id: UUID, reason: str, by: Actor) -> int:
    """Give up every part that is not under way at the channel; answers how many. RefundNotWaiting when there is none."""
    refund = await repository.lock(session, refund_id)
    if refund is None:
        raise RefundNotFound()
    stopped = 0
    for row in await repository.list_items(session, refund_id):
        if row.state in STOPPABLE:
            await _stop_item(session, await submitting.hold(session, row.id), reason)
            stopped += 1
    if not stopped:
        raise RefundNotWaiting(status=refund.status)
    status = await service.settle_status(session, await repository.find(session, refund_id))
    await batching.follow(session, refund.batch_id, status)
    await audit.record(session, by, "refunds.refund.stop", "refund", refund_id, before={"status": refund.status}, reason=reason)
    return stopped


async def _stop_item(session: Session, found: Held, reason: str) -> None:
    if found.item.journal_id is not None:
        await submitting.lock_payment(session, found)
        await submitting.undo(session, found, state=found.item.state, why=reason)
    await submitting.give_up(session, found, reason)
