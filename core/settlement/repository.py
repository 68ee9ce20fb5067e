"""Settlement batches and what they are made of: every statement of calculating, approving and finishing them."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from core.database import Row, Session
from core.database.tables import encode_json
from core.settlement.models import adjustment, batch, day, item
from core.settlement.states import BOOKED, OPEN

_FREE = """
    WITH mine AS (SELECT id FROM core.settlement_batch WHERE bill_on = :day AND status = ANY(:open) FOR UPDATE),
    adjusted AS (UPDATE core.settlement_adjustment a SET batch_id = NULL FROM mine WHERE a.batch_id = mine.id),
    carried AS (UPDATE core.settlement_batch e SET carried_to = NULL FROM mine WHERE e.carried_to = mine.id)
    DELETE FROM core.settlement_item i USING mine WHERE i.batch_id = mine.id
"""
_OWED = text("""
    SELECT merchant_id FROM core.settlement_adjustment WHERE batch_id IS NULL
    UNION SELECT r.partner_merchant_id FROM core.settlement_item i
        JOIN core.settlement_batch b ON b.id = i.batch_id JOIN core.settlement_split r ON r.id = i.ref_id
        WHERE i.kind = 'split' AND b.fee_journal_id IS NOT NULL AND b.bill_on <= :day AND NOT EXISTS (
            SELECT FROM core.settlement_item p WHERE p.ref_id = b.id AND p.kind = 'partner' AND p.merchant_id = r.partner_merchant_id)
    UNION SELECT merchant_id FROM core.settlement_batch
        WHERE carried_to IS NULL AND status = ANY(:booked) AND bill_on < :day GROUP BY merchant_id HAVING sum(net_fen - pay_fen) > 0
    UNION SELECT merchant_id FROM core.settlement_batch WHERE bill_on = :day AND status = ANY(:open)
""")
_MERCHANTS = text("""
    SELECT m.id, m.code, m.name, coalesce(c.settlement_days, 1) AS settlement_days
    FROM core.merchant m LEFT JOIN core.onboarding_case c ON c.merchant_id = m.id
    WHERE m.id = ANY(CAST(:ids AS uuid[])) AND NOT EXISTS (
        SELECT FROM core.settlement_batch b WHERE b.merchant_id = m.id AND b.bill_on = :day AND NOT (b.status = ANY(:open)))
    ORDER BY m.code
""")
_ITEMS = text("""
    INSERT INTO core.settlement_item (batch_id, kind, ref_id, merchant_id, payment_id, allocations, channel, merchant_number, number,
                                      amount_fen, fee_fen, bill_on)
    SELECT * FROM jsonb_to_recordset(CAST(:items AS jsonb))
        AS x(batch_id uuid, kind text, ref_id uuid, merchant_id uuid, payment_id uuid, allocations uuid[], channel text, merchant_number text,
             number text, amount_fen bigint, fee_fen bigint, bill_on date)
""")
_ADJUST = text("""
    WITH taken AS (
        UPDATE core.settlement_adjustment a SET batch_id = b.id FROM core.settlement_batch b
        WHERE b.id = ANY(CAST(:batches AS uuid[])) AND a.merchant_id = b.merchant_id AND a.batch_id IS NULL RETURNING a.*)
    INSERT INTO core.settlement_item (batch_id, kind, ref_id, merchant_id, channel, merchant_number, number, amount_fen, fee_fen, bill_on)
    SELECT batch_id, 'adjust', id, merchant_id, '', '', left(reason, 60), amount_fen, 0, :day FROM taken
""")
_PARTNERS = text("""
    INSERT INTO core.settlement_item (batch_id, kind, ref_id, merchant_id, channel, merchant_number, number, amount_fen, fee_fen, bill_on)
    SELECT b.id, 'partner', e.id, b.merchant_id, '', '', e.number, -sum(i.amount_fen), 0, e.bill_on
    FROM core.settlement_batch b
    JOIN core.settlement_split r ON r.partner_merchant_id = b.merchant_id
    JOIN core.settlement_item i ON i.kind = 'split' AND i.ref_id = r.id
    JOIN core.settlement_batch e ON e.id = i.batch_id AND e.fee_journal_id IS NOT NULL AND e.bill_on <= b.bill_on
    WHERE b.id = ANY(CAST(:batches AS uuid[]))
      AND NOT EXISTS (SELECT FROM core.settlement_item p WHERE p.ref_id = e.id AND p.kind = 'partner' AND p.merchant_id = b.merchant_id)
    GROUP BY b.id, b.merchant_id, e.id, e.number, e.bill_on
""")
_SPLITS = text("""
    SELECT r.id, r.merchant_id, r.partner_merchant_id, r.item_code, r.share_ppm, p.code AS partner_code
    FROM core.settlement_split r JOIN core.merchant p ON p.id = r.partner_merchant_id
    WHERE r.from_on <= :day AND (r.until_on IS NULL OR r.until_on >= :day) ORDER BY r.created_at, r.id
