"""A day as it is to be reconciled: which side is told by which files, which files are missing, when each channel's day ends."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec

from core.database import Row, Session
from core.platform import Platform
from core.reconciliation.matching import day_repository as repository
from core.reconciliation.matching.classifying import day_end

OWN_STATEMENT = ("counter",)
"""Channels without an outside file: the window's own entries are their statement, and accepted shifts prove them."""
KEEPS_FEES = ("stripe",)
"""Channels that never give a fee back."""
BUSINESS, BILLS = "business", "bills"
REMEMBERS = dt.timedelta(days=31)
"""A business system or platform that sent a file within so many days is expected to send one for every day."""


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """One merchant number's day, and what its payments cost (None: no rate is agreed, fees are not checked)."""

    channel: str
    number: str
    from_at: dt.datetime
    until_at: dt.datetime


class Day(msgspec.Struct, kw_only=True):
    """What a run compares. `own` platform: our payments and refunds; `mirrored` business: our own bills, as the platform's money lies on them."""

    on: dt.date
    channel: list[Row] = []
    platform: list[Row] = []
    business: list[Row] = []
    own: bool = True
    mirrored: bool = True
    business_name: str = BILLS
    cuts: dict[str, int] = {}
    windows: list[Window] = []
    declared: list[tuple[str, str]] = []
    sources: dict[str, str] = {}
    rates: Sequence[Row] = ()
    missing: list[dict[str, str]] = []
    wait_days: int = 1
    lags: dict[str, int] = {}
    """Days that one-sided items of a channel wait by a rule of finance (empty channel: of all)."""
    near_minutes: int = 30

    @property
    def statements(self) -> list[Row]:
        """Every file that takes part."""
        return [*self.channel, *self.platform, *self.business]

    @property
    def channels(self) -> list[str]:
        """Channels whose file is there."""
        return sorted({row.channel for row in self.channel})

    @property
    def absent_numbers(self) -> set[tuple[str, str]]:
        """Merchant numbers whose channel file is not there."""
        return {(row["channel"], row["merchant_number"]) for row in self.missing if row["side"] == "channel"}

    @property
    def platform_absent(self) -> bool:
        """Whether the platform's file is awaited: then nothing can be compared yet."""
        return any(row["side"] == "platform" for row in self.missing)

    def name(self, side: str) -> str:
        """A side as people and JSON call it: the business by its source's code."""
        return self.business_name if side == BUSINESS else side

    def waits(self, channel: str) -> int:
        """Days before a one-sided item is a difference."""
        return self.lags.get(channel, self.lags.get("", self.wait_days))

    def statement_ids(self, side: str) -> list[UUID]:
        """The files of a side."""
        return [row.id for row in getattr(self, side)]


async def look(session: Session, platform: Platform, plugins: frozenset[str], settings: Mapping[str, object], on: dt.date) -> Day:
    """Gather what a day has; what is missing is said, by source and merchant number (orders without a file: see `runs`)."""
    sources = {source.code: (code, source) for code, source in platform.plugins.collect_all("register_statement_sources")}
    found = Day(on=on, wait_days=_bounded(settings, "reconciliation.wait_days", 1, 3), near_minutes=_bounded(settings, "reconciliation.near_minutes", 30, 720))
    for row in await repository.list_statements(session, on):
        matched = sources[row.source][1].matched if row.source in sources else True
        if matched and row.side in ("channel", "platform", "business"):
            getattr(found, row.side).append(row)
    earlier = await repository.list_earlier_sources(session, on, on - REMEMBERS)
    _name_platform(found, earlier)
    _name_business(found, earlier, sources, plugins)
    by_channel = {source.channel: source for _, source in sources.values() if source.side == "channel" and source.matched and source.channel}
    numbers = await repository.list_numbers(session)
    found.cuts = {channel: source.cut_minutes for channel, source in by_channel.items()}
    found.cuts |= {row.channel: row.cut_minutes for row in numbers if row.cut_minutes is not None}
    found.windows = [_window(found, row, by_channel) for row in numbers]
    found.declared = [(row.channel, row.number) for row in numbers if row.declared]
    found.sources = {channel: source.code for channel, source in by_channel.items()}
    found.rates = await repository.list_rates(session, on)
    return found


def note_missing(day: Day, seen: Iterable[tuple[str, str]]) -> None:
    """Add the channel files that are owed: of declared numbers, and of those (channel, number or empty) that had money that day."""
    there = {(row.channel, row.merchant_number) for row in day.channel}
    for channel, number in sorted({*day.declared, *seen}, key=lambda owed: (owed[0], not owed[1], owed[1])):
        absent = {owed for owed, _ in day.absent_numbers}
        lacks = (channel, number) not in there if number else channel not in day.channels and channel not in absent
        if lacks and channel not in OWN_STATEMENT and (channel, number) not in day.absent_numbers:
            day.missing.append(_gap("channel", day.sources.get(channel, channel), channel, number))


def _name_platform(day: Day, earlier: set[tuple[str, str]]) -> None:
    expected = {source for source, side in earlier if side == "platform"}
    day.own = not day.platform and not expected
    if expected and not day.platform:
        day.missing += [_gap("platform", source) for source in sorted(expected)]


def _name_business(day: Day, earlier: set[tuple[str, str]], sources: Mapping, plugins: frozenset[str]) -> None:
    expected = {source for source, side in earlier if side == BUSINESS}
    expected |= {code for code, (plugin, source) in sources.items() if source.side == BUSINESS and plugin in plugins}
    there = [row.source for row in day.business]
    day.missing += [_gap(BUSINESS, source) for source in sorted(expected - set(there))]
    day.mirrored = not there
    day.business_name = next(iter([*there, *sorted(expected)]), BILLS)


def _window(day: Day, row: Row, sources: Mapping) -> Window:
    cut = row.cut_minutes if row.cut_minutes is not None else day.cuts.get(row.channel, 0)
    until = day_end(day.on, cut)
    return Window(channel=row.channel, number=row.number, from_at=until - dt.timedelta(days=1), until_at=until)


def _gap(side: str, source: str, channel: str = "", number: str = "") -> dict[str, str]:
    return {"side": side, "source": source, "channel": channel, "merchant_number": number}


def _bounded(settings: Mapping[str, object], name: str, default: int, most: int) -> int:
    given = settings.get(name, default)
    return min(max(given, 1), most) if isinstance(given, int) else default
