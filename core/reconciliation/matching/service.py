"""All sides of a day compared by number: what agrees is only counted, what does not is looked at row by row."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from core.database import Row, Session
from core.reconciliation.errors import TooManyDifferences
from core.reconciliation.matching import finding, repository
from core.reconciliation.matching.day import BUSINESS, OWN_STATEMENT, Day, note_missing
from core.reconciliation.matching.finding import SHORT
from core.reconciliation.matching.halves import SIDES, Item

MOST_DIFFERENCES = 200_000


class Sum(msgspec.Struct):
    """Payments and refunds of one side and channel: how many and how much, fen."""

    pay_count: int = 0
    pay_amount_fen: int = 0
    refund_count: int = 0
    refund_amount_fen: int = 0
    fee_fen: int = 0
    net_fen: int = 0

    def add(self, kind: str, rows: int, amount_fen: int, fee_fen: int | None = 0, net_fen: int | None = 0) -> None:
        """Count more rows of one kind."""
        if kind == "pay":
            self.pay_count += rows
            self.pay_amount_fen += amount_fen
        else:
            self.refund_count += rows
            self.refund_amount_fen += amount_fen
        self.fee_fen += fee_fen or 0
        self.net_fen += net_fen or 0


Sums = dict[str, Sum]


class Count(msgspec.Struct, frozen=True):
    """Rows of one side, channel and kind; of our own payments also by merchant number."""

    channel: str
    kind: str
    merchant_number: str
    rows: int


class Compared(msgspec.Struct):
    """What comparing a day came to: sums by side and channel, what agrees by channel, and every number that does not."""

    sides: dict[str, Sums]
    matched: Sums
    items: list[Item]


async def compare(session: Session, day: Day) -> Compared:
    """Compare a day's sides; also notes which channel files are missing, and leaves their money out."""
    await repository.prepare(session)
    told = [side for side in SIDES if side != BUSINESS or not day.mirrored]
    counts = {side: await _count(session, day, side) for side in told}
    note_missing(day, {(row.channel, row.merchant_number) for side in told if side != "channel" for row in counts[side]})
    apart = {side: await _apart(session, day, side, counts[side]) for side in told}
    if day.platform_absent:
        sides = {side: _by_channel(apart[side]) for side in told}
        sides.setdefault(BUSINESS, _mirrored(apart["platform"]))
        return Compared(sides, {}, [])
    rows = await _join(session, day, counts)
    sides = {side: _by_channel(apart[side], rows, SHORT[side]) for side in told}
    if day.mirrored:
        sides[BUSINESS] = _mirrored(apart["platform"], rows)
    matched: Sums = defaultdict(Sum)
    for row in rows:
        if row.agreed:
            matched[row.channel].add(row.kind, row.agreed, row.agreed_fen)
    for channel in OWN_STATEMENT:
        if day.own and channel in sides["platform"]:
            sides["channel"][channel] = matched[channel] = sides["platform"][channel]
    differ = sum(len(row.kept_number or ()) for row in rows)
    if differ > MOST_DIFFERENCES:
        raise TooManyDifferences(count=differ, limit=MOST_DIFFERENCES)
    items = await finding.items_of(session, day, rows) if differ else []
    return Compared(sides, dict(matched), [item for item in items if finding.judged(day, item)])


async def _count(session: Session, day: Day, side: str) -> list[Count]:
    """How many rows a side has: as its files were counted when they came in, our own payments counted now."""
    files = getattr(day, side)
    if files and all(row.by_channel for row in files):
        told = [(channel, each) for row in files for channel, each in row.by_channel.items()]
        found = [Count(channel, kind, "", each[f"{kind}_count"]) for channel, each in told for kind in ("pay", "refund")]
        return [count for count in found if count.rows]
    return [Count(row.channel, row.kind, row.merchant_number, row.rows) for row in await repository.count_side(session, day, side)]


async def _apart(session: Session, day: Day, side: str, counts: Sequence[Count]) -> Sequence[Row]:
    """Rows of a side whose channel's file is missing: summed, and not compared."""
    there = all(row.channel in day.channels and (row.channel, row.merchant_number) not in day.absent_numbers for row in counts)
    return () if there and not day.platform_absent else await repository.sum_apart(session, day, side, everything=day.platform_absent)


async def _join(session: Session, day: Day, counts: dict[str, list[Count]]) -> Sequence[Row]:
    """Compare all sides.

    A number that stands twice in one side doubles its partner's row in the join. So when the join has more rows of some side than the side
    itself, something repeats somewhere, and the comparison is made once more with repeated numbers added up.
    """
    rows = await repository.join_sides(session, day, summed=False)
    found = {(row.channel, row.kind): row for row in rows}
    for side, told in counts.items():
        true: dict[tuple[str, str], int] = defaultdict(int)
        for row in told:
            if row.channel in day.channels and (row.channel, row.merchant_number) not in day.absent_numbers:
                true[row.channel, row.kind] += row.rows
        if any(getattr(found.get(key), f"{SHORT[side]}_rows", 0) != count for key, count in true.items()):
            return await repository.join_sides(session, day, summed=True)
    if any(len(row.kept_number or ()) != len(set(row.kept_number or ())) for row in rows):
        return await repository.join_sides(session, day, summed=True)
    return rows


def _by_channel(apart: Iterable[Row], rows: Iterable[Row] = (), short: str = "") -> Sums:
    """A side's sums: what was left out, and what was compared."""
    sums: Sums = defaultdict(Sum)
    for row in apart:
        sums[row.channel].add(row.kind, row.rows, row.amount_fen, row.fee_fen, row.net_fen)
    for row in rows:
        count, *figures = (getattr(row, f"{short}_{name}") for name in ("rows", "amount_fen", "fee_fen", "net_fen"))
        if count:
            sums[row.channel].add(row.kind, count, *figures)
    return dict(sums)


def _mirrored(apart: Iterable[Row], rows: Iterable[Row] = ()) -> Sums:
    """The business as our own bills show it: the platform's money that does not lie in suspense."""
    sums: Sums = defaultdict(Sum)
    for row in apart:
        sums[row.channel].add(row.kind, row.business_rows, row.business_fen or 0)
    for row in rows:
        if row.b_rows:
            sums[row.channel].add(row.kind, row.b_rows, row.b_amount_fen)
    return dict(sums)
