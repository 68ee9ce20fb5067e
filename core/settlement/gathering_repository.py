"""What is settled on a day: every allocation to a merchant's bill line that no batch has yet, in one statement.

A payment counts on its channel's day (the cut of 23:00 included), a later move of its money on the day of the move, a refund that has
arrived on the day it was sent. Held back: payments that a channel's file does not show yet (SH1, SH3), and refunds that are still under
way. Whatever is older and was held, or came late, is taken by the next batch that is calculated.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session
from core.database.tables import encode_json

AT_ONCE = 2_000
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('settlement ' || current_setting('app.tenant_id'), 0))")
_TABLE = """
    CREATE TEMP TABLE IF NOT EXISTS settling (
        allocation_id uuid, payment_id uuid, merchant_id uuid, kind text, ref_id uuid, number text, channel text, merchant_number text,
        item_code text, amount_fen bigint, bill_on date, paid_on date, ready boolean) ON COMMIT DROP;
    TRUNCATE settling
"""

_DAY = "((CAST({at} AS timestamptz) AT TIME ZONE 'Asia/Shanghai') + make_interval(mins => CASE WHEN cut.at > 0 THEN 1440 - cut.at ELSE 0 END))::date"
_GATHER = text(f"""
    INSERT INTO settling
    SELECT allocation_id, payment_id, merchant_id, kind, ref_id, number, channel, merchant_number, item_code, amount_fen, bill_on, paid_on,
           bill_on <= :day AND NOT held AND NOT EXISTS (
               SELECT FROM core.settlement_batch b WHERE b.merchant_id = found.merchant_id AND b.bill_on = :day
               AND b.status NOT IN ('calculating', 'pending_review'))
    FROM (
        SELECT a.id AS allocation_id, a.payment_id, l.merchant_id, CASE WHEN r.id IS NULL THEN 'pay' ELSE 'refund' END AS kind,
               coalesce(r.id, a.payment_id) AS ref_id, coalesce(r.number, y.order_number) AS number, y.channel, y.mchid AS merchant_number,
               l.item_code, a.amount_fen, days.paid_on,
               greatest(healed.settle_on, CASE
                   WHEN r.state = 'success' THEN {_DAY.format(at="coalesce(r.sent_at, r.finished_at, a.allocated_at)")}
                   WHEN a.journal_id = y.journal_id THEN days.paid_on
                   ELSE (a.allocated_at AT TIME ZONE 'Asia/Shanghai')::date END) AS bill_on,
               coalesce(healed.held, false) OR r.state NOT IN ('success', 'closed', 'cancelled') IS TRUE AS held
        FROM core.allocation a
        JOIN core.bill_line l ON l.bill_id = a.bill_id AND l.line_no = a.line_no
        JOIN core.payment y ON y.id = a.payment_id
        JOIN core.ledger_journal j ON j.id = a.journal_id
        LEFT JOIN core.ledger_journal o ON o.id = j.reverses_id
        LEFT JOIN core.refund_item r ON j.biz_type = 'refund' AND r.number = coalesce(o.memo, j.memo)
        LEFT JOIN core.statement_merchant m ON m.channel = y.channel AND m.number = y.mchid
        CROSS JOIN LATERAL (SELECT coalesce(m.cut_minutes, (CAST(:cuts AS jsonb) ->> y.channel)::int, 0) AS at) cut
        CROSS JOIN LATERAL (SELECT {_DAY.format(at="y.paid_at")} AS paid_on) days
        LEFT JOIN (
            SELECT d.payment_id, max(d.settle_on) AS settle_on,
                   bool_or(d.status IN ('expected', 'open', 'confirmed', 'handling', 'rejected') AND d.suspense_id IS NULL) AS held
            FROM core.recon_difference d WHERE d.class IN ('SH1', 'SH3') AND d.payment_id IS NOT NULL GROUP BY d.payment_id) healed
          ON healed.payment_id = y.id
        WHERE a.kind = 'bill' AND a.id >= CAST(:low AS uuid) AND NOT (y.channel = ANY(:skips))
          AND NOT EXISTS (SELECT FROM core.settlement_item i WHERE i.payment_id = a.payment_id AND a.id = ANY(i.allocations))
    ) found
