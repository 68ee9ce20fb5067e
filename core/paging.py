"""Long lists in pages: a cursor says where the last row stood, so that the next page starts there however much was added since."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar
from uuid import UUID

import msgspec

from core.errors import InvalidRequest

T = TypeVar("T")
PAGE = 50
MOST = 200


class BadCursor(InvalidRequest):
    code = "BAD_CURSOR"
    message = "翻页位置无效，请从第一页重新查看"


class BadLimit(InvalidRequest):
    code = "BAD_LIMIT"
    message = "每页条数应从 1 起"


def write_cursor(*values: object) -> str:
    """The place of a row, from the values it is sorted by."""
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")


def read_cursor(text: str | None, shape: type[T]) -> T | None:
    """The place again, as a tuple of the given types; BadCursor for anything that is not one of ours."""
    if not text:
        return None
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=shape)
    except (msgspec.MsgspecError, binascii.Error, ValueError):
        raise BadCursor() from None


def read_id(text: str | None) -> UUID | None:
    """A cursor that is simply the last row's id."""
    try:
        return UUID(text) if text else None
    except ValueError:
        raise BadCursor() from None


def cut(rows: Sequence[T], limit: int, place: Callable[[T], str]) -> tuple[list[T], str | None]:
    """Of one row more than wanted: the page, and the cursor of the next one if there is one."""
    shown = list(rows[:limit])
    return shown, place(shown[-1]) if len(rows) > limit else None


def page_size(asked: int) -> int:
    """How many rows a program may have at once; BadLimit for none or less."""
    if asked < 1:
        raise BadLimit()
    return min(asked, MOST)
