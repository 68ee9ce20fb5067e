"""What workers do about orders: an order whose bill was paid by a way that tells of nothing is paid as well, and its stay is told."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from core.database import Row, Session
from core.hookspecs import PulseStep
from core.platform import Platform
from plugins.medical.inpatients import service as inpatients
from plugins.medical.orders import service


async def look(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """Orders that wait though their bill is paid: by a patient's credit, by money that finance moved or took from suspense."""
    async with platform.database.tenant(tenant_id) as session:
        await follow(session, await service.catch_up(session))
    return None


async def follow(session: Session, paid: Sequence[Row]) -> None:
    """What payments of orders mean for stays."""
    for order in paid:
        if order.kind == "deposit":
            await inpatients.deposit_paid(session, order)
        elif order.kind == "discharge":
            await inpatients.collected(session, order)


STEP = PulseStep("medical.orders", look)
