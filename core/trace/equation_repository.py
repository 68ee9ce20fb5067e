"""The six numbers of a day, out of the rows themselves: one set-based statement each, by day and channel.

A payment belongs to the channel's day on which it was paid (a day that ends at 23:00 too), a refund to the day on which it was sent.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session
from core.database.tables import encode_json

_DAY = "((CAST({at} AS timestamptz) AT TIME ZONE 'Asia/Shanghai') + make_interval(mins => CASE WHEN cut.at > 0 THEN 1440 - cut.at ELSE 0 END))::date"
_CUT = "CROSS JOIN LATERAL (SELECT coalesce(m.cut_minutes, (CAST(:cuts AS jsonb) ->> y.channel)::int, 0) AS at) cut"

# `what` is one measure of a day, channel and merchant number; each names its own rows and sums them once.
_MEASURES = text(f"""
    WITH p AS MATERIALIZED (
        SELECT * FROM (
            SELECT y.id, y.channel, y.mchid, y.order_number, y.amount_fen, y.journal_id, {_DAY.format(at="y.paid_at")} AS day
            FROM core.payment y LEFT JOIN core.statement_merchant m ON m.channel = y.channel AND m.number = y.mchid {_CUT}
            WHERE y.booked_at >= :low AND y.paid_at >= :low AND y.paid_at < :high) f
        WHERE day = ANY(CAST(:days AS date[])) AND NOT EXISTS (SELECT FROM core.ledger_journal v WHERE v.reverses_id = f.journal_id)),
    r AS MATERIALIZED (
        SELECT * FROM (
            SELECT i.id, i.payment_id, i.number, i.channel, y.mchid, i.amount_fen, i.journal_id, i.state, i.transfer IS NOT NULL AS by_hand,
                   {_DAY.format(at="coalesce(i.sent_at, i.finished_at, i.created_at)")} AS day
            FROM core.refund_item i JOIN core.payment y ON y.id = i.payment_id
            LEFT JOIN core.statement_merchant m ON m.channel = y.channel AND m.number = y.mchid {_CUT}
            WHERE i.journal_id IS NOT NULL AND coalesce(i.sent_at, i.finished_at, i.created_at) >= :low
              AND coalesce(i.sent_at, i.finished_at, i.created_at) < :high) f
        WHERE day = ANY(CAST(:days AS date[]))),
    owed AS MATERIALIZED (SELECT id FROM core.ledger_account WHERE code LIKE 'A.CH.%' OR code LIKE 'A.BANK.%')
    SELECT day, channel, mchid, 'pay' AS what, count(*) AS n, sum(amount_fen)::bigint AS fen FROM p GROUP BY day, channel, mchid
    UNION ALL SELECT day, channel, mchid, 'refund', count(*), -sum(amount_fen)::bigint FROM r GROUP BY day, channel, mchid
    UNION ALL SELECT day, channel, mchid, 'by_hand', count(*), -sum(amount_fen)::bigint FROM r WHERE by_hand GROUP BY day, channel, mchid
    UNION ALL SELECT day, channel, mchid, 'under_way', count(*), -sum(amount_fen)::bigint FROM r
              WHERE NOT by_hand AND state NOT IN ('success', 'processing') GROUP BY day, channel, mchid
    UNION ALL SELECT day, channel, mchid, 'placed', count(DISTINCT p.id), sum(a.amount_fen)::bigint
              FROM p JOIN core.allocation a ON a.payment_id = p.id AND a.journal_id = p.journal_id GROUP BY day, channel, mchid
    UNION ALL SELECT day, channel, mchid, 'placed', count(DISTINCT r.id), sum(a.amount_fen)::bigint
              FROM r JOIN core.allocation a ON a.payment_id = r.payment_id AND a.journal_id = r.journal_id GROUP BY day, channel, mchid
    UNION ALL SELECT day, channel, mchid, 'aside', count(DISTINCT p.id), sum(a.amount_fen)::bigint
              FROM p JOIN core.allocation a ON a.payment_id = p.id
              WHERE a.kind <> 'bill' AND NOT EXISTS (SELECT FROM core.refund_item i WHERE i.payment_id = a.payment_id AND i.journal_id = a.journal_id)
              GROUP BY day, channel, mchid
    UNION ALL SELECT day, channel, mchid, 'aside', count(DISTINCT r.id), sum(a.amount_fen)::bigint
              FROM r JOIN core.allocation a ON a.payment_id = r.payment_id AND a.journal_id = r.journal_id WHERE a.kind <> 'bill'
              GROUP BY day, channel, mchid
    UNION ALL SELECT day, channel, mchid, 'booked', count(DISTINCT p.id), sum(e.amount_fen)::bigint
              FROM p JOIN core.ledger_entry e ON e.journal_id = p.journal_id AND e.account_id IN (SELECT id FROM owed)
              GROUP BY day, channel, mchid
    UNION ALL SELECT day, channel, mchid, 'booked', count(DISTINCT r.id), sum(e.amount_fen)::bigint
              FROM r JOIN core.ledger_entry e ON e.journal_id = r.journal_id AND e.account_id IN (SELECT id FROM owed)
              GROUP BY day, channel, mchid
    UNION ALL SELECT p.day, p.channel, p.mchid, 'settled', count(DISTINCT p.id), sum(s.amount_fen)::bigint
              FROM p JOIN core.settlement_item s ON s.ref_id = p.id AND s.kind = 'pay' GROUP BY p.day, p.channel, p.mchid
    UNION ALL SELECT r.day, r.channel, r.mchid, 'settled', count(DISTINCT r.id), -sum(s.amount_fen)::bigint
              FROM r JOIN core.settlement_item s ON s.ref_id = r.id AND s.kind = 'refund' GROUP BY r.day, r.channel, r.mchid
    UNION ALL SELECT p.day, p.channel, p.mchid, CASE WHEN h.status = 'accepted' OR e.shift_id IS NULL THEN 'told' ELSE 'untold' END,
                     count(DISTINCT p.id), sum(e.amount_fen)::bigint
              FROM p JOIN core.counter_entry e ON e.payment_id = p.id AND e.amount_fen > 0
              LEFT JOIN core.cashier_shift h ON h.id = e.shift_id WHERE p.channel = 'counter' GROUP BY 1, 2, 3, 4
    UNION ALL SELECT r.day, r.channel, r.mchid, CASE WHEN h.status = 'accepted' OR e.shift_id IS NULL THEN 'told' ELSE 'untold' END,
                     count(DISTINCT r.id), sum(e.amount_fen)::bigint
              FROM r JOIN core.counter_entry e ON e.refund_number = r.number
              LEFT JOIN core.cashier_shift h ON h.id = e.shift_id WHERE r.channel = 'counter' GROUP BY 1, 2, 3, 4