""")
_BRING = text("""
    UPDATE core.settlement_batch e SET carried_to = b.id FROM core.settlement_batch b
    WHERE b.id = ANY(CAST(:batches AS uuid[])) AND e.merchant_id = b.merchant_id AND e.bill_on < b.bill_on AND e.carried_to IS NULL
      AND e.status = ANY(:booked) AND e.net_fen <> e.pay_fen
""")
_SUMS = text("""
    WITH s AS (
        SELECT b.id, count(*) FILTER (WHERE i.kind = 'pay' AND i.amount_fen > 0) AS pay_count,
               coalesce(sum(i.amount_fen) FILTER (WHERE i.kind = 'pay'), 0) AS gross_fen,
               count(*) FILTER (WHERE i.kind = 'refund' AND i.amount_fen > 0) AS refund_count,
               coalesce(sum(i.amount_fen) FILTER (WHERE i.kind = 'refund'), 0) AS refund_fen,
               coalesce(sum(i.fee_fen) FILTER (WHERE i.kind = 'pay'), 0) AS fee_fen,
               coalesce(sum(i.fee_fen) FILTER (WHERE i.kind = 'refund'), 0) AS fee_refund_fen,
               coalesce(sum(i.amount_fen) FILTER (WHERE i.kind IN ('adjust', 'split', 'partner')), 0) AS adjust_fen,
               coalesce((SELECT sum(e.net_fen - e.pay_fen) FROM core.settlement_batch e WHERE e.carried_to = b.id), 0) AS brought_fen
        FROM core.settlement_batch b LEFT JOIN core.settlement_item i ON i.batch_id = b.id
        WHERE b.id = ANY(CAST(:batches AS uuid[])) GROUP BY b.id)
    UPDATE core.settlement_batch b
    SET pay_count = s.pay_count, gross_fen = s.gross_fen, refund_count = s.refund_count, refund_fen = s.refund_fen, fee_fen = s.fee_fen,
        fee_refund_fen = s.fee_refund_fen, adjust_fen = s.adjust_fen, brought_fen = s.brought_fen, version = b.version + 1,
        net_fen = s.gross_fen - s.refund_fen - s.fee_fen + s.fee_refund_fen + s.adjust_fen + s.brought_fen, pay_fen = 0
    FROM s WHERE b.id = s.id
""")
_UNBOOKED = text("""
    SELECT b.id, b.number, b.merchant_id, b.merchant_code, b.bill_on, b.fee_fen - b.fee_refund_fen AS cost_fen,
           coalesce((SELECT -sum(i.amount_fen) FROM core.settlement_item i WHERE i.batch_id = b.id AND i.kind = 'split'), 0)::bigint AS split_fen
    FROM core.settlement_batch b
    WHERE b.merchant_id = :merchant_id AND b.fee_journal_id IS NULL AND (b.status = ANY(:booked) OR b.id = :batch_id) ORDER BY b.bill_on
""")
_SPLITS_OF = text("""
    SELECT p.id AS partner_id, p.code AS partner_code, -sum(i.amount_fen)::bigint AS amount_fen
    FROM core.settlement_item i JOIN core.settlement_split r ON r.id = i.ref_id JOIN core.merchant p ON p.id = r.partner_merchant_id
    WHERE i.batch_id = :batch_id AND i.kind = 'split' GROUP BY p.id, p.code ORDER BY p.code
""")
_LAST_DAY = text("SELECT * FROM core.settlement_day WHERE bill_on < :before ORDER BY bill_on DESC LIMIT 1")
_RUN = text("""
    SELECT r.id, r.status, r.stale, r.closed_at, r.finished_at,
           (SELECT count(*) FROM core.recon_difference d WHERE d.bill_on = r.bill_on AND d.status = ANY(:open)) AS open_count,
           (SELECT count(*) FROM core.recon_difference d WHERE d.bill_on = r.bill_on AND d.status = ANY(:open)
              AND (d.suspense_id IS NOT NULL OR EXISTS (
                  SELECT FROM core.recon_remedy y WHERE y.difference_id = d.id AND y.status = 'done' AND y.journal_id IS NOT NULL))
           ) AS suspense_count
    FROM core.recon_run r WHERE r.bill_on = :day
""")
_UNSETTLED_DAYS = text("""
    SELECT r.bill_on FROM core.recon_run r JOIN core.settlement_day s ON s.bill_on = r.bill_on
    WHERE r.status IN ('balanced', 'closed', 'diff_open') AND greatest(r.finished_at, r.closed_at) > s.calculated_at
      AND EXISTS (SELECT FROM core.settlement_batch b WHERE b.bill_on = r.bill_on AND b.status = ANY(:open))
    UNION SELECT r.bill_on FROM core.recon_run r
    WHERE r.status IN ('balanced', 'closed') AND r.bill_on < :today AND NOT EXISTS (SELECT FROM core.settlement_day s WHERE s.bill_on = r.bill_on)
    ORDER BY 1
""")


async def free(session: Session, on: dt.date) -> None:
    """Empty the day's batches that nobody has approved: they are calculated anew."""
    await session.execute(text(_FREE), {"day": on, "open": list(OPEN)})


