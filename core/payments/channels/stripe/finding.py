"""Where something is at a Stripe-style gateway: by its own id where we were told it, else by the number we put into its metadata.

An answer can be lost on its way to us. What it spoke of is then found here, so that it can be followed, ended, or not done twice.
"""

import re
from collections.abc import AsyncIterator, Callable

import msgspec

from core.payments.channels.errors import OrderNotAtChannel
from core.payments.channels.protocol import ChannelAccount, OrderRef, RefundRef
from core.payments.channels.stripe import wire
from core.payments.channels.stripe.transport import Transport

INTENTS = "/v1/payment_intents"
REFUNDS = "/v1/refunds"
CLOCK_SLACK_SECONDS = 300
_ID = re.compile(r"[A-Za-z0-9_]{3,255}")


def at(collection: str, reference: str) -> str:
    """The address of one thing. Raises OrderNotAtChannel for what is no id of the gateway's."""
    if not _ID.fullmatch(reference):
        raise _absent()
    return f"{collection}/{reference}"


async def intent_id(transport: Transport, account: ChannelAccount, order: OrderRef) -> str:
    """The intent of an order: as it came back when the order was made, or among those made since.

    Raises OrderNotAtChannel. An intent whose answer was lost cannot be paid: nobody was ever given its client secret.
    """
    if order.reference:
        return order.reference
    async for intent in _pages(transport, account, INTENTS, wire.read_intents, []):
        if wire.number_of(intent.metadata) == order.number:
            return intent.id
        if intent.created < order.placed_at.timestamp() - CLOCK_SLACK_SECONDS:
            break
    raise _absent()


async def intent_path(transport: Transport, account: ChannelAccount, order: OrderRef) -> str:
    """The address of an order's intent. Raises OrderNotAtChannel."""
    return at(INTENTS, await intent_id(transport, account, order))


async def paid_target(transport: Transport, account: ChannelAccount, order: OrderRef) -> tuple[str, str]:
    """What a refund is of: the intent, or the charge where only that is known."""
    if order.reference or not order.channel_txn_id:
        return "payment_intent", await intent_id(transport, account, order)
    return "charge", order.channel_txn_id


async def refund_id(transport: Transport, account: ChannelAccount, refund: RefundRef) -> str:
    """The gateway's id of a refund. Raises OrderNotAtChannel when the order has none by our number."""
    target = await paid_target(transport, account, refund.order)
    async for listed in _pages(transport, account, REFUNDS, wire.read_refunds, [target]):
        if (listed.metadata or {}).get(wire.REFUND_KEY) == refund.number:
            return listed.id
    raise _absent()


async def _pages(
    transport: Transport, account: ChannelAccount, path: str, read: Callable[[bytes], msgspec.Struct], query: wire.Form
) -> AsyncIterator[msgspec.Struct]:
    """Everything in a list, newest first, as far as the reader goes."""
    after: wire.Form = []
    while True:
        page = wire.decoded(read, await transport.get(account, path, [*query, ("limit", "100"), *after]))
        for listed in page.data:
            yield listed
        if not page.has_more or not page.data:
            return
        after = [("starting_after", page.data[-1].id)]


def _absent() -> OrderNotAtChannel:
    return OrderNotAtChannel(channel_code="resource_missing", channel_message="")
