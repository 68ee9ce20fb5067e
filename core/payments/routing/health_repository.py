"""How channels fare: every statement."""

import datetime as dt
from uuid import UUID

from sqlalchemy import delete, text

from core.database import Session
from core.payments.models import channel_health

_FAILED = text("""
    INSERT INTO core.channel_health AS h (channel_account_id, failures, failed_at, open_until, reason)
    VALUES (:account_id, 1, :now, CASE WHEN :most <= 1 THEN CAST(:rest_until AS timestamptz) END, :reason)
    ON CONFLICT (tenant_id, channel_account_id) DO UPDATE SET
        failures = CASE WHEN h.failed_at < :since AND h.open_until IS NULL THEN 1 ELSE h.failures + 1 END,
        open_until = CASE WHEN h.open_until IS NOT NULL OR (h.failed_at >= :since AND h.failures + 1 >= :most)
                          THEN CAST(:rest_until AS timestamptz) END,
        failed_at = :now, reason = :reason
""")

_CLAIM = text("""
    UPDATE core.channel_health SET open_until = :until
    WHERE channel_account_id = :account_id AND open_until <= :now
    RETURNING failures
""")


async def count_failure(
    session: Session, account_id: UUID, now: dt.datetime, window: dt.timedelta, rest: dt.timedelta, most: int, reason: str
) -> None:
    """One more failure; the circuit opens at the `most`th within the window, and stays open after a failed trial."""
    values = {"account_id": account_id, "now": now, "since": now - window, "rest_until": now + rest, "most": most, "reason": reason}
    await session.execute(_FAILED, values)


async def claim(session: Session, account_id: UUID, now: dt.datetime, until: dt.datetime) -> bool:
    """Be the one that tries after the rest."""
    return await session.one_or_none(_CLAIM, {"account_id": account_id, "now": now, "until": until}) is not None


async def forget(session: Session, account_id: UUID) -> None:
    """All is well."""
    await session.execute(delete(channel_health).where(channel_health.c.channel_account_id == account_id))
