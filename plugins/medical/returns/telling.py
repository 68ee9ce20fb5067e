"""HIS is told of money that went back, once it has; what HIS never had is told of only after it was made dead there."""

import datetime as dt

from core import clock
from core.database import Row
from plugins.medical.his import client, posting, reposting
from plugins.medical.his import repository as his_repository
from plugins.medical.his.client import His
from plugins.medical.his.reposting import Outcome
from plugins.medical.his.wire import Told
from plugins.medical.returns import repository

LADDER_SECONDS = (10, 30, 120, 600, 3600)
MOST_TRIES = 30


async def advance(his: His, work: Row) -> None:
    """Tell HIS, or find that there is nothing to tell."""
    told = await _tell(his, work)
    now = clock.now()
    if told.state in ("posted", "cancelled"):
        values: dict[str, object] = {"told_at": now, "due_at": None, "error": None}
    elif work.tell_tries >= MOST_TRIES:
        values = {"due_at": None, "error": told.message[:200] or told.state}
    else:
        wait = LADDER_SECONDS[min(work.tell_tries, len(LADDER_SECONDS) - 1)]
        values = {"due_at": now + dt.timedelta(seconds=wait), "error": told.message[:200] or told.state}
    async with his.platform.database.tenant(his.tenant_id) as session:
        if told.state == "posted" and told.amount_fen not in (None, work.cash_fen):
            await posting.keep(session, work.order_id, "amount", str(work.cash_fen), str(told.amount_fen))
        if len(told.serials) > 1:
            await posting.keep(session, work.order_id, "twice", told.serials[0], ", ".join(told.serials)[:400])
        await repository.change(session, work.id, **values)


async def _tell(his: His, work: Row) -> Told:
    if work.posted_at is None:
        there = await client.query_payment(his, work.order_number, work.order_id)
        if there.state == "absent":
            there = await client.cancel_payment(his, work.order_number, work.order_id)
        if there.state != "posted":
            return there
        async with his.platform.database.tenant(his.tenant_id) as session:
            await posting.believe(session, await his_repository.lock_order(session, work.order_id), there)
    if work.tell_tries > 1:
        known = await client.query_refund(his, work.his_refund_no, work.order_id)
        if known.state != "absent":
            return known
    return await client.post_refund(his, work.order_id, await _body(his, work))


async def _body(his: His, work: Row) -> dict[str, object]:
    """What HIS is told: numbers and amounts, no names."""
    async with his.platform.database.tenant(his.tenant_id) as session:
        order = await his_repository.lock_order(session, work.order_id)
        parts = await repository.list_refund_parts(session, work.refund_id) if work.refund_id else []
    trades = [{"number": p.number, "channel": p.channel, "amount_fen": p.amount_fen, "trade_number": p.trade_number} for p in parts]
    return {
        "refund_no": work.his_refund_no, "return_no": work.number, "number": work.order_number, "his_serial": order.his_serial,
        "patient_no": work.patient_no, "kind": work.kind, "amount_fen": work.cash_fen, "trades": trades,
    }  # fmt: skip


async def repost(his: His, asked: Row) -> Outcome:
    """A difference says that HIS lacks a refund: it is told once more, under the same number."""
    async with his.platform.database.tenant(his.tenant_id) as session:
        work = await repository.find_by_refund_part(session, asked.number)
    if work is None or work.status != "done":
        return Outcome(False, message=reposting.NO_ORDER)
    told = await client.query_refund(his, work.his_refund_no, work.order_id)
    if told.state == "absent":
        told = await client.post_refund(his, work.order_id, await _body(his, work))
    if told.state != "posted":
        return reposting.outcome_of(told)
    if told.amount_fen != work.cash_fen:
        return Outcome(False, message=reposting.NOT_OURS)
    async with his.platform.database.tenant(his.tenant_id) as session:
        await repository.change(session, work.id, told_at=clock.now(), due_at=None, error=None)
    return Outcome(True, told.serial)


reposting.register("refund", repost)
