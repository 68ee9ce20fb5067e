"""How far each client is, in the bank's books: written by the client's pulse, listed for its branch."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session
from core.database.tables import encode_json

_WRITE = text("""
    INSERT INTO core.go_live_progress (client_id, status, done, total, current, waiting_for, owner_name, due_on, started_on, live_at, steps,
                                       trial_done)
    SELECT :client_id, :status, :done, :total, :current, :waiting_for, :owner_name, :due_on, :started_on, :live_at, CAST(:steps AS jsonb),
           :trial_done
    WHERE EXISTS (SELECT FROM core.client WHERE id = :client_id)
    ON CONFLICT (tenant_id, client_id) DO UPDATE SET
        status = excluded.status, done = excluded.done, total = excluded.total, current = excluded.current,
        waiting_for = excluded.waiting_for, owner_name = excluded.owner_name, due_on = excluded.due_on, started_on = excluded.started_on,
        live_at = excluded.live_at, steps = excluded.steps, trial_done = excluded.trial_done, written_at = now()
""")
_ROWS = """
    SELECT c.id AS client_id, c.code, c.name, c.kind, b.name AS branch, c.branch_id, coalesce(p.status, 'early') AS status, coalesce(p.done, 0) AS done,
           coalesce(p.total, 0) AS total, coalesce(p.current, '') AS current, coalesce(p.waiting_for, '') AS waiting_for,
           coalesce(p.owner_name, '') AS owner_name, p.due_on, coalesce(p.started_on, CAST(c.created_at AS date)) AS started_on, p.live_at,
           coalesce(p.trial_done, false) AS trial_done, coalesce(p.steps, '[]') AS steps, coalesce(p.written_at, c.created_at) AS written_at,
           coalesce(p.status <> 'live' AND p.due_on < :today, false) AS overdue
    FROM core.client c JOIN core.branch b ON b.id = c.branch_id LEFT JOIN core.go_live_progress p ON p.client_id = c.id
    WHERE c.status <> 'closed' AND (CAST(:reach AS uuid[]) IS NULL OR c.branch_id = ANY(CAST(:reach AS uuid[])))
"""
_LIST = text(f"""
    SELECT * FROM ({_ROWS}) rows
    WHERE (:q = '' OR strpos(name, :q) > 0 OR strpos(code, lower(:q)) > 0)
      AND (:status = '' OR status = :status OR (:status = 'open' AND status <> 'live'))
      AND (:waiting_for = '' OR waiting_for = :waiting_for) AND (NOT :late OR overdue)
      AND (CAST(:branch_ids AS uuid[]) IS NULL OR branch_id = ANY(CAST(:branch_ids AS uuid[])))
      AND code > :after
    ORDER BY code LIMIT :limit
""")
_SUMS = text(f"""
    SELECT count(*) FILTER (WHERE status <> 'live') AS open, count(*) FILTER (WHERE overdue) AS late,
           count(*) FILTER (WHERE status = 'ready') AS ready, count(*) FILTER (WHERE status = 'live') AS live,
           count(*) FILTER (WHERE status <> 'live' AND waiting_for = 'bank') AS ours
    FROM ({_ROWS}) rows
""")


async def write(session: Session, client_id: UUID, values: dict[str, object]) -> None:
    """Keep how far a client is, or bring it up to date."""
    await session.execute(_WRITE, {"client_id": client_id, **values, "steps": encode_json(values["steps"])})


async def list_clients(
    session: Session, reach: list[UUID] | None, today: dt.date, *, q: str = "", status: str = "", waiting_for: str = "", late: bool = False,
    branch_ids: list[UUID] | None = None, after: str = "", limit: int = 50,
) -> Sequence[Row]:
    """Clients within reach in the order of their codes, after a code; `status` `open` is every one that is not live."""
    given = {"q": q, "status": status, "waiting_for": waiting_for, "late": late, "branch_ids": branch_ids, "after": after, "limit": limit}
    return await session.all(_LIST, {"reach": reach, "today": today, **given})


async def sum_clients(session: Session, reach: list[UUID] | None, today: dt.date) -> Row:
    """How many are on the way, late, ready, live, and wait for the bank."""
    return await session.one(_SUMS, {"reach": reach, "today": today})
