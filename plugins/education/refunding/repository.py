"""The terms of bills and the policies of their lines, from core's tables."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session

_LINES = text("""
    SELECT b.id AS bill_id, l.line_no, coalesce(l.rule ->> 'term', b.period) AS term, f.refundable_policy AS policy, f.period,
           l.rule -> 'months_billed' AS months_billed, b.party_id, l.item_code
    FROM core.bill b JOIN core.bill_line l ON l.bill_id = b.id
    JOIN core.fee_item f ON f.plugin = b.plugin AND f.code = l.item_code
    WHERE b.id = ANY(CAST(:bill_ids AS uuid[])) AND b.plugin = 'education' ORDER BY b.id, l.line_no
""")


_EATEN = text("""
    SELECT d.student_id, d.item_code, d.month, d.days FROM education.meal_days d
    WHERE d.student_id IN (SELECT b.party_id FROM core.bill b WHERE b.id = ANY(CAST(:bill_ids AS uuid[])))
""")


async def list_lines(session: Session, bill_ids: Sequence[UUID]) -> Sequence[Row]:
    """Every line of some bills with its item's policy and period."""
    return await session.all(_LINES, {"bill_ids": list(bill_ids)})


async def list_eaten(session: Session, bill_ids: Sequence[UUID]) -> Sequence[Row]:
    """The meal days of the people whom some bills are made out to."""
    return await session.all(_EATEN, {"bill_ids": list(bill_ids)})
