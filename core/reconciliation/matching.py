"""All sides of a day compared by number: what agrees is only counted, what does not is looked at row by row."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from core.database import Row, Session
from core.reconciliation import details_repository as details
from core.reconciliation import matching_repository as repository
from core.reconciliation.day import BUSINESS, OWN_STATEMENT, Day, note_missing
from core.reconciliation.errors import TooManyDifferences
from core.reconciliation.halves import SIDES, Half, Item

MOST_DIFFERENCES = 200_000
_SHORT = {"business": "b", "platform": "p", "channel": "c"}
_FIELDS = ("order_number", "channel_number", "channel_order_number", "bill_number", "serial", "merchant_number", "statement_id", "row_no")


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
    rows, summed = await _join(session, day, counts)
    sides = {side: _by_channel(apart[side], rows, _SHORT[side]) for side in told}
    if day.mirrored:
        sides[BUSINESS] = _mirrored(apart["platform"], rows)
    matched: Sums = defaultdict(Sum)
    for row in rows:
        if row.agreed:
            matched[row.channel].add(row.kind, row.agreed, row.agreed_fen)
    for channel in OWN_STATEMENT:
        if day.own and channel in sides["platform"]:
            sides["channel"][channel] = matched[channel] = sides["platform"][channel]
    numbers = [number for row in rows for number in row.numbers or ()]
    if len(numbers) > MOST_DIFFERENCES:
        raise TooManyDifferences(count=len(numbers), limit=MOST_DIFFERENCES)
    items = await _items(session, day, numbers, summed) if numbers else []
    return Compared(sides, dict(matched), [item for item in items if _judged(day, item)])


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
    return () if there and not day.platform_absent else await repository.sum_apart(session, day, side)


async def _join(session: Session, day: Day, counts: dict[str, list[Count]]) -> tuple[Sequence[Row], bool]:
    """Compare all sides, and say whether numbers that repeat had to be added up first.

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
        if any(getattr(found.get(key), f"{_SHORT[side]}_rows", 0) != count for key, count in true.items()):
            return await repository.join_sides(session, day, summed=True), True
    numbers = [number for row in rows for number in row.numbers or ()]
    if len(numbers) != len(set(numbers)):
        return await repository.join_sides(session, day, summed=True), True
    return rows, False


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


async def _items(session: Session, day: Day, numbers: Sequence[str], summed: bool) -> list[Item]:
    """What does not agree, with everything each side knows of it."""
    rows = await repository.find_rows(session, day, numbers, summed=summed)
    items = {(row.channel, row.kind, row.number): Item(channel=row.channel, kind=row.kind, number=row.number, halves={}, facts={}) for row in rows}
    for side in SIDES:
        if (side == "platform" and day.own) or (side == BUSINESS and day.mirrored):
            continue
        for line in await details.list_lines(session, _SHORT[side]):
            items[line.channel, line.kind, line.number].halves[side] = half_of_line(line)
    if day.own:
        await _own_halves(session, items, rows)
    for row in rows:
        _sum_up(day, items[row.channel, row.kind, row.number], row)
    await _look_up(session, day, list(items.values()))
    return list(items.values())


async def _own_halves(session: Session, items: dict[tuple[str, str, str], Item], rows: Sequence[Row]) -> None:
    for kind in ("pay", "refund"):
        ids = [row.p_own_id for row in rows if row.kind == kind and row.p_own_id is not None]
        for own in await details.list_own(session, kind, ids) if ids else ():
            items[own.channel, own.kind, own.number].halves["platform"] = half_of_own(own)


def _sum_up(day: Day, item: Item, row: Row) -> None:
    """Amounts as they were compared: sums where a number repeats, our contract fees, and the mirrored business."""
    for side, short in _SHORT.items():
        half = item.halves.get(side)
        if half is not None:
            half.amount_fen, half.copies = getattr(row, f"{short}_amount_fen"), getattr(row, f"{short}_copies")
            half.fee_fen = getattr(row, f"{short}_fee_fen") if short != "b" else None
            if half.copies > 1:
                item.facts.setdefault("repeated", {})[side] = half.copies
    if day.mirrored and "platform" in item.halves and row.b_amount_fen is not None:
        item.halves[BUSINESS] = mirror(item.halves["platform"], row.b_amount_fen)


async def _look_up(session: Session, day: Day, items: list[Item]) -> None:
    """Closed or pending rows of the platform where it lacks the money, and what the channel called a payment whose refund it lacks."""
    lacking = {item.key: item for item in items if "platform" not in item.halves}
    if lacking:
        numbers = [number for _, _, number in lacking]
        for row in await details.list_closed(session, day.statement_ids("platform"), numbers, own=day.own):
            item = lacking.get((row.channel, row.kind, row.number))
            if item is not None:
                item.platform_status, item.closed_bill = row.status, row.bill_number
    unrefunded = [item for item in items if item.kind == "refund" and "channel" not in item.halves and item.order_number]
    if unrefunded:
        orders = await details.list_channel_orders(session, [item.order_number for item in unrefunded])
        known = {(row.channel, row.number): row.channel_number for row in orders}
        for item in unrefunded:
            half = item.halves.get("platform") or item.halves[BUSINESS]
            half.channel_order_number = half.channel_order_number or known.get((item.channel, item.order_number))


def _judged(day: Day, item: Item) -> bool:
    """Nothing is said of money whose channel's file is missing."""
    absent = [number for channel, number in day.absent_numbers if channel == item.channel]
    if not absent or "channel" in item.halves:
        return True
    known = item.first("merchant_number", "platform")
    return known is not None and known not in absent


def half_of_line(line: Row) -> Half:
    """A file's row as a half; a channel that has no number of its own for a refund repeats the payment's, which is none."""
    given = {name: getattr(line, name) for name in _FIELDS}
    if line.kind == "refund" and line.channel_number == line.channel_order_number:
        given["channel_number"] = None
    return Half(amount_fen=line.amount_fen, fee_fen=line.fee_fen, at=line.happened_at, **given)


def half_of_own(own: Row) -> Half:
    """Our own payment or refund as a half."""
    return Half(
        amount_fen=own.amount_fen, at=own.happened_at, order_number=own.order_number, bill_number=own.bill_number,
        merchant_number=own.merchant_number, channel_number=own.channel_number if own.kind == "pay" else None,
        channel_order_number=getattr(own, "channel_order_number", None), payment_id=own.payment_id, refund_item_id=own.refund_item_id,
        suspense_id=own.suspense_id,
    )  # fmt: skip


def mirror(platform: Half, amount_fen: int) -> Half:
    """Our own bills' side of a payment: what of its money lies on bills or credit."""
    return Half(amount_fen=amount_fen, at=platform.at, bill_number=platform.bill_number)