""")

_FILES = text("""
    SELECT s.bill_on AS day, s.channel, s.merchant_number AS mchid, s.side, s.source, sum(s.pay_count + s.refund_count)::bigint AS n,
           sum(s.pay_amount_fen - s.refund_amount_fen)::bigint AS fen, sum(s.fee_fen)::bigint AS fee_fen
    FROM core.statement s
    WHERE s.bill_on = ANY(CAST(:days AS date[])) AND s.status = 'loaded' AND NOT (s.source = ANY(CAST(:siblings AS text[])))
      AND s.side IN ('channel', 'platform', 'business')
    GROUP BY s.bill_on, s.channel, s.merchant_number, s.side, s.source
""")

_TOLD = text("""
    SELECT s.bill_on AS day, l.channel, s.side, count(*) AS n,
           sum(CASE WHEN l.kind = 'pay' THEN l.amount_fen ELSE -l.amount_fen END)::bigint AS fen
    FROM core.statement s JOIN core.statement_line l ON l.statement_id = s.id
    WHERE s.bill_on = ANY(CAST(:days AS date[])) AND s.status = 'loaded' AND s.side IN ('platform', 'business')
      AND NOT (s.source = ANY(CAST(:siblings AS text[]))) AND l.counts AND l.kind IN ('pay', 'refund')
    GROUP BY s.bill_on, l.channel, s.side
""")

_ARRIVALS = text("""
    SELECT a.bill_on AS day, a.channel, a.status, count(*) AS n, sum(a.gross_fen)::bigint AS gross_fen,
           sum(a.arrived_fen + a.fee_fen + a.shared_fen)::bigint AS fen, sum(a.fee_fen)::bigint AS fee_fen
    FROM core.channel_arrival a WHERE a.bill_on = ANY(CAST(:days AS date[])) AND (a.gross_fen, a.fee_fen, a.arrived_fen) <> (0, 0, 0)
    GROUP BY a.bill_on, a.channel, a.status
