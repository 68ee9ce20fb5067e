"""What is left at discharge and which payment it goes back to, without a database (domain book §4.5, vector M2)."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec

from core.settlement import working_days

WORKING_DAYS = 3
"""By when a patient who leaves has their money, counted from the day the discharge was asked for."""


class Paid(msgspec.Struct, frozen=True):
    """One payment for a stay, and what of it has neither gone back nor is promised to, fen."""

    id: UUID
    paid_at: dt.datetime
    left_fen: int


class Left(msgspec.Struct, frozen=True):
    """What a settlement leaves: at most one of the two is not zero, fen."""

    shortage_fen: int
    surplus_fen: int


def left(cash_fen: int, paid_fen: int) -> Left:
    """The patient's own part against what was paid beforehand: 4,516.41 of 6,000.00 leaves a surplus of 1,483.59."""
    return Left(max(0, cash_fen - paid_fen), max(0, paid_fen - cash_fen))


def give_back(payments: Sequence[Paid], amount_fen: int) -> list[tuple[Paid, int]]:
    """Which payment gives how much: the newest first, none more than is left of it; together exactly the amount, or as much as there is."""
    parts = []
    for payment in sorted(payments, key=lambda paid: (paid.paid_at, paid.id), reverse=True):
        part_fen = min(payment.left_fen, amount_fen)
        if part_fen > 0:
            parts.append((payment, part_fen))
            amount_fen -= part_fen
    return parts


def due_on(asked_on: dt.date) -> dt.date:
    """The last of the working days in which the money has to be back."""
    return working_days.after(asked_on, WORKING_DAYS).on
