"""The refund policy of each line's fee item, and the period its rule names."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session

_POLICIES = text("""
    SELECT l.line_no, f.refundable_policy AS policy, l.rule -> 'period' AS period
    FROM core.bill b JOIN core.bill_line l ON l.bill_id = b.id
    LEFT JOIN core.fee_item f ON f.plugin = b.plugin AND f.code = l.item_code
    WHERE b.id = :bill_id ORDER BY l.line_no
""")


async def list_policies(session: Session, bill_id: UUID) -> Sequence[Row]:
    """Policy and period of every line of a bill."""
    return await session.all(_POLICIES, {"bill_id": bill_id})
