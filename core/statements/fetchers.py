"""Who brings statements from outside: for each source one fetcher says whose files it can bring, and brings one.

A feature or plugin offers its own with `register_statement_fetchers`. The schedule, the repeats and the work list are `fetching.py`'s.
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Collection, Sequence
from uuid import UUID

import msgspec

from core.clock import SHANGHAI
from core.database import Session
from core.payments.channels.protocol import StatementFile
from core.platform import Platform


class Subject(msgspec.Struct, frozen=True):
    """An account whose files are fetched: its id at the fetcher, the number its files carry, the first day it can have one."""

    account_id: UUID
    number: str
    opened_on: dt.date


class Fetcher(msgspec.Struct, frozen=True, kw_only=True):
    """How the files of one source come.

    `list_subjects(session)` names the accounts. `fetch(platform, tenant_id, account_id, day)` is called without a transaction; None says
    that there was nothing that day. It raises StatementNotReady (asked again), StatementBroken (kept as refused, asked again) or another
    ProviderError. `out_after` is how long after midnight that ends the day the outside has the file.
    """

    source: str
    list_subjects: Callable[[Session], Awaitable[Sequence[Subject]]]
    fetch: Callable[[Platform, UUID, UUID, dt.date], Awaitable[StatementFile | None]]
    out_after: dt.timedelta = dt.timedelta(hours=10)

    def ready_at(self, day: dt.date) -> dt.datetime:
        """The instant from which a day's file is worth asking for."""
        return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), SHANGHAI) + self.out_after


def of(platform: Platform, plugins: Collection[str]) -> dict[str, Fetcher]:
    """The fetchers of core and of the plugins that are on for a client, by source."""
    offered = platform.plugins.collect_all("register_statement_fetchers")
    return {each.source: each for code, each in offered if code == "core" or code in plugins}
