"""What the gateway tells its merchants: events, signed when they are sent, and how they are made to misbehave (Stripe sheet §4)."""

import msgspec
from asyncpg import Connection

from core import clock
from core.payments.channels.stripe.crypto import sign
from core.payments.channels.stripe.transport import API_VERSION
from core.sandbox.delivery import queue
from core.sandbox.stripe import accounts
from core.sandbox.stripe.accounts import Account
from core.sandbox.stripe.names import letters, new_id
from core.sandbox.world import Post, Told

CHANNEL = "stripe"
LADDER_SECONDS = (60, 300, 900, 3600, 7200, 14400, 28800, 43200, 72000, 86400)
"""Waits between attempts, growing as they do: eleven attempts in just under three days."""
SIGNED_TWISTS = ("notice_tamper_amount", "notice_tamper_merchant")


async def happened(connection: Connection, account: Account, kind: str, shown: dict[str, object], number: str) -> None:
    """Queue an event, if the account's endpoint wants to hear of its kind; in the transaction it tells about."""
    if not account.webhook_url or kind not in account.webhook_events:
        return
    event_id = new_id("evt")
    event = {
        "id": event_id,
        "object": "event",
        "api_version": API_VERSION,
        "created": int(clock.now().timestamp()),
        "data": {"object": shown},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }
    await queue.tell(
        connection, channel=CHANNEL, account=account.mchid, number=number, url=account.webhook_url, event_id=event_id,
        payload=msgspec.json.encode(event),
    )  # fmt: skip


async def dress(connection: Connection, told: Told, twist: str | None) -> Post | None:
    """One POST of an event, signed now; a merchant must refuse each of the twisted ones, or see that it is about something else."""
    account = await accounts.find(connection, told.account)
    if account is None:
        return None
    held = [account.webhook_secret, *([account.previous_webhook_secret] if account.previous_webhook_secret else [])]
    now = int(clock.now().timestamp())
    body = _altered(told.payload, twist) if twist in SIGNED_TWISTS else told.payload
    match twist:
        case None | "notice_tamper_amount" | "notice_tamper_merchant":
            return _post(body, now, held, twist)
        case "notice_tamper_body":
            signed = _post(body, now, held, twist)
            return Post(body.replace(b'"object":"event"', b'"object":"evenT"', 1), signed.headers, twist)
        case "notice_tamper_signature":
            signed = _post(body, now, held, twist)
            header = signed.headers["Stripe-Signature"]
            return Post(body, signed.headers | {"Stripe-Signature": header[:-1] + ("0" if header[-1] != "0" else "1")}, twist)
        case "notice_stale":
            return _post(body, now - 600, held, twist)
        case "notice_unknown_serial":
            return _post(body, now, [f"whsec_{letters(32)}"], twist)
    return None


def _post(body: bytes, at: int, held: list[str], twist: str | None) -> Post:
    """Signed with every secret in force: during a change there are two, the older one first, as a receiver must not rely on the order."""
    signatures = ",".join(f"v1={sign(secret, at, body)}" for secret in reversed(held))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "Stripe-Signature": f"t={at},{signatures}",
    }
    return Post(body, headers, twist)


def _altered(payload: bytes, twist: str | None) -> bytes:
    """The same event about another amount, or about another account."""
    event = msgspec.json.decode(payload)
    if twist == "notice_tamper_merchant":
        return msgspec.json.encode(event | {"account": f"acct_{letters(16)}"})
    about = event["data"]["object"]
    for name in ("amount", "amount_received"):
        if about.get(name):
            about[name] += 1
    return msgspec.json.encode(event)


def accepted(status: int, body: str) -> bool:
    """Any 2xx ends it."""
    return 200 <= status < 300
