"""Refunds and their items: every statement that reads and writes them (what counts money is in `money_repository`)."""

import datetime as dt
from collections.abc import Sequence
from types import SimpleNamespace
from uuid import UUID

import msgspec
from sqlalchemy import func, insert, select, text, update

from core.database import Row, Session, Write
from core.refunds.models import item, refund

_DUE = text("""
    UPDATE core.refund_item SET next_at = :lease
    WHERE id IN (SELECT id FROM core.refund_item WHERE next_at <= :now ORDER BY next_at, id LIMIT :limit FOR UPDATE SKIP LOCKED)
    RETURNING id
""")

_FIELDS = ", ".join(f"{short}.{column.name} AS {short}_{column.name}" for short, table in (("r", refund), ("i", item)) for column in table.c)
_HELD = f"""
    SELECT {_FIELDS}, y.order_number AS y_order_number, y.mchid AS y_mchid,
           (SELECT jsonb_agg(to_jsonb(p) ORDER BY p.position) FROM core.refund_part p WHERE p.item_id = i.id) AS parts
    FROM core.refund r JOIN core.refund_item i ON i.refund_id = r.id JOIN core.payment y ON y.id = i.payment_id
    WHERE {{which}} FOR UPDATE OF r, i
"""
_HELD_BY_ID = text(_HELD.format(which="i.id = :key"))
_HELD_BY_IDS = text(_HELD.format(which="i.id = ANY(CAST(:keys AS uuid[])) ORDER BY r.id, i.id"))
_HELD_BY_NUMBERS = text(_HELD.format(which="i.number = ANY(CAST(:keys AS text[])) ORDER BY r.id, i.id"))
_HELD_BY_NUMBER = text(_HELD.format(which="i.number = :key"))

_WORK = text("""
    SELECT i.*, r.number AS refund_number, r.reason, r.title, r.bill_id, r.batch_id, y.order_number, y.channel_txn_id, y.mchid, y.scene,
           y.amount_fen AS payment_fen, y.paid_at, ca.id AS channel_account_id, o.created_at AS placed_at, o.expires_at, o.prepared
    FROM core.refund_item i
    JOIN core.refund r ON r.id = i.refund_id
    JOIN core.payment y ON y.id = i.payment_id
    LEFT JOIN core.channel_account ca ON ca.channel = y.channel AND ca.mchid = y.mchid
    LEFT JOIN core.payment_order o ON o.id = y.order_id
    WHERE i.id = ANY(CAST(:item_ids AS uuid[])) ORDER BY i.created_at, i.id
""")

_ENDED_ITEM = """
    UPDATE core.refund_item
    SET state = 'success', error = NULL, next_at = NULL, finished_at = CAST(:ended_at AS timestamptz),
        reference = coalesce(CAST(:ended_reference AS text), reference)
    WHERE id = CAST(:ended_item AS uuid) RETURNING id
"""
_ENDED_REFUND = """
    UPDATE core.refund
    SET status = CAST(:ended_status AS text), refunded_fen = CAST(:ended_fen AS bigint), version = version + 1,
        finished_at = CASE WHEN CAST(:ended_all AS boolean) THEN now() END
    WHERE id = CAST(:ended_refund AS uuid)
"""

_KICK = text("""
    UPDATE core.refund_item SET next_at = :now WHERE state = 'waiting_funds' AND (next_at IS NULL OR next_at > :now)
""")

_WAKE = text("""
    UPDATE core.refund_item i SET next_at = :now FROM core.refund r
    WHERE r.id = i.refund_id AND r.bill_id = ANY(CAST(:bill_ids AS uuid[])) AND i.journal_id IS NULL AND i.state IN ('held', 'waiting_funds')
""")

_STATES = text("SELECT id, refund_id, state, amount_fen FROM core.refund_item WHERE refund_id = ANY(CAST(:refund_ids AS uuid[]))")

_PARTS = text("SELECT * FROM core.refund_part WHERE item_id = ANY(CAST(:item_ids AS uuid[])) ORDER BY item_id, position")


class Part(msgspec.Struct, frozen=True):
    """Where a part of an item is taken from."""

    kind: str
    amount_fen: int
    bill_id: UUID | None = None
    line_no: int | None = None
    party_id: UUID | None = None
    suspense_id: UUID | None = None
    merchant_id: UUID | None = None
    merchant_code: str | None = None


