"""Who only looks can change nothing: from the moment that a request says so, each of its transactions is read-only in the database.

The wall is the database's own, not a hidden button: whatever a handler tries to write is refused by PostgreSQL, in whichever tenant.
"""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

from core.errors import NotPermitted


class OnlyLooking(NotPermitted):
    code = "ONLY_LOOKING"
    message = "客服查看只能看：不能改动、导出或下载。需要操作时，请由客户自己的人员完成"


class Leave:
    """What one request may do; shared by everything that the request starts."""

    def __init__(self) -> None:
        self.only_looks = False


_leave: ContextVar[Leave | None] = ContextVar("leave", default=None)


@contextlib.contextmanager
def request() -> Iterator[Leave]:
    """Around one request: it may write until it says otherwise, and what it said ends with it."""
    token = _leave.set(Leave())
    try:
        yield _leave.get()
    finally:
        _leave.reset(token)


def from_now_on() -> None:
    """This request only looks; there is no way back."""
    leave = _leave.get()
    if leave is None:
        raise RuntimeError("nobody began a request that could only look")
    leave.only_looks = True


def only_looks() -> bool:
    """Whether the present request may change nothing."""
    leave = _leave.get()
    return leave is not None and leave.only_looks


def need_more() -> None:
    """Raise OnlyLooking where a page gives a file away: looking is no way to carry data out."""
    if only_looks():
        raise OnlyLooking()
