"""How a Stripe-style gateway signs its webhooks: HMAC-SHA256 over time and raw body (Stripe sheet §4)."""

import hashlib
import hmac
import re
from collections.abc import Iterable

CLOCK_WINDOW_SECONDS = 300
_SECONDS = re.compile(r"[0-9]{1,11}")


class BadHeader(ValueError):
    """A signature header without exactly one time, or without a `v1`."""


def sign(secret: str, timestamp: int | str, body: bytes) -> str:
    """The `v1` of a webhook: the endpoint's whole secret is the key, as text; lower-case hex."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def read_header(header: str) -> tuple[int, list[str]]:
    """Time and all `v1` signatures of `t=…,v1=…[,v1=…][,v0=…]`; `v0` and anything unheard-of is passed over. Raises BadHeader."""
    pairs = [item.strip().partition("=") for item in header.split(",")]
    times = [value for name, _, value in pairs if name == "t"]
    signatures = [value for name, _, value in pairs if name == "v1"]
    if len(times) != 1 or not _SECONDS.fullmatch(times[0]) or not signatures:
        raise BadHeader(header[:80])
    return int(times[0]), signatures


def signed_by(secrets: Iterable[str], timestamp: int, body: bytes, signatures: Iterable[str]) -> bool:
    """Whether one of the signatures was made with one of the secrets over exactly these bytes; every pair is compared, in constant time."""
    expected = [sign(secret, timestamp, body).encode() for secret in secrets if secret]
    given = [signature.encode(errors="replace") for signature in signatures]
    return any([hmac.compare_digest(ours, theirs) for ours in expected for theirs in given])
