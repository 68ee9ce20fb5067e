"""What the sheet of differences says beside the differences: who it is about, and what was last done by whom. One statement for a page."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session

_BESIDE = text("""
    SELECT d.id, p.name AS person, m.kind AS remedy, m.made_by, m.checked_by, m.finished_at
    FROM core.recon_difference d
    LEFT JOIN core.bill b ON b.number = d.bill_number
    LEFT JOIN LATERAL (
        SELECT o.party_id FROM core.allocation a JOIN core.bill o ON o.id = a.bill_id
        WHERE a.payment_id = d.payment_id AND b.id IS NULL ORDER BY a.bill_id LIMIT 1) w ON true
    LEFT JOIN core.party p ON p.id = coalesce(b.party_id, w.party_id)
    LEFT JOIN LATERAL (
        SELECT r.kind, r.made_by, r.checked_by, r.finished_at FROM core.recon_remedy r WHERE r.difference_id = d.id ORDER BY r.id DESC LIMIT 1) m ON true
    WHERE d.id = ANY(CAST(:difference_ids AS uuid[]))
""")


async def list_beside(session: Session, difference_ids: Sequence[UUID]) -> dict[UUID, Row]:
    """Person and last remedy of some differences."""
    return {row.id: row for row in await session.all(_BESIDE, {"difference_ids": list(difference_ids)})}
