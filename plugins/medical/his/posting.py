"""Telling HIS of paid orders: ok is posted, unknown is asked about before anything else is decided, three failures make a case for people."""

import datetime as dt
from uuid import UUID

from core import clock, ids
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from core.jobs import service as jobs
from core.platform import Platform
from core.web.filters import status_label
from core.web.i18n import N_
from plugins.medical.his import client, repository, service
from plugins.medical.his.client import His
from plugins.medical.his.errors import PostingNotFound, PostingSettled
from plugins.medical.his.wire import Told
from plugins.medical.orders.states import ORDER

MOST_TRIES = 3
LADDER_SECONDS = (20, 60)
"""Waits after the first and the second failure; with three calls that time out the third one ends within five minutes."""
POSTABLE = ("paid", "post_failed", "partial_refund")
NOT_THERE = N_("HIS 没有这一笔")
CANCELLED = N_("HIS 已撤销这一笔")


async def post(his: His, work: Row, *, ask_first: bool) -> Told:
    """Have HIS book an order; after an answer that was lost it is asked whether it has it first."""
    if ask_first:
        told = await client.query_payment(his, work.number, work.id)
        if told.state != "absent":
            return told
    return await client.post_payment(his, work.id, body_of(work))


async def decide(session: Session, his: His, order_id: UUID, told: Told) -> str:
    """What HIS said becomes the order's state; answers it."""
    row = await repository.lock_order(session, order_id)
    await repository.give_turn(session, order_id)
    if told.state == "posted":
        return await believe(session, row, told)
    why = {"absent": NOT_THERE, "cancelled": CANCELLED}.get(told.state) or told.message
    if row.status not in POSTABLE:
        return row.status
    now = clock.now()
    if row.status != "post_failed" and row.post_tries >= MOST_TRIES:
        values = {"status": ORDER.check(row.status, "post_failed"), "post_failed_at": now, "post_at": now + minutes(his), "post_error": why}
    elif row.post_tries >= MOST_TRIES:
        values = {"post_at": max(row.post_failed_at + minutes(his), now), "post_error": why}
    else:
        wait = LADDER_SECONDS[min(row.post_tries, len(LADDER_SECONDS)) - 1]
        values = {"post_at": now + dt.timedelta(seconds=wait), "post_error": why}
    await repository.change_order(session, order_id, **values)
    return values.get("status", row.status)


async def believe(session: Session, row: Row, told: Told) -> str:
    """HIS has it: the order is posted, and whatever HIS says other than our books is kept for a person. The order must be held."""
    ours = row.his_serial or told.serials[0]
    await _compare(session, row, ours, told)
    values: dict[str, object] = {"his_serial": ours, "posted_at": row.posted_at or clock.now(), "post_at": None, "post_error": None, "post_failed_at": None}
    if row.status in ("paid", "post_failed"):
        values["status"] = ORDER.check(row.status, "posted")
    await repository.change_order(session, row.id, **values)
    return str(values.get("status", row.status))


async def again(platform: Platform, tenant_id: UUID, order_id: UUID, by: Actor, reason: str) -> None:
    """Finance has an order posted once more: three tries begin anew, and so do the minutes before it goes back. Raises PostingSettled."""
    await service.must_reach(platform, tenant_id)
    async with platform.database.tenant(tenant_id) as session:
        row = failed(await repository.lock_order(session, order_id))
        now = clock.now()
        await repository.change_order(session, row.id, post_tries=0, post_at=now, post_failed_at=now)
        await jobs.call_worker(session)
        await audit.record(session, by, "medical.order.repost", "med_order", row.id, before={"error": row.post_error}, reason=reason)


def failed(row: Row | None) -> Row:
    """An order that HIS did not take; PostingNotFound, PostingSettled for any other."""
    if row is None:
        raise PostingNotFound()
    if row.status != "post_failed":
        raise PostingSettled(status=status_label(row.status, "med_order"))
    return row


def minutes(his: His) -> dt.timedelta:
    """How long the hospital gives people before money goes back."""
    return dt.timedelta(minutes=his.link.refund_after_minutes)


def body_of(work: Row) -> dict[str, object]:
    """What HIS is told of a paid order: numbers and amounts, no names, no items."""
    return {
        "number": work.number, "bill_no": work.his_bill_no, "patient_no": work.patient_no, "visit_no": work.visit_no, "kind": work.kind,
        "scene": work.scene, "total_fen": work.total_fen, "fund_fen": work.fund_fen, "account_fen": work.account_fen,
        "mutual_aid_fen": work.mutual_aid_fen, "hospital_fen": work.hospital_fen, "amount_fen": work.cash_fen, "paid_at": work.paid_at,
        "trades": work.trades,
    }  # fmt: skip


async def _compare(session: Session, row: Row, ours: str, told: Told) -> None:
    """Keep where HIS says other than our books; nothing of ours changes by it."""
    said = []
    if told.amount_fen is not None and told.amount_fen != row.cash_fen:
        said.append(("amount", str(row.cash_fen), str(told.amount_fen)))
    if ours not in told.serials:
        said.append(("serial", ours, told.serial))
    if len(told.serials) > 1:
        said.append(("twice", ours, ", ".join(told.serials)[:400]))
    for kind, mine, theirs in said:
        await keep(session, row.id, kind, mine, theirs)


async def keep(session: Session, order_id: UUID, kind: str, ours: str, theirs: str) -> None:
    """What HIS said that our books do not, kept until a person has looked; the same again is kept once."""
    await repository.add_disagreement(session, {"id": ids.uuid7(), "order_id": order_id, "kind": kind, "ours": ours, "theirs": theirs})
