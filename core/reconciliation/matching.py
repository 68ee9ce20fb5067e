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


class Compared(msgspec.Struct):
    """What comparing a day came to: sums by side and channel, what agrees by channel, and every number that does not."""

    sides: dict[str, Sums]
    matched: Sums
    items: list[Item]


async def compare(session: Session, day: Day) -> Compared:
    """Compare a day's sides; also notes which channel files are missing, and leaves their money out."""
    await repository.prepare(session)
    rows = {side: await repository.sum_side(session, day, side) for side in SIDES if side != BUSINESS or not day.mirrored}
    note_missing(day, _seen(day, rows["platform"], rows.get(BUSINESS, ())))
    sides = {side: _by_channel(rows[side]) for side in rows}
    if day.mirrored:
        sides[BUSINESS] = _mirrored(rows["platform"])
    if day.platform_absent:
        return Compared(sides, {}, [])
    matched = await _join(session, day, rows)
    for channel in OWN_STATEMENT:
        if day.own and channel in sides["platform"]:
            sides["channel"][channel] = matched[channel] = sides["platform"][channel]
    return Compared(sides, matched, [item for item in await _items(session, day) if _judged(day, item)])


def _seen(day: Day, platform: Sequence[Row], business: Sequence[Row]) -> Iterable[tuple[str, str]]:
    """Channels with money that day, by merchant number where that is known."""
    return {(row.channel, row.merchant_number) for row in (*platform, *business)}


async def _join(session: Session, day: Day, rows: dict[str, Sequence[Row]]) -> Sums:
    """Join, and answer what agrees: each side's sums less what was found. Where the sides' remainders are not the same numbers, some number
    stands several times in one of them, and the join is made once more with repeated numbers added up."""
    for summed in (False, True):
        found = await repository.join_sides(session, day, summed=summed)
        if found > MOST_DIFFERENCES:
            raise TooManyDifferences(count=found, limit=MOST_DIFFERENCES)
        left = await _left(session, day, rows)
        if summed or len({tuple(sorted(side.items())) for side in left}) == 1:
            break
    matched: Sums = defaultdict(Sum)
    for (channel, kind), (count, amount_fen, _) in left[0].items():
        if count:
            matched[channel].add(kind, count, amount_fen)
    return dict(matched)


async def _left(session: Session, day: Day, rows: dict[str, Sequence[Row]]) -> list[dict[tuple[str, str], tuple[int, int, int]]]:
    """Each side's rows, money and check sum by channel and kind, less what was found; the channel's first."""
    found = {(row.channel, row.kind): row for row in await repository.sum_found(session)}
    answer = []
    for side in ("channel", "platform", *(("business",) if not day.mirrored else ())):
        sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
        for row in rows[side]:
            if row.channel in day.channels and (row.channel, row.merchant_number) not in day.absent_numbers:
                sums[row.channel, row.kind] = [a + b for a, b in zip(sums[row.channel, row.kind], (row.rows, row.amount_fen, row.proof), strict=True)]
        for key, row in found.items():
            taken = (getattr(row, f"{_SHORT[side]}_{name}") for name in ("rows", "fen", "proof"))
            sums[key] = [a - b for a, b in zip(sums[key], taken, strict=True)]
        answer.append({key: tuple(values) for key, values in sums.items() if any(values)})
    return answer


def _by_channel(rows: Iterable[Row]) -> Sums:
    sums: Sums = defaultdict(Sum)
    for row in rows:
        sums[row.channel].add(row.kind, row.rows, row.amount_fen, row.fee_fen, row.net_fen)
    return dict(sums)


def _mirrored(rows: Iterable[Row]) -> Sums:
    """The business as our own bills show it: the platform's money that does not lie in suspense."""
    sums: Sums = defaultdict(Sum)
    for row in rows:
        sums[row.channel].add(row.kind, row.business_rows, row.business_fen or 0)
    return dict(sums)


async def _items(session: Session, day: Day) -> list[Item]:
    """What was found, with everything each side knows of it."""
    rows = await repository.list_found(session)
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
