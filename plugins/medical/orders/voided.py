"""Orders whose bill was voided where bills are corrected: nobody can pay them any more, so they are withdrawn as well."""

from collections.abc import Sequence
from uuid import UUID

from core.database import Session
from core.identity import audit
from core.identity.actor import system
from plugins.medical.insurance import service as insurance
from plugins.medical.orders import repository, service

AT_ONCE = 200
REASON = "账单已作废"


async def bills(session: Session) -> list[UUID]:
    """The bills of such orders, some at a time."""
    return await repository.list_voided(session, AT_ONCE)


async def withdraw(session: Session, tenant_id: UUID, bill_ids: Sequence[UUID]) -> None:
    """Withdraw their orders and the insurer's settlements that waited with them."""
    gone = await repository.withdraw(session, bill_ids)
    await insurance.withdrawn(session, [row.id for row in gone])
    told = [(row.id, {"status": row.before}, {"status": "cancelled"}, REASON) for row in gone]
    await audit.record_many(session, system(tenant_id), "medical.order.cancel", service.OBJECT, told)
