"""Which payment gives how much back: the newest first, or in proportion; within a payment the line that was filled last."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from uuid import UUID

import msgspec

from core import money


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Money of one payment that lies in one place and could go back; places come newest payment first, last filled line first."""

    payment_id: UUID
    kind: str
    amount_fen: int
    bill_id: UUID | None = None
    line_no: int | None = None
    party_id: UUID | None = None
    suspense_id: UUID | None = None
    merchant_id: UUID | None = None
    merchant_code: str | None = None


def split(places: Sequence[Place], amount_fen: int, by: str, lines: Mapping[int, int] | None = None) -> list[Place]:
    """Take an amount from these places, line by line where lines are given; what is answered adds up unless there is too little."""
    if not lines:
        return _take(places, amount_fen, by)
    taken: list[Place] = []
    for line_no, wanted_fen in sorted(lines.items()):
        taken += _take([place for place in places if place.line_no == line_no], wanted_fen, by)
    return taken


def by_payment(places: Iterable[Place]) -> list[tuple[UUID, list[Place]]]:
    """The places of each payment, in the payments' order of first appearance."""
    found: dict[UUID, list[Place]] = {}
    for place in places:
        found.setdefault(place.payment_id, []).append(place)
    return list(found.items())


def total(places: Iterable[Place]) -> int:
    """What they come to, fen."""
    return sum(place.amount_fen for place in places)


def _take(places: Sequence[Place], amount_fen: int, by: str) -> list[Place]:
    payments = [list(group) for _, group in groupby(places, key=lambda place: place.payment_id)]
    weights = [total(group) for group in payments]
    if by == "prorata" and 0 < amount_fen <= sum(weights):
        shares = money.split(amount_fen, weights)
        return [piece for group, fen in zip(payments, shares, strict=True) for piece in _down(group, fen)]
    return _down(places, amount_fen)


def _down(places: Sequence[Place], amount_fen: int) -> list[Place]:
    taken = []
    for place in places:
        fen = min(place.amount_fen, amount_fen)
        if fen > 0:
            taken.append(msgspec.structs.replace(place, amount_fen=fen))
            amount_fen -= fen
    return taken
