"""What each merchant of one payment bears of its fee: the fee is that of the whole transaction, shared by largest remainder (§2.3, §2.7).

A payment's money may come to its merchants bit by bit (credit used later, money moved to another bill). So nothing is ever reckoned on a
bit: the share is that of everything settled so far, and a batch takes what was not taken yet. The bits add up whatever their order.
"""

from collections.abc import Mapping
from uuid import UUID

import msgspec

from core import money
from core.onboarding import rates
from core.onboarding.schemas import Rate


class Borne(msgspec.Struct, frozen=True):
    """What a merchant has in other batches already for one payment, fen."""

    settled_fen: int = 0
    fee_fen: int = 0
    returned_fen: int = 0
    fee_returned_fen: int = 0


NOTHING = Borne()


def shares(amounts: Mapping[UUID, int], rate: Rate | None) -> dict[UUID, int]:
    """The fee of one transaction over its merchants; nothing or less than nothing costs nothing."""
    holding = {merchant: max(fen, 0) for merchant, fen in sorted(amounts.items())}
    total = sum(holding.values())
    if rate is None or total == 0:
        return dict.fromkeys(holding, 0)
    return dict(zip(holding, money.split(rates.fee_of(total, rate), list(holding.values())), strict=True))


def fees(fresh: Mapping[UUID, int], before: Mapping[UUID, Borne], rate: Rate | None) -> dict[UUID, int]:
    """What each merchant is charged now for one payment, given what is settled now (`fresh`) and what was before; can be negative.

    A fen that moves from one merchant's share to another's because the whole grew is borne by the first of those who settle now.
    """
    merchants = sorted({*before, *fresh})
    so_far = {merchant: before.get(merchant, NOTHING).settled_fen + fresh.get(merchant, 0) for merchant in merchants}
    due = shares(so_far, rate)
    now = {merchant: due[merchant] - before.get(merchant, NOTHING).fee_fen for merchant in sorted(fresh)}
    if now:
        now[next(iter(now))] += sum(due[merchant] - before[merchant].fee_fen for merchant in before if merchant not in fresh)
    return now


def fees_returned(refunded: Mapping[UUID, int], charged: Mapping[UUID, int], rate: Rate | None, *, returns: bool) -> dict[UUID, int]:
    """What each merchant gets back of its fee for one refund: the refund's share by the same rate, never more than was charged (`charged`:
    fees less those returned before). A fixed part of a fee is not returned, and some channels return nothing."""
    if rate is None or not returns:
        return dict.fromkeys(refunded, 0)
    back = shares(refunded, msgspec.structs.replace(rate, fixed_fen=0, min_fen=0))
    return {merchant: min(fen, max(charged.get(merchant, 0), 0)) for merchant, fen in back.items()}
