"""Wrong guesses: every statement."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import insert, text

from core.database import Session
from core.payers.models import failed_try

_HOLD = text("""
    SELECT pg_advisory_xact_lock(hashtextextended(current_setting('app.tenant_id') || encode(m.mark, 'hex'), 7))
    FROM unnest(CAST(:marks AS bytea[])) WITH ORDINALITY AS m(mark, position) ORDER BY m.position
""")

_CLOSED = text("""
    SELECT count(*) FROM unnest(CAST(:marks AS bytea[]), CAST(:allowed AS int[])) AS m(mark, allowed)
    CROSS JOIN LATERAL (
        SELECT max(f.at) AS last FROM core.failed_try f WHERE f.purpose = :purpose AND f.mark = m.mark) newest
    WHERE newest.last > CAST(:now AS timestamptz) - interval '24 hours'
      AND m.allowed <= (SELECT count(*) FROM core.failed_try f
                        WHERE f.purpose = :purpose AND f.mark = m.mark AND f.at > newest.last - interval '24 hours')
""")

_FORGET = text("DELETE FROM core.failed_try WHERE at < :before")
_FORGET_CODES = text("DELETE FROM core.one_time_code WHERE created_at < :before")


async def hold(session: Session, marks: Sequence[bytes]) -> None:
    """Make guesses with a mark in common follow one another."""
    await session.execute(_HOLD, {"marks": list(marks)})


async def closed(session: Session, purpose: str, marks: Sequence[bytes], allowed: Sequence[int], now: dt.datetime) -> bool:
    """Whether one of the marks has used up its failures; failures more than a day before the last one no longer count."""
    found = await session.scalar(_CLOSED, {"purpose": purpose, "marks": list(marks), "allowed": list(allowed), "now": now})
    return bool(found)


async def add(session: Session, rows: Sequence[dict[str, object]]) -> None:
    """Write a failure down, one row for each of its marks."""
    await session.execute(insert(failed_try), list(rows))


async def forget(session: Session, before: dt.datetime) -> None:
    """Drop old failures and old codes (kept for 30 days, domain book §10)."""
    await session.execute(_FORGET, {"before": before})
    await session.execute(_FORGET_CODES, {"before": before})
