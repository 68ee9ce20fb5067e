"""Refunds by number, through their unique indexes."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session
from core.search.sources import up_to

_REFUNDS = text("""
    SELECT r.id, r.number, r.amount_fen, r.status, p.name AS party_name
    FROM core.refund r LEFT JOIN core.party p ON p.id = r.party_id
    WHERE ((r.number >= :number AND r.number < :end)
           OR r.id = ANY(ARRAY(SELECT i.refund_id FROM core.refund_item i WHERE i.number = :number)
                         || ARRAY(SELECT i.refund_id FROM core.refund_item i WHERE i.reference = ANY(CAST(:ids AS text[])))))
      AND (CAST(:reach AS uuid[]) IS NULL OR r.org_id = ANY(CAST(:reach AS uuid[])))
    ORDER BY r.number LIMIT :limit
""")


async def find_refunds(session: Session, typed: str, number: str, reach: list[UUID] | None, limit: int) -> Sequence[Row]:
    """Refunds whose number begins so, or that a channel knows by it."""
    given = {"number": number, "end": up_to(number), "ids": [typed, number], "reach": reach, "limit": limit}
    return await session.all(_REFUNDS, given)
