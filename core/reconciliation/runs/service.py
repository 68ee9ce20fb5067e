"""A day is reconciled: files side by side, what does not agree classified, what earlier days left over settled; as often as wanted until it is closed.

Running a day again also runs the later days that are not closed yet, because what a day leaves over reaches them.
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

import msgspec

from core import clock, ids
from core.database import Row, Session
from core.errors import NotFound
from core.identity.actor import Actor
from core.platform import Platform
from core.reconciliation.differences import assignments
from core.reconciliation.errors import DayClosed, DayNotOver
from core.reconciliation.matching import carrying, duplicates, explaining, recording, ruling, totals
from core.reconciliation.matching import found_repository as repository
from core.reconciliation.matching import fresh as freshly
from core.reconciliation.matching import service as matching
from core.reconciliation.matching.day import Day, look
from core.reconciliation.remedies import following
from core.reconciliation.rules.schemas import Pair
from core.reconciliation.runs import closing
from core.reconciliation.states import RUN

MOST_SHOWN = 1_000
"""Pairs made by rules that a run keeps to be looked at."""
Progress = Callable[[int, int], Awaitable[None]]


class RunResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a run came to: the state of its day, how many differences are new, what it did with those of earlier days."""

    bill_on: dt.date
    status: str
    new: int
    healed: int
    still_open: int
    missing: list[dict[str, str]]
    later: list[dt.date] = []


async def run(platform: Platform, tenant_id: UUID, day: dt.date, *, by: Actor, progress: Progress | None = None) -> RunResult:
    """Reconcile a day, and again the later days that were run and are not closed. Raises DayClosed, DayNotOver, TooManyDifferences."""
    if day >= clock.today():
        raise DayNotOver(day=day.isoformat())
    async with platform.database.tenant(tenant_id) as session:
        later = await repository.list_later_runs(session, day)
    first: RunResult | None = None
    for place, each in enumerate([day, *later]):
        if progress is not None:
            await progress(place, len(later) + 1)
        done = await _run_one(platform, tenant_id, each, by)
        first = first or msgspec.structs.replace(done, later=later)
    if progress is not None:
        await progress(len(later) + 1, len(later) + 1)
    return first


async def _run_one(platform: Platform, tenant_id: UUID, on: dt.date, by: Actor) -> RunResult:
    plugins, settings = await _client(platform, tenant_id)
    async with platform.database.tenant(tenant_id) as session:
        await begin(session, on, by)
    try:
        async with platform.database.tenant(tenant_id) as session:
            row = await repository.lock_run(session, on)
            _check_open(row, on)
            day = await look(session, platform, plugins, settings, on)
            return await compute(session, day, row, by)
    except BaseException:
        async with platform.database.tenant(tenant_id) as session:
            await _give_up(session, on)
        raise


async def begin(session: Session, on: dt.date, by: Actor) -> Row:
    """Say that a day is being run; DayClosed where it is closed."""
    await closing.check_free(session, on)
    await repository.add_run(session, {"id": ids.uuid7(), "bill_on": on, "status": "created", "made_by": by.name})
    row = await repository.lock_run(session, on)
    _check_open(row, on)
    status = row.status
    for step in ("ready", "matching"):
        status = status if status == step else RUN.check(status, step)
    await repository.change_run(session, row.id, status=status, made_by=by.name, made_by_id=by.id, started_at=clock.now(), stale=False)
    return row


async def _give_up(session: Session, on: dt.date) -> None:
    """A run that broke off wrote nothing: the day waits to be run again."""
    row = await repository.lock_run(session, on)
    if row is not None and row.status == "matching":
        await repository.change_run(session, row.id, status=RUN.check("matching", "ready"), finished_at=clock.now())


async def compute(session: Session, day: Day, row: Row, by: Actor) -> RunResult:
    """The run itself, in one transaction."""
    compared = await matching.compare(session, day)
    items = {item.key: item for item in compared.items}
    carried = [carrying.carry(each, day.on) for each in await repository.list_carried(session, day.on)]
    await carrying.fetch_own(session, day, carried, items)
    carrying.meet(day, carried, items)
    ruled = await ruling.apply(session, day, items, carried)
    found = [freshly.of_duplicate(each) for each in await _duplicates(session, day, items, compared)]
    asked = {item.key for item in explaining.candidates(items.values())}
    fresh = found + [each for key, item in items.items() if key not in asked and (each := freshly.of_item(day, item)) is not None]
    explained = await explaining.explain(session, day.on, items, fresh, carried)
    fresh += [each for key in sorted(asked & items.keys()) if (each := freshly.of_item(day, items[key])) is not None]
    by_number = {number: msgspec.to_builtins(pair) for pair in ruled for number in (*pair.left, *pair.right)}
    await recording.record_day(session, day, fresh, by.name, by_number)
    await recording.record_carried(session, day, carried, by.name)
    return await _finish(session, day, row, compared, carried, len(fresh), explained, ruled)


async def _duplicates(session: Session, day: Day, items: dict, compared: matching.Compared) -> list[duplicates.Duplicate]:
    """Bills paid more than once: their extra payments leave the leftovers, their posted ones no longer count as matched."""
    found = await duplicates.find(session, day, items)
    for each in found:
        for item in each.extras:
            items.pop(item.key, None)
        for paid in each.posted:
            known = items.get((paid.channel, "pay", paid.number))
            if known is None and paid.channel in compared.matched and _of_day(day, paid):
                compared.matched[paid.channel].add("pay", -1, -paid.amount_fen)
    return found


def _of_day(day: Day, paid: Row) -> bool:
    """Whether a payment was compared on this day: files hold only the day's; our own may be of any."""
    if not day.own:
        return True
    window = next((each for each in day.windows if each.channel == paid.channel), None)
    return window is not None and window.from_at <= paid.happened_at < window.until_at


async def _finish(
    session: Session, day: Day, row: Row, compared: matching.Compared, carried: list[carrying.Carried], new: int, explained: int, ruled: list[Pair]
) -> RunResult:
    """Keep the run's sums and say how the day stands."""
    healed = sum(each.healed for each in carried)
    open_count, by_class = await totals.open_and_classes(session, day.on)
    status = "file_missing" if day.missing else ("diff_open" if open_count else "balanced")
    await assignments.assign_new(session, day.on)
    await following.after_run(session)
    await repository.settle_statuses(session)
    result = RunResult(bill_on=day.on, status=status, new=new, healed=healed, still_open=len(carried) - healed, missing=day.missing)
    counted = {"heal": healed, "still_open": result.still_open, "new_differences": new, "explained": explained, "ruled": len(ruled), "open": open_count}
    await repository.change_run(
        session, row.id, status=status, runs=row.runs + 1, totals=totals.sides(day, compared) | {"next_day": counted},
        matched=totals.matched(compared), by_class=by_class, statements=[str(each.id) for each in day.statements], missing=day.missing,
        ruled=msgspec.to_builtins(ruled[:MOST_SHOWN]), finished_at=clock.now(),
    )  # fmt: skip
    return result


def _check_open(row: Row, on: dt.date) -> None:
    if row.status == "closed":
        raise DayClosed(day=on.isoformat())


async def _client(platform: Platform, tenant_id: UUID) -> tuple[frozenset[str], Mapping[str, object]]:
    try:
        profile = await platform.directory.profile(tenant_id)
    except NotFound:
        return frozenset(), {}
    return frozenset(profile.plugins), profile.settings
