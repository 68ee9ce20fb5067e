"""What a client tells its bank about a day: sums and counts, no person. Branch boards read these rows and never a client's own.

CROSSES TENANTS: client → bank, sums only. First a transaction of the client that reads, then one of the bank that writes.
"""

import datetime as dt
import time
from uuid import UUID

from core import clock
from core.errors import NotFound
from core.payments.lists import begin_of, end_of
from core.platform import Platform
from core.reports import client_day_repository as repository

EVERY_SECONDS = 60
_written: dict[UUID, float] = {}


async def write(platform: Platform, tenant_id: UUID, *days: dt.date) -> None:
    """Sum up some days of a client and write them into the bank's books; told twice, the newest figures stand."""
    async with platform.database.tenant(tenant_id) as session:
        sums = [(day, await repository.sum_day(session, begin_of(day), end_of(day))) for day in days]
    async with platform.database.tenant(await platform.directory.bank_id()) as session:
        for day, found in sums:
            await repository.write_day(session, tenant_id, day, found)


async def nightly(platform: Platform, tenant_id: UUID) -> None:
    """At night: the day that ended, and the one that began."""
    if await _is_client(platform, tenant_id):
        today = clock.today()
        await write(platform, tenant_id, today - dt.timedelta(days=1), today)


async def pulse(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """After work: today's row, at most once a minute; answers when to look again."""
    wait = _written.get(tenant_id, 0) + EVERY_SECONDS - time.monotonic()
    if tenant_id in _written and wait > 0:
        return clock.now() + dt.timedelta(seconds=wait)
    if not await _is_client(platform, tenant_id):
        return None
    _written[tenant_id] = time.monotonic()
    await write(platform, tenant_id, clock.today())
    return None


async def _is_client(platform: Platform, tenant_id: UUID) -> bool:
    try:
        await platform.directory.profile(tenant_id)
    except NotFound:
        return False
    return True
