"""A difference that a day's own files show, before it is written down."""

from collections.abc import Mapping

import msgspec

from core.reconciliation.matching.classifying import ONE_SIDED, Verdict, amount_of, judge, near_cut
from core.reconciliation.matching.day import Day
from core.reconciliation.matching.duplicates import Duplicate
from core.reconciliation.matching.halves import SIDES, Half, Item

LATER = ("met", "refunds", "first_class", "rule")
"""Facts that later days' runs add."""


class Fresh(msgspec.Struct):
    """What a run found on its own day: the item, its class, what is at stake, refunds already seen of it."""

    item: Item
    verdict: Verdict
    halves: dict[str, Half]
    amount_fen: int
    facts: dict[str, object]
    near: bool = False
    refunds: dict[str, dict[str, object]] = {}
    resolution: str | None = None

    @property
    def unknown_orders(self) -> list[str]:
        """Payments of it that the business never knew: a refund of those is explained."""
        if self.verdict.klass == "DP1":
            return [paid["merchant_order_no"] for paid in self.facts["payments"] if not paid["in_his"]]
        return [self.item.number] if self.verdict.klass in ("LG1", "LG2") and self.item.kind == "pay" else []

    @property
    def refund_wanted_fen(self) -> int:
        """What is to go back to the payer before nothing is left to do."""
        return self.amount_fen

    @property
    def status(self) -> str:
        """How it begins: one-sided items wait for the next day, the others are differences at once."""
        if self.resolution is not None:
            return "resolved"
        return "expected" if self.verdict.klass in ONE_SIDED else "open"


def of_item(day: Day, item: Item) -> Fresh | None:
    """The difference of one number; None where its sides agree."""
    verdict = judge(item)
    if verdict is None:
        return None
    near = near_cut(item, day.on, day.cuts, day.near_minutes)
    return Fresh(item, verdict, item.halves, amount_of(item), dict(item.facts), near, {})


def of_duplicate(found: Duplicate) -> Fresh:
    """The one difference of a bill that was paid too often."""
    return Fresh(found.main, Verdict("DP1", "payment_count"), found.halves(), found.extra_fen, {**found.main.facts, **found.facts}, False, {})


def as_row(day: Day, fresh: Fresh) -> dict[str, object]:
    """The difference as it is written down."""
    item, halves = fresh.item, fresh.halves
    whole = Item(channel=item.channel, kind=item.kind, number=item.number, halves=halves)
    row: dict[str, object] = {
        "bill_on": day.on, "klass": fresh.verdict.klass, "channel": item.channel, "kind": item.kind, "number": item.number,
        "merchant_number": item.first("merchant_number", "channel", "platform") or "", "order_number": item.order_number,
        "channel_number": item.first("channel_number", "channel"), "channel_order_number": _channel_order(item),
        "bill_number": item.first("bill_number", "platform") or item.closed_bill, "serial": whole.first("serial", "business"),
        "amount_fen": fresh.amount_fen, "differs": fresh.verdict.differs, "missing_in": [day.name(side) for side in fresh.verdict.missing],
        "near_cut": fresh.near, "platform_status": item.platform_status, "facts": {**fresh.facts, "business": day.business_name},
    }  # fmt: skip
    if fresh.refunds:
        row["facts"]["refunds"] = fresh.refunds
    for side in SIDES:
        half = halves.get(side)
        row[f"{side}_fen"], row[f"{side}_at"] = (half.amount_fen, half.at) if half else (None, None)
    row["platform_fee_fen"], row["channel_fee_fen"] = (_fee(halves.get(side)) for side in ("platform", "channel"))
    return row | {name: item.first(name, "platform") for name in ("payment_id", "refund_item_id", "suspense_id")}


def _channel_order(item: Item) -> str | None:
    """What the channel calls the payment: on refunds beside the refund's own number."""
    return item.first("channel_order_number", "channel", "platform", "business") if item.kind == "refund" else None


def _fee(half: Half | None) -> int | None:
    return half.fee_fen if half is not None else None


def same(row: Mapping[str, object], known: object) -> bool:
    """Whether a difference still shows what it showed before (what later days brought, and what people did, aside)."""
    first = known.facts.get("first_class", known.klass)
    kept = {name: value for name, value in known.facts.items() if name not in LATER}
    told = {name: value for name, value in row["facts"].items() if name not in LATER}
    names = [name for name in row if name not in ("facts", "klass", "differs", "missing_in", "near_cut", "suspense_id")]
    return row["klass"] == first and told == kept and all(row[name] == getattr(known, name) for name in names)
