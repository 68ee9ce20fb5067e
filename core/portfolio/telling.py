"""A client tells its bank what its days come to, after work and at night: sums and counts, no person.

CROSSES TENANTS: client → bank, sums only. First a transaction of the client that reads, then one of the bank that writes.
"""

import datetime as dt
import time
from collections.abc import Sequence
from uuid import UUID

from core import clock
from core.database import Session
from core.errors import NotFound
from core.payments.lists import begin_of, end_of
from core.platform import Platform
from core.portfolio import telling_repository as repository
from core.reports import sums, sums_repository

EVERY_SECONDS = 180
MONTH = dt.timedelta(days=30)
WHOLE = ""
_rests_until: dict[UUID, float] = {}


async def write(platform: Platform, tenant_id: UUID, first: dt.date, last: dt.date) -> None:
    """Tell the bank about some days; told twice, the newest figures stand. How things stand now belongs to today only."""
    async with platform.database.tenant(tenant_id) as session:
        if await sums_repository.last_written(session) is None:
            await sums.write(session)
        rows = await reckon(session, first, last)
    async with platform.database.tenant(await platform.directory.bank_id()) as session:
        await repository.write_days(session, tenant_id, rows)


async def reckon(session: Session, first: dt.date, last: dt.date) -> list[dict[str, object]]:
    """The rows of a span of days: by plugin and as a whole."""
    today = clock.today()
    start, until = begin_of(first), end_of(last)
    found: dict[tuple[str, dt.date], dict[str, object]] = {}
    for day in _days(first, last):
        found[WHOLE, day] = {"plugin": WHOLE, "day": day, "payments": 0, "paid_fen": 0, "refunds": 0, "refunded_fen": 0}
    for row in await repository.sum_booked(session, first, last):
        found[row.plugin, row.day] = {"plugin": row.plugin, "day": row.day, "payments": row.payments, "paid_fen": row.paid_fen}
    for row in [*await repository.sum_paid(session, start, until), *await repository.sum_refunded(session, start, until)]:
        found[WHOLE, row.day].update(row._mapping)
    if first <= today <= last:
        due = [dict(row._mapping) for row in await repository.sum_due(session, today)]
        for stands in due:
            found.setdefault((stands["plugin"], today), {"day": today, "payments": 0, "paid_fen": 0}).update(stands)
        whole = {name: sum(stands[name] for stands in due) for name in sums_repository.STANDS}
        found[WHOLE, today].update(whole, **await repository.find_standing(session, begin_of(today - MONTH)))
    return list(found.values())


async def pulse(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """After work, at most every few minutes: today, and at the very first time the month before it; answers when to look again."""
    wait = _rests_until.get(tenant_id, 0) - time.monotonic()
    if wait > 0:
        return clock.now() + dt.timedelta(seconds=wait)
    if not await _is_client(platform, tenant_id):
        return None
    _rests_until[tenant_id] = time.monotonic() + EVERY_SECONDS
    await write(platform, tenant_id, await _since(platform, tenant_id), clock.today())
    return None


async def nightly(platform: Platform, tenant_id: UUID) -> None:
    """At night: the day that ended, and the one that began."""
    if await _is_client(platform, tenant_id):
        since = await _since(platform, tenant_id)
        await write(platform, tenant_id, min(since, clock.today() - dt.timedelta(days=1)), clock.today())


async def _since(platform: Platform, tenant_id: UUID) -> dt.date:
    async with platform.database.tenant(await platform.directory.bank_id()) as session:
        return clock.today() if await repository.is_told(session, tenant_id) else clock.today() - MONTH


def _days(first: dt.date, last: dt.date) -> Sequence[dt.date]:
    return [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]


async def _is_client(platform: Platform, tenant_id: UUID) -> bool:
    try:
        await platform.directory.profile(tenant_id)
    except NotFound:
        return False
    return True
