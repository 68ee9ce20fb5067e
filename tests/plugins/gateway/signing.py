"""River Bank's signatures: HMAC-SHA256 with the merchant's secret over the time, what it is about, and the raw body."""

import hashlib
import hmac
import re

WINDOW_SECONDS = 300
_SECONDS = re.compile(r"[0-9]{1,11}")


def sign(secret: str, seconds: str, about: str, body: bytes) -> str:
    """`about` is method and path of a request, the status of an answer, `notice` of a notification."""
    return hmac.digest(secret.encode(), f"{seconds}\n{about}\n".encode() + body, hashlib.sha256).hex()


def holds(secret: str, headers: dict[str, str], about: str, body: bytes, now: float) -> bool:
    """Whether these very bytes were signed with this secret within the last five minutes."""
    seconds, signature = headers.get("x-time", ""), headers.get("x-signature", "")
    if not _SECONDS.fullmatch(seconds) or abs(now - int(seconds)) > WINDOW_SECONDS:
        return False
    return hmac.compare_digest(sign(secret, seconds, about, body).encode(), signature.encode())