""")
_MANY = text("SELECT count(*) FROM (SELECT FROM core.allocation WHERE kind = 'bill' AND id >= CAST(:low AS uuid) LIMIT :most) a")
_OLDEST_LEFT = text("SELECT min(allocation_id::text)::uuid FROM settling WHERE NOT ready")
_MERCHANTS = text("SELECT DISTINCT merchant_id FROM settling WHERE ready")
_PAGE = text("""
    WITH page AS (SELECT payment_id FROM settling_rest WHERE payment_id > :after ORDER BY payment_id LIMIT :limit)
    SELECT s.payment_id, s.merchant_id, s.kind, s.ref_id, s.number, s.channel, s.merchant_number, s.paid_on, max(s.bill_on) AS bill_on,
           sum(s.amount_fen)::bigint AS amount_fen, array_agg(s.allocation_id ORDER BY s.allocation_id) AS allocations
    FROM settling s JOIN page USING (payment_id) WHERE s.ready
    GROUP BY s.payment_id, s.merchant_id, s.kind, s.ref_id, s.number, s.channel, s.merchant_number, s.paid_on
    ORDER BY s.payment_id, s.kind, s.ref_id, s.merchant_id
""")
_BORNE = text("""
    SELECT payment_id, merchant_id,
           coalesce(sum(amount_fen) FILTER (WHERE kind = 'pay'), 0)::bigint AS settled_fen,
           coalesce(sum(fee_fen) FILTER (WHERE kind = 'pay'), 0)::bigint AS fee_fen,
           coalesce(sum(amount_fen) FILTER (WHERE kind = 'refund'), 0)::bigint AS returned_fen,
           coalesce(sum(fee_fen) FILTER (WHERE kind = 'refund'), 0)::bigint AS fee_returned_fen
    FROM core.settlement_item WHERE payment_id = ANY(CAST(:payments AS uuid[])) GROUP BY payment_id, merchant_id
""")
_BY_ITEM = text("""
    SELECT s.merchant_id, s.item_code, sum(s.amount_fen)::bigint AS amount_fen FROM settling s WHERE s.ready GROUP BY s.merchant_id, s.item_code
""")
_RATES = text("""
    SELECT r.merchant_id, r.channel, r.rate_ppm, r.cap_fen, r.min_fen, r.fixed_fen, r.from_on, r.until_on
    FROM core.rate r JOIN core.merchant m ON m.id = r.merchant_id WHERE r.card_type = '' ORDER BY m.code, r.from_on DESC
""")
_COLLECTORS = text("SELECT channel, mchid, merchant_id FROM core.channel_account WHERE merchant_id IS NOT NULL")
_FIRST = text("SELECT paid_at FROM core.payment ORDER BY booked_at, id LIMIT 1")


async def lock(session: Session) -> None:
    """One calculation per client at a time: an allocation is in one batch only."""
    await session.execute(_LOCK)


async def gather(session: Session, day: dt.date, low: UUID, skips: Sequence[str], cuts: Mapping[str, int]) -> None:
    """Lay out everything that no batch has yet; `ready` says what belongs to this day's batches."""
    await session.simple(_TABLE)
    await session.execute(_GATHER, {"day": day, "low": low, "skips": list(skips), "cuts": encode_json(dict(cuts))})
    await session.simple("CREATE INDEX IF NOT EXISTS settling_payment_id ON settling (payment_id) WHERE ready; ANALYZE settling")


async def count_up_to(session: Session, low: UUID, most: int) -> int:
    """How many moves of money a calculation has to look at, counted no further than `most`."""
    return int(await session.scalar(_MANY, {"low": low, "most": most}) or 0)


async def oldest_left(session: Session) -> UUID | None:
    """The oldest allocation that still waits for a later batch."""
    return await session.scalar(_OLDEST_LEFT)


async def list_merchants(session: Session) -> list[UUID]:
    """Merchants with something in this day's batches."""
    return [row.merchant_id for row in await session.all(_MERCHANTS)]


async def list_page(session: Session, after: UUID, limit: int = AT_ONCE) -> Sequence[Row]:
    """The money of the next payments of the rest, by payment, kind and merchant."""
    return await session.all(_PAGE, {"after": after, "limit": limit})


async def list_borne(session: Session, payments: Sequence[UUID]) -> Sequence[Row]:
    """What other batches have of some payments, by merchant."""
    return await session.all(_BORNE, {"payments": list(payments)})


async def list_by_item(session: Session) -> Sequence[Row]:
    """What each merchant gets on this day by fee item, refunds taken off."""
    return await session.all(_BY_ITEM)


async def list_rates(session: Session) -> Sequence[Row]:
    """Every rate of the client, the merchant with the lowest code first."""
    return await session.all(_RATES)


async def list_collectors(session: Session) -> Iterator[Row]:
    """Merchant numbers that belong to one merchant."""
    return iter(await session.all(_COLLECTORS))


async def first_paid_at(session: Session) -> dt.datetime | None:
    """When the client's first payment came."""
    return await session.scalar(_FIRST)
