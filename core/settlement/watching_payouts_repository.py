"""Payouts against the entries of the clearing account: every statement."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import text

from core.database import Row, Session

# A payment that left has its debit; one that came back has its credit where the debit is there. What was sent before the first statement
# may well stand in one that we never had.
_LACKING = text("""
    SELECT p.id, p.number, p.amount_fen, p.status, p.batch_id, b.number AS batch_number, p.clearing_number, p.bank_serial, p.sent_at,
           CASE WHEN p.status = 'returned' THEN p.finished_at ELSE p.sent_at END AS moved_at,
           EXISTS (SELECT FROM core.bank_entry w WHERE w.reference = p.number AND w.status = 'withdrawn'
                   AND w.kind = CASE WHEN p.status = 'returned' THEN 'returned' ELSE 'payout' END) AS withdrawn
    FROM core.payout p JOIN core.settlement_batch b ON b.id = p.batch_id
    LEFT JOIN LATERAL (
        SELECT bool_or(e.kind = 'payout') AS went, bool_or(e.kind = 'returned') AS came FROM core.bank_entry e
        WHERE e.payout_id = p.id AND e.status = 'matched') told ON true
    WHERE p.sent_at IS NOT NULL AND p.created_at > now() - interval '400 days'
      AND (p.sent_at AT TIME ZONE 'Asia/Shanghai')::date >= CAST(:since AS date)
      AND ((p.status IN ('sent', 'paid') AND told.went IS NOT TRUE) OR (p.status = 'returned' AND told.went AND told.came IS NOT TRUE))
    ORDER BY p.number
""")
_TOLD = text("""
    SELECT d.number, d.bill_on FROM core.recon_difference d
    WHERE d.class = 'FE2' AND d.channel = 'bank' AND d.kind = 'payout' AND d.status NOT IN ('resolved', 'auto_resolved')
""")
_OF_NUMBERS = text("""
    SELECT d.id, d.code, d.number, d.facts ->> 'why' AS why FROM core.recon_difference d
    WHERE d.class = 'FE2' AND d.channel = 'bank' AND d.kind = 'payout' AND d.number = ANY(CAST(:numbers AS text[]))
      AND d.status NOT IN ('resolved', 'auto_resolved')
""")


async def list_lacking(session: Session, since: dt.date) -> Sequence[Row]:
    """Payouts sent since a day whose entry the bank's statements do not have."""
    return await session.all(_LACKING, {"since": since})


async def list_told(session: Session) -> Sequence[Row]:
    """Payouts that are on the list of differences now."""
    return await session.all(_TOLD)


async def list_of(session: Session, numbers: Sequence[str]) -> Sequence[Row]:
    """The open differences of some payouts."""
    return await session.all(_OF_NUMBERS, {"numbers": list(numbers)}) if numbers else ()
