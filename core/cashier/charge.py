"""What is to be paid now: all of some bills, an instalment, or a part, within what one charge at a channel can be."""

from collections.abc import Sequence
from uuid import UUID

from core import ids, money
from core.billing.holding import HeldBill
from core.billing.schemas import BillRead
from core.errors import InvalidRequest
from core.payments.schemas import PayItem


class WrongAmount(InvalidRequest):
    code = "WRONG_AMOUNT"
    message = "请填写大于 0 且不超过待缴金额 {open} 元的金额"


class NothingChosen(InvalidRequest):
    code = "NOTHING_CHOSEN"
    message = "请先选择要缴的账单"


def next_instalment(bill: BillRead | HeldBill) -> tuple[int, int] | None:
    """Number and open amount of the first instalment that is not paid; None when the rest is the last one."""
    waiting = [part for part in bill.instalments if part.paid_fen < part.amount_fen]
    if len(waiting) < 2:
        return None
    return waiting[0].no, waiting[0].amount_fen - waiting[0].paid_fen


def amount_of(bill: BillRead | HeldBill, choice: str, typed: str, limit_fen: int | None) -> int:
    """Fen to be paid on one bill: what was typed (yuan), else `instalment`, `first` (as much as one charge can be) or all of it."""
    if typed.strip():
        fen = money.yuan(typed)
        if not 0 < fen <= bill.open_fen:
            raise WrongAmount(open=money.format_yuan(bill.open_fen))
        return fen
    if choice == "instalment":
        found = next_instalment(bill)
        return found[1] if found else bill.open_fen
    if choice == "first" and limit_fen:
        return min(bill.open_fen, limit_fen)
    return bill.open_fen


def items_of(bills: Sequence[BillRead | HeldBill], choice: str, typed: str, limit_fen: int | None) -> list[PayItem]:
    """The charge: one bill by choice, several bills in full."""
    if not bills:
        raise NothingChosen()
    if len(bills) == 1:
        return [PayItem(bills[0].id, amount_of(bills[0], choice, typed, limit_fen))]
    return [PayItem(bill.id, bill.open_fen) for bill in bills]


def least(*limits: int | None) -> int | None:
    """The smallest of some limits, fen; None where there is none."""
    return min((limit for limit in limits if limit is not None), default=None)


def key_of(typed: str) -> str:
    """The key that makes a submission happen once, as the page gave it; a page without one, or a mangled one, gets a fresh key."""
    return typed if typed.isascii() and typed.isprintable() and 8 <= len(typed) <= 64 else ids.token()


def whole(typed: str) -> int:
    """A small whole number from a form; anything else is 0, which names nothing."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 0


def bill_ids(values: Sequence[str]) -> list[UUID]:
    """The bills named in a form or address, once each; anything that is not an id names no bill."""
    found: dict[UUID, None] = {}
    for value in values:
        try:
            found[UUID(value)] = None
        except ValueError:
            continue
    return list(found)[:50]
