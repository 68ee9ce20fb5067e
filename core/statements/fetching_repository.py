"""Awaited files: which day of which account, when to ask again, what came of it. Every query."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session

_PLAN = text("""
    INSERT INTO core.statement_fetch (source, account_id, bill_on, merchant_number, status, first_at, next_at)
    SELECT p.source, p.account_id, p.bill_on, p.number, 'waiting', p.ready_at, greatest(p.ready_at, :now)
    FROM unnest(CAST(:sources AS text[]), CAST(:accounts AS uuid[]), CAST(:days AS date[]), CAST(:numbers AS text[]),
                CAST(:ready AS timestamptz[])) AS p(source, account_id, bill_on, number, ready_at)
    WHERE NOT EXISTS (SELECT 1 FROM core.statement_fetch f
                      WHERE f.source = p.source AND f.account_id = p.account_id AND f.bill_on = p.bill_on)
    ON CONFLICT DO NOTHING
""")
_CLAIM = text("""
    UPDATE core.statement_fetch f SET next_at = :lease, tries = f.tries + 1
    FROM (SELECT source, account_id, bill_on FROM core.statement_fetch WHERE next_at <= :now AND source = ANY(CAST(:sources AS text[]))
          ORDER BY next_at, bill_on LIMIT :limit FOR UPDATE SKIP LOCKED) due
    WHERE f.source = due.source AND f.account_id = due.account_id AND f.bill_on = due.bill_on
    RETURNING f.source, f.account_id, f.bill_on, f.merchant_number, f.status, f.tries, f.first_at
""")
_NEXT = text("SELECT min(next_at) FROM core.statement_fetch WHERE next_at IS NOT NULL AND source = ANY(CAST(:sources AS text[]))")
_SET = text("""
    UPDATE core.statement_fetch SET status = :status, next_at = :next_at, error = :error,
           statement_id = coalesce(CAST(:statement_id AS uuid), statement_id)
    WHERE source = :source AND account_id = :account_id AND bill_on = :bill_on
""")
_NOW = text("""
    UPDATE core.statement_fetch SET next_at = :next_at, error = NULL, tries = tries + CAST(:tried AS int),
           status = CASE status WHEN 'failed' THEN 'waiting' ELSE status END
    WHERE (:source = '' OR source = :source) AND bill_on = :bill_on AND (status IN ('waiting', 'failed') OR :again)
    RETURNING source, account_id, bill_on, merchant_number, status, tries, first_at
""")
_COVERED = text("""
    SELECT id FROM core.statement
    WHERE source = :source AND bill_on = :bill_on AND status = 'loaded' AND merchant_number IN (:number, '') LIMIT 1
""")
_OPEN = text("SELECT count(*) FROM core.statement_fetch WHERE bill_on = :bill_on AND status IN ('waiting', 'failed')")
_FAILED = text("SELECT count(*) FROM core.statement_fetch WHERE status = 'failed'")
_OF_DAYS = text("""
    SELECT source, account_id, bill_on, merchant_number, status, tries, next_at, error, statement_id FROM core.statement_fetch
    WHERE bill_on BETWEEN :start AND :until ORDER BY bill_on DESC, source, merchant_number
""")

_ACCOUNTS = text("SELECT id, mchid, created_at FROM core.channel_account WHERE channel = :channel AND status = 'active' ORDER BY created_at")


async def plan(session: Session, rows: Sequence[tuple[str, UUID, dt.date, str, dt.datetime]], now: dt.datetime) -> int:
    """Await files (source, account, day, number, when they are out); those awaited already stay as they are. Answers how many are new."""
    sources, accounts, days, numbers, ready = zip(*rows, strict=True)
    values = {"sources": list(sources), "accounts": list(accounts), "days": list(days), "numbers": list(numbers), "ready": list(ready)}
    return (await session.execute(_PLAN, {**values, "now": now})).rowcount


async def claim(session: Session, sources: Sequence[str], now: dt.datetime, lease: dt.datetime, limit: int) -> Sequence[Row]:
    """Take files that are due for a while; whoever dies with them loses them at the end of the lease."""
    return await session.all(_CLAIM, {"sources": list(sources), "now": now, "lease": lease, "limit": limit})


async def next_due(session: Session, sources: Sequence[str]) -> dt.datetime | None:
    """When the next file is worth asking for."""
    return await session.scalar(_NEXT, {"sources": list(sources)})


async def set_outcome(
    session: Session, row: Row, status: str, *, next_at: dt.datetime | None = None, error: str | None = None, statement_id: UUID | None = None
) -> None:
    """What became of asking."""
    key = {"source": row.source, "account_id": row.account_id, "bill_on": row.bill_on}
    await session.execute(_SET, {**key, "status": status, "next_at": next_at, "error": error, "statement_id": statement_id})


async def hurry(
    session: Session, bill_on: dt.date, next_at: dt.datetime, *, source: str = "", again: bool = False, tried: int = 0
) -> Sequence[Row]:
    """A day's missing files, to be asked for from `next_at` on; `again` also those that are there. `tried` counts an attempt that begins now."""
    values = {"bill_on": bill_on, "next_at": next_at, "source": source, "again": again, "tried": tried}
    return await session.all(_NOW, values)


async def find_loaded(session: Session, source: str, bill_on: dt.date, number: str) -> UUID | None:
    """The statement that is already there, however it came."""
    return await session.scalar(_COVERED, {"source": source, "bill_on": bill_on, "number": number})


async def count_open(session: Session, bill_on: dt.date) -> int:
    """How many awaited files of a day are not there."""
    return int(await session.scalar(_OPEN, {"bill_on": bill_on}) or 0)


async def count_failed(session: Session) -> int:
    """How many files a person has to look after."""
    return int(await session.scalar(_FAILED) or 0)


async def list_days(session: Session, start: dt.date, until: dt.date) -> Sequence[Row]:
    """The awaited files of some days."""
    return await session.all(_OF_DAYS, {"start": start, "until": until})


async def list_accounts(session: Session, channel: str) -> Sequence[Row]:
    """A client's collecting accounts in use at a channel. The table is payments': hence SQL."""
    return await session.all(_ACCOUNTS, {"channel": channel})
