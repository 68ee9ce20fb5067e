"""Bills by number or pay code, through their unique indexes."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session
from core.search.sources import up_to

_BILLS = text("""
    SELECT b.id, b.number, b.title, b.amount_fen, b.status, p.name AS party_name FROM core.bill b JOIN core.party p ON p.id = b.party_id
    WHERE (b.pay_code = :number OR (b.number >= :number AND b.number < :end))
      AND (CAST(:reach AS uuid[]) IS NULL OR b.org_id = ANY(CAST(:reach AS uuid[])))
    ORDER BY b.number LIMIT :limit
""")


async def find_bills(session: Session, number: str, reach: list[UUID] | None, limit: int) -> Sequence[Row]:
    """Bills whose number begins so, and the one of a pay code."""
    return await session.all(_BILLS, {"number": number, "end": up_to(number), "reach": reach, "limit": limit})
