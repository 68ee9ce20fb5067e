"""What settlement statements say: every statement that reads for them."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session

_BATCHES = """
    SELECT b.*, m.name AS merchant_name, p.account_name, p.account_masked, p.bank_serial, p.number AS payout_number
    FROM core.settlement_batch b JOIN core.merchant m ON m.id = b.merchant_id
    LEFT JOIN LATERAL (SELECT * FROM core.payout p WHERE p.batch_id = b.id ORDER BY p.attempt DESC LIMIT 1) p ON true
"""
_ONE = text(f"{_BATCHES} WHERE b.id = :id")
_MONTH = text(f"{_BATCHES} WHERE b.bill_on >= :first AND b.bill_on < :next ORDER BY b.bill_on, b.merchant_code")
_CHANNELS = text("""
    SELECT batch_id, channel, array_agg(DISTINCT merchant_number) AS numbers,
           count(*) FILTER (WHERE kind = 'pay' AND amount_fen > 0) AS pay_count,
           coalesce(sum(amount_fen) FILTER (WHERE kind = 'pay'), 0)::bigint AS gross_fen,
           count(*) FILTER (WHERE kind = 'refund' AND amount_fen > 0) AS refund_count,
           coalesce(sum(amount_fen) FILTER (WHERE kind = 'refund'), 0)::bigint AS refund_fen,
           coalesce(sum(CASE kind WHEN 'pay' THEN fee_fen ELSE -fee_fen END), 0)::bigint AS cost_fen
    FROM core.settlement_item WHERE batch_id = ANY(CAST(:batches AS uuid[])) AND kind IN ('pay', 'refund')
    GROUP BY batch_id, channel ORDER BY batch_id, channel
""")


async def find_batch(session: Session, batch_id: UUID) -> Row | None:
    """One batch with its merchant's name and its last payout."""
    return await session.one_or_none(_ONE, {"id": batch_id})


async def list_month(session: Session, first: dt.date, following: dt.date) -> Sequence[Row]:
    """A month's batches, the same way."""
    return await session.all(_MONTH, {"first": first, "next": following})


async def list_channels(session: Session, batches: Sequence[UUID]) -> Sequence[Row]:
    """What batches come to by channel."""
    return await session.all(_CHANNELS, {"batches": list(batches)})
