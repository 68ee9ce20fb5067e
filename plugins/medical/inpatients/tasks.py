"""What workers do for discharges: look again at every stay whose money moved, or that waits for somebody."""

import datetime as dt
from uuid import UUID

from core import clock
from core.errors import PlatformError
from core.hookspecs import PulseStep
from core.identity.actor import system
from core.platform import Platform
from plugins.medical.inpatients import closing, repository

AT_ONCE = 50


async def discharges(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """Go on with settled stays that are due; answers when the next is."""
    client = await platform.directory.profile(tenant_id)
    async with platform.database.tenant(tenant_id) as session:
        due = await repository.list_due(session, clock.now(), AT_ONCE)
    for admission_id in due:
        try:
            async with platform.database.tenant(tenant_id) as session:
                keys = await platform.vault.keys(session)
                await closing.go_on(session, keys, client.settings, admission_id, system(tenant_id))
        except PlatformError as error:  # said on the stay, the others go on
            async with platform.database.tenant(tenant_id) as session:
                await repository.change(session, admission_id, waits_for=error.message, look_at=clock.now() + closing.AGAIN)
    async with platform.database.tenant(tenant_id) as session:
        return await repository.next_due(session)


STEP = PulseStep("medical.discharges", discharges)
