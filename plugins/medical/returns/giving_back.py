"""What HIS does not take goes back to the payer: HIS is asked, the number is made dead there, then a return begins. While HIS is silent nothing moves."""

import asyncio
import datetime as dt
from uuid import UUID

import structlog

from core import clock
from core.database import Row
from core.identity.actor import Actor
from core.platform import Platform
from plugins.medical.his import client, posting, repository, service
from plugins.medical.his.client import His
from plugins.medical.his.errors import HisHasIt, HisSilent, PostingNotFound, TurnTaken
from plugins.medical.his.wire import Told
from plugins.medical.returns import service as returns

log = structlog.get_logger()
AT_ONCE = 20
TURN = dt.timedelta(seconds=60)
AGAIN_WHEN_SILENT = dt.timedelta(minutes=10)
REASON = "HIS 上账失败，自动退回"


async def give_back_due(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """What failed longer ago than the hospital's minutes; answers when to look again."""
    his = await service.reach(platform, tenant_id)
    if his is None:
        return None
    now = clock.now()
    async with platform.database.tenant(tenant_id) as session:
        due = await repository.claim_due(session, now, now + TURN, AT_ONCE, now - posting.minutes(his), failed=True)
        works = await repository.list_postings(session, due) if due else []
    outcomes = await asyncio.gather(*(by_itself(his, work) for work in works), return_exceptions=True)
    for work, outcome in zip(works, outcomes, strict=True):
        if isinstance(outcome, BaseException):
            log.error("order_not_given_back", order=work.number, exc_info=outcome)
    async with platform.database.tenant(tenant_id) as session:
        return await repository.next_due(session)


async def by_itself(his: His, work: Row) -> None:
    """The hospital's minutes are over: what HIS says it does not have goes back; what it does not say waits, and a person is asked."""
    told = await settled_there(his, work)
    async with his.platform.database.tenant(his.tenant_id) as session:
        if told.state == "posted":
            await posting.decide(session, his, work.id, told)
            return
        row = await repository.lock_order(session, work.id)
        await repository.give_turn(session, work.id)
        if told.state != "cancelled":
            await repository.change_order(session, work.id, post_at=clock.now() + AGAIN_WHEN_SILENT, post_error=told.message)
        elif row.status == "post_failed":
            await returns.give_back(session, row, REASON)
            await repository.change_order(session, work.id, post_at=None)


async def by_person(platform: Platform, tenant_id: UUID, settings: dict, order_id: UUID, by: Actor, reason: str) -> str:
    """Finance gives an order back now; answers the return's number. Raises HisHasIt, HisSilent (nothing moved), TurnTaken, PostingSettled."""
    his = await service.must_reach(platform, tenant_id)
    now = clock.now()
    async with platform.database.tenant(tenant_id) as session:
        posting.failed(await repository.lock_order(session, order_id))
        if not await repository.take_turns(session, [order_id], now, now + TURN):
            raise TurnTaken()
        found = await repository.list_postings(session, [order_id])
    if not found:
        raise PostingNotFound()
    told = await settled_there(his, found[0])
    async with platform.database.tenant(tenant_id) as session:
        if told.state == "cancelled":
            row = posting.failed(await repository.lock_order(session, order_id))
            await repository.give_turn(session, order_id)
            await repository.change_order(session, order_id, post_at=None)
            return await returns.give_back(session, row, reason, by=by, settings=settings)
        if told.state == "posted":
            await posting.decide(session, his, order_id, told)
        else:
            await repository.give_turn(session, order_id)
    if told.state == "posted":
        raise HisHasIt(serial=told.serial)
    raise HisSilent(why=told.message)


async def settled_there(his: His, work: Row) -> Told:
    """Have it certain: `posted` there, or `cancelled` so that it can never be posted; anything else is not known."""
    told = await client.query_payment(his, work.number, work.id)
    return await client.cancel_payment(his, work.number, work.id) if told.state == "absent" else told
