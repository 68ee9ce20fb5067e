"""The items of most payments in one statement: money that came at once, of which nothing was settled or given back before.

Its fee is that of the whole transaction, half up once, shared by largest remainder (`sharing`), as SQL. The rest (refunds, money that came bit by
bit) is `settling_rest` and goes payment by payment.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session
from core.database.tables import encode_json

_REST = """
    CREATE TEMP TABLE IF NOT EXISTS settling_rest (payment_id uuid PRIMARY KEY) ON COMMIT DROP;
    TRUNCATE settling_rest;
    INSERT INTO settling_rest
    SELECT payment_id FROM settling WHERE ready GROUP BY payment_id HAVING bool_or(kind <> 'pay' OR amount_fen <= 0)
    UNION SELECT s.payment_id FROM settling s JOIN core.settlement_item i ON i.payment_id = s.payment_id WHERE s.ready;
    ANALYZE settling_rest
"""
_PLACES = text("SELECT DISTINCT channel, merchant_number, paid_on FROM settling WHERE ready")
_LACKING = text("""
    SELECT DISTINCT s.merchant_id, s.channel FROM settling s
    JOIN jsonb_to_recordset(CAST(:unrated AS jsonb)) AS u(channel text, merchant_number text, paid_on date)
      ON (u.channel, u.merchant_number, u.paid_on) = (s.channel, s.merchant_number, s.paid_on)
    WHERE s.ready
""")
# Amounts up to MAX_FEN times a rate in millionths fit a bigint; a fee times an amount does not.
_LAY = text("""
    WITH mine AS (
        SELECT * FROM unnest(CAST(:merchants AS uuid[]), CAST(:batches AS uuid[])) AS m(merchant_id, batch_id)),
    agreed AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(CAST(:rates AS jsonb))
            AS r(channel text, merchant_number text, paid_on date, rate_ppm bigint, min_fen bigint, cap_fen bigint, fixed_fen bigint)),
    parts AS (
        SELECT s.payment_id, s.merchant_id, m.batch_id, s.ref_id, s.number, s.channel, s.merchant_number, s.paid_on, max(s.bill_on) AS bill_on,
               sum(s.amount_fen)::bigint AS amount_fen, array_agg(s.allocation_id ORDER BY s.allocation_id) AS allocations
        FROM settling s JOIN mine m ON m.merchant_id = s.merchant_id
        WHERE s.ready AND NOT EXISTS (SELECT FROM settling_rest t WHERE t.payment_id = s.payment_id)
        GROUP BY s.payment_id, s.merchant_id, m.batch_id, s.ref_id, s.number, s.channel, s.merchant_number, s.paid_on),
    wholes AS (
        SELECT p.*, sum(p.amount_fen) OVER w AS whole_fen, count(*) OVER w AS merchants FROM parts p WINDOW w AS (PARTITION BY p.payment_id)),
    charged AS (
        SELECT w.*, coalesce(least(greatest((w.whole_fen::bigint * r.rate_ppm + 500000) / 1000000, r.min_fen), r.cap_fen) + r.fixed_fen, 0) AS fee
        FROM wholes w LEFT JOIN agreed r ON (r.channel, r.merchant_number, r.paid_on) = (w.channel, w.merchant_number, w.paid_on)),
    shared AS (
        SELECT c.*, CASE WHEN c.merchants = 1 THEN c.fee ELSE div(c.fee::numeric * c.amount_fen, c.whole_fen)::bigint END AS floor_fen,
               CASE WHEN c.merchants = 1 THEN 0 ELSE mod(c.fee::numeric * c.amount_fen, c.whole_fen) END AS remainder
        FROM charged c),
    ranked AS (
        SELECT s.*, s.fee - sum(s.floor_fen) OVER (PARTITION BY s.payment_id) AS left_fen,
               row_number() OVER (PARTITION BY s.payment_id ORDER BY s.remainder DESC, s.merchant_id) AS place
        FROM shared s)
    INSERT INTO core.settlement_item (batch_id, kind, ref_id, merchant_id, payment_id, allocations, channel, merchant_number, number,
                                      amount_fen, fee_fen, bill_on)
    SELECT batch_id, 'pay', ref_id, merchant_id, payment_id, allocations, channel, merchant_number, number, amount_fen,
           floor_fen + CASE WHEN place <= left_fen THEN 1 ELSE 0 END, bill_on
    FROM ranked ORDER BY payment_id, merchant_id
""")


async def set_rest_aside(session: Session) -> None:
    """Find the payments that need more than one look."""
    await session.simple(_REST)


async def list_places(session: Session) -> Sequence[Row]:
    """The merchant numbers and days of which a rate is wanted."""
    return await session.all(_PLACES)


async def list_lacking(session: Session, unrated: Sequence[Mapping[str, object]]) -> Sequence[Row]:
    """Merchants that have money of merchant numbers and days without a rate, with the channel."""
    return await session.all(_LACKING, {"unrated": encode_json(list(unrated))}) if unrated else ()


async def lay_out(session: Session, batches: Mapping[UUID, UUID], rates: Sequence[Mapping[str, object]]) -> None:
    """Write the items of all payments but the rest."""
    given = {"merchants": list(batches), "batches": list(batches.values()), "rates": encode_json(list(rates))}
    await session.execute(_LAY, given)
