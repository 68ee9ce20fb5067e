"""The night's look at due dates."""

from uuid import UUID

from core import clock
from core.cashier import notices
from core.platform import Platform


async def remind(platform: Platform, tenant_id: UUID) -> None:
    """Write the day's notices; they leave after the quiet hours, once each."""
    async with platform.database.tenant(tenant_id) as session:
        await notices.tell_of_due(session, clock.today())
