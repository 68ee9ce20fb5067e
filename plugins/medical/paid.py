"""What workers do about orders: what became of a bill by a way that tells of nothing becomes of its order too, and the stay is told."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from core.database import Row, Session
from core.hookspecs import PulseStep
from core.platform import Platform
from plugins.medical.inpatients import service as inpatients
from plugins.medical.orders import service, voided


async def look(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """Orders that wait though their bill is paid (by a patient's credit, by money that finance moved or took from suspense) or void."""
    async with platform.database.tenant(tenant_id) as session:
        await follow(session, await service.catch_up(session))
        if gone := await voided.bills(session):
            await inpatients.hold(session, gone)
            await voided.withdraw(session, tenant_id, gone)
            await inpatients.moved(session, gone)
    return None


async def follow(session: Session, paid: Sequence[Row]) -> None:
    """What payments of orders mean for stays."""
    for order in paid:
        if order.kind == "deposit":
            await inpatients.deposit_paid(session, order)
        elif order.kind == "discharge":
            await inpatients.collected(session, order)


STEP = PulseStep("medical.orders", look)
