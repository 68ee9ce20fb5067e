"""Every statement of profit sharing."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Table, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from core.database import Row, Session
from core.profit_sharing.models import give_back, receiver, share, split

SHARED = """coalesce((SELECT sum(h.amount_fen - h.returned_fen) FROM core.sharing_share h JOIN core.sharing_split s ON s.id = h.split_id
                      WHERE s.payment_id = y.id AND h.state <> 'closed' AND s.state <> 'refused'), 0)::bigint"""
_GIVEN = SHARED.replace("h.amount_fen - h.returned_fen", "h.amount_fen")
_STAGE = """CASE WHEN EXISTS (SELECT FROM core.sharing_split s WHERE s.payment_id = y.id AND s.state IN ('proposed', 'submitted', 'processing'))
                 THEN 'under_way'
                 WHEN EXISTS (SELECT FROM core.sharing_split s WHERE s.payment_id = y.id AND s.state = 'finished' AND s.release) THEN 'released'
                 WHEN EXISTS (SELECT FROM core.sharing_split s WHERE s.payment_id = y.id AND s.state = 'finished') THEN 'shared'
                 ELSE 'waiting' END"""
_PAYMENTS = text(f"""
    SELECT * FROM (
        SELECT y.id, y.order_number, y.mchid, y.channel_txn_id, y.amount_fen, y.refunded_fen, y.held_fen, y.paid_at, y.booked_at,
               {SHARED} AS shared_fen, {_GIVEN} AS given_fen, {_STAGE} AS stage
        FROM core.payment y
        WHERE y.channel = 'wechatpay' AND y.mchid = ANY(CAST(:mchids AS text[])) AND (CAST(:before AS uuid) IS NULL OR y.id < :before)
          AND (:typed = '' OR y.order_number = :typed OR y.channel_txn_id = :typed)) AS found
    WHERE :stage = '' OR stage = :stage ORDER BY id DESC LIMIT :limit
""")
_PAYMENT = f"""
    SELECT y.*, {SHARED} AS shared_fen, {_GIVEN} AS given_fen, {_STAGE} AS stage,
           (SELECT a.id FROM core.channel_account a WHERE a.channel = y.channel AND a.mchid = y.mchid) AS channel_account_id
    FROM core.payment y WHERE y.id = :payment_id
"""
_ONE, _HELD = text(_PAYMENT), text(_PAYMENT + " FOR UPDATE OF y")
_BEARERS = text("""
    SELECT m.id, m.code, sum(a.amount_fen)::bigint AS amount_fen
    FROM core.allocation a JOIN core.bill_line l ON l.bill_id = a.bill_id AND l.line_no = a.line_no JOIN core.merchant m ON m.id = l.merchant_id
    WHERE a.payment_id = :payment_id AND a.kind = 'bill' GROUP BY m.id, m.code HAVING sum(a.amount_fen) > 0 ORDER BY m.code
""")
_SHARES = text("""
    SELECT h.*, r.kind, r.account, r.name_masked, r.name_sealed FROM core.sharing_share h JOIN core.sharing_receiver r ON r.id = h.receiver_id
    WHERE h.split_id = ANY(CAST(:ids AS uuid[])) ORDER BY h.split_id, h.position
""")
_SHARED_OF = text(f"SELECT y.id, y.amount_fen, y.refunded_fen, y.held_fen, {SHARED} AS shared_fen FROM core.payment y WHERE y.id = ANY(CAST(:ids AS uuid[]))")
_ACCOUNTS = text("SELECT * FROM core.channel_account WHERE channel = 'wechatpay' ORDER BY created_at")
_CLAIM = "UPDATE core.{table} SET next_at = :lease WHERE id IN (SELECT id FROM core.{table} WHERE next_at <= :now ORDER BY next_at LIMIT 20 FOR UPDATE SKIP LOCKED) RETURNING id"  # noqa: E501
_CLAIMS = {table: text(_CLAIM.format(table=table.name)) for table in (receiver, split, give_back)}
_FAULTS = text("""
    SELECT y.id FROM core.payment y JOIN core.sharing_split s ON s.payment_id = y.id JOIN core.sharing_share h ON h.split_id = s.id
    WHERE h.state <> 'closed' AND s.state <> 'refused' GROUP BY y.id, y.amount_fen
    HAVING sum(h.amount_fen - h.returned_fen) > y.amount_fen - max(y.refunded_fen)
""")
_UNBOOKED = text("""
    SELECT s.number FROM core.sharing_split s JOIN core.sharing_share h ON h.split_id = s.id
    WHERE s.state IN ('submitted', 'processing', 'finished') AND (h.journal_id IS NULL) <> (h.state = 'closed')
""")
_PROVED = """
    UPDATE core.{table} s SET proved_fen = f.fen, proved_on = :day
    FROM (SELECT channel_number, sum({sign} net_fen)::bigint AS fen FROM core.statement_line
          WHERE statement_id = :statement_id AND kind = 'split' AND channel_number IS NOT NULL GROUP BY channel_number) f
    WHERE s.reference = f.channel_number
"""
_PROVED_SPLITS, _PROVED_RETURNS = (text(_PROVED.format(table=table, sign=sign)) for table, sign in (("sharing_split", "-"), ("sharing_return", "")))
_EXPORT = text("""
    SELECT s.number, s.kind, s.state, s.created_at, s.finished_at, y.order_number, y.mchid, r.kind AS receiver_kind, r.account, r.name_masked,
           h.amount_fen, h.returned_fen, h.state AS share_state, s.made_by, s.checked_by
    FROM core.sharing_split s JOIN core.payment y ON y.id = s.payment_id LEFT JOIN core.sharing_share h ON h.split_id = s.id
    LEFT JOIN core.sharing_receiver r ON r.id = h.receiver_id ORDER BY s.id DESC, h.position