""")

_PAYOUTS = text("""
    SELECT b.bill_on AS day, count(*) AS batches, count(*) FILTER (WHERE b.status IN ('paid', 'carried')) AS done,
           sum(b.net_fen)::bigint AS net_fen, sum(b.pay_fen) FILTER (WHERE b.status = 'paid')::bigint AS paid_fen,
           count(*) FILTER (WHERE b.status = 'returned') AS returned
    FROM core.settlement_batch b WHERE b.bill_on = ANY(CAST(:days AS date[])) GROUP BY b.bill_on
""")

_RUNS = text("""
    SELECT r.bill_on AS day, r.status, r.stale, r.closed_at, r.closed_by, r.finished_at FROM core.recon_run r
    WHERE r.bill_on = ANY(CAST(:days AS date[]))
""")

# What the numbers of differences (those of the days before too: they may meet their other half today) add to each side of a day.
_GAPS = text(f"""
    WITH f AS MATERIALIZED (
        SELECT * FROM core.recon_difference g
        WHERE g.bill_on >= CAST(:first AS date) - 31 AND g.bill_on <= CAST(:last AS date) AND g.class NOT IN ('FE1', 'FE2')),
    d AS MATERIALIZED (
        SELECT f.id, f.channel, f.kind, f.number, f.status, f.class FROM f WHERE f.class <> 'DP1'
        UNION SELECT f.id, e ->> 'channel', 'pay', e ->> 'merchant_order_no', f.status, f.class
              FROM f CROSS JOIN LATERAL jsonb_array_elements(coalesce(f.facts -> 'payments', '[]')) e
              WHERE f.class = 'DP1' AND e ->> 'in_his' = 'false'
        UNION SELECT f.id, f.channel, 'refund', k, f.status, f.class
              FROM f CROSS JOIN LATERAL jsonb_object_keys(coalesce(f.facts -> 'refunds', '{{}}')) k),
    told AS (
        SELECT d.id, d.channel, s.bill_on AS day, s.side, sum(CASE WHEN l.kind = 'pay' THEN l.amount_fen ELSE -l.amount_fen END)::bigint AS fen
        FROM d JOIN core.statement_line l ON l.number = d.number AND l.channel = d.channel AND l.kind = d.kind AND l.counts
        JOIN core.statement s ON s.id = l.statement_id AND s.status = 'loaded' AND NOT (s.source = ANY(CAST(:siblings AS text[])))
        WHERE s.bill_on = ANY(CAST(:days AS date[])) AND s.side <> 'funds' GROUP BY d.id, d.channel, s.bill_on, s.side),
    own AS (
        SELECT d.id, d.channel, {_DAY.format(at="y.paid_at")} AS day, 'own' AS side, y.amount_fen AS fen
        FROM d JOIN core.payment y ON y.order_number = d.number AND y.channel = d.channel AND d.kind = 'pay'
        LEFT JOIN core.statement_merchant m ON m.channel = y.channel AND m.number = y.mchid {_CUT}
        WHERE NOT EXISTS (SELECT FROM core.ledger_journal v WHERE v.reverses_id = y.journal_id)
        UNION ALL
        SELECT d.id, d.channel, {_DAY.format(at="coalesce(i.sent_at, i.finished_at, i.created_at)")}, 'own', -i.amount_fen
        FROM d JOIN core.refund_item i ON i.number = d.number AND d.kind = 'refund' AND i.journal_id IS NOT NULL
        JOIN core.payment y ON y.id = i.payment_id
        LEFT JOIN core.statement_merchant m ON m.channel = y.channel AND m.number = y.mchid {_CUT})
    SELECT x.channel, f.status, f.class AS klass, x.day, x.side, count(*) AS n, sum(x.fen)::bigint AS fen
    FROM f JOIN (SELECT * FROM told UNION ALL SELECT * FROM own WHERE day = ANY(CAST(:days AS date[]))) x ON x.id = f.id
    GROUP BY x.channel, f.status, f.class, x.day, x.side
""")

_OPEN = text("""
    SELECT d.bill_on AS day, d.channel, d.class AS klass, d.status, count(*) AS n, sum(d.amount_fen)::bigint AS fen
    FROM core.recon_difference d WHERE d.bill_on = ANY(CAST(:days AS date[])) AND d.status = ANY(CAST(:states AS text[]))
    GROUP BY d.bill_on, d.channel, d.class, d.status
