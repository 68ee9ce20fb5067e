"""Refunds and their items: every statement that reads and writes them (what counts money is in `money_repository`)."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, insert, select, text, update

from core.database import Row, Session
from core.refunds.models import item, part, refund
from core.refunds.states import OPEN

_DUE = text("""
    UPDATE core.refund_item SET next_at = :lease
    WHERE id IN (SELECT id FROM core.refund_item WHERE next_at <= :now ORDER BY next_at, id LIMIT :limit FOR UPDATE SKIP LOCKED)
    RETURNING id, created_at
""")

_PULSE = text("INSERT INTO core.tenant_due (tenant_id, kind, due_at) VALUES (:tenant_id, 'pulse', :now) ON CONFLICT DO NOTHING")

_WORK = text("""
    SELECT i.*, r.number AS refund_number, r.reason, r.title, r.bill_id, r.batch_id, y.order_number, y.channel_txn_id, y.mchid, y.scene,
           y.amount_fen AS payment_fen, y.paid_at, ca.id AS channel_account_id, o.created_at AS placed_at, o.expires_at, o.prepared
    FROM core.refund_item i
    JOIN core.refund r ON r.id = i.refund_id
    JOIN core.payment y ON y.id = i.payment_id
    LEFT JOIN core.channel_account ca ON ca.channel = y.channel AND ca.mchid = y.mchid
    LEFT JOIN core.payment_order o ON o.id = y.order_id
    WHERE i.id = :item_id
""")

_KICK = text("""
    UPDATE core.refund_item SET next_at = :now WHERE state = 'waiting_funds' AND (next_at IS NULL OR next_at > :now)
""")

_PARTS = text("SELECT * FROM core.refund_part WHERE item_id = ANY(CAST(:item_ids AS uuid[])) ORDER BY item_id, position")


async def add_refund(session: Session, row: dict[str, object]) -> None:
    """Write down a request."""
    await session.execute(insert(refund), row)


async def find(session: Session, refund_id: UUID) -> Row | None:
    """One refund."""
    return await session.one_or_none(select(refund).where(refund.c.id == refund_id))


async def lock(session: Session, refund_id: UUID) -> Row | None:
    """One refund, held until the transaction ends; it is always held before its items."""
    return await session.one_or_none(select(refund).where(refund.c.id == refund_id).with_for_update())


async def change(session: Session, refund_id: UUID, **values: object) -> None:
    """Write new facts of a refund."""
    await session.execute(update(refund).where(refund.c.id == refund_id).values(version=refund.c.version + 1, **values))


async def add_item(session: Session, row: dict[str, object], parts: Sequence[dict[str, object]]) -> None:
    """Write a payment's part of a refund with the places it is taken from."""
    await session.execute(insert(item), row)
    await session.execute(insert(part), [{**each, "item_id": row["id"], "position": n} for n, each in enumerate(parts)])


async def list_items(session: Session, refund_id: UUID) -> Sequence[Row]:
    """The items of a refund, every number that was ever used, the oldest first."""
    return await session.all(select(item).where(item.c.refund_id == refund_id).order_by(item.c.id))


async def list_parts(session: Session, item_ids: Sequence[UUID]) -> Sequence[Row]:
    """Where the money of some items is taken from."""
    return await session.all(_PARTS, {"item_ids": list(item_ids)})


async def find_item(session: Session, item_id: UUID) -> Row | None:
    """One item."""
    return await session.one_or_none(select(item).where(item.c.id == item_id))


async def find_by_number(session: Session, number: str) -> Row | None:
    """The item that a channel speaks of."""
    return await session.one_or_none(select(item).where(item.c.number == number))


async def lock_item(session: Session, item_id: UUID) -> Row | None:
    """One item, held until the transaction ends."""
    return await session.one_or_none(select(item).where(item.c.id == item_id).with_for_update())


async def find_work(session: Session, item_id: UUID) -> Row | None:
    """An item with everything a channel has to be told."""
    return await session.one_or_none(_WORK, {"item_id": item_id})


async def change_item(session: Session, item_id: UUID, **values: object) -> None:
    """Write new facts of an item."""
    await session.execute(update(item).where(item.c.id == item_id).values(**values))


async def list_states(session: Session, refund_id: UUID) -> Sequence[Row]:
    """State and amount of every item."""
    return await session.all(select(item.c.state, item.c.amount_fen).where(item.c.refund_id == refund_id))


async def ensure_pulse(session: Session, now: dt.datetime) -> None:
    """Make sure that a worker comes for this tenant."""
    session.has_work = True
    await session.execute(_PULSE, {"tenant_id": session.tenant_id, "now": now})


async def claim_due(session: Session, now: dt.datetime, lease: dt.datetime, limit: int) -> list[UUID]:
    """Take the items whose turn it is, the longest waiting first; a worker that dies loses them at the end of the lease."""
    rows = await session.all(_DUE, {"now": now, "lease": lease, "limit": limit})
    return [row.id for row in sorted(rows, key=lambda row: (row.created_at, row.id))]


async def next_due(session: Session) -> dt.datetime | None:
    """When the next item wants something to be done."""
    return await session.scalar(select(func.min(item.c.next_at)))


async def kick_waiting(session: Session, now: dt.datetime) -> int:
    """Money came: whatever waits for it is tried again now."""
    return (await session.execute(_KICK, {"now": now})).rowcount


async def any_open(session: Session, refund_id: UUID) -> bool:
    """Whether something of a refund is still under way."""
    open_items = (item.c.refund_id == refund_id) & item.c.state.in_(OPEN)
    return bool(await session.scalar(select(select(item.c.id).where(open_items).exists())))


_STORY = text("""
    SELECT i.*, y.order_number, y.channel_txn_id FROM core.refund_item i JOIN core.payment y ON y.id = i.payment_id
    WHERE i.refund_id = :refund_id ORDER BY i.id
""")


async def list_story(session: Session, refund_id: UUID) -> Sequence[Row]:
    """The items of a refund with the payments they go back to."""
    return await session.all(_STORY, {"refund_id": refund_id})
