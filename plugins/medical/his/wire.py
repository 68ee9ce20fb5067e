"""Speaking with a HIS: JSON both ways, each message signed (HMAC-SHA256) over its bytes, answers checked before they are believed.

What is signed: `METHOD\\npath\\ntimestamp\\nnonce\\nsha256(body)`; in an answer `status\\ntimestamp\\nnonce of the question\\nsha256(body)`.
"""

import hmac
import re
import secrets
from urllib.parse import urlsplit

import httpx
import msgspec

from core import clock
from core.receipts.issuer_wire import signature

WINDOW_SECONDS = 300
TIMEOUT = httpx.Timeout(8.0, connect=3.0)
_DIGITS = re.compile(r"\d{6,}")


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A hospital's HIS: where, as whom, with which secret."""

    base_url: str
    app_id: str
    secret: str
    refund_after_minutes: int = 30


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a HIS says of one number (`states.ANSWERS`); `serials` are all it has under it, fen as it says."""

    state: str
    serial: str = ""
    serials: tuple[str, ...] = ()
    amount_fen: int | None = None
    message: str = ""
    status: int | None = None


class _Answer(msgspec.Struct, frozen=True):
    number: str
    state: str
    serial: str
    amount_fen: int
    serials: tuple[str, ...] = ()


class _Refusal(msgspec.Struct, frozen=True):
    message: str = ""


async def ask(client: httpx.AsyncClient, link: Link, method: str, path: str, key: str, body: dict | None = None) -> Told:
    """One signed question and what its answer means; `silent` for whatever cannot be believed, never an exception."""
    url = link.base_url.rstrip("/") + path
    content = msgspec.json.encode(body) if body is not None else b""
    stamp, nonce = str(int(clock.now().timestamp())), secrets.token_hex(16)
    headers = {
        "content-type": "application/json", "x-app-id": link.app_id, "x-timestamp": stamp, "x-nonce": nonce,
        "x-signature": signature(link.secret, method, urlsplit(url).path, stamp, nonce, content),
    }  # fmt: skip
    try:
        answer = await client.request(method, url, content=content, headers=headers, timeout=TIMEOUT)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Told(state="silent", message=type(error).__name__)
    return read(answer, link, nonce, key)


def read(answer: httpx.Response, link: Link, nonce: str, key: str) -> Told:
    """What an answer means, once its signature and the number it speaks of are right."""
    status = answer.status_code
    if not _signed(answer, link.secret, nonce):
        return Told(state="silent", message="signature" if status == 200 else f"HTTP {status}", status=status)
    try:
        if status == 404:
            return Told(state="absent", status=status)
        if status in (409, 422):
            return Told(state="refused", message=plain(msgspec.json.decode(answer.content, type=_Refusal).message), status=status)
        if status != 200:
            return Told(state="silent", message=f"HTTP {status}", status=status)
        told = msgspec.json.decode(answer.content, type=_Answer)
    except msgspec.MsgspecError:
        return Told(state="silent", message="answer", status=status)
    if told.number != key or told.state not in ("posted", "cancelled") or not 0 < len(told.serial) <= 64:
        return Told(state="silent", message="answer", status=status)
    return Told(state=told.state, serial=told.serial, serials=told.serials or (told.serial,), amount_fen=told.amount_fen, status=status)


def plain(message: str) -> str:
    """Their words as we keep them: short, one line, no long numbers (an id, a phone, a card)."""
    return _DIGITS.sub("***", " ".join(message.replace("\0", "").split()))[:120]


def _signed(answer: httpx.Response, secret: str, nonce: str) -> bool:
    stamp = answer.headers.get("x-timestamp", "")
    due = signature(secret, str(answer.status_code), stamp, nonce, answer.content)
    fresh = stamp.isdecimal() and abs(clock.now().timestamp() - int(stamp[:12])) <= WINDOW_SECONDS
    return fresh and hmac.compare_digest(due.encode(), answer.headers.get("x-signature", "").encode())
