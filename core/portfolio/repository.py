"""The bank reads what its clients told: one row a client and plugin, and the days behind it."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session

_REACH = "(CAST(:reach AS uuid[]) IS NULL OR c.branch_id = ANY(CAST(:reach AS uuid[])))"
_CLIENTS = text(f"""
    SELECT c.id, c.name, c.code, c.kind, c.status, c.branch_id, b.name AS branch, k.plugin, s.bills, s.cleared, s.billed_fen, s.collected_fen,
           s.open_fen, s.overdue_fen, s.day AS as_of, w.active_payers, w.known_payers, w.accounts, w.deposits_fen, w.differences,
           w.difference_fen, w.oldest_difference_on, w.delay_tenths, coalesce(t.payments, 0)::bigint AS payments,
           coalesce(t.paid_fen, 0)::bigint AS paid_fen, coalesce(t.refunded_fen, 0)::bigint AS refunded_fen
    FROM core.client c JOIN core.branch b ON b.id = c.branch_id CROSS JOIN unnest(CAST(:plugins AS text[])) AS k(plugin)
    LEFT JOIN LATERAL (SELECT * FROM core.portfolio_day d WHERE d.client_id = c.id AND d.plugin = k.plugin AND d.day <= :day
                       AND d.billed_fen IS NOT NULL ORDER BY d.day DESC LIMIT 1) s ON true
    LEFT JOIN LATERAL (SELECT * FROM core.portfolio_day d WHERE d.client_id = c.id AND d.plugin = '' AND d.day <= :day
                       AND d.known_payers IS NOT NULL ORDER BY d.day DESC LIMIT 1) w ON k.plugin = ''
    LEFT JOIN LATERAL (SELECT sum(payments) AS payments, sum(paid_fen) AS paid_fen, sum(refunded_fen) AS refunded_fen FROM core.portfolio_day d
                       WHERE d.client_id = c.id AND d.plugin = k.plugin AND d.day > CAST(:day AS date) - CAST(:days AS int) AND d.day <= :day) t ON true
    WHERE {_REACH} AND c.status <> 'draft' AND (:kind = '' OR c.kind = :kind) AND (:q = '' OR strpos(c.name, :q) > 0 OR strpos(c.code, lower(:q)) > 0)
      AND (CAST(:branches AS uuid[]) IS NULL OR c.branch_id = ANY(CAST(:branches AS uuid[])))
      AND (k.plugin = '' OR s.day IS NOT NULL)
    ORDER BY c.code, k.plugin
""")
_TREND = text("""
    SELECT d.day, sum(d.payments)::bigint AS payments, sum(d.paid_fen)::bigint AS paid_fen, sum(d.billed_fen)::bigint AS billed_fen,
           sum(d.collected_fen) FILTER (WHERE d.billed_fen IS NOT NULL)::bigint AS collected_fen
    FROM core.portfolio_day d
    WHERE d.plugin = :plugin AND d.day > CAST(:day AS date) - CAST(:days AS int) AND d.day <= :day AND d.client_id = ANY(CAST(:clients AS uuid[]))
    GROUP BY d.day ORDER BY d.day
""")
_DAYS = text(f"""
    SELECT d.* FROM core.portfolio_day d JOIN core.client c ON c.id = d.client_id
    WHERE d.client_id = :client_id AND d.plugin = :plugin AND {_REACH} AND (CAST(:before AS date) IS NULL OR d.day < :before)
    ORDER BY d.day DESC LIMIT :limit
""")
_PLUGINS = text("SELECT DISTINCT plugin FROM core.client_plugin WHERE enabled ORDER BY plugin")


def _wanted(reach: Sequence[UUID] | None) -> list[UUID] | None:
    return None if reach is None else list(reach)


async def list_plugins(session: Session) -> list[str]:
    """The plugins that some client has."""
    return [row.plugin for row in await session.all(_PLUGINS)]


async def list_clients(
    session: Session, reach: Sequence[UUID] | None, plugins: Sequence[str], day: dt.date, days: int, *, kind: str, q: str,
    branches: Sequence[UUID] | None,
) -> Sequence[Row]:  # fmt: skip
    """Clients within reach as they stood at a day's end, with what moved in the days up to it; one row for each plugin asked for ('': whole)."""
    values = {"reach": _wanted(reach), "plugins": list(plugins), "day": day, "days": days, "kind": kind, "q": q, "branches": _wanted(branches)}
    return await session.all(_CLIENTS, values)


async def list_trend(session: Session, clients: Sequence[UUID], plugin: str, day: dt.date, days: int) -> Sequence[Row]:
    """What some clients come to together, day by day."""
    return await session.all(_TREND, {"clients": list(clients), "plugin": plugin, "day": day, "days": days})


async def list_days(session: Session, client_id: UUID, plugin: str, reach: Sequence[UUID] | None, before: dt.date | None, limit: int) -> Sequence[Row]:
    """One client's days, the newest first."""
    return await session.all(_DAYS, {"client_id": client_id, "plugin": plugin, "reach": _wanted(reach), "before": before, "limit": limit})
