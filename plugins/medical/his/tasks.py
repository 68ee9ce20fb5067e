"""What workers do about HIS: orders that are due are posted, or asked about and posted."""

import asyncio
import datetime as dt
from uuid import UUID

import structlog

from core import clock
from core.database import Row
from core.platform import Platform
from plugins.medical.his import notices, posting, repository, service
from plugins.medical.his.client import His

log = structlog.get_logger()
LEASE = dt.timedelta(seconds=60)
AT_ONCE = 20


async def post_due(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """Go on with every order of a client whose turn it is; answers when the next one is due."""
    his = await service.reach(platform, tenant_id)
    if his is None:
        return None
    now = clock.now()
    async with platform.database.tenant(tenant_id) as session:
        due = await repository.claim_due(session, now, now + LEASE, AT_ONCE, now - posting.minutes(his), failed=False)
        works = await repository.list_postings(session, due) if due else []
    outcomes = await asyncio.gather(*(advance(his, work) for work in works), return_exceptions=True)
    for work, outcome in zip(works, outcomes, strict=True):
        if isinstance(outcome, BaseException):
            log.error("order_not_posted", order=work.number, exc_info=outcome)
    async with platform.database.tenant(tenant_id) as session:
        await notices.tell(session, posting.minutes(his))
        return await repository.next_due(session)


async def advance(his: His, work: Row) -> None:
    """One step of one order: post it, or ask and post it."""
    if work.status not in posting.POSTABLE:
        async with his.platform.database.tenant(his.tenant_id) as session:
            await repository.change_order(session, work.id, post_at=None)
            await repository.give_turn(session, work.id)
    else:
        told = await posting.post(his, work, ask_first=work.post_tries > 1 or work.status != "paid")
        async with his.platform.database.tenant(his.tenant_id) as session:
            await posting.decide(session, his, work.id, told)
