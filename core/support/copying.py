"""The bank's copies of a client's consents and tickets, by which its people find them: made at once, and by the pulse should that have failed.

CROSSES TENANTS: client → bank; grep for this mark to find every such door.
"""

import datetime as dt
from uuid import UUID

from core import clock
from core.platform import Platform
from core.support import copies_repository as repository
from core.tenancy.threshold import bank_rows

AT_ONCE = 200


async def copy(platform: Platform, client_id: UUID) -> bool:
    """Bring the bank's copies up to date; answers whether more is behind. A crash in between copies again, which changes nothing."""
    more = False
    for table in repository.COPIED:
        async with platform.database.tenant(client_id) as session:
            rows = await repository.list_uncopied(session, table, AT_ONCE)
        if rows:
            async with bank_rows(platform) as session:
                await repository.put_copies(session, table, rows)
            async with platform.database.tenant(client_id) as session:
                await repository.mark_copied(session, table, rows)
        more = more or len(rows) == AT_ONCE
    return more


async def copy_due(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """The same as a step of the pulse."""
    return clock.now() if await copy(platform, tenant_id) else None
