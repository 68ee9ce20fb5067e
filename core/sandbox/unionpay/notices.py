"""What UnionPay tells a merchant: front payments only when they succeed, refunds and undos either way (UnionPay sheet §8)."""

from urllib.parse import urlencode

import msgspec
from asyncpg import Connection

from core.sandbox.delivery import queue
from core.sandbox.unionpay import authority, merchants, wire
from core.sandbox.unionpay.authority import Pair
from core.sandbox.unionpay.trades import Trade
from core.sandbox.world import Post, Told

CHANNEL = "unionpay"
LADDER_SECONDS = (0.0, 60.0, 120.0, 240.0)
"""Five deliveries, 0, 1, 2 and 4 minutes apart, as UnionPay's demonstration code says."""
HEADERS = {"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8", "User-Agent": "Java/1.8", "Accept": "*/*"}


async def tell(connection: Connection, trade: Trade) -> None:
    """Queue the notification of a decided trade."""
    await queue.tell(
        connection,
        channel=CHANNEL,
        account=trade.mchid,
        number=trade.order_id,
        url=trade.back_url,
        event_id=f"UP-{trade.query_id}",
        payload=msgspec.json.encode(wire.told(trade)),
    )


async def dress(connection: Connection, told: Told, twist: str | None) -> Post | None:
    """One POST of a notification, signed now; with a twist, the faulty copy that a merchant must refuse.

    UnionPay's notifications carry no time and no probes, so those twists do not exist here; an unknown serial is a foreign authority.
    """
    fields = msgspec.json.decode(told.payload, type=dict[str, str])
    signer = await merchants.signer(connection)
    match twist:
        case None:
            return _post(fields, signer)
        case "notice_tamper_body":
            return _posted(wire.signed(fields, signer) | {"settleAmt": f"{fields['txnAmt']}0"}, twist)
        case "notice_tamper_signature":
            full = wire.signed(fields, signer)
            first = full["signature"][0]
            return _posted(full | {"signature": ("B" if first == "A" else "A") + full["signature"][1:]}, twist)
        case "notice_tamper_amount":
            more = str(int(fields["txnAmt"]) + 1)
            return _post(fields | {"txnAmt": more, "settleAmt": more}, signer, twist)
        case "notice_tamper_merchant":
            return _post(fields | {"merId": f"{int(fields['merId']) + 1}"}, signer, twist)
        case "notice_unknown_serial":
            return _post(fields, authority.foreign_signer(), twist)
    return None


def accepted(status: int, body: str) -> bool:
    """Any answer of success will do; nobody reads its body."""
    return status in (200, 302)


def _post(fields: dict[str, str], signer: Pair, twist: str | None = None) -> Post:
    return _posted(wire.signed(fields, signer), twist)


def _posted(fields: dict[str, str], twist: str | None) -> Post:
    return Post(urlencode(fields).encode(), HEADERS, twist)
