"""The active query ladder: every open order is asked for until it is decided, whoever forgot to tell us."""

import asyncio
import datetime as dt
from uuid import UUID

from core import clock
from core.payments import repository
from core.payments.service import advance
from core.platform import Platform

LEASE = dt.timedelta(seconds=30)
AT_ONCE = 20


async def query_due(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """Ask the channels about every order of a client whose turn it is; answers when the next one is due."""
    client = await platform.directory.profile(tenant_id)
    now = clock.now()
    async with platform.database.tenant(tenant_id) as session:
        numbers = await repository.claim_due(session, now, now + LEASE, AT_ONCE)
    await asyncio.gather(*(advance(platform, client, number) for number in numbers))
    async with platform.database.tenant(tenant_id) as session:
        return await repository.next_due(session)
