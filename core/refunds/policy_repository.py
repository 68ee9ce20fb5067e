"""The refund policy of each line's fee item, and the period its rule names."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session

_POLICIES = text("""
    SELECT b.id AS bill_id, l.line_no, f.refundable_policy AS policy, l.rule -> 'period' AS period
    FROM core.bill b JOIN core.bill_line l ON l.bill_id = b.id
    LEFT JOIN core.fee_item f ON f.plugin = b.plugin AND f.code = l.item_code
    WHERE b.id = ANY(CAST(:bill_ids AS uuid[])) ORDER BY b.id, l.line_no
""")


async def list_policies(session: Session, bill_ids: Sequence[UUID]) -> Sequence[Row]:
    """Policy and period of every line of some bills."""
    return await session.all(_POLICIES, {"bill_ids": list(bill_ids)})
