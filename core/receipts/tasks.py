"""Number the receipts that wait; nothing serial is ever in the paying request (architecture §6)."""

import datetime as dt
from uuid import UUID

from core import clock
from core.identity.actor import system
from core.platform import Platform
from core.receipts import flush_repository, following, service

BATCH = 500
LOOK_BACK = dt.timedelta(days=3)


async def issue_due(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """One batch; answers now when there may be more, and soon when somebody held one of them at this moment."""
    async with platform.database.tenant(tenant_id) as session:
        if not await service.any_waiting(session):
            return None
    client = await platform.directory.profile(tenant_id)
    async with platform.database.tenant(tenant_id) as session:
        issued = await service.issue_waiting(session, client, BATCH, platform.plugins)
        more = issued == BATCH or await service.any_waiting(session)
    return (clock.now() if issued else clock.now() + dt.timedelta(seconds=1)) if more else None


async def follow_moved(platform: Platform, tenant_id: UUID) -> None:
    """At night: receipts of payments whose money was moved these days say where it lies now."""
    async with platform.database.tenant(tenant_id) as session:
        moved = await flush_repository.list_moved(session, clock.now() - LOOK_BACK)
    for payment_id in moved:
        async with platform.database.tenant(tenant_id) as session:
            await flush_repository.hold(session, payment_id)
            by = system(tenant_id)
            await following.follow(session, payment_id, by)
            await following.complete(session, payment_id, by)
