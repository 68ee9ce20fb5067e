"""Statements fetched by schedule: every awaited file of the last week, asked for until it is there, understood when there is none.

The calls to the outside hold no transaction. A file that comes is handed to `receiving.receive` like one that a person uploads, so it is
judged the same; the same file twice changes nothing.
"""

import asyncio
import datetime as dt
import io
import time
from collections.abc import Mapping, Sequence
from uuid import UUID

import structlog

from core import clock
from core.database import Row, Session
from core.errors import PlatformError
from core.identity import audit
from core.identity.actor import Actor, system
from core.payments.channels.errors import StatementNotReady
from core.platform import Platform
from core.statements import fetchers, receiving
from core.statements import fetching_repository as repository
from core.statements.fetchers import Fetcher

log = structlog.get_logger()
DAYS_BACK = 7
AT_ONCE = 8
LEASE = dt.timedelta(minutes=10)
LADDER_MINUTES = (5, 15, 30, 60)
GIVE_UP_AFTER = dt.timedelta(days=1)
"""A file that is not there by then is a person's to look after; it is still asked for a few times a day."""
AFTER_GIVING_UP = dt.timedelta(hours=6)
PLAN_EVERY_SECONDS = 60.0
ORIGIN = "fetch"
_planned: dict[UUID, tuple[dt.date, float]] = {}


