"""What does not agree, number by number, with everything that each side knows of it."""

from collections.abc import Sequence

from core.database import Row, Session
from core.reconciliation.matching import details_repository as details
from core.reconciliation.matching import repository
from core.reconciliation.matching.day import BUSINESS, Day
from core.reconciliation.matching.halves import SIDES, Half, Item
from core.reconciliation.matching.repository import Found

SHORT = {"business": "b", "platform": "p", "channel": "c"}
_FIELDS = ("order_number", "channel_number", "channel_order_number", "bill_number", "serial", "merchant_number", "statement_id", "row_no")


async def items_of(session: Session, day: Day, rows: Sequence[Found]) -> list[Item]:
    """What does not agree, with everything each side knows of it."""
    await repository.lay_out(session, rows)
    items = {(row.channel, row.kind, row.number): Item(channel=row.channel, kind=row.kind, number=row.number, halves={}, facts={}) for row in rows}
    for side in SIDES:
        if (side == "platform" and day.own) or (side == BUSINESS and day.mirrored):
            continue
        for line in await details.list_lines(session, SHORT[side]):
            items[line.channel, line.kind, line.number].halves[side] = half_of_line(line)
    if day.own:
        await _own_halves(session, items, rows)
    for row in rows:
        _sum_up(day, items[row.channel, row.kind, row.number], row)
    await _look_up(session, day, list(items.values()))
    return list(items.values())


async def _own_halves(session: Session, items: dict[tuple[str, str, str], Item], rows: Sequence[Found]) -> None:
    for kind in ("pay", "refund"):
        ids = [row.p_own_id for row in rows if row.kind == kind and row.p_own_id is not None]
        for own in await details.list_own(session, kind, ids) if ids else ():
            items[own.channel, own.kind, own.number].halves["platform"] = half_of_own(own)


def _sum_up(day: Day, item: Item, row: Found) -> None:
    """Amounts as they were compared: sums where a number repeats, our contract fees, and the mirrored business."""
    for side, short in SHORT.items():
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


def judged(day: Day, item: Item) -> bool:
    """Whether anything can be said of it: nothing is of money whose channel's file is missing."""
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
