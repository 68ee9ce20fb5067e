"""What a robot does outside: one verb, `download(account, day, still)`, answered by the file or files of a day, or ended with a named reason."""

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Protocol

from plugins.medical.robots import mailbox, site
from plugins.medical.robots.account import Account
from plugins.medical.robots.files import Brought

Still = Callable[[str], Awaitable[None]]
"""Told the step that comes next; raises Unauthorised when the robot may not go on."""


class Connector(Protocol):
    """A way to a platform's statements. It keeps nothing, and no transaction is open while it works."""

    async def __call__(self, account: Account, day: dt.date, still: Still) -> list[Brought]:
        """The files of a day. Raises an Ending."""


CONNECTORS: dict[str, Connector] = {"site": site.download, "mailbox": mailbox.download}
