"""Instalments follow from what a bill comes to: percentages and due dates are kept, amounts and states are derived."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from core import money
from core.billing.schemas import InstalmentRead


def read(plan: Sequence[Sequence[str]] | None, amount_fen: int, paid_fen: int, today: dt.date) -> list[InstalmentRead]:
    """The instalments of a bill; payments fill them in order (domain book §3.5: planned → due → paid | overdue)."""
    if not plan:
        return []
    amounts = money.instalments(amount_fen, [Decimal(percent) for _, percent in plan])
    found, left = [], paid_fen
    for no, ((due, _), amount) in enumerate(zip(plan, amounts, strict=True), start=1):
        paid = min(left, amount)
        left -= paid
        due_on = dt.date.fromisoformat(due)
        found.append(InstalmentRead(no=no, due_on=due_on, amount_fen=amount, paid_fen=paid, state=_state(amount, paid, due_on, today)))
    first_open = next((i for i, each in enumerate(found) if each.state == "planned"), None)
    if first_open is not None and all(each.state == "paid" for each in found[:first_open]):
        found[first_open] = _with_state(found[first_open], "due")
    return found


def _state(amount: int, paid: int, due_on: dt.date, today: dt.date) -> str:
    if paid >= amount:
        return "paid"
    return "overdue" if today > due_on else "planned"


def _with_state(each: InstalmentRead, state: str) -> InstalmentRead:
    return InstalmentRead(no=each.no, due_on=each.due_on, amount_fen=each.amount_fen, paid_fen=each.paid_fen, state=state)
