"""What the charts of reconciliation are drawn from; each figure can be looked up row by row."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import text

from core.database import Row, Session

_AGES = text("""
    SELECT d.class AS klass, width_bucket(CAST(:today AS date) - d.bill_on, ARRAY[2, 4, 8, 31]) AS age, count(*) AS n,
           sum(d.amount_fen)::bigint AS fen
    FROM core.recon_difference d WHERE d.status = ANY(CAST(:states AS text[])) GROUP BY 1, 2 ORDER BY 1, 2
""")
_DAYS = text("""
    SELECT r.bill_on AS day, r.status, r.closed_at, r.closed_by, r.finished_at, r.matched FROM core.recon_run r
    WHERE r.bill_on >= :first AND r.bill_on <= :last ORDER BY r.bill_on
""")
_FILES = text("""
    SELECT s.bill_on AS day, s.channel, sum(s.pay_count + s.refund_count)::bigint AS n, sum(s.fee_fen)::bigint AS fee_fen
    FROM core.statement s
    WHERE s.bill_on >= :first AND s.bill_on <= :last AND s.status = 'loaded' AND s.side = 'channel' AND NOT (s.source = ANY(CAST(:siblings AS text[])))
    GROUP BY s.bill_on, s.channel ORDER BY s.bill_on, s.channel
""")
_FEES = text("""
    SELECT d.bill_on AS day, d.channel, count(*) AS n, sum(d.channel_fee_fen - d.platform_fee_fen)::bigint AS fen,
           count(*) FILTER (WHERE d.status = ANY(CAST(:states AS text[]))) AS open
    FROM core.recon_difference d WHERE d.bill_on >= :first AND d.bill_on <= :last AND d.class = 'FE1'
      AND d.channel_fee_fen IS NOT NULL AND d.platform_fee_fen IS NOT NULL
    GROUP BY d.bill_on, d.channel ORDER BY d.bill_on, d.channel
""")


async def list_ages(session: Session, today: dt.date, states: Sequence[str]) -> Sequence[Row]:
    """Open differences by class and age: 0 up to one day, 1 to three, 2 to seven, 3 to thirty, 4 older."""
    return await session.all(_AGES, {"today": today, "states": list(states)})


async def list_days(session: Session, first: dt.date, last: dt.date) -> Sequence[Row]:
    """Runs of a span with when they were closed and what they matched."""
    return await session.all(_DAYS, {"first": first, "last": last})


async def list_files(session: Session, first: dt.date, last: dt.date, siblings: Sequence[str]) -> Sequence[Row]:
    """Lines and fees of the channels' files, by day."""
    return await session.all(_FILES, {"first": first, "last": last, "siblings": list(siblings)})


async def list_fees(session: Session, first: dt.date, last: dt.date, states: Sequence[str]) -> Sequence[Row]:
    """What channels charged beyond the contract, by day (a fee charged too little counts against it)."""
    return await session.all(_FEES, {"first": first, "last": last, "states": list(states)})
