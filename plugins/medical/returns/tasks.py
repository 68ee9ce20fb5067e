"""What workers do about returns: adopt what core began, ask the insurer, follow the money, tell HIS."""

import asyncio
import datetime as dt
from uuid import UUID

import structlog

from core import clock
from core.database import Row
from core.platform import Platform
from plugins.medical.his import service as his_service
from plugins.medical.his.client import His
from plugins.medical.returns import repository, reversing, service, telling

log = structlog.get_logger()
LEASE = dt.timedelta(seconds=60)
AT_ONCE = 20


async def go_on(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """Go on with every return of a client; answers when the next one is due."""
    his = await his_service.reach(platform, tenant_id)
    now = clock.now()
    async with platform.database.tenant(tenant_id) as session:
        await service.adopt(session)
        await service.follow(session)
        await repository.wake_agreed(session, now)
        works = await repository.claim_due(session, now, now + LEASE, AT_ONCE) if his else []
        if his is None:
            await reversing.leave_to_people(session, now)
    outcomes = await asyncio.gather(*(_advance(his, work) for work in works if his), return_exceptions=True)
    for work, outcome in zip(works, outcomes, strict=True):
        if isinstance(outcome, BaseException):
            log.error("return_not_advanced", number=work.number, exc_info=outcome)
    async with platform.database.tenant(tenant_id) as session:
        return await repository.next_due(session) if his else None


async def _advance(his: His, work: Row) -> None:
    if work.status == "requested":
        await reversing.advance(his, work)
    elif work.status == "done":
        await telling.advance(his, work)
    else:
        async with his.platform.database.tenant(his.tenant_id) as session:
            await repository.change(session, work.id, due_at=None)
