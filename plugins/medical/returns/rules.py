"""How a return goes on: only from what the insurer and the refund have come to, without a database."""

from core.refunds.states import UNDER_WAY

BEFORE_MONEY = ("requested", "insurance_refused", "insurance_reversed")
GIVEN_UP = ("rejected", "cancelled", "dropped")


def next_status(status: str, refund: str | None, settlement: str | None) -> str | None:
    """The state that follows from the states of its core refund (None: no cash) and its insurance settlement (None: none); None: stays.

    The insurer comes first: nothing is `refunding` while a settlement stands. A refund that ended before the insurer was asked ends it.
    """
    reversed_ = settlement in (None, "reversed", "cancelled")
    if status in BEFORE_MONEY and (refund in GIVEN_UP or (refund == "failed" and settlement in ("settled", "cleared"))):
        return "rejected"
    if status == "requested" and settlement == "reversed":
        return "insurance_reversed"
    if status in ("requested", "insurance_reversed") and reversed_ and (refund is None or refund in (*UNDER_WAY, "success", "partial", "failed")):
        return "refunding"
    if status == "refunding" and refund in (None, "success"):
        return "done"
    if status == "refunding" and refund in ("failed", "partial"):
        return "failed"
    if status == "failed" and refund in (*UNDER_WAY, "success"):
        return "refunding"
    return None


def left_of(cash_fen: int, refunded_fen: int, open_fen: int) -> int:
    """What of an order's cash can still be asked back, fen."""
    return max(0, cash_fen - refunded_fen - open_fen)
