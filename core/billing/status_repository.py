"""Who has paid and who has not, without a single amount."""

import datetime as dt
from uuid import UUID

from sqlalchemy import Row, text

from core.billing.states import OPEN
from core.database import Session

_OWES = "b.status = ANY(:open) AND b.amount_fen > b.paid_fen"
_PEOPLE = f"""
    WITH owed AS MATERIALIZED (
        SELECT b.party_id, any_value(b.org_id) AS org_id,
               CASE WHEN bool_or({_OWES} AND b.due_on < :today) THEN 'overdue' WHEN NOT bool_or({_OWES}) THEN 'paid'
                    WHEN bool_or(b.paid_fen > 0) THEN 'partial' ELSE 'unpaid' END AS state
        FROM core.bill b WHERE b.status <> 'void' AND b.visible_from <= :now GROUP BY b.party_id),
    people AS MATERIALIZED (
        SELECT p.id, p.name, coalesce(p.org_id, o.org_id) AS org_id, o.state FROM owed o JOIN core.party p ON p.id = o.party_id
        WHERE CAST(:org_ids AS uuid[]) IS NULL OR coalesce(p.org_id, o.org_id) = ANY(CAST(:org_ids AS uuid[])))
"""

_OWING = text(f"""
    SELECT count(*) FROM (
        SELECT b.party_id, any_value(b.org_id) AS org_id FROM core.bill b WHERE {_OWES} AND b.visible_from <= :now GROUP BY b.party_id) o
    JOIN core.party p ON p.id = o.party_id
    WHERE CAST(:org_ids AS uuid[]) IS NULL OR coalesce(p.org_id, o.org_id) = ANY(CAST(:org_ids AS uuid[]))
""")

_PAGE = text(f"""{_PEOPLE}
    SELECT NULL AS id, NULL AS name, NULL AS org_id, state, count(*) AS people FROM people GROUP BY state
    UNION ALL
    (SELECT id, name, org_id, state, NULL FROM people
     WHERE (:state = 'all' OR (:state = 'owing' AND state <> 'paid') OR state = :state)
       AND (CAST(:after_id AS uuid) IS NULL OR (name, id) > (:after_name, CAST(:after_id AS uuid)))
     ORDER BY name, id LIMIT :limit)
""")


async def list_people(
    session: Session, org_ids: list[UUID] | None, state: str, after: tuple[str, UUID] | None, now: dt.datetime, today: dt.date, limit: int
) -> tuple[list[Row], dict[str, int]]:
    """People by name with the state of their bills together, and how many of all of them stand in each state."""
    name, person = after or ("", None)
    given = {"open": list(OPEN), "org_ids": org_ids, "now": now, "today": today}
    rows = await session.all(_PAGE, {**given, "state": state, "after_name": name, "after_id": person, "limit": limit})
    return [row for row in rows if row.id is not None], {row.state: row.people for row in rows if row.id is None}


async def count_owing(session: Session, org_ids: list[UUID] | None, now: dt.datetime) -> int:
    """How many people owe something."""
    return int(await session.scalar(_OWING, {"open": list(OPEN), "org_ids": org_ids, "now": now}))
