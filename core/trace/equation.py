"""The equation of a day: bills = payments = channel file = books, and what of it is settled and has come to the bank.

All six numbers are gross, refunds taken off. What is not due yet (a file of tomorrow, money that is settled tomorrow) is *waiting*; what
should agree and does not is *open*, by class; the rest closes to the fen.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from core.database import Row, Session
from core.payments.lists import begin_of
from core.reconciliation.states import OPEN
from core.trace import equation_repository as repository

SIX = ("bills", "payments", "channel", "ledger", "settlement", "bank")
COUNTER = "counter"
"""Money that the client takes itself is neither settled by us nor does it come from a channel."""
NOT_RUN = ("", "created", "fetching", "file_missing", "ready", "matching")
ONE_DAY = dt.timedelta(days=1)


class Number(msgspec.Struct, frozen=True):
    """One of the six."""

    count: int = 0
    fen: int = 0


class Gap(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Between two neighbours: `waiting_fen` is not due yet (and why), `open_fen` lies in open differences, `strange_fen` in none."""

    fen: int = 0
    waiting_fen: int = 0
    open_fen: int = 0
    settled_fen: int = 0
    strange_fen: int = 0
    why: str = ""


class Cell(msgspec.Struct, kw_only=True):
    """A day of one channel; `open` counts differences by class, `expected` those that wait for tomorrow's file."""

    day: dt.date
    channel: str
    imported: bool = False
    bills: Number = Number()
    payments: Number = Number()
    channel_file: Number = Number()
    ledger: Number = Number()
    settlement: Number = Number()
    bank: Number = Number()
    gaps: dict[str, Gap] = {}
    open: dict[str, Number] = {}
    expected: Number = Number()
    fee_fen: int = 0
    run_status: str = ""

    @property
    def state(self) -> str:
        """`open` before `waiting` before `closed`."""
        if self.open or any(gap.open_fen or gap.strange_fen for gap in self.gaps.values()):
            return "open"
        return "waiting" if self.expected.count or any(gap.waiting_fen or gap.why for gap in self.gaps.values()) else "closed"

    @property
    def quiet(self) -> bool:
        """Whether nobody took or gave anything at this channel: its file is there and empty."""
        return self.state == "closed" and not any(self.number(name).count or self.number(name).fen for name in SIX)

    def number(self, name: str) -> Number:
        """One of the six by its name."""
        return self.channel_file if name == "channel" else getattr(self, name)


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """When channels' days end, minutes after midnight, and which sources take no part in matching."""

    cuts: dict[str, int] = {}
    siblings: tuple[str, ...] = ()


def terms_of(sources: Iterable[object]) -> Terms:
    """The terms out of the registered statement sources."""
    sources = list(sources)
    cuts = {source.channel: source.cut_minutes for source in sources if source.channel and source.matched and source.cut_minutes}
    return Terms(cuts=cuts, siblings=tuple(source.code for source in sources if not source.matched))


Measures = dict[tuple[dt.date, str, str], dict[str, Number]]


async def reckon(session: Session, days: Sequence[dt.date], terms: Terms) -> list[Cell]:
    """The equation of some days, by day and channel; days on which nothing happened have no cell."""
    if not days:
        return []
    low, high = begin_of(min(days)) - ONE_DAY, begin_of(max(days)) + 2 * ONE_DAY
    measures = _measured(await repository.list_measures(session, days, low, high, terms.cuts))
    files = await repository.list_files(session, days, terms.siblings)
    imported = {row.day for row in files if row.side == "platform"}
    told = await repository.list_told(session, sorted(imported), terms.siblings) if imported else ()
    cells = _cells(measures, files, imported)
    _tell(cells, told)
    _bank(cells, await repository.list_arrivals(session, days))
    runs = {row.day: row for row in await repository.list_runs(session, days)}
    await _differences(session, cells, days, terms)
    gaps = await repository.list_gaps(session, days, terms.siblings, terms.cuts)
    there = {(row.day, row.channel, row.mchid) for row in files if row.side == "channel"}
    for (day, channel), cell in cells.items():
        cell.run_status = runs[day].status if day in runs else ""
        lying = {mchid: found for (on, at, mchid), found in measures.items() if (on, at) == (day, channel)}
        absent = sum(_net(found) for mchid, found in lying.items() if (day, channel, mchid) not in there) if not cell.imported else 0
        missing = any((day, channel, mchid) not in there for mchid in lying) and channel != COUNTER
        mine = [row for row in gaps if (row.day, row.channel) == (day, channel)]
        cell.gaps = _gaps(cell, lying, mine, absent if channel != COUNTER else 0, missing)
    return sorted(cells.values(), key=lambda cell: (cell.day, cell.channel))


def _measured(rows: Iterable[Row]) -> Measures:
    found: Measures = defaultdict(dict)
    for row in rows:
        before = found[row.day, row.channel, row.mchid].get(row.what, Number())
        found[row.day, row.channel, row.mchid][row.what] = Number(before.count + row.n, before.fen + row.fen)
    return found


def _net(found: Mapping[str, Number]) -> int:
    return found.get("pay", Number()).fen + found.get("refund", Number()).fen


def _sum(lying: Iterable[Mapping[str, Number]], *names: str) -> Number:
    found = [each[name] for each in lying for name in names if name in each]
    return Number(sum(number.count for number in found), sum(number.fen for number in found))


