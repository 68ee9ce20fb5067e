"""Who has paid and who has not, without a single amount; and the reminders that go to those who have not."""

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

_REMIND = text("""
    WITH owing AS (
        SELECT b.party_id, min(b.title) AS title, sum(b.amount_fen - b.paid_fen) AS open_fen, min(b.due_on) AS due_on, max(p.name) AS name
        FROM core.bill b JOIN core.party p ON p.id = b.party_id
        WHERE b.status = ANY(:open) AND b.amount_fen > b.paid_fen AND b.visible_from <= :now
          AND (CAST(:org_ids AS uuid[]) IS NULL OR coalesce(p.org_id, b.org_id) = ANY(CAST(:org_ids AS uuid[])))
          AND (CAST(:party_id AS uuid) IS NULL OR p.id = :party_id)
        GROUP BY b.party_id),
    bound AS (
        SELECT owing.*, y.id AS payer_id, y.phone_sealed, y.phone_masked
        FROM owing JOIN core.binding g ON g.party_id = owing.party_id AND g.status = 'bound' JOIN core.payer y ON y.id = g.payer_id),
    pulse AS (INSERT INTO core.tenant_due (tenant_id, kind, due_at) SELECT :tenant_id, 'pulse', :now FROM bound LIMIT 1
              ON CONFLICT DO NOTHING),
    written AS (
        INSERT INTO core.message (id, key, template, means, party_id, to_sealed, to_masked, facts, status, due_at)
        SELECT gen_random_uuid(),
               'reminder:' || party_id || ':' || CAST(CAST(:today AS date) AS text) || ':' || payer_id, 'reminder', 'sms',
               party_id, phone_sealed, phone_masked,
               jsonb_build_object('name', left(name, 1) || repeat('*', greatest(length(name) - 1, 1)), 'title', title,
                                  'amount', trim(to_char(open_fen / 100.0, '999,999,999,990.00')), 'due_on', to_char(due_on, 'YYYY-MM-DD')),
               'waiting', :due_at
        FROM bound ON CONFLICT (tenant_id, key) DO NOTHING
        RETURNING party_id)
    SELECT (SELECT count(*) FROM owing) AS owing, (SELECT count(DISTINCT party_id) FROM bound) AS reachable,
           (SELECT count(DISTINCT party_id) FROM written) AS reminded
""")


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


async def remind(
    session: Session, org_ids: list[UUID] | None, party_id: UUID | None, now: dt.datetime, today: dt.date, due_at: dt.datetime
) -> Row:
    """One message a day to each bound payer of those who owe; answers how many owe, can be reached, and were reminded now."""
    return await session.one(
        _REMIND,
        {
            "tenant_id": session.tenant_id,
            "open": list(OPEN),
            "org_ids": org_ids,
            "party_id": party_id,
            "now": now,
            "today": today,
            "due_at": due_at,
        },
    )
