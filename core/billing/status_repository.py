"""Who has paid and who has not, without a single amount."""

import datetime as dt
from uuid import UUID

from sqlalchemy import Row, TextClause, text

from core.billing.states import IS_OPEN
from core.database import Session

_OWES = f"b.amount_fen > b.paid_fen AND b.{IS_OPEN}"
_OWED = f"""
    SELECT party_id, org_id, CASE WHEN told & 2 > 0 THEN 'overdue' WHEN told & 1 = 0 THEN 'paid' WHEN told & 4 > 0 THEN 'partial' ELSE 'unpaid' END AS state
    FROM (SELECT b.party_id, any_value(b.org_id) AS org_id,
                 bit_or(CASE WHEN {_OWES} THEN CASE WHEN b.due_on < :today THEN 3 ELSE 1 END ELSE 0 END
                        | CASE WHEN b.paid_fen > 0 THEN 4 ELSE 0 END) AS told
          FROM core.bill b WHERE b.status <> 'void' AND b.visible_from <= :now GROUP BY b.party_id) each
"""
"""Everybody with a bill: what the bills say together, in one number (1 something is owed, 2 and late, 4 something was paid)."""
_MINE = "coalesce(p.org_id, o.org_id) = ANY(CAST(:org_ids AS uuid[]))"
_MEANT = """
    (:state = 'all' OR (:state = 'owing' AND o.state <> 'paid') OR o.state = :state)
    AND (CAST(:after_id AS uuid) IS NULL OR (p.name, p.id) > (:after_name, CAST(:after_id AS uuid)))
"""


def _page(people: str, mine: str) -> TextClause:
    return text(f"""
        WITH owed AS MATERIALIZED ({_OWED})
        SELECT NULL AS id, NULL AS name, NULL AS org_id, o.state, count(*) AS people FROM {people} WHERE {mine} GROUP BY o.state
        UNION ALL
        (SELECT p.id, p.name, coalesce(p.org_id, o.org_id), o.state, NULL FROM owed o JOIN core.party p ON p.id = o.party_id
         WHERE {mine} AND {_MEANT} ORDER BY p.name, p.id LIMIT :limit)
    """)


_PAGE, _PAGE_OF_ALL = _page("owed o JOIN core.party p ON p.id = o.party_id", _MINE), _page("owed o", "true")
_OWING = text(f"""
    SELECT count(*) FROM (
        SELECT b.party_id, any_value(b.org_id) AS org_id FROM core.bill b WHERE {_OWES} AND b.visible_from <= :now GROUP BY b.party_id) o
    JOIN core.party p ON p.id = o.party_id WHERE {_MINE}
""")
_OWING_OF_ALL = text(f"SELECT count(DISTINCT b.party_id) FROM core.bill b WHERE {_OWES} AND b.visible_from <= :now")


async def list_people(
    session: Session, org_ids: list[UUID] | None, state: str, after: tuple[str, UUID] | None, now: dt.datetime, today: dt.date, limit: int
) -> tuple[list[Row], dict[str, int]]:
    """People by name with the state of their bills together, and how many of all of them stand in each state."""
    name, person = after or ("", None)
    given = {"now": now, "today": today, "state": state, "after_name": name, "after_id": person, "limit": limit}
    rows = await (session.all(_PAGE_OF_ALL, given) if org_ids is None else session.all(_PAGE, {**given, "org_ids": org_ids}))
    return [row for row in rows if row.id is not None], {row.state: row.people for row in rows if row.id is None}


async def count_owing(session: Session, org_ids: list[UUID] | None, now: dt.datetime) -> int:
    """How many people owe something."""
    if org_ids is None:
        return int(await session.scalar(_OWING_OF_ALL, {"now": now}))
    return int(await session.scalar(_OWING, {"org_ids": org_ids, "now": now}))
