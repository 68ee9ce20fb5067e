"""What the night does with tickets."""

import datetime as dt
from uuid import UUID

from core import clock
from core.identity import audit
from core.identity.actor import system
from core.platform import Platform
from core.support import copies_repository as copies
from core.support.tickets import repository
from core.support.tickets.service import CLOSED_AFTER, OBJECT


async def close_quiet(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """Tickets that were solved a week ago, and of which nobody spoke since, are closed."""
    async with platform.database.tenant(tenant_id) as session:
        closed = await repository.close_quiet(session, clock.now() - CLOSED_AFTER)
        for ticket_id in closed:
            await audit.record(session, system(tenant_id), "support.ticket.close", OBJECT, ticket_id, after={"status": "closed"})
        if closed:
            await copies.wake(session, clock.now())
    return None
