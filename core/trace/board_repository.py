"""Reckoned days: kept for the client, summed up for the bank, and read by both boards."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert

from core.database import Row, Session
from core.trace.models import client_equation, equation_day

_WRITTEN = text("SELECT max(written_at) FROM core.equation_day")
_UNCLOSED = text("SELECT DISTINCT day FROM core.equation_day WHERE state <> 'closed' AND day >= :since ORDER BY day")
_CLIENT = text("SELECT EXISTS (SELECT FROM core.client WHERE id = :client_id)")

_MONTHS = text("""
    SELECT DISTINCT date_trunc('month', day)::date AS month FROM core.equation_day ORDER BY month DESC LIMIT 24
""")

_CLIENTS = text("""
    SELECT e.*, c.name, c.code, c.branch_id, b.name AS branch FROM core.client_equation e
    JOIN core.client c ON c.id = e.client_id JOIN core.branch b ON b.id = c.branch_id
    WHERE e.day = :day AND (CAST(:reach AS uuid[]) IS NULL OR c.branch_id = ANY(CAST(:reach AS uuid[])))
      AND (:state = '' OR e.state = :state) AND (:q = '' OR strpos(c.name, :q) > 0 OR strpos(c.code, lower(:q)) > 0)
      AND (CAST(:after AS text) IS NULL OR c.code > :after)
    ORDER BY c.code LIMIT :limit
""")
_CLIENT_SUMS = text("""
    SELECT count(*) AS clients, count(*) FILTER (WHERE e.state = 'closed') AS closed, count(*) FILTER (WHERE e.state = 'waiting') AS waiting,
           count(*) FILTER (WHERE e.state = 'open') AS open, coalesce(sum(e.open_count), 0)::bigint AS open_count,
           coalesce(sum(e.open_fen), 0)::bigint AS open_fen
    FROM core.client_equation e JOIN core.client c ON c.id = e.client_id
    WHERE e.day = :day AND (CAST(:reach AS uuid[]) IS NULL OR c.branch_id = ANY(CAST(:reach AS uuid[])))
""")
_OF_CLIENT = text("""
    SELECT e.* FROM core.client_equation e JOIN core.client c ON c.id = e.client_id
    WHERE e.client_id = :client_id AND e.day >= :first AND e.day <= :last
      AND (CAST(:reach AS uuid[]) IS NULL OR c.branch_id = ANY(CAST(:reach AS uuid[]))) ORDER BY e.day DESC
""")
_ONE_CLIENT = text("""
    SELECT c.id, c.name, c.code FROM core.client c
    WHERE c.id = :client_id AND (CAST(:reach AS uuid[]) IS NULL OR c.branch_id = ANY(CAST(:reach AS uuid[])))
""")


async def last_written(session: Session) -> dt.datetime | None:
    """When this client's days were last reckoned."""
    return await session.scalar(_WRITTEN)


async def list_unclosed(session: Session, since: dt.date) -> list[dt.date]:
    """Days that were not closed when they were last reckoned."""
    return [row.day for row in await session.all(_UNCLOSED, {"since": since})]


async def write_days(session: Session, days: Sequence[dt.date], rows: Sequence[Mapping[str, object]]) -> None:
    """Put freshly reckoned days in the place of the old ones."""
    await session.execute(delete(equation_day).where(equation_day.c.day.in_(list(days))))
    if rows:
        await session.execute(insert(equation_day), [dict(row) for row in rows])


async def write_client(session: Session, client_id: UUID, rows: Sequence[Mapping[str, object]]) -> None:
    """Bring a client's rows in the bank's books up to date; nothing for a client that does not exist."""
    if not rows or not await session.scalar(_CLIENT, {"client_id": client_id}):
        return
    fresh = insert(client_equation)
    changed = {column.name: fresh.excluded[column.name] for column in client_equation.c if column.name not in ("tenant_id", "client_id", "day")}
    changed["written_at"] = text("now()")
    await session.execute(
        fresh.on_conflict_do_update(index_elements=["tenant_id", "client_id", "day"], set_=changed),
        [{"client_id": client_id, **row} for row in rows],
    )


async def list_days(session: Session, first: dt.date, last: dt.date) -> Sequence[Row]:
    """The reckoned days of a span, by channel."""
    query = select(equation_day).where(equation_day.c.day >= first, equation_day.c.day <= last)
    return await session.all(query.order_by(equation_day.c.day, equation_day.c.channel))


async def list_months(session: Session) -> list[dt.date]:
    """The months that have days, the newest first."""
    return [row.month for row in await session.all(_MONTHS)]


async def list_clients(session: Session, day: dt.date, reach: Sequence[UUID] | None, state: str, q: str, after: str | None, limit: int) -> Sequence[Row]:
    """The bank's clients of a day, by code."""
    values = {"day": day, "reach": None if reach is None else list(reach), "state": state, "q": q, "after": after, "limit": limit}
    return await session.all(_CLIENTS, values)


async def sum_clients(session: Session, day: dt.date, reach: Sequence[UUID] | None) -> Row:
    """How many of the bank's clients close on a day, and what is open."""
    return await session.one(_CLIENT_SUMS, {"day": day, "reach": None if reach is None else list(reach)})


async def list_of_client(session: Session, client_id: UUID, first: dt.date, last: dt.date, reach: Sequence[UUID] | None) -> Sequence[Row]:
    """One client's days in the bank's books, the newest first."""
    values = {"client_id": client_id, "first": first, "last": last, "reach": None if reach is None else list(reach)}
    return await session.all(_OF_CLIENT, values)


async def find_client(session: Session, client_id: UUID, reach: Sequence[UUID] | None) -> Row | None:
    """A client within the bank's reach."""
    return await session.one_or_none(_ONE_CLIENT, {"client_id": client_id, "reach": None if reach is None else list(reach)})
