"""How a receiver knows that a message is ours: signed as Standard Webhooks wants it, so that any of its libraries verifies it.

    webhook-id: <the message's id, the same at every try>
    webhook-timestamp: 1767225600
    webhook-signature: v1,<base64 of HMAC-SHA256(key, "{id}.{timestamp}." + body)>

The key is what stands in base64 behind `whsec_` in the secret of the address.
"""

import base64
import hashlib
import hmac
import secrets

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    """A secret for an address."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def headers(secret: str, message_id: str, at: int, body: bytes) -> dict[str, str]:
    """What goes with a body sent at a moment (seconds)."""
    return {"webhook-id": message_id, "webhook-timestamp": str(at), "webhook-signature": _signature(secret, message_id, at, body)}


def verified(secret: str, told: dict[str, str], body: bytes, now: int, tolerance_seconds: int = 300) -> bool:
    """Whether the headers fit a body and are not old: what a receiver does, kept here for tests and examples."""
    at = int(told["webhook-timestamp"]) if told.get("webhook-timestamp", "").isdigit() else 0
    wanted = _signature(secret, told.get("webhook-id", ""), at, body)
    given = told.get("webhook-signature", "").split()
    return abs(now - at) <= tolerance_seconds and any(hmac.compare_digest(wanted, each) for each in given)


def _signature(secret: str, message_id: str, at: int, body: bytes) -> str:
    text = secret.removeprefix(PREFIX).translate(str.maketrans("-_", "+/"))  # secrets of before were written for addresses
    key = base64.b64decode(text + "=" * (-len(text) % 4))
    return "v1," + base64.b64encode(hmac.digest(key, f"{message_id}.{at}.".encode() + body, hashlib.sha256)).decode()
