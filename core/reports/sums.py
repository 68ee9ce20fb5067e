"""Collection is summed up after work and at night, so that its pictures cost the same whether a client has a hundred bills or a hundred thousand."""

import datetime as dt
import time
from uuid import UUID

from core import clock
from core.database import Session
from core.payments.lists import begin_of
from core.platform import Platform
from core.reports import sums_repository as repository

EVERY_SECONDS = 60
REST = 200
"""Summing up may take one part in so many of the time: a large client's sums are older than a small one's."""
LONG_AGO = dt.date(2000, 1, 1)
_rests_until: dict[UUID, float] = {}


async def write(session: Session, since: dt.date | None = None) -> None:
    """Sum up the bills, and what was booked from a day on (all of it when none is said)."""
    await repository.write(session, begin_of(since or LONG_AGO))


async def pulse(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """After work, at most once a minute: the bills, and the days since the last time; answers when to look again."""
    wait = _rests_until.get(tenant_id, 0) - time.monotonic()
    if wait > 0:
        return clock.now() + dt.timedelta(seconds=wait)
    began = time.monotonic()
    async with platform.database.tenant(tenant_id) as session:
        written = await repository.last_written(session, days=True)
        await write(session, None if written is None else written.astimezone(clock.SHANGHAI).date() - dt.timedelta(days=1))
    _rests_until[tenant_id] = time.monotonic() + max(EVERY_SECONDS, REST * (time.monotonic() - began))
    return None


async def nightly(platform: Platform, tenant_id: UUID) -> None:
    """At night: all of it anew; a unit that was moved takes its money along."""
    async with platform.database.tenant(tenant_id) as session:
        await write(session)
