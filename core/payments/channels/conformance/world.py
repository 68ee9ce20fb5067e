"""The other side of a channel, as its tests hold it: pay as a payer does, listen as a merchant does, break what can break."""

import datetime as dt
import re
import time
from typing import Literal, Protocol

import msgspec

from core.payments.channels.protocol import (
    Channel,
    ChannelAccount,
    ChannelState,
    OrderRef,
    OrderRequest,
    Prepared,
    RefundRef,
    RefundRequest,
    RefundState,
    StatementFile,
)

Fault = Literal["api_error", "api_timeout", "api_tamper", "refund_fail", "refund_short"]
Heard = tuple[dict[str, str], bytes]
"""A notification as it came over the wire: its headers and its raw body."""
_SECRET = re.compile(r"secret|private|key|password|token")
_PUBLIC = re.compile(r"public|publish|certificate|serial|_id$")


class World(Protocol):
    """What the `world` fixture gives: the channel under test and hands on its other side. Subclass it; some methods have a usual answer.

    Give `channel` an HTTP client that waits about a second, so that a time-out is quickly reached.
    """

    channel: Channel
    account: ChannelAccount

    def order(self, **changes: object) -> OrderRequest:
        """A new order that is unlike every other, complete for its scene (openid, pay code, …); `changes` replace its fields."""
        ...

    async def pay(self, order: OrderRequest, prepared: Prepared) -> bool:
        """The payer pays the way `prepared` leads; False when the channel takes no money (any more)."""
        ...

    async def notices(self, number: str) -> list[Heard]:
        """The genuine notifications about an order (by its number) or a refund (by its own), once at least one has come."""
        ...

    async def refund_done(self, refund: RefundRequest) -> None:
        """Wait until the channel has brought this refund to its end."""
        ...

    async def break_next(self, kind: Fault, number: str) -> None:
        """Let the next call about an order (a refund too: always the order's number) go wrong, once.

        api_error: 500 and nothing done. api_timeout: done, but the answer comes too late. api_tamper: the answer is not what the channel
        signed; where answers are unsigned, not readable. refund_fail: the next refund is taken, and fails. refund_short: not enough money.
        """
        ...

    async def mend(self, number: str) -> None:
        """Forget the faults of an order that have not happened yet."""
        ...

    async def another(self) -> ChannelAccount:
        """A second merchant of the same channel, with keys of its own, to whom nothing has ever been paid."""
        ...

    async def age(self, order: OrderRequest) -> dt.date:
        """Let a paid order be of a day whose statement is out, and say which day."""
        ...

    async def arrive(self, order: OrderRequest, prepared: Prepared) -> None:
        """The payer opens the pay page and does not pay yet; for channels that know of no order before that."""

    def statement_text(self, file: StatementFile) -> str:
        """A statement as text, to look for order numbers in it."""
        return file.content.decode()

    def at(self, offset_seconds: int) -> Channel:
        """The channel with a clock that is so far ahead (or behind); it only reads notifications."""
        return type(self.channel)(None, seconds_now=lambda: time.time() + offset_seconds)  # type: ignore[call-arg]

    @property
    def secrets(self) -> list[str]:
        """What must never be printed: by the names of the credentials, unless the world knows better."""
        named = self.account.credentials.items()
        return [value for name, value in named if value and _SECRET.search(name) and not _PUBLIC.search(name)]


class Paid(msgspec.Struct, frozen=True):
    """An order that was paid, and what the channel says of it."""

    order: OrderRequest
    prepared: Prepared
    state: ChannelState
    ref: OrderRef


def ref_of(order: OrderRequest, prepared: Prepared | None = None, state: ChannelState | None = None) -> OrderRef:
    """An order as later calls name it, with what the channel has told so far."""
    return msgspec.structs.replace(
        order.ref, reference=prepared.reference if prepared else None, channel_txn_id=state.channel_txn_id if state else None
    )


async def begun(world: World, **changes: object) -> tuple[OrderRequest, Prepared]:
    """A new order that the channel knows and nobody has paid."""
    order = world.order(**changes)
    prepared = await world.channel.create(world.account, order)
    await world.arrive(order, prepared)
    return order, prepared


async def paid(world: World, **changes: object) -> Paid:
    """A new order, paid."""
    order, prepared = await begun(world, **changes)
    assert await world.pay(order, prepared), "the payer could not pay"
    state = await world.channel.query(world.account, ref_of(order, prepared))
    assert state.paid, f"paid, but a query says {state.state}"
    return Paid(order, prepared, state, ref_of(order, prepared, state))


def ref_of_refund(refund: RefundRequest, state: RefundState | None = None) -> RefundRef:
    """A refund as a query names it."""
    return RefundRef(
        number=refund.number, order=refund.order, amount_fen=refund.amount_fen, placed_at=refund.placed_at,
        reference=state.reference if state else None,
    )  # fmt: skip


_drawn = iter(range(1, 10_000_000))


def refund_of(payment: Paid, amount_fen: int, **changes: object) -> RefundRequest:
    """A new refund of a payment; where the notify address ends with the order's number, that of the refund ends with its own."""
    number = f"R{time.time_ns():x}{next(_drawn):07d}"[:32]
    fields = {
        "number": number,
        "order": payment.ref,
        "amount_fen": amount_fen,
        "reason": "退学退费",
        "notify_url": payment.order.notify_url.replace(payment.order.number, number),
        "placed_at": dt.datetime.now(dt.UTC).replace(microsecond=0),
    }
    return RefundRequest(**(fields | changes))
