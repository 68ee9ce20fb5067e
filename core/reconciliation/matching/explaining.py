"""Refunds of money that the business never knew: platform and channel agree, the business has no row, and that is as it should be.

The payment is a long or a duplicate (LG1, LG2, the extra one of DP1), of this day or an earlier one. Once all of it went back, that
difference is settled too.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Protocol

from core.database import Session
from core.reconciliation.matching import found_repository as repository
from core.reconciliation.matching.carrying import REFUNDED, Carried
from core.reconciliation.matching.fresh import Fresh
from core.reconciliation.matching.halves import Item


class Refundable(Protocol):
    """A difference whose money may go back: one found today, or one carried from before."""

    refunds: dict[str, dict[str, object]]
    resolution: str | None

    @property
    def refund_wanted_fen(self) -> int: ...


def candidates(items: Iterable[Item]) -> list[Item]:
    """Refunds that platform and channel agree on and the business lacks."""
    return [
        item
        for item in items
        if item.kind == "refund" and item.present == (False, True, True) and item.order_number
        and item.halves["platform"].amount_fen == item.halves["channel"].amount_fen
    ]  # fmt: skip


async def explain(session: Session, on: dt.date, items: dict[tuple[str, str, str], Item], fresh: list[Fresh], carried: list[Carried]) -> int:
    """Take explained refunds out of the leftovers; answers how many there were."""
    asked = candidates(items.values())
    if not asked:
        return 0
    wanted: dict[str, Refundable | None] = {}
    taken = {each.row.id: each for each in carried}
    for row, order in await repository.list_unknown_payments(session, {item.order_number for item in asked}):
        wanted[order] = taken.get(row.id)
    for each in fresh:
        for order in each.unknown_orders:
            wanted[order] = each
    explained = [item for item in asked if item.order_number in wanted]
    for item in explained:
        del items[item.key]
        note(wanted[item.order_number], item, on)
    return len(explained)


def note(each: Refundable | None, item: Item, on: dt.date) -> None:
    """Write a refund down with the difference it gives back; with the last fen nothing is left to do."""
    if each is None:
        return
    each.refunds[item.number] = {"amount_fen": item.halves["channel"].amount_fen, "run_on": on.isoformat()}
    if sum(told["amount_fen"] for told in each.refunds.values()) >= each.refund_wanted_fen:
        each.resolution = REFUNDED
