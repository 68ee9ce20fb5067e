"""What the search box is told by features and plugins: a source finds one kind of thing, and says what it found in a line each."""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec

SHORTEST, LONGEST = 2, 64
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_NUMBER = re.compile(r"[A-Z0-9_-]*[0-9][A-Z0-9_-]*")
_LETTERS = re.compile(r"[a-z]+")
_PHONE = re.compile(r"1[3-9][0-9]{9}")
_TAIL = re.compile(r"[0-9]{4}")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody typed, in the forms in which things are looked up; a form that it cannot be is empty.

    `name` holds Chinese letters, `letters` is pinyin or its initials, `number` is upper case without blanks. A phone or the last four
    digits of one are keyed hashes: what is sealed is never searched in clear (domain book §10).
    """

    text: str
    name: str = ""
    letters: str = ""
    number: str = ""
    tail: str = ""
    tail_mark: bytes | None = None
    phone_mark: bytes | None = None


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that fits, masked as its list shows it; of two with the same `key` the first group's stays."""

    title: str
    href: str
    detail: str = ""
    status: str = ""
    machine: str = ""
    key: str = ""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of thing: `find(session, asked, actor, limit)` answers `Found`s within the reach of one of the `permissions`, by an index.

    `list_path` leads to the whole list (`{q}` is what was typed), `hint` says by what it is found, `position` orders the groups.
    """

    code: str
    title: str
    permissions: tuple[str, ...]
    find: Callable[[Any, Asked, Any, int], Awaitable[Sequence[Found]]]
    hint: str
    list_path: str = ""
    position: int = 100
    side: str = "console"


def read(typed: str) -> Asked | None:
    """What was typed in its forms, without the hashes; None when it is too short to mean anything."""
    text = " ".join(typed.replace("\0", "").split())[:LONGEST]
    solid = text.replace(" ", "")
    chinese = bool(_CHINESE.search(text))
    if len(solid) < SHORTEST and not chinese:
        return None
    return Asked(
        text=text,
        name=text if chinese else "",
        letters=solid.lower() if _LETTERS.fullmatch(solid.lower()) else "",
        number=solid.upper() if _NUMBER.fullmatch(solid.upper()) else "",
        tail=solid if _TAIL.fullmatch(solid) else "",
    )


def phone_of(asked: Asked) -> str:
    """The whole mobile number that was typed, or nothing."""
    return asked.number if _PHONE.fullmatch(asked.number) else ""


def up_to(prefix: str) -> str:
    """The first text behind all that begin with a prefix, in the order of code points: `begins with` as a range that an index knows."""
    return prefix + "\U0010ffff"
