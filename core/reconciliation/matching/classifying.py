"""Which class a payment or refund falls into (domain book §2.6), and what differs."""

import datetime as dt
from collections.abc import Mapping

import msgspec

from core import clock
from core.reconciliation.matching.halves import SIDES, Item

PAYMENTS = {
    (False, False, True): "LG1",
    (False, True, True): "LG2",
    (True, False, True): "LG3",
    (True, True, False): "SH1",
    (True, False, False): "SH2",
    (False, True, False): "SH3",
}
REFUNDS = PAYMENTS | {(False, False, True): "RF1", (True, True, False): "RF2"}
ONE_SIDED = frozenset((*PAYMENTS.values(), *REFUNDS.values()))
"""These wait for the next day's files before they are differences; AM1, FE1, DP1 and FE2 are at once."""


class Verdict(msgspec.Struct, frozen=True):
    """A class with what differs: `presence`, `amount_fen`, `fee_fen` or `payment_count`, and the sides that lack it."""

    klass: str
    differs: str
    missing: tuple[str, ...] = ()


def judge(item: Item) -> Verdict | None:
    """What the sides disagree about; None where all have it and agree. An amount that differs goes before its fee."""
    if not all(item.present):
        missing = tuple(side for side in SIDES if side not in item.halves)
        table = PAYMENTS if item.kind == "pay" else REFUNDS
        return Verdict(table[item.present], "presence", missing)
    halves = item.halves.values()
    if len({half.amount_fen for half in halves}) > 1:
        return Verdict("AM1", "amount_fen")
    if len({half.copies for half in halves}) > 1:
        return Verdict("AM1", "payment_count")
    platform, channel = item.halves["platform"].fee_fen, item.halves["channel"].fee_fen
    if platform is not None and channel is not None and platform != channel:
        return Verdict("FE1", "fee_fen")
    return None


def amount_of(item: Item) -> int:
    """What is at stake: the amount, or by how much amounts or fees differ."""
    amounts = [half.amount_fen for half in item.halves.values()]
    verdict = judge(item)
    if verdict is not None and verdict.klass == "AM1":
        return max(amounts) - min(amounts)
    if verdict is not None and verdict.klass == "FE1":
        return abs((item.halves["platform"].fee_fen or 0) - (item.halves["channel"].fee_fen or 0))
    return max(amounts)


def day_end(day: dt.date, cut_minutes: int) -> dt.datetime:
    """When a channel's day ends: at midnight, or at its cut before it."""
    return dt.datetime.combine(day, dt.time(), clock.SHANGHAI) + dt.timedelta(minutes=cut_minutes or 1440)


def near_cut(item: Item, day: dt.date, cuts: Mapping[str, int], minutes: int) -> bool:
    """Whether one of its times is within some minutes of the end of the channel's day."""
    end, reach = day_end(day, cuts.get(item.channel, 0)), dt.timedelta(minutes=minutes)
    return any(half.at is not None and abs(half.at - end) <= reach for half in item.halves.values())
