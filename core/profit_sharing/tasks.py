"""What workers do for profit sharing."""

import datetime as dt
from uuid import UUID

from core.platform import Platform
from core.profit_sharing import sending


async def send(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """Tell the channel of receivers, splits, releases and returns, and ask until each is decided."""
    return await sending.send_due(platform, tenant_id)
