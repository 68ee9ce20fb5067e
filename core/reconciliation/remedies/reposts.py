"""Re-posting: the business system asks what it should post or correct, posts it, and answers; the answer ends the remedy."""

import datetime as dt
from uuid import UUID

import msgspec

from core import paging
from core.database import Row, Session
from core.identity.actor import Actor
from core.reconciliation import rights
from core.reconciliation.differences import service as differences
from core.reconciliation.remedies import bulk, repository
from core.reconciliation.remedies import service as remedies
from core.reconciliation.remedies.refusals import RemedyNotFound, RemedyNotWaiting
from core.web.filters import status_label


class Repost(msgspec.Struct, frozen=True, kw_only=True):
    """One thing the business system should post: a payment it does not know, a refund it missed, or an amount it has wrong."""

    id: UUID
    difference: str
    klass: str = msgspec.field(name="class")
    kind: str
    channel: str
    number: str
    order_number: str | None
    channel_number: str | None
    bill_number: str | None
    serial: str | None
    bill_on: dt.date
    paid_at: dt.datetime | None
    amount_fen: int
    business_fen: int | None
    reason: str
    asked_at: str
    times_fetched: int


class RepostPage(msgspec.Struct, frozen=True):
    """What waits for the business system, the oldest first."""

    items: list[Repost]
    next_cursor: str | None


async def list_open(session: Session, by: Actor, cursor: str | None, limit: int) -> RepostPage:
    """What the business system has not answered yet; told again on every call until it has."""
    differences.check_reach(by, rights.READ)
    rows = await repository.list_reposts(session, paging.read_id(cursor), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: str(row.id))
    for row in shown:
        await repository.change(session, row.id, target={**row.target, "fetched": int(row.target.get("fetched", 0)) + 1})
    return RepostPage([_read(row) for row in shown], more)


async def answer(session: Session, remedy_id: UUID, by: Actor, *, accepted: bool, serial: str, message: str) -> str:
    """The business system posted it, or says why not; the same answer twice is no harm. Answers the remedy's state."""
    differences.check_reach(by, rights.HANDLE)
    _row, remedy = await remedies.held(session, remedy_id)
    if remedy.kind != "repost":
        raise RemedyNotFound()
    if remedy.status == ("done" if accepted else "failed"):
        return remedy.status
    if remedy.status != "running":
        raise RemedyNotWaiting(status=status_label(remedy.status, "remedy"))
    told = " ".join(message.replace("\0", "").split())[:200]
    await repository.change(session, remedy_id, target={**remedy.target, "serial": serial.replace("\0", "")[:64], "message": told})
    await remedies.finish(session, remedy_id, by, error=None if accepted else told or "业务系统未受理")
    await bulk.follow(session, remedy.batch_id)
    return "done" if accepted else "failed"


def _read(row: Row) -> Repost:
    fen = row.channel_fen if row.channel_fen is not None else row.platform_fen or 0
    return Repost(
        id=row.id, difference=row.code, klass=row.klass, kind=row.trade, channel=row.channel, number=row.number, order_number=row.order_number,
        channel_number=row.channel_number, bill_number=row.bill_number, serial=row.serial, bill_on=row.bill_on, paid_at=row.paid_at,
        amount_fen=fen, business_fen=row.business_fen, reason=row.reason, asked_at=str(row.target.get("asked_at", "")),
        times_fetched=int(row.target.get("fetched", 0)),
    )  # fmt: skip
