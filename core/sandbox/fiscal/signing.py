"""Signatures of the ticket platforms: HMAC-SHA256 over method, path, time, nonce and the body's hash; answers likewise over their status."""

import hashlib
import hmac

from litestar import Request

from core import clock


def signature(secret: str, *parts: str | bytes) -> str:
    """Over the words, one a line, and the hash of the last part, which is the body."""
    *words, body = parts
    told = "\n".join([*words, hashlib.sha256(body).hexdigest()])
    return hmac.new(secret.encode(), told.encode(), hashlib.sha256).hexdigest()


async def proved(request: Request, secret: str, window_seconds: int) -> str | None:
    """Why a request is not believed, None when it is."""
    stamp, nonce = request.headers.get("x-timestamp", ""), request.headers.get("x-nonce", "")
    if not stamp.isdecimal() or abs(clock.seconds() - int(stamp)) > window_seconds or not 16 <= len(nonce) <= 64:
        return "时间戳或随机串无效"
    path = request.scope["raw_path"].decode("latin-1")
    due = signature(secret, request.method, path, stamp, nonce, await request.body())
    given = request.headers.get("x-signature", "")
    return None if hmac.compare_digest(due.encode(), given.encode("latin-1")) else "签名不正确"


def signed_headers(secret: str, status: int, nonce: str, body: bytes, tampered: bool) -> dict[str, str]:
    """The headers that prove an answer; tampered ones prove another."""
    stamp = str(int(clock.seconds()))
    proof = signature(secret, str(status), stamp, nonce, body + (b" " if tampered else b""))
    return {"x-timestamp": stamp, "x-nonce": nonce, "x-signature": proof}
