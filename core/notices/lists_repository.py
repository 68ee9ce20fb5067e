"""Notices as staff look for them, the counts of a run, and what is to be sent again: every statement."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal_column, select, text

from core.database import Row, Session
from core.notices.filters import NoticeFilter
from core.notices.models import notice
from core.notices.states import RESENDABLE, WAITING

_PARTY = literal_column("(SELECT p.name FROM core.party p WHERE p.id = notice.party_id)")
_WITHIN = "notice.party_id IN (SELECT p.id FROM core.party p WHERE p.org_id = ANY(CAST(:org_ids AS uuid[])))"

_COUNTS = text("""
    WITH things AS (
        SELECT b.id, b.party_id FROM core.bill b WHERE b.source = :run AND b.status <> 'void'
        UNION SELECT n.party_id, n.party_id FROM core.notice n WHERE n.run = :run AND n.bill_id IS NULL AND n.party_id IS NOT NULL),
    seen AS (
        SELECT t.* FROM things t
        WHERE CAST(:org_ids AS uuid[]) IS NULL
           OR t.party_id IN (SELECT p.id FROM core.party p WHERE p.org_id = ANY(CAST(:org_ids AS uuid[])))),
    best AS (
        SELECT coalesce(n.bill_id, n.party_id) AS id, bool_or(n.means <> 'inbox' AND n.status = 'delivered') AS delivered,
               bool_or(n.status = 'sent') AS sent, bool_or(n.status IN ('queued', 'quiet', 'sending')) AS waiting,
               bool_or(n.status = 'opted_out') AS opted_out, bool_or(n.status = 'capped') AS capped, bool_or(n.status = 'failed') AS failed,
               bool_or(n.means = 'inbox' AND n.status = 'delivered') AS inbox
        FROM core.notice n WHERE n.run = :run GROUP BY 1),
    ranked AS (
        SELECT s.id, coalesce(b.inbox OR b.delivered OR b.sent, false) AS told,
               CASE WHEN b.delivered THEN 'delivered' WHEN b.sent THEN 'sent' WHEN b.waiting THEN 'waiting' WHEN b.failed THEN 'failed'
                          WHEN b.capped THEN 'capped' WHEN b.opted_out THEN 'opted_out' WHEN b.inbox THEN 'inbox_only'
                          WHEN b.id IS NULL AND NOT EXISTS (SELECT FROM core.binding g WHERE g.party_id = s.party_id AND g.status = 'bound')
                          THEN 'unbound' ELSE 'untold' END AS best
        FROM seen s LEFT JOIN best b ON b.id = s.id)
    SELECT best, count(*) AS number, count(*) FILTER (WHERE told) AS told FROM ranked GROUP BY best
""")

_TITLE = text("SELECT b.title FROM core.bill b WHERE b.source = :run ORDER BY b.id LIMIT 1")

_RUNS = text("""
    SELECT r.run, r.newest, r.notices, r.begun_at,
           (SELECT b.title FROM core.bill b WHERE b.source = r.run ORDER BY b.id LIMIT 1) AS title
    FROM (SELECT n.run, (array_agg(n.id ORDER BY n.id DESC))[1] AS newest, count(*) AS notices, min(n.created_at) AS begun_at
          FROM core.notice n WHERE n.run IS NOT NULL GROUP BY n.run) r
    WHERE CAST(:before AS uuid) IS NULL OR r.newest < CAST(:before AS uuid)
    ORDER BY r.newest DESC LIMIT :limit
""")


def _wanted(asked: NoticeFilter) -> list[ColumnElement[bool]]:
    """The filter's conditions."""
    parts = []
    for column, value in (("event", asked.event), ("means", asked.means), ("run", asked.run), ("bill_id", asked.bill_id)):
        if value:
            parts.append(notice.c[column] == value)
    if asked.status == "waiting":
        parts.append(notice.c.status.in_(WAITING))
    elif asked.status:
        parts.append(notice.c.status == asked.status)
    if asked.since:
        parts.append(notice.c.created_at >= asked.since)
    if asked.until:
        parts.append(notice.c.created_at < asked.until)
    if asked.text:
        like = f"%{asked.text}%"
        named = select(literal_column("p.id")).select_from(text("core.party p")).where(text("(p.name LIKE :like OR p.number = :exact)"))
        parts.append(notice.c.party_id.in_(named) | notice.c.to_masked.like(f"%{asked.text[-4:]}"))
        parts[-1] = parts[-1].params(like=like, exact=asked.text)
    return parts


def _reached(org_ids: list[UUID] | None) -> list[ColumnElement[bool]]:
    return [] if org_ids is None else [text(_WITHIN).bindparams(org_ids=org_ids)]


async def list_notices(session: Session, asked: NoticeFilter, org_ids: list[UUID] | None, before: UUID | None, limit: int) -> Sequence[Row]:
    """Notices that fit, the newest first."""
    where = [*_wanted(asked), *_reached(org_ids), notice.c.user_id.is_(None)]
    if before:
        where.append(notice.c.id < before)
    return await session.all(select(notice, _PARTY.label("party_name")).where(*where).order_by(notice.c.id.desc()).limit(limit))


async def count_states(session: Session, asked: NoticeFilter, org_ids: list[UUID] | None) -> dict[str, int]:
    """How many stand in each state."""
    where = [*_wanted(asked), *_reached(org_ids), notice.c.user_id.is_(None)]
    rows = await session.all(select(notice.c.status, func.count().label("number")).where(*where).group_by(notice.c.status))
    return {row.status: row.number for row in rows}


async def find_notice(session: Session, notice_id: UUID, org_ids: list[UUID] | None) -> Row | None:
    """One notice within reach."""
    where = [notice.c.id == notice_id, *_reached(org_ids), notice.c.user_id.is_(None)]
    return await session.one_or_none(select(notice, _PARTY.label("party_name")).where(*where))


async def list_dead(session: Session, asked: NoticeFilter, org_ids: list[UUID] | None, limit: int) -> list[UUID]:
    """Those that fit and were given up or held back by the cap."""
    where = [*_wanted(asked), *_reached(org_ids), notice.c.status.in_(RESENDABLE), notice.c.means != "inbox"]
    return [row.id for row in await session.all(select(notice.c.id).where(*where).order_by(notice.c.id).limit(limit))]


async def count_run(session: Session, run: str, org_ids: list[UUID] | None) -> dict[str, int]:
    """What became of a run: each bill (or person) counted once, by its best notice."""
    rows = await session.all(_COUNTS, {"run": run, "org_ids": org_ids})
    return {row.best: row.number for row in rows} | {"told": sum(row.told for row in rows)} if rows else {}


async def list_runs(session: Session, before: UUID | None, limit: int) -> Sequence[Row]:
    """Publications and reminder runs that wrote notices, the newest first."""
    return await session.all(_RUNS, {"before": before, "limit": limit})


async def count_dead(session: Session, org_ids: list[UUID] | None) -> int:
    """How many were given up."""
    where = [notice.c.status == "failed", notice.c.means != "inbox", *_reached(org_ids)]
    return int(await session.scalar(select(func.count()).select_from(notice).where(*where)) or 0)


async def title_of(session: Session, run: str) -> str | None:
    """The title of a publication's bills."""
    return await session.scalar(_TITLE, {"run": run})