async def list_owed(session: Session, on: dt.date) -> list[UUID]:
    """Merchants that get or owe something on a day for other reasons than payments: adjustments, a partner's share, what was carried."""
    given = {"day": on, "open": list(OPEN), "booked": list(BOOKED)}
    return [row.merchant_id for row in await session.all(_OWED, given)]


async def list_merchants(session: Session, ids: Sequence[UUID], on: dt.date) -> Sequence[Row]:
    """Merchants whose batch of the day is not approved yet, with the days until they are paid."""
    return await session.all(_MERCHANTS, {"ids": list(ids), "day": on, "open": list(OPEN)})


async def ensure(session: Session, rows: list[dict[str, object]], on: dt.date) -> dict[UUID, UUID]:
    """The day's batches of some merchants, new where there is none; answers batch by merchant."""
    statement = upsert(batch).values(rows)
    changed = {"status": "calculating", "settle_on": statement.excluded.settle_on, "gate": statement.excluded.gate}
    await session.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "merchant_id", "bill_on"], set_=changed))
    which = (batch.c.bill_on == on) & (batch.c.status == "calculating")
    return {row.merchant_id: row.id for row in await session.all(select(batch.c.id, batch.c.merchant_id).where(which))}


async def add_items(session: Session, items: list[dict[str, object]]) -> None:
    """Write what batches are made of."""
    if items:
        await session.execute(_ITEMS, {"items": encode_json(items)})


async def complete(session: Session, batches: Sequence[UUID], on: dt.date) -> None:
    """Open adjustments, partners' shares and what was carried join their batches, and the sums are drawn."""
    given = {"batches": list(batches)}
    await session.execute(_ADJUST, {**given, "day": on})
    await session.execute(_PARTNERS, given)
    await session.execute(_BRING, {**given, "booked": list(BOOKED)})
    await session.execute(_SUMS, given)


async def list_splits(session: Session, on: dt.date) -> Sequence[Row]:
    """Partners' shares in force on a day."""
    return await session.all(_SPLITS, {"day": on})


async def splits_of(session: Session, batch_id: UUID) -> Sequence[Row]:
    """What a batch gives to its partners."""
    return await session.all(_SPLITS_OF, {"batch_id": batch_id})


async def list_unbooked(session: Session, merchant_id: UUID, batch_id: UUID) -> Sequence[Row]:
    """A merchant's batches whose fees and shares are not in the books yet, the given one among them, the oldest first."""
    given = {"merchant_id": merchant_id, "batch_id": batch_id, "booked": list(BOOKED)}
    return await session.all(_UNBOOKED, given)


async def find(session: Session, batch_id: UUID) -> Row | None:
    """One batch."""
    return await session.one_or_none(select(batch).where(batch.c.id == batch_id))


async def lock(session: Session, batch_id: UUID) -> Row | None:
    """One batch, held until the transaction ends."""
    return await session.one_or_none(select(batch).where(batch.c.id == batch_id).with_for_update())


async def list_by_ids(session: Session, ids: Sequence[UUID]) -> Sequence[Row]:
    """Some batches by merchant's code."""
    return await session.all(select(batch).where(batch.c.id.in_(ids)).order_by(batch.c.merchant_code))


async def change(session: Session, batch_id: UUID, **values: object) -> None:
    """Write new facts of a batch."""
    await session.execute(update(batch).where(batch.c.id == batch_id).values(**values))


async def remove_empty(session: Session, ids: Sequence[UUID]) -> None:
    """Batches that came to hold nothing at all were never needed."""
    empty = ~select(item.c.batch_id).where(item.c.batch_id == batch.c.id).exists()
    await session.execute(delete(batch).where(batch.c.id.in_(ids), batch.c.brought_fen == 0, empty))


async def last_day(session: Session, before: dt.date) -> Row | None:
    """The newest day before another whose batches were calculated."""
    return await session.one_or_none(_LAST_DAY, {"before": before})


async def keep_day(session: Session, row: dict[str, object]) -> None:
    """Remember that a day was calculated, and where to begin looking next time, after later days as well."""
    statement = upsert(day).values(row)
    kept = {name: statement.excluded[name] for name in ("calculated_at", "low_id", "facts")}
    await session.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "bill_on"], set_=kept))
    later = update(day).where(day.c.bill_on > row["bill_on"]).values(low_id=func.least(day.c.low_id, row["low_id"]))
    await session.execute(later)


async def find_day(session: Session, on: dt.date) -> Row | None:
    """What is remembered of a day's calculation."""
    return await session.one_or_none(select(day).where(day.c.bill_on == on))


async def find_run(session: Session, on: dt.date, open_states: Sequence[str]) -> Row | None:
    """A day's reconciliation: its state, how many differences are open, how many of those lie in suspense."""
    return await session.one_or_none(_RUN, {"day": on, "open": list(open_states)})


async def days_to_calculate(session: Session, today: dt.date) -> list[dt.date]:
    """Days whose reconciliation has moved on since their batches were calculated, or was done before they ever were."""
    return [row.bill_on for row in await session.all(_UNSETTLED_DAYS, {"open": list(OPEN), "today": today})]


async def add_adjustment(session: Session, row: dict[str, object]) -> None:
    """Write an adjustment."""
    await session.execute(insert(adjustment), row)
