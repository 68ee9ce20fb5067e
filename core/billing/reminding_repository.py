"""Whom to remind, set-based, and what became of the notices. Each carries the run that wrote it."""

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

REMIND = f"""
    SELECT owing.party_id || ':' || CAST(CAST(:today AS date) AS text) AS occasion, owing.party_id, CAST(NULL AS uuid) AS bill_id,
           CAST(NULL AS uuid) AS only_payer_id, CAST(NULL AS timestamptz) AS from_at, 'reminder:' || CAST(:run_id AS text) AS run,
           jsonb_build_object('name', left(name, 1) || repeat('*', greatest(length(name) - 1, 1)), 'title', title,
                              'amount', trim(to_char(open_fen / 100.0, '999,999,999,990.00')), 'due_on', to_char(due_on, 'YYYY-MM-DD')) AS facts
    FROM ({_OWING}) owing
"""
"""Those who owe, once a day each, for `core.notices`; every notice carries the run that wrote it."""

_UNBOUND = text(f"""
    SELECT owing.party_id AS id, owing.name FROM ({_OWING}) owing
    WHERE NOT EXISTS (SELECT FROM core.binding g WHERE g.party_id = owing.party_id AND g.status = 'bound')
    ORDER BY owing.party_id
""")

_WRITTEN = """
    FROM core.notice m JOIN core.party p ON p.id = m.party_id
    WHERE m.event IN ('reminder', 'reminder_unbound') AND m.run LIKE 'reminder:%' AND m.means <> 'inbox'
      AND (CAST(:org_ids AS uuid[]) IS NULL OR p.org_id = ANY(CAST(:org_ids AS uuid[])))
"""
_RUNS = f"""
    SELECT CAST(substr(m.run, 10) AS uuid) AS run_id, min(m.created_at) AS started_at, count(DISTINCT m.party_id) AS people,
           count(*) FILTER (WHERE m.status IN ('queued', 'quiet', 'sending')) AS waiting,
           count(*) FILTER (WHERE m.status IN ('sent', 'delivered')) AS sent,
           count(*) FILTER (WHERE m.status IN ('failed', 'capped', 'opted_out')) AS failed {_WRITTEN}
"""
_LIST_RUNS = text(
    f"{_RUNS} AND (CAST(:before AS uuid) IS NULL OR CAST(substr(m.run, 10) AS uuid) < :before) GROUP BY 1 ORDER BY 1 DESC LIMIT :limit"
)
_FIND_RUN = text(f"{_RUNS} AND m.run = 'reminder:' || CAST(:run AS text) GROUP BY 1")
_MESSAGES = text(f"""
    SELECT m.id, m.party_id, p.name, m.to_masked, m.event, m.status, m.sent_at, m.reason {_WRITTEN}
      AND m.run = 'reminder:' || CAST(:run AS text) AND (CAST(:after AS uuid) IS NULL OR m.id > :after)
    ORDER BY m.id LIMIT :limit
""")


def owing(org_ids: list[UUID] | None, party_id: UUID | None, now: dt.datetime, today: dt.date, run_id: UUID) -> dict[str, object]:
    """What `REMIND` asks for: whom, when, and the run that its notices carry."""
    return {"open": list(OPEN), "org_ids": org_ids, "party_id": party_id, "now": now, "today": today, "run_id": str(run_id)}


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
    """A run's notices about people of some units."""
    return await session.all(_MESSAGES, {"org_ids": org_ids, "run": str(run_id), "after": after, "limit": limit})