def _cells(measures: Measures, files: Sequence[Row], imported: set[dt.date]) -> dict[tuple[dt.date, str], Cell]:
    """A cell for every day and channel that anybody speaks of; on a day with an imported platform that stands in for our own."""
    keys = {(day, channel) for day, channel, _ in measures} | {(row.day, row.channel) for row in files if row.side == "channel" and row.channel}
    cells = {}
    for day, channel in keys:
        lying = [found for (on, at, _), found in measures.items() if (on, at) == (day, channel)]
        theirs = [row for row in files if row.side == "channel" and (row.day, row.channel) == (day, channel)]
        told = Number(sum(row.n for row in theirs), sum(row.fen for row in theirs))
        cell = Cell(day=day, channel=channel, imported=day in imported, fee_fen=sum(row.fee_fen for row in theirs))
        cell.channel_file = _sum(lying, "told") if channel == COUNTER else told
        if not cell.imported:
            cell.bills, cell.payments = _sum(lying, "placed"), _sum(lying, "pay", "refund")
            cell.ledger, cell.settlement = _sum(lying, "booked"), _sum(lying, "settled")
        cells[day, channel] = cell
    return cells


def _tell(cells: dict[tuple[dt.date, str], Cell], told: Iterable[Row]) -> None:
    for row in told:
        cell = cells.setdefault((row.day, row.channel), Cell(day=row.day, channel=row.channel, imported=True))
        setattr(cell, "payments" if row.side == "platform" else "bills", Number(row.n, row.fen))


def _bank(cells: dict[tuple[dt.date, str], Cell], arrivals: Iterable[Row]) -> None:
    for row in arrivals:
        cell = cells.get((row.day, row.channel))
        if cell is None:
            continue
        came = row.status in ("arrived", "differs")
        if came:
            cell.bank = Number(cell.bank.count + row.n, cell.bank.fen + row.fen)
        late = cell.gaps.setdefault("bank", Gap())
        if row.status == "expected":
            late.waiting_fen, late.why = late.waiting_fen + row.gross_fen, "bank"
        else:
            late.open_fen += row.gross_fen - (row.fen if came else 0)
        late.fen += row.gross_fen - (row.fen if came else 0)


async def _differences(session: Session, cells: dict[tuple[dt.date, str], Cell], days: Sequence[dt.date], terms: Terms) -> None:
    for row in await repository.list_open(session, days, (*OPEN, "expected")):
        cell = cells.setdefault((row.day, row.channel), Cell(day=row.day, channel=row.channel))
        if row.status == "expected":
            cell.expected = Number(cell.expected.count + row.n, cell.expected.fen + row.fen)
        else:
            before = cell.open.get(row.klass, Number())
            cell.open[row.klass] = Number(before.count + row.n, before.fen + row.fen)


def _gaps(cell: Cell, lying: Mapping[str, Mapping[str, Number]], rows: Sequence[Row], absent: int, missing: bool) -> dict[str, Gap]:
    """The five places between neighbours."""
    found = {name: gap for name, gap in cell.gaps.items() if name == "bank"}
    measures = list(lying.values())
    found["channel"] = _to_channel(cell, measures, rows, absent, missing)
    if cell.imported:
        found["bills"] = _explained(cell.bills.fen - cell.payments.fen, rows, "business", "platform")
        return found
    for name in ("bills", "ledger"):
        off = cell.number(name).fen - cell.payments.fen
        found[name] = Gap(fen=off, strange_fen=off)
    if cell.channel != COUNTER:
        found["settlement"] = _to_settlement(cell, _sum(measures, "aside").fen)
        if "bank" not in found and (cell.payments.fen or cell.channel_file.fen):
            found["bank"] = Gap(fen=cell.channel_file.fen, waiting_fen=cell.channel_file.fen, why="bank")
    return found


def _to_channel(cell: Cell, measures: Sequence[Mapping[str, Number]], rows: Sequence[Row], absent: int, missing: bool) -> Gap:
    """Payments against the channel's file: what differences explain, then what is not there yet, refunds by hand, refunds under way."""
    gap = _explained(cell.payments.fen - cell.channel_file.fen, rows, "platform" if cell.imported else "own", "channel")
    untold, by_hand, under_way = (_sum(measures, name) for name in ("untold", "by_hand", "under_way"))
    _wait(gap, absent, "file" if missing else "")
    _wait(gap, untold.fen, "shift" if untold.count else "")
    gap.settled_fen += by_hand.fen
    gap.strange_fen -= by_hand.fen
    if gap.strange_fen and under_way.count:
        _wait(gap, under_way.fen, "refund")
    if gap.strange_fen and cell.run_status in NOT_RUN:
        _wait(gap, gap.strange_fen, "run")
    return gap


def _to_settlement(cell: Cell, aside: int) -> Gap:
    """What of the day is in no batch yet (refunds count against it); credit and suspense belong to no merchant, nor does what is given back of them,
    which lies on the refund's day with the opposite sign."""
    left = cell.payments.fen - cell.settlement.fen
    return Gap(fen=left, settled_fen=aside, waiting_fen=left - aside, why="settlement" if left != aside else "")


def _explained(fen: int, rows: Sequence[Row], here: str, there: str) -> Gap:
    """A gap with what differences explain of it: those that wait, those that are open, those that were dealt with."""
    gap = Gap(fen=fen)
    for row in rows:
        part = row.fen if row.side == here else -row.fen if row.side == there else 0
        if row.status == "expected":
            gap.waiting_fen += part
        elif row.status in OPEN:
            gap.open_fen += part
        else:
            gap.settled_fen += part
    gap.strange_fen = fen - gap.waiting_fen - gap.open_fen - gap.settled_fen
    return gap


def _wait(gap: Gap, fen: int, why: str) -> None:
    """A part of a gap that is not due yet."""
    if why:
        gap.waiting_fen += fen
        gap.strange_fen -= fen
        gap.why = gap.why or why


def sources_of(offered: Iterable[tuple[str, object]], plugins: Iterable[str]) -> list[object]:
    """The statement sources of core and of a client's plugins."""
    enabled = {"core", *plugins}
    return [source for code, source in offered if code in enabled]
