"""A student leaves, and what the policies give back stands as a draft for the finance people; a student who stays after all needs none.

Nothing is posted here. In a client's settings, `[education] suspension_refund = false` says that 休学 gives nothing back.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from core.billing.schemas import BillRead
from core.database import Session
from core.identity.actor import Actor
from core.refunds import drafting
from core.refunds.drafting import Leave
from plugins.education.pricing.rules import ENROLLED
from plugins.education.refunding.service import propose_many
from plugins.education.roster.steps import Followed, Step

SUSPENDED, LEFT = "休学", ("转学", "退学")
CAUSES = (*LEFT, SUSPENDED)
NOT_SUSPENDED, WITHDRAWN = "not_suspended", "withdrawn"
BACK = "学生恢复在读，草稿作废"


async def follow(session: Session, settings: Mapping[str, object], steps: Sequence[Step], by: Actor) -> dict[UUID, Followed]:
    """Draft refunds for those who leave, put away the drafts of those who are back; the same number of statements for one as for a thousand."""
    found = {step.student_id: Followed() for step in steps}
    pausing = {step.student_id for step in steps if step.after == SUSPENDED} if not _on_suspension(settings) else set()
    found |= {student_id: Followed((), NOT_SUSPENDED) for student_id in pausing}
    leaves = [
        Leave(party_id=step.student_id, cause=step.after, reason=step.reason, effective_on=step.on)
        for step in steps
        if step.after in CAUSES and step.student_id not in pausing
    ]
    if leaves:
        made = await drafting.make(session, settings, leaves, propose_many, CAUSES, by)
        found |= {student_id: Followed(outcome.drafts, outcome.why) for student_id, outcome in made.items()}
    back = [step.student_id for step in steps if step.after == ENROLLED and step.before in CAUSES]
    if back:
        found |= {student_id: Followed((), WITHDRAWN) for student_id in await drafting.drop_of(session, back, CAUSES, BACK, by)}
    return found


def unpaid(bills: Sequence[BillRead]) -> int:
    """How many of a student's bills are still to be paid; they stay until somebody voids, adjusts or writes them off."""
    return sum(bill.status in ("issued", "partially_paid") for bill in bills)


def why_nothing(paid_fen: int) -> str:
    """Why a student who left has no refund at all, for the page."""
    return drafting.NOTHING_BACK if paid_fen else drafting.NOTHING_PAID


def _on_suspension(settings: Mapping[str, object]) -> bool:
    own = settings.get("education")
    return not isinstance(own, Mapping) or own.get("suspension_refund") is not False
