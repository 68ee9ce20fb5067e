"""Which files a day has, which it should have, and when each channel's day begins and ends: every statement."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import text

from core.database import Row, Session

_STATEMENTS = text("""
    SELECT id, source, side, channel, merchant_number, rejected_rows, lines, rows_loaded, ignored_lines, other_lines, facts -> 'by_channel' AS by_channel
    FROM core.statement WHERE bill_on = :day AND status = 'loaded' ORDER BY source, merchant_number, id
""")

_EARLIER = text("""
    SELECT DISTINCT source, side FROM core.statement
    WHERE side IN ('business', 'platform') AND status = 'loaded' AND bill_on >= :since AND bill_on < :day
""")

_NUMBERS = text("""
    SELECT channel, number, max(cut_minutes) AS cut_minutes, bool_or(declared) AS declared FROM (
        SELECT channel, number, cut_minutes, true AS declared FROM core.statement_merchant WHERE channel <> 'bank'
        UNION ALL SELECT channel, mchid, NULL, false FROM core.channel_account) known
    GROUP BY channel, number ORDER BY channel, number
""")

# The rate of a collecting account is its merchant's; a general account has that of the first merchant (by code) with one in force.
_RATES = text("""
    SELECT ca.channel, ca.mchid, r.from_on, coalesce(r.until_on, '9999-12-31'::date) AS until_on, r.rate_ppm, r.min_fen, r.cap_fen, r.fixed_fen
    FROM core.channel_account ca
    JOIN LATERAL (
        SELECT r.* FROM core.rate r JOIN core.merchant m ON m.id = r.merchant_id
        WHERE r.channel = ca.channel AND r.card_type = ''
          AND r.merchant_id = coalesce(ca.merchant_id, (
              SELECT m2.id FROM core.rate r2 JOIN core.merchant m2 ON m2.id = r2.merchant_id
              WHERE r2.channel = ca.channel AND r2.card_type = '' AND r2.from_on <= :day AND coalesce(r2.until_on, :day) >= :day
              ORDER BY m2.code LIMIT 1))
    ) r ON true
""")


async def list_statements(session: Session, day: dt.date) -> Sequence[Row]:
    """The files that count on a day."""
    return await session.all(_STATEMENTS, {"day": day})


async def list_earlier_sources(session: Session, day: dt.date, since: dt.date) -> set[tuple[str, str]]:
    """Sources of the business and of the platform that sent a file in the days before: (source, side)."""
    return {(row.source, row.side) for row in await session.all(_EARLIER, {"day": day, "since": since})}


async def list_numbers(session: Session) -> Sequence[Row]:
    """Every merchant number a client reconciles: `declared` (or learned from a file), and those of its collecting accounts."""
    return await session.all(_NUMBERS)


async def list_rates(session: Session, day: dt.date) -> Sequence[Row]:
    """What each collecting account pays for a payment, with the days between which that holds."""
    return await session.all(_RATES, {"day": day})
