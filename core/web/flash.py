"""A sentence that survives one redirect, carried in a short-lived cookie and shown once."""

import base64
import binascii

import msgspec
from litestar import Request
from litestar.datastructures import Cookie

COOKIE = "banyan_flash"
TONES = {"success": "good", "info": "info", "warning": "warn", "danger": "bad"}


class Flash(msgspec.Struct, frozen=True):
    """One message: `tone` is one of good, info, warn, bad; `undo` is the address that takes back what it tells, with `fields`."""

    tone: str
    text: str
    undo: str = ""
    fields: dict[str, str] = {}


def written(messages: list[Flash]) -> Cookie:
    """The cookie that carries messages to the next page."""
    value = base64.urlsafe_b64encode(msgspec.json.encode(messages)).decode()
    return Cookie(COOKIE, value=value, path="/", max_age=60, httponly=True, samesite="lax")


def read(request: Request) -> list[Flash]:
    """The messages that came with a request; a broken cookie is no message."""
    raw = request.cookies.get(COOKIE)
    if not raw:
        return []
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(raw), type=list[Flash])
    except (msgspec.MsgspecError, binascii.Error, ValueError):
        return []


def cleared() -> Cookie:
    """The cookie that forgets them, set once they were shown."""
    return Cookie(COOKIE, value="", path="/", max_age=0, httponly=True, samesite="lax")
