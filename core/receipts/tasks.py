"""Number the receipts that wait; nothing serial is ever in the paying request (architecture §6)."""

import datetime as dt
from uuid import UUID

from core import clock
from core.platform import Platform
from core.receipts import service

BATCH = 500


async def issue_due(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """One batch; answers now when there may be more."""
    async with platform.database.tenant(tenant_id) as session:
        if not await service.any_waiting(session):
            return None
    client = await platform.directory.profile(tenant_id)
    async with platform.database.tenant(tenant_id) as session:
        issued = await service.issue_waiting(session, client, BATCH)
    return clock.now() if issued == BATCH else None
