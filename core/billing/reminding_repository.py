"""The messages that remind people, written set-based, and what became of them. Each carries the run that wrote it."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, text

from core.billing.states import OPEN
from core.database import Session

_OWING = """
    SELECT b.party_id, min(b.title) AS title, sum(b.amount_fen - b.paid_fen) AS open_fen, min(b.due_on) AS due_on, max(p.name) AS name
    FROM core.bill b JOIN core.party p ON p.id = b.party_id
    WHERE b.status = ANY(:open) AND b.amount_fen > b.paid_fen AND b.visible_from <= :now
      AND (CAST(:org_ids AS uuid[]) IS NULL OR coalesce(p.org_id, b.org_id) = ANY(CAST(:org_ids AS uuid[])))
      AND (CAST(:party_id AS uuid) IS NULL OR p.id = :party_id)
    GROUP BY b.party_id
"""

_REMIND = text(f"""
    WITH owing AS ({_OWING}),
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
                                  'amount', trim(to_char(open_fen / 100.0, '999,999,999,990.00')), 'due_on', to_char(due_on, 'YYYY-MM-DD'),
                                  'run', CAST(:run AS text)),
               'waiting', :due_at
        FROM bound ON CONFLICT (tenant_id, key) DO NOTHING
        RETURNING party_id)
    SELECT (SELECT count(*) FROM owing) AS owing, (SELECT count(DISTINCT party_id) FROM bound) AS reachable,
           (SELECT count(DISTINCT party_id) FROM written) AS reminded
""")

_UNBOUND = text(f"""
    SELECT owing.party_id AS id, owing.name FROM ({_OWING}) owing
    WHERE NOT EXISTS (SELECT FROM core.binding g WHERE g.party_id = owing.party_id AND g.status = 'bound')
    ORDER BY owing.party_id
""")

_WRITTEN = """
    FROM core.message m JOIN core.party p ON p.id = m.party_id
    WHERE m.template IN ('reminder', 'reminder_unbound') AND m.facts ? 'run'
      AND (CAST(:org_ids AS uuid[]) IS NULL OR p.org_id = ANY(CAST(:org_ids AS uuid[])))
"""
_RUNS = f"""
    SELECT CAST(m.facts->>'run' AS uuid) AS run_id, min(m.created_at) AS started_at, count(DISTINCT m.party_id) AS people,
           count(*) FILTER (WHERE m.status = 'waiting') AS waiting, count(*) FILTER (WHERE m.status = 'sent') AS sent,
           count(*) FILTER (WHERE m.status = 'failed') AS failed {_WRITTEN}
"""
_LIST_RUNS = text(
    f"{_RUNS} AND (CAST(:before AS uuid) IS NULL OR CAST(m.facts->>'run' AS uuid) < :before) GROUP BY 1 ORDER BY 1 DESC LIMIT :limit"
)
_FIND_RUN = text(f"{_RUNS} AND m.facts->>'run' = :run GROUP BY 1")
_MESSAGES = text(f"""
    SELECT m.id, m.party_id, p.name, m.to_masked, m.template, m.status, m.sent_at, m.last_error {_WRITTEN}
      AND m.facts->>'run' = :run AND (CAST(:after AS uuid) IS NULL OR m.id > :after)
    ORDER BY m.id LIMIT :limit
""")


async def remind(
    session: Session, org_ids: list[UUID] | None, party_id: UUID | None, now: dt.datetime, today: dt.date, due_at: dt.datetime, run_id: UUID
) -> Row:
    """One message a day to each bound payer of those who owe; answers how many owe, can be reached, and were reminded now."""
    asked = {"open": list(OPEN), "org_ids": org_ids, "party_id": party_id, "now": now}
    return await session.one(_REMIND, {**asked, "tenant_id": session.tenant_id, "today": today, "due_at": due_at, "run": str(run_id)})


async def list_unbound(session: Session, org_ids: list[UUID] | None, party_id: UUID | None, now: dt.datetime) -> Sequence[Row]:
    """Those who owe and whom no payer has bound."""
    return await session.all(_UNBOUND, {"open": list(OPEN), "org_ids": org_ids, "party_id": party_id, "now": now})


async def list_runs(session: Session, org_ids: list[UUID] | None, before: UUID | None, limit: int) -> Sequence[Row]:
    """Runs that wrote about people of some units, the newest first."""
    return await session.all(_LIST_RUNS, {"org_ids": org_ids, "before": before, "limit": limit})


async def find_run(session: Session, org_ids: list[UUID] | None, run_id: UUID) -> Row | None:
    """One run, as far as it wrote about people of some units."""
    return await session.one_or_none(_FIND_RUN, {"org_ids": org_ids, "run": str(run_id)})


async def list_messages(session: Session, org_ids: list[UUID] | None, run_id: UUID, after: UUID | None, limit: int) -> Sequence[Row]:
    """A run's messages about people of some units."""
    return await session.all(_MESSAGES, {"org_ids": org_ids, "run": str(run_id), "after": after, "limit": limit})
