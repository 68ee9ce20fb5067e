"""A run's sums as they are kept and shown: each side by channel, what agrees, differences by class."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping

from core.database import Session
from core.reconciliation.matching import totals_repository as repository
from core.reconciliation.matching.day import Day
from core.reconciliation.matching.service import Compared, Sum, Sums
from core.reconciliation.states import OPEN


def sides(day: Day, compared: Compared) -> dict[str, object]:
    """Sums of each side in the shape of the samples: lines, total, by channel; fees and net where the side knows them."""
    found: dict[str, object] = {"business_name": day.business_name}
    for side, extra in (("business", ()), ("platform", ("fee_fen",)), ("channel", ("fee_fen", "net_fen"))):
        sums = compared.sides[side]
        files = getattr(day, side)
        total = _total(sums)
        told: dict[str, object] = {"total": shown(total, extra), "by_channel": {channel: shown(each, extra) for channel, each in sorted(sums.items())}}
        ignored = sum(row.ignored_lines for row in files)
        if side == "channel":
            told = {"lines": total.pay_count + total.refund_count, "other_lines": sum(row.other_lines for row in files), **told}
        else:
            told = {"lines": total.pay_count + total.refund_count + ignored, "ignored_lines": ignored, **told}
        found[side] = told
    return {"sides": found}


def matched(compared: Compared) -> dict[str, object]:
    """What agrees, by channel and in all; every channel of the day is named."""
    named = {channel: compared.matched.get(channel, Sum()) for channel in {*compared.matched, *compared.sides["channel"]}}
    return {channel: shown(each) for channel, each in sorted(named.items())} | {"total": shown(_total(named))}


def shown(sums: Sum, extra: tuple[str, ...] = ()) -> dict[str, int]:
    """Counts and amounts under the samples' names."""
    names = ("pay_count", "pay_amount_fen", "refund_count", "refund_amount_fen", *extra)
    return {"rows": sums.pay_count + sums.refund_count} | {name: getattr(sums, name) for name in names}


def _total(sums: Sums) -> Sum:
    total = Sum()
    for each in sums.values():
        total.add("pay", each.pay_count, each.pay_amount_fen, each.fee_fen, each.net_fen)
        total.add("refund", each.refund_count, each.refund_amount_fen)
    return total


async def open_and_classes(session: Session, on: dt.date) -> tuple[int, Mapping[str, object]]:
    """How many differences of a day are open, and all of them by class and channel."""
    by_class: dict[str, dict[str, object]] = defaultdict(lambda: {"count": 0, "open": 0, "amount_fen": 0, "by_channel": defaultdict(int)})
    open_count = 0
    for row in await repository.count_classes(session, on):
        told = by_class[row.klass]
        told["count"] += row.count
        told["amount_fen"] += row.amount_fen
        told["by_channel"][row.channel] += row.count
        if row.status in OPEN:
            told["open"] += row.count
            open_count += row.count
    return open_count, by_class
