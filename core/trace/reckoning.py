"""A client's days are reckoned after work and at night, kept with the client, and summed up for the bank: sums and counts, no person.

CROSSES TENANTS: client → bank, sums only. First a transaction of the client, then one of the bank that writes.
"""

import datetime as dt
import time
from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from core import clock
from core.errors import NotFound
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.trace import board_repository as repository
from core.trace import equation, equation_repository
from core.trace.equation import SIX, Cell, Number, Terms

EVERY_SECONDS = 60
MOST_DAYS = 31
NIGHTS = 45
"""Days that do not close are reckoned again every night for so long."""
LATE = dt.timedelta(minutes=2)
"""Transactions that were still open when a day was reckoned; what they wrote is older than it seems."""
_WORST = {"closed": 0, "waiting": 1, "open": 2}
_written: dict[UUID, float] = {}


def terms_for(platform: Platform, client: ClientProfile) -> Terms:
    """When this client's channels end their day, and which sources take no part."""
    offered = platform.plugins.collect_all("register_statement_sources")
    return equation.terms_of(equation.sources_of(offered, client.plugins))


async def write(platform: Platform, client: ClientProfile, days: Sequence[dt.date]) -> list[Cell]:
    """Reckon some days, keep them, and tell the bank their sums."""
    days = sorted(set(days))
    async with platform.database.tenant(client.id) as session:
        cells = await equation.reckon(session, days, terms_for(platform, client))
        await repository.write_days(session, days, [row_of(cell) for cell in cells])
    sums = [_summed(day, [cell for cell in cells if cell.day == day]) for day in days]
    async with platform.database.tenant(await platform.directory.bank_id()) as session:
        await repository.write_client(session, client.id, [row for row in sums if row])
    return cells


async def pulse(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """After work: the days that changed, at most once a minute; answers when to look again."""
    wait = _written.get(tenant_id, 0) + EVERY_SECONDS - time.monotonic()
    if tenant_id in _written and wait > 0:
        return clock.now() + dt.timedelta(seconds=wait)
    client = await _client(platform, tenant_id)
    if client is None:
        return None
    _written[tenant_id] = time.monotonic()
    async with platform.database.tenant(tenant_id) as session:
        since = await repository.last_written(session)
        days = await touched(session, since)
    if days:
        await write(platform, client, days)
    return None


async def touched(session: object, since: dt.datetime | None) -> list[dt.date]:
    """The newest days that changed since they were reckoned (never: of the last month)."""
    found = await equation_repository.list_touched(session, (since or clock.now() - dt.timedelta(days=MOST_DAYS)) - LATE)
    return found[:MOST_DAYS]


async def nightly(platform: Platform, tenant_id: UUID) -> None:
    """At night: the day that ended, and every day that does not close yet."""
    client = await _client(platform, tenant_id)
    if client is None:
        return
    today = clock.today()
    async with platform.database.tenant(tenant_id) as session:
        unclosed = await repository.list_unclosed(session, today - dt.timedelta(days=NIGHTS))
    await write(platform, client, [*unclosed, today - dt.timedelta(days=1), today])


async def _client(platform: Platform, tenant_id: UUID) -> ClientProfile | None:
    try:
        return await platform.directory.profile(tenant_id)
    except NotFound:
        return None


def row_of(cell: Cell) -> dict[str, object]:
    """A cell as it is kept."""
    numbers = {f"{name}_count": cell.number(name).count for name in SIX} | {f"{name}_fen": cell.number(name).fen for name in SIX}
    facts = {"imported": cell.imported, "fee_fen": cell.fee_fen, "run_status": cell.run_status, "expected": msgspec.to_builtins(cell.expected)}
    return {
        "day": cell.day, "channel": cell.channel, **numbers, "state": cell.state, "gaps": msgspec.to_builtins(cell.gaps),
        "open": msgspec.to_builtins(cell.open), "facts": facts,
    }  # fmt: skip


def cell_of(row: object) -> Cell:
    """A cell again, out of what was kept."""
    six = {name: Number(getattr(row, f"{name}_count"), getattr(row, f"{name}_fen")) for name in SIX}
    return Cell(
        day=row.day, channel=row.channel, imported=row.facts["imported"], fee_fen=row.facts["fee_fen"], run_status=row.facts["run_status"],
        expected=msgspec.convert(row.facts["expected"], Number), gaps=msgspec.convert(row.gaps, dict[str, equation.Gap]),
        open=msgspec.convert(row.open, dict[str, Number]), bills=six["bills"], payments=six["payments"], channel_file=six["channel"],
        ledger=six["ledger"], settlement=six["settlement"], bank=six["bank"],
    )  # fmt: skip


def worst(states: Iterable[str]) -> str:
    """What a day is as a whole."""
    return max(states, key=lambda state: _WORST[state], default="closed")


def _summed(day: dt.date, cells: Sequence[Cell]) -> dict[str, object]:
    if not cells:
        return {}
    numbers = {f"{name}_count": sum(cell.number(name).count for cell in cells) for name in SIX}
    numbers |= {f"{name}_fen": sum(cell.number(name).fen for cell in cells) for name in SIX}
    opened: dict[str, list[int]] = {}
    for cell in cells:
        for klass, number in cell.open.items():
            before = opened.get(klass, [0, 0])
            opened[klass] = [before[0] + number.count, before[1] + number.fen]
    waiting = sum(abs(gap.waiting_fen) for cell in cells for name, gap in cell.gaps.items() if name == "channel")
    return {
        "day": day, **numbers, "state": worst(cell.state for cell in cells), "run_status": next((c.run_status for c in cells if c.run_status), ""),
        "open_count": sum(count for count, _ in opened.values()), "open_fen": sum(fen for _, fen in opened.values()), "waiting_fen": waiting,
        "open": opened,
    }  # fmt: skip
