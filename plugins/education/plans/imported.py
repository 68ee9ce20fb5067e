"""Bills that a school calculated itself: what a plan holds of them, and taking them out again."""

from uuid import UUID

from core.database import Session
from core.identity import audit
from core.identity.actor import Actor
from plugins.education.plans import imported_repository, service
from plugins.education.plans.errors import PlanNotDraft
from plugins.education.plans.schemas import ImportedSums


async def read_sums(session: Session, plan_id: UUID, by: Actor) -> ImportedSums:
    """What a plan within reach holds."""
    await service.find(session, plan_id, by)
    row = await imported_repository.sums(session, plan_id)
    return ImportedSums(row.lines, row.students, row.amount_fen, row.discount_fen)


async def clear(session: Session, plan_id: UUID, by: Actor) -> int:
    """Take every imported line out of a draft, which is then priced by standards again; answers how many there were."""
    held = await service.hold(session, plan_id, by, service.MAKE)
    if held.status != "draft":
        raise PlanNotDraft()
    before = await imported_repository.sums(session, plan_id)
    if before.lines:
        await imported_repository.clear(session, plan_id)
        told = {"lines": before.lines, "students": before.students, "amount_fen": before.amount_fen}
        await audit.record(session, by, "education.imported.clear", "fee_plan", plan_id, before=told)
    return before.lines