async def fetch_due(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """Ask for every file of a client whose turn it is; answers when the next one is due."""
    known = fetchers.of(platform, (await platform.directory.profile(tenant_id)).plugins)
    await _plan_sometimes(platform, tenant_id, known)
    now = clock.now()
    async with platform.database.tenant(tenant_id) as session:
        due = await repository.claim(session, sorted(known), now, now + LEASE, AT_ONCE)
    await _ask(platform, tenant_id, known, due)
    async with platform.database.tenant(tenant_id) as session:
        return await repository.next_due(session, sorted(known))


async def plan(session: Session, known: Mapping[str, Fetcher], today: dt.date | None = None) -> int:
    """Await a file for each account and each day since it was opened, at most a week back; answers how many are newly awaited."""
    today, rows = today or clock.today(), []
    for fetcher in known.values():
        for subject in await fetcher.list_subjects(session):
            first = max(subject.opened_on, today - dt.timedelta(days=DAYS_BACK))
            days = [first + dt.timedelta(days=n) for n in range((today - first).days)]
            rows += [(fetcher.source, subject.account_id, day, subject.number, fetcher.ready_at(day)) for day in days]
    return await repository.plan(session, rows, clock.now()) if rows else 0


async def ask_now(
    platform: Platform, tenant_id: UUID, known: Mapping[str, Fetcher], day: dt.date, by: Actor, *, source: str = "", again: bool = False
) -> int:
    """Ask for a day's missing files by a person's wish and wait for what comes; `again` fetches those that are there, too. Answers how many.

    They are taken as `fetch_due` takes them, so no worker asks beside us; should we die, one does when the lease ends.
    """
    async with platform.database.tenant(tenant_id) as session:
        await plan(session, known)
        now = clock.now()
        rows = await repository.hurry(session, day, now + LEASE, source=source, again=again, tried=1)
        await _audit_wish(session, day, by, source, again, len(rows))
    mine = [row for row in rows if row.source in known]
    for first in range(0, len(mine), AT_ONCE):
        await _ask(platform, tenant_id, known, mine[first : first + AT_ONCE])
    return len(mine)


async def hurry(session: Session, known: Mapping[str, Fetcher], day: dt.date, by: Actor, *, source: str = "", again: bool = False) -> int:
    """Have the workers ask at once for a day's missing files, by a person's wish; `again` for those that are there, too. Answers how many."""
    await plan(session, known)
    rows = await repository.hurry(session, day, clock.now(), source=source, again=again)
    await _audit_wish(session, day, by, source, again, len(rows))
    return len(rows)


async def _audit_wish(session: Session, day: dt.date, by: Actor, source: str, again: bool, files: int) -> None:
    after = {"day": day.isoformat(), "source": source, "again": again, "files": files}
    await audit.record(session, by, "statements.file.fetch", "statement_fetch", day.isoformat(), after=after)


async def day_complete(session: Session, day: dt.date) -> bool:
    """Whether no awaited file of a day is missing."""
    return await repository.count_open(session, day) == 0


async def list_awaited(session: Session, day: dt.date) -> Sequence[Row]:
    """The files that are awaited of a day, with what came of each."""
    return await repository.list_days(session, day, day)


async def count_failed(session: Session, _: Actor) -> int:
    """The work list's count of files that did not come."""
    return await repository.count_failed(session)


async def _plan_sometimes(platform: Platform, tenant_id: UUID, known: Mapping[str, Fetcher]) -> None:
    today = clock.today()
    day, at = _planned.get(tenant_id, (None, 0.0))
    if day == today and time.monotonic() - at < PLAN_EVERY_SECONDS:
        return
    async with platform.database.tenant(tenant_id) as session:
        await plan(session, known, today)
    _planned[tenant_id] = (today, time.monotonic())


async def _ask(platform: Platform, tenant_id: UUID, known: Mapping[str, Fetcher], rows: Sequence[Row]) -> None:
    """Ask for some files at once; one that goes wrong leaves the others alone and is asked for again when its lease ends."""
    outcomes = await asyncio.gather(*(_fetch(platform, tenant_id, known[row.source], row) for row in rows), return_exceptions=True)
    for row, outcome in zip(rows, outcomes, strict=True):
        if isinstance(outcome, BaseException):
            log.error("statement_not_fetched", source=row.source, day=row.bill_on.isoformat(), exc_info=outcome)


async def _fetch(platform: Platform, tenant_id: UUID, fetcher: Fetcher, row: Row) -> None:
    """Ask for one file and write down what came of it; a file that somebody uploaded meanwhile is not asked for (unless wanted again)."""
    if row.status == "waiting":
        async with platform.database.tenant(tenant_id) as session:
            there = await repository.find_loaded(session, row.source, row.bill_on, row.merchant_number)
            if there is not None:
                await repository.set_outcome(session, row, "fetched", statement_id=there)
                return
    try:
        file = await fetcher.fetch(platform, tenant_id, row.account_id, row.bill_on)
    except StatementNotReady as error:
        await _later(platform, tenant_id, row, error.message)
        return
    except PlatformError as error:
        log.info("statement_not_given", source=row.source, day=row.bill_on.isoformat(), code=error.code)
        await _later(platform, tenant_id, row, error.message)
        return
    by = system(tenant_id, "自动下载")
    known = {"source": row.source, "day": row.bill_on, "by": by, "origin": ORIGIN, "merchant": row.merchant_number}
    if file is None:
        verdict = await receiving.receive_empty(platform, tenant_id, **known)
        await _came(platform, tenant_id, row, "empty", verdict.statement_id)
        return
    verdict = await receiving.receive(platform, tenant_id, file_name=file.name, path_or_stream=io.BytesIO(file.content), **known)
    if verdict.verdict == "reject_file":
        await _refused(platform, tenant_id, row, verdict)
    else:
        await _came(platform, tenant_id, row, "fetched", verdict.statement_id)


async def _came(platform: Platform, tenant_id: UUID, row: Row, status: str, statement_id: UUID | None) -> None:
    async with platform.database.tenant(tenant_id) as session:
        await repository.set_outcome(session, row, status, statement_id=statement_id)


async def _refused(platform: Platform, tenant_id: UUID, row: Row, verdict: receiving.Verdict) -> None:
    """The channel's own file is no good: a person should know at once, and the channel may mend it."""
    log.warning("fetched_statement_refused", source=row.source, day=row.bill_on.isoformat(), code=verdict.reason_code)
    async with platform.database.tenant(tenant_id) as session:
        next_at = _within_reach(row, clock.now() + AFTER_GIVING_UP)
        await repository.set_outcome(session, row, "failed", next_at=next_at, error=verdict.reason, statement_id=verdict.statement_id)


async def _later(platform: Platform, tenant_id: UUID, row: Row, error: str) -> None:
    now = clock.now()
    late = now - row.first_at > GIVE_UP_AFTER
    rung = dt.timedelta(minutes=LADDER_MINUTES[min(row.tries, len(LADDER_MINUTES)) - 1])
    async with platform.database.tenant(tenant_id) as session:
        if row.status in ("fetched", "empty"):  # it was asked for once more: what is there stays
            await repository.set_outcome(session, row, row.status, error=error)
        elif late:
            await repository.set_outcome(session, row, "failed", next_at=_within_reach(row, now + AFTER_GIVING_UP), error=error)
        else:
            await repository.set_outcome(session, row, "waiting", next_at=now + rung, error=error)


def _within_reach(row: Row, at: dt.datetime) -> dt.datetime | None:
    """No more asking by itself once the day lies a week back."""
    return at if at.astimezone(clock.SHANGHAI).date() <= row.bill_on + dt.timedelta(days=DAYS_BACK + 1) else None