class Held(msgspec.Struct, frozen=True):
    """An item with its refund, both held; of its payment only what a channel calls it by."""

    refund: SimpleNamespace
    item: SimpleNamespace
    payment: SimpleNamespace
    parts: list[Part]


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


async def list_items(session: Session, refund_id: UUID) -> Sequence[Row]:
    """The items of a refund, every number that was ever used, the oldest first."""
    return await session.all(select(item).where(item.c.refund_id == refund_id).order_by(item.c.id))


async def list_parts(session: Session, item_ids: Sequence[UUID]) -> Sequence[Row]:
    """Where the money of some items is taken from."""
    return await session.all(_PARTS, {"item_ids": list(item_ids)})


async def find_item(session: Session, item_id: UUID) -> Row | None:
    """One item."""
    return await session.one_or_none(select(item).where(item.c.id == item_id))


async def hold(session: Session, *, item_id: UUID | None = None, number: str | None = None) -> Held | None:
    """An item with its refund, both held until the transaction ends (the refund first), and its parts, in one round trip."""
    asked = (_HELD_BY_ID, {"key": item_id}) if item_id is not None else (_HELD_BY_NUMBER, {"key": number})
    row = await session.one_or_none(*asked)
    return None if row is None else _held(row)


async def hold_many(session: Session, *, item_ids: Sequence[UUID] = (), numbers: Sequence[str] = ()) -> list[Held]:
    """The same for many at once, in one order for everybody."""
    asked = (_HELD_BY_IDS, {"keys": list(item_ids)}) if item_ids else (_HELD_BY_NUMBERS, {"keys": list(numbers)})
    return [_held(row) for row in await session.all(*asked)]


def _held(row: Row) -> Held:
    found: dict[str, dict[str, object]] = {"r": {}, "i": {}, "y": {}}
    for name, value in row._mapping.items():
        if name != "parts":
            found[name[0]][name[2:]] = value
    seen = (SimpleNamespace(**found[short]) for short in ("r", "i", "y"))
    return Held(*seen, msgspec.convert(row.parts, list[Part]))


async def list_work(session: Session, item_ids: Sequence[UUID]) -> Sequence[Row]:
    """Items with everything a channel has to be told, the longest waiting first."""
    return await session.all(_WORK, {"item_ids": list(item_ids)})


def ending(values: dict[str, object]) -> Write:
    """An item that arrived, and its refund's new state."""
    return Write((("ended_items", _ENDED_ITEM), ("ended_refunds", _ENDED_REFUND)), values, "ended_items")


async def change_item(session: Session, item_id: UUID, **values: object) -> None:
    """Write new facts of an item."""
    await session.execute(update(item).where(item.c.id == item_id).values(**values))


async def list_states(session: Session, *refund_ids: UUID) -> Sequence[Row]:
    """State and amount of every item of some refunds; ask while they are held."""
    return await session.all(_STATES, {"refund_ids": list(refund_ids)})


async def wake(session: Session, bill_ids: Sequence[UUID], now: dt.datetime) -> None:
    """Parts of some bills' refunds that are not booked yet come up at once."""
    await session.execute(_WAKE, {"bill_ids": list(bill_ids), "now": now})


async def claim_due(session: Session, now: dt.datetime, lease: dt.datetime, limit: int) -> list[UUID]:
    """Take the items whose turn it is; a worker that dies loses them at the end of the lease."""
    return [row.id for row in await session.all(_DUE, {"now": now, "lease": lease, "limit": limit})]


async def next_due(session: Session) -> dt.datetime | None:
    """When the next item wants something to be done."""
    return await session.scalar(select(func.min(item.c.next_at)))


async def kick_waiting(session: Session, now: dt.datetime) -> int:
    """Money came: whatever waits for it is tried again now."""
    return (await session.execute(_KICK, {"now": now})).rowcount


_STORY = text("""
    SELECT i.*, y.order_number, y.channel_txn_id FROM core.refund_item i JOIN core.payment y ON y.id = i.payment_id
    WHERE i.refund_id = :refund_id ORDER BY i.id
""")


async def list_story(session: Session, refund_id: UUID) -> Sequence[Row]:
    """The items of a refund with the payments they go back to."""
    return await session.all(_STORY, {"refund_id": refund_id})
