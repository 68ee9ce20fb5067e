"""The counter's channel with its desk: what cashiers, treasurers and the client's bank have entered is what it answers."""

from core.counter import repository
from core.payments.channels.counter import Counter
from core.payments.channels.protocol import ChannelAccount, ChannelState, RefundRef, RefundState
from core.platform import Platform


class DeskCounter(Counter):
    """`Counter`, attached to the database that its desk writes to."""

    _platform: Platform | None = None

    def attach(self, platform: Platform) -> None:
        """Called once, when the platform is made."""
        self._platform = platform

    async def entered(self, account: ChannelAccount, number: str) -> ChannelState | None:
        """The payment that the desk has booked for an order."""
        if self._platform is None or account.tenant_id is None:
            return None
        async with self._platform.database.tenant(account.tenant_id) as session:
            row = await repository.find_booked(session, account.mchid, number)
        if row is None:
            return None
        return ChannelState(
            state="succeeded", order_number=number, mchid=account.mchid, appid=account.appid, channel_txn_id=row.channel_txn_id,
            amount_fen=row.amount_fen, currency="CNY", paid_at=row.paid_at,
        )  # fmt: skip

    async def query_refund(self, account: ChannelAccount, refund: RefundRef) -> RefundState:
        """Done once the window's entry says so."""
        waiting = await super().query_refund(account, refund)
        if self._platform is None or account.tenant_id is None:
            return waiting
        async with self._platform.database.tenant(account.tenant_id) as session:
            entry = await repository.find_refund_entry(session, refund.number)
        if entry is None:
            return waiting
        return RefundState(
            state="succeeded", number=refund.number, order_number=refund.order.number, mchid=account.mchid, amount_fen=-entry.amount_fen,
            reference=entry.number, refunded_at=entry.entered_at,
        )  # fmt: skip
