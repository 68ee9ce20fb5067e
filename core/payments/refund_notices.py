"""What a channel tells us of refunds goes to whoever keeps refunds; payments only opens the door (imports point one way)."""

from collections.abc import Awaitable, Callable

from core.database import Session
from core.payments.channels.protocol import ChannelAccount, RefundState
from core.payments.schemas import Decision

Settle = Callable[[Session, ChannelAccount, RefundState], Awaitable[Decision]]
_settling: list[Settle] = []


def register(settle: Settle) -> None:
    """Name the one who applies a channel's word on a refund; called once, when the feature's hooks are loaded."""
    _settling[:] = [settle]


async def settle(session: Session, account: ChannelAccount, state: RefundState) -> Decision:
    """Apply a verified word on a refund in the caller's transaction."""
    [keeper] = _settling
    return await keeper(session, account, state)
