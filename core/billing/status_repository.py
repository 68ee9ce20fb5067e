"""Who has paid and who has not, without a single amount."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, text

from core.billing.states import OPEN
from core.database import Session

_SOURCE = """
    SELECT p.id, p.name, coalesce(p.org_id, (array_agg(b.org_id))[1]) AS org_id,
           CASE WHEN bool_or(b.status = ANY(:open) AND b.amount_fen > b.paid_fen AND b.due_on < :today) THEN 'overdue'
                WHEN NOT bool_or(b.status = ANY(:open) AND b.amount_fen > b.paid_fen) THEN 'paid'
                WHEN bool_or(b.paid_fen > 0) THEN 'partial' ELSE 'unpaid' END AS state
    FROM core.bill b JOIN core.party p ON p.id = b.party_id
    WHERE b.status <> 'void' AND b.visible_from <= :now
      AND (CAST(:org_ids AS uuid[]) IS NULL OR coalesce(p.org_id, b.org_id) = ANY(CAST(:org_ids AS uuid[])))
    GROUP BY p.id, p.name, p.org_id
"""

_PEOPLE = text(f"""
    SELECT * FROM ({_SOURCE}) people
    WHERE (:state = 'all' OR (:state = 'owing' AND state <> 'paid') OR state = :state)
      AND (CAST(:after_id AS uuid) IS NULL OR (name, id) > (:after_name, CAST(:after_id AS uuid)))
    ORDER BY name, id LIMIT :limit
""")

_COUNTS = text(f"SELECT state, count(*) AS people FROM ({_SOURCE}) people GROUP BY state")

async def list_people(
    session: Session, org_ids: list[UUID] | None, state: str, after: tuple[str, UUID] | None, now: dt.datetime, today: dt.date, limit: int
) -> Sequence[Row]:
    """People by name with the state of their bills together."""
    name, person = after or ("", None)
    given = {"open": list(OPEN), "org_ids": org_ids, "now": now, "today": today}
    return await session.all(_PEOPLE, {**given, "state": state, "after_name": name, "after_id": person, "limit": limit})


async def count_states(session: Session, org_ids: list[UUID] | None, now: dt.datetime, today: dt.date) -> dict[str, int]:
    """How many people stand in each state."""
    rows = await session.all(_COUNTS, {"open": list(OPEN), "org_ids": org_ids, "now": now, "today": today})
    return {row.state: row.people for row in rows}
