"""All sides of a day compared by number: what agrees is only counted, what does not is looked at row by row."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from core.database import Session
from core.reconciliation.errors import TooManyDifferences
from core.reconciliation.matching import finding, repository
from core.reconciliation.matching.day import BUSINESS, OWN_STATEMENT, Day, note_missing
from core.reconciliation.matching.finding import SHORT
from core.reconciliation.matching.halves import SIDES, Item
from core.reconciliation.matching.repository import Found

MOST_DIFFERENCES = 200_000


class Sum(msgspec.Struct):
    """Payments and refunds of one side and channel: how many and how much, fen."""

    pay_count: int = 0
    pay_amount_fen: int = 0
    refund_count: int = 0
    refund_amount_fen: int = 0
    fee_fen: int = 0
    net_fen: int = 0

    def add(self, kind: str, rows: int, amount_fen: int, fee_fen: int = 0, net_fen: int = 0) -> None:
        """Count more rows of one kind."""
        if kind == "pay":
            self.pay_count += rows
            self.pay_amount_fen += amount_fen
        else:
            self.refund_count += rows
            self.refund_amount_fen += amount_fen
        self.fee_fen += fee_fen
        self.net_fen += net_fen


Sums = dict[str, Sum]


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """Rows and money of one side, channel and kind; of our own payments also by merchant number, with what of it lies on our bills."""

    channel: str
    kind: str
    rows: int
    amount_fen: int
    fee_fen: int = 0
    net_fen: int = 0
    merchant_number: str = ""
    business_rows: int = 0
    business_fen: int = 0


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
    sides = {side: _by_channel(counts[side]) for side in told}
    if day.mirrored:
        sides[BUSINESS] = _mirrored(counts["platform"])
    if day.platform_absent:
        return Compared(sides, {}, [])
    found = await _join(session, day, counts)
    matched = _agreed(counts["channel"], found)
    for channel in OWN_STATEMENT:
        if day.own and channel in sides["platform"]:
            sides["channel"][channel] = matched[channel] = sides["platform"][channel]
    if len(found) > MOST_DIFFERENCES:
        raise TooManyDifferences(count=len(found), limit=MOST_DIFFERENCES)
    items = await finding.items_of(session, day, found) if found else []
    return Compared(sides, matched, [item for item in items if finding.judged(day, item)])


async def _count(session: Session, day: Day, side: str) -> list[Count]:
    """What a side has: as its files were added up when they came in, our own payments added up now."""
    files = getattr(day, side)
    if files and all(row.by_channel for row in files):
        return [count for row in files for channel, each in row.by_channel.items() for count in _of_file(channel, each)]
    return [
        Count(
            channel=row.channel, kind=row.kind, rows=row.rows, amount_fen=row.amount_fen, fee_fen=row.fee_fen or 0, net_fen=row.net_fen or 0,
            merchant_number=row.merchant_number, business_rows=row.business_rows, business_fen=row.business_fen or 0,
        )
        for row in await repository.sum_side(session, day, side)
    ]  # fmt: skip


def _of_file(channel: str, told: Mapping[str, int]) -> Iterable[Count]:
    """A file's own sums of a channel; fees and net are those of both kinds and stand with the first."""
    fees = {"fee_fen": told["fee_fen"], "net_fen": told["net_fen"]}
    for kind in ("pay", "refund"):
        rows, amount_fen = told[f"{kind}_count"], told[f"{kind}_amount_fen"]
        if rows:
            yield Count(channel=channel, kind=kind, rows=rows, amount_fen=amount_fen, business_rows=rows, business_fen=amount_fen, **fees)
            fees = {}


async def _join(session: Session, day: Day, counts: dict[str, list[Count]]) -> list[Found]:
    """Compare all sides; answers what does not agree.

    A number that stands twice in one side doubles its partner's row in the join, and nothing ever leaves it. So when the join has more
    rows of some side than the side itself, something repeats, and the comparison is made once more with repeated numbers added up.
    """
    joined = await repository.join_sides(session, day, summed=False)
    repeats = len({(row.channel, row.kind, row.number) for row in joined.found}) < len(joined.found)
    for side, told in counts.items():
        there = [row.rows for row in told if row.channel in day.channels and (row.channel, row.merchant_number) not in day.absent_numbers]
        repeats = repeats or sum(there) != joined.rows[SHORT[side]]
    return (await repository.join_sides(session, day, summed=True)).found if repeats else joined.found


def _agreed(channel: Iterable[Count], found: Iterable[Found]) -> Sums:
    """What all sides agree on: the channel's rows without those that differ."""
    left: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for count in channel:
        left[count.channel, count.kind][0] += count.rows
        left[count.channel, count.kind][1] += count.amount_fen
    for row in found:
        if row.c_copies is not None:
            left[row.channel, row.kind][0] -= row.c_copies
            left[row.channel, row.kind][1] -= row.c_amount_fen
    matched: Sums = defaultdict(Sum)
    for (name, kind), (rows, amount_fen) in left.items():
        if rows:
            matched[name].add(kind, rows, amount_fen)
    return dict(matched)


def _by_channel(counts: Iterable[Count]) -> Sums:
    """A side's sums by channel."""
    sums: Sums = defaultdict(Sum)
    for count in counts:
        sums[count.channel].add(count.kind, count.rows, count.amount_fen, count.fee_fen, count.net_fen)
    return dict(sums)


def _mirrored(platform: Iterable[Count]) -> Sums:
    """The business as our own bills show it: the platform's money that does not lie in suspense."""
    sums: Sums = defaultdict(Sum)
    for count in platform:
        if count.business_rows:
            sums[count.channel].add(count.kind, count.business_rows, count.business_fen)
    return dict(sums)
