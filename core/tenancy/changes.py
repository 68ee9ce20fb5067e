"""What a declaration would change: one line each, shown before it is done."""

from collections.abc import Awaitable, Callable

import msgspec

Do = Callable[[], Awaitable[object]]


class Change(msgspec.Struct, frozen=True):
    """One difference between a declaration and the platform; `pending` says why it cannot be made now, `once` is shown only once."""

    where: str
    action: str
    subject: str
    name: str
    detail: str = ""
    pending: str = ""
    once: str = ""


class Step(msgspec.Struct, frozen=True):
    """A change and how to make it; a pending one has no way."""

    change: Change
    do: Do | None = None
