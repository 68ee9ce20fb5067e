"""The first view of each bill."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Session

_ADD = text("""
    INSERT INTO core.bill_view (bill_id, first_seen_at, payer_id)
    SELECT b.id, now(), CAST(:payer_id AS uuid) FROM core.bill b
    WHERE b.id = ANY(CAST(:ids AS uuid[])) AND NOT EXISTS (SELECT FROM core.bill_view v WHERE v.bill_id = b.id)
    ON CONFLICT DO NOTHING
""")


async def add_views(session: Session, bill_ids: Sequence[UUID], payer_id: UUID | None) -> None:
    """Write down the first view of those bills that have none; without one the statement only reads."""
    await session.execute(_ADD, {"ids": list(bill_ids), "payer_id": payer_id})