""")


async def list_accounts(session: Session) -> Sequence[Row]:
    """The client's merchant numbers at WeChat Pay."""
    return await session.all(_ACCOUNTS)


async def list_payments(session: Session, mchids: list[str], stage: str, typed: str, before: UUID | None, limit: int) -> Sequence[Row]:
    """Payments of these numbers with what was shared of them, the newest first."""
    return await session.all(_PAYMENTS, {"mchids": mchids, "stage": stage, "typed": typed, "before": before, "limit": limit})


async def find_payment(session: Session, payment_id: UUID, *, lock: bool = False) -> Row | None:
    """One payment with what was shared of it; held where something is decided about it."""
    return await session.one_or_none(_HELD if lock else _ONE, {"payment_id": payment_id})


async def shared_of(session: Session, payment_ids: Sequence[UUID]) -> Sequence[Row]:
    """What was shared of some payments and has not come back."""
    return await session.all(_SHARED_OF, {"ids": list(payment_ids)})


async def list_bearers(session: Session, payment_id: UUID) -> Sequence[Row]:
    """The merchants of a payment and what each has of it."""
    return await session.all(_BEARERS, {"payment_id": payment_id})


async def add(session: Session, table: Table, rows: list[dict[str, object]]) -> bool:
    """Write rows; False when one like the first is there."""
    added = upsert(table).values(rows).on_conflict_do_nothing().returning(table.c.tenant_id)
    return len(await session.all(added)) == len(rows)


async def add_shares(session: Session, rows: list[dict[str, object]]) -> None:
    """Write the shares of a split."""
    await session.execute(insert(share), rows)


async def find(session: Session, table: Table, row_id: UUID, *, lock: bool = False) -> Row | None:
    """A receiver, a split or a return."""
    query = select(table).where(table.c.id == row_id)
    return await session.one_or_none(query.with_for_update() if lock else query)


async def change(session: Session, table: Table, row_id: UUID, **values: object) -> None:
    """Write new facts of one of them."""
    session.has_work = session.has_work or values.get("next_at") is not None
    await session.execute(update(table).where(table.c.id == row_id).values(**values))


async def change_share(session: Session, split_id: UUID, position: int, **values: object) -> None:
    """Write new facts of a share."""
    await session.execute(update(share).where(share.c.split_id == split_id, share.c.position == position).values(**values))


async def find_split(session: Session, number: str) -> Row | None:
    """A split by our number."""
    return await session.one_or_none(select(split).where(split.c.number == number))


async def list_splits(session: Session, payment_id: UUID) -> Sequence[Row]:
    """Every request about a payment, the newest first."""
    return await session.all(select(split).where(split.c.payment_id == payment_id).order_by(split.c.id.desc()))


async def list_shares(session: Session, split_ids: Sequence[UUID]) -> Sequence[Row]:
    """The shares of some splits with their receivers."""
    return await session.all(_SHARES, {"ids": list(split_ids)})


async def list_returns(session: Session, split_ids: Sequence[UUID]) -> Sequence[Row]:
    """The shares of some splits that were taken back, the oldest first."""
    return await session.all(select(give_back).where(give_back.c.split_id.in_(split_ids)).order_by(give_back.c.id)) if split_ids else []


async def list_receivers(session: Session, status: str, typed: str, before: UUID | None, limit: int) -> Sequence[Row]:
    """Receivers, the newest first."""
    query = select(receiver).order_by(receiver.c.id.desc()).limit(limit)
    if status:
        query = query.where(receiver.c.status == status)
    if typed:
        query = query.where(receiver.c.account == typed)
    return await session.all(query.where(receiver.c.id < before) if before else query)


async def claim(session: Session, table: Table, now: dt.datetime, lease: dt.datetime) -> list[UUID]:
    """What is due; a worker that dies loses it at the end of the lease."""
    return [row.id for row in await session.all(_CLAIMS[table], {"now": now, "lease": lease})]


async def next_due(session: Session) -> dt.datetime | None:
    """When something is due next."""
    times = [await session.scalar(select(func.min(table.c.next_at))) for table in (receiver, split, give_back)]
    return min((at for at in times if at), default=None)


async def prove(session: Session, statement_id: UUID, day: dt.date) -> None:
    """Keep what a fund flow says of splits and returns, by the channel's numbers."""
    for statement in (_PROVED_SPLITS, _PROVED_RETURNS):
        await session.execute(statement, {"statement_id": statement_id, "day": day})


async def count_under_way(session: Session) -> int:
    """Splits and returns that the channel has not decided."""
    waiting = ("submitted", "processing")
    counts = [await session.scalar(select(func.count()).select_from(table).where(table.c.state.in_(waiting))) for table in (split, give_back)]
    return sum(counts)


async def list_faults(session: Session) -> dict[str, Sequence[object]]:
    """What would break the books: more shared than is there, shares that left without a journal."""
    over = [str(row.id) for row in await session.all(_FAULTS)]
    return {"sharing_over_payment": over, "sharing_without_journal": [row.number for row in await session.all(_UNBOOKED)]}


async def list_export(session: Session) -> Sequence[Row]:
    """Every share, the newest first."""
    return await session.all(_EXPORT)
