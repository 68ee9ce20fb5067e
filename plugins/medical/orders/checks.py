"""What other parts of the hospital must agree to before an order of a kind is taken: deposits want a stay, prepayments an exception."""

from collections.abc import Awaitable, Callable, Mapping

from core.database import Row, Session
from plugins.medical.orders.schemas import OrderAsk

Check = Callable[[Session, Mapping[str, object], OrderAsk, Row | None, Row | None], Awaitable[None]]
"""Given the client's settings, the ask, the patient and the visit; raises what refuses the order. Asked before anything is written."""
CHECKS: dict[str, Check] = {}


def register(kind: str, check: Check) -> None:
    """From now on every order of this kind is asked about."""
    CHECKS[kind] = check