""")

_TOUCHED = text("""
    SELECT r.bill_on AS day FROM core.recon_run r WHERE r.finished_at > :since OR r.closed_at > :since
    UNION SELECT d.bill_on FROM core.recon_event e JOIN core.recon_difference d ON d.id = e.difference_id
          WHERE e.id >= CAST(:since_id AS uuid) AND e.at > :since
    UNION SELECT (i.sent_at AT TIME ZONE 'Asia/Shanghai')::date FROM core.refund_item i
          WHERE i.id >= CAST(:weeks_id AS uuid) AND i.sent_at IS NOT NULL AND (i.sent_at > :since OR i.finished_at > :since)
    UNION SELECT s.bill_on FROM core.statement s WHERE s.created_at > :since
    UNION SELECT b.bill_on FROM core.settlement_batch b WHERE b.created_at > :since OR b.checked_at > :since OR b.finished_at > :since
    UNION SELECT b.bill_on FROM core.payout p JOIN core.settlement_batch b ON b.id = p.batch_id WHERE p.sent_at > :since OR p.finished_at > :since
    UNION SELECT a.bill_on FROM core.channel_arrival a WHERE a.created_at > :since OR a.changed_at > :since
    UNION SELECT (y.paid_at AT TIME ZONE 'Asia/Shanghai')::date FROM core.payment y WHERE y.booked_at > :since
    UNION SELECT (h.opened_at AT TIME ZONE 'Asia/Shanghai')::date FROM core.cashier_shift h WHERE h.accepted_at > :since
    ORDER BY day DESC LIMIT 400
""")


def _span(days: Sequence[dt.date], low: dt.datetime, high: dt.datetime, cuts: Mapping[str, int]) -> dict[str, object]:
    return {"days": list(days), "low": low, "high": high, "cuts": encode_json(dict(cuts))}


async def list_measures(session: Session, days: Sequence[dt.date], low: dt.datetime, high: dt.datetime, cuts: Mapping[str, int]) -> Sequence[Row]:
    """Our own side: paid, refunded, placed, booked, settled, told by the window, by day, channel and merchant number."""
    return await session.all(_MEASURES, _span(days, low, high, cuts))


async def list_files(session: Session, days: Sequence[dt.date], siblings: Sequence[str]) -> Sequence[Row]:
    """Sums of loaded files by day, channel and merchant number; `siblings` are sources that take no part."""
    return await session.all(_FILES, {"days": list(days), "siblings": list(siblings)})


async def list_told(session: Session, days: Sequence[dt.date], siblings: Sequence[str]) -> Sequence[Row]:
    """What imported platforms and business systems tell, by day and channel."""
    return await session.all(_TOLD, {"days": list(days), "siblings": list(siblings)})


async def list_arrivals(session: Session, days: Sequence[dt.date]) -> Sequence[Row]:
    """What channels owed and what of it came, by day, channel and state."""
    return await session.all(_ARRIVALS, {"days": list(days)})


async def list_payouts(session: Session, days: Sequence[dt.date]) -> Sequence[Row]:
    """Settlement batches by day: how many, how many are done, what was paid."""
    return await session.all(_PAYOUTS, {"days": list(days)})


async def list_runs(session: Session, days: Sequence[dt.date]) -> Sequence[Row]:
    """The runs of some days."""
    return await session.all(_RUNS, {"days": list(days)})


async def list_gaps(session: Session, days: Sequence[dt.date], siblings: Sequence[str], cuts: Mapping[str, int]) -> Sequence[Row]:
    """What the numbers of differences add to each side of some days, by state and class."""
    values = {"first": min(days), "last": max(days), "days": list(days), "siblings": list(siblings), "cuts": encode_json(dict(cuts))}
    return await session.all(_GAPS, values)


async def list_open(session: Session, days: Sequence[dt.date], states: Sequence[str]) -> Sequence[Row]:
    """Differences first seen on some days, by channel, class and state."""
    return await session.all(_OPEN, {"days": list(days), "states": list(states)})


async def list_touched(session: Session, since: dt.datetime) -> list[dt.date]:
    """Days of which something changed since a moment, the latest first. Rows are numbered in time, so that none older is looked at."""
    values = {"since": since, "since_id": _first_id(since - dt.timedelta(hours=1)), "weeks_id": _first_id(since - dt.timedelta(days=21))}
    return [row.day for row in await session.all(_TOUCHED, values)]


def _first_id(at: dt.datetime) -> UUID:
    """The smallest id that a row of this moment can have (RFC 9562 version 7)."""
    return UUID(int=(int(at.timestamp()) * 1000) << 80)
