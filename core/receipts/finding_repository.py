"""A receipt by the two parts of its number, through their unique index."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session

_RECEIPTS = text("""
    SELECT r.id, r.number, r.amount_fen, r.status, b.title, p.name AS party_name
    FROM core.receipt r JOIN core.bill b ON b.id = r.bill_id JOIN core.party p ON p.id = b.party_id
    WHERE r.year = :year AND r.seq = :seq AND (CAST(:reach AS uuid[]) IS NULL OR b.org_id = ANY(CAST(:reach AS uuid[])))
    LIMIT :limit
""")


async def find_receipts(session: Session, year: int, seq: int, reach: list[UUID] | None, limit: int) -> Sequence[Row]:
    """The receipt that is the so many-th of a year."""
    return await session.all(_RECEIPTS, {"year": year, "seq": seq, "reach": reach, "limit": limit})
