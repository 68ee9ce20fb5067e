"""How a receiver knows that a message is ours: HMAC-SHA256 over the moment and the raw body, with the secret of the address.

    X-Banyan-Signature: t=1767225600,v1=<hex of HMAC-SHA256(secret, "1767225600." + body)>
"""

import hashlib
import hmac

HEADER = "X-Banyan-Signature"
SECRET_BYTES = 32


def signature(secret: str, at: int, body: bytes) -> str:
    """The header's value for a body sent at a moment (seconds)."""
    return f"t={at},v1={hmac.digest(secret.encode(), str(at).encode() + b'.' + body, hashlib.sha256).hex()}"


def verified(secret: str, header: str, body: bytes, now: int, tolerance_seconds: int = 300) -> bool:
    """Whether a header fits a body and is not old: what a receiver does, kept here for tests and examples."""
    told = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    at = int(told["t"]) if told.get("t", "").isdigit() else 0
    return abs(now - at) <= tolerance_seconds and hmac.compare_digest(signature(secret, at, body), f"t={at},v1={told.get('v1', '')}")
