"""A refund because a student leaves has reached the family: the student has left, if nobody said otherwise since (annex A.2)."""

from uuid import UUID

from core import clock
from core.database import Session
from core.identity import audit
from core.identity.actor import system
from core.refunds import service as refunds
from plugins.education.pricing.rules import ENROLLED
from plugins.education.refunding.leaving import LEFT
from plugins.education.roster import service as roster

REASON = "退款 {number} 已办结"


async def refunded(session: Session, refund_id: UUID) -> None:
    """Set the student's status to what the refund was for; told twice, it changes nothing the second time."""
    refund = await refunds.find(session, refund_id)
    if refund.status != "success" or refund.cause not in LEFT or refund.party_id is None:
        return
    since = [event for event in await audit.history(session, "student", refund.party_id) if event["at"] > refund.created_at]
    if any((event["after"] or {}).get("status") == ENROLLED for event in since):
        return
    day = refund.effective_on or clock.today()
    await roster.leave(session, refund.party_id, refund.cause, REASON.format(number=refund.number), day, system(session.tenant_id))
