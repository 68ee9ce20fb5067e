"""What has to be forgotten about guesses."""

import datetime as dt
from uuid import UUID

from core import clock
from core.payers import tries_repository
from core.platform import Platform

KEPT = dt.timedelta(days=30)


async def forget_tries(platform: Platform, tenant_id: UUID) -> None:
    """Drop failed bindings and used codes after 30 days (domain book §10)."""
    async with platform.database.tenant(tenant_id) as session:
        await tries_repository.forget(session, clock.now() - KEPT)
