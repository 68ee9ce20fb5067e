"""Duplicate payments: one bill, one row in the business system, several payments. Found by grouping payments by bill after the join."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec

from core import clock
from core.database import Row, Session
from core.reconciliation.matching import duplicates_repository as repository
from core.reconciliation.matching.day import Day
from core.reconciliation.matching.halves import Half, Item

LOOKS_LIKE = (False, True, True)
"""An extra payment before bills are grouped: platform and channel have it, the business does not (LG2)."""


class Duplicate(msgspec.Struct):
    """A bill paid more often than the business knows: its payments by time, and the leftovers that are the extra ones."""

    main: Item
    extras: list[Item]
    payments: list[Row]
    posted: list[Row]

    @property
    def extra_fen(self) -> int:
        """What is to go back."""
        return sum(item.halves["channel"].amount_fen for item in self.extras)

    @property
    def facts(self) -> dict[str, object]:
        """Counts and payments as the samples' answers write them."""
        extra = {item.number for item in self.extras}
        return {
            "counts": {"business": len(self.posted), "platform": len(self.payments), "channel": len(self.payments)},
            "extra_fen": self.extra_fen,
            "cross_channel": len({row.channel for row in self.payments}) > 1,
            "payments": [
                {
                    "channel": row.channel, "merchant_order_no": row.number, "channel_order_no": row.channel_number, "amount_fen": row.amount_fen,
                    "paid_at": row.happened_at.astimezone(clock.SHANGHAI).isoformat() if row.happened_at else None,
                    "in_his": row.number not in extra,
                }
                for row in self.payments
            ],
        }  # fmt: skip

    def halves(self) -> dict[str, Half]:
        """The three sides of the whole bill, summed."""
        total = sum(row.amount_fen for row in self.payments)
        first = self.main.halves
        return {
            "business": Half(amount_fen=sum(row.business_fen or 0 for row in self.posted), serial=next((row.serial for row in self.posted), None)),
            "platform": msgspec.structs.replace(first["platform"], amount_fen=total, fee_fen=None),
            "channel": msgspec.structs.replace(first["channel"], amount_fen=sum(row.channel_fen or row.amount_fen for row in self.payments), fee_fen=None),
        }  # fmt: skip


async def find(session: Session, day: Day, items: Mapping[tuple[str, str, str], Item]) -> list[Duplicate]:
    """Group the payments of every bill that has an extra one: at least one is posted, and more was paid than posted.

    A payment that was given back in full is no payment of the bill any more (paid, refunded and paid again).
    """
    extras: dict[str, list[Item]] = defaultdict(list)
    for item in items.values():
        bill = item.first("bill_number", "platform")
        if item.kind == "pay" and item.present == LOOKS_LIKE and bill:
            extras[bill].append(item)
    if not extras:
        return []
    paid: dict[str, list[Row]] = defaultdict(list)
    for row in await _payments(session, day, list(extras)):
        if row.refunded_fen < row.amount_fen:
            paid[row.bill_number].append(row)
    found = []
    for bill, lost in extras.items():
        numbers = {item.key[::2] for item in lost}
        posted = [row for row in paid[bill] if row.business_fen and (row.channel, row.number) not in numbers]
        open_ones = [item for item in lost if any((row.channel, row.number) == item.key[::2] for row in paid[bill])]
        if posted and open_ones and sum(row.amount_fen for row in paid[bill]) > sum(row.business_fen for row in posted):
            found.append(_duplicate(open_ones, paid[bill], posted))
    return found


async def _payments(session: Session, day: Day, bills: Sequence[str]) -> Sequence[Row]:
    if day.own:
        return await repository.list_own_payments(session, bills)
    return await repository.list_payments(session, bills, *(day.statement_ids(side) for side in ("platform", "channel", "business")), mirrored=day.mirrored)


def _duplicate(extras: list[Item], paid: list[Row], posted: list[Row]) -> Duplicate:
    taken = {item.key[::2] for item in extras} | {(row.channel, row.number) for row in posted}
    payments = sorted((row for row in paid if (row.channel, row.number) in taken), key=lambda row: (row.happened_at is None, row.happened_at, row.number))
    order = {(row.channel, row.number): place for place, row in enumerate(payments)}
    extras = sorted(extras, key=lambda item: order[item.key[::2]])
    return Duplicate(extras[0], extras, payments, posted)
