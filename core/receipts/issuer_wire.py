"""Speaking with an issuer: JSON both ways, each message signed (HMAC-SHA256) over its bytes, answers checked before they are believed.

What is signed: `METHOD\\npath\\ntimestamp\\nnonce\\nsha256(body)`; in an answer `status\\ntimestamp\\nnonce of the question\\nsha256(body)`.
"""

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

import httpx
import msgspec

from core import clock
from core.receipts.errors import IssuerSilent

WINDOW_SECONDS = 300


async def call(
    client: httpx.AsyncClient, base_url: str, app_id: str, secret: str, method: str, path: str, body: dict | None = None
) -> dict | None:
    """Ask an issuer; None when it knows nothing under that number. IssuerSilent for whatever cannot be believed."""
    url = base_url.rstrip("/") + path
    content = msgspec.json.encode(body) if body is not None else b""
    stamp, nonce = str(int(clock.now().timestamp())), secrets.token_hex(16)
    headers = {
        "content-type": "application/json",
        "x-app-id": app_id,
        "x-timestamp": stamp,
        "x-nonce": nonce,
        "x-signature": signature(secret, method, urlsplit(url).path, stamp, nonce, content),
    }
    try:
        answer = await client.request(method, url, content=content, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise IssuerSilent(why=type(error).__name__) from error
    _check(answer, secret, nonce)
    if answer.status_code == 404:
        return None
    try:
        found = msgspec.json.decode(answer.content, type=dict)
    except msgspec.MsgspecError as error:
        raise IssuerSilent() from error
    if answer.status_code == 422:
        return {**found, "state": "refused"}
    if answer.status_code != 200:
        raise IssuerSilent(why=f"HTTP {answer.status_code}")
    return found


def signature(secret: str, *parts: str | bytes) -> str:
    """The signature over some words; the last part is the body, which goes in by its hash."""
    *words, body = parts
    told = "\n".join([*map(str, words), hashlib.sha256(body).hexdigest()])
    return hmac.new(secret.encode(), told.encode(), hashlib.sha256).hexdigest()


def _check(answer: httpx.Response, secret: str, nonce: str) -> None:
    stamp = answer.headers.get("x-timestamp", "")
    due = signature(secret, str(answer.status_code), stamp, nonce, answer.content)
    fresh = stamp.isdecimal() and abs(clock.now().timestamp() - int(stamp)) <= WINDOW_SECONDS
    if not fresh or not hmac.compare_digest(due.encode(), answer.headers.get("x-signature", "").encode()):
        raise IssuerSilent(why="signature")
