"""What an importer takes and answers; an importer is registered with `register_importers` (core.hookspecs.Importer).

    async def check(context: ImportContext, content: bytes, filename: str) -> ImportCheck
    async def apply(context: ImportContext, check: ImportCheck) -> None

`check` judges the whole file and changes nothing. A file that cannot be read raises a `core.imports.errors.FileRefused`.
`apply` writes what `check.payload` holds, in transactions of at most `context.batch_rows` rows, each opened with `context.session()`.
It is called with a check made a moment ago; killed half-way it is checked and applied anew, and rows already written are then
`unchanged`. So both are idempotent: the same file twice changes nothing (domain book §2.9).
"""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from msgspec import Struct

from core.database import Session
from core.identity.actor import Actor
from core.imports.verdicts import Verdict
from core.platform import Platform
from core.tenancy.directory import ClientProfile

BATCH_ROWS = 1000
"""Rows a transaction of an import may write (domain book §2.9)."""


class Totals(Struct, frozen=True):
    """Data rows of a file, each counted once; rows that are no data (remarks, blanks) are counted nowhere."""

    new: int
    changed: int
    unchanged: int
    rejected: int


class ImportCheck(Struct, frozen=True, kw_only=True):
    """The verdict on a file: `rows` are the remarks (clean rows need none), `payload` is whatever the importer's own `apply` wants.

    `payload` stays in memory: it is never stored and never shown.
    """

    rows: Sequence[Verdict]
    totals: Totals
    payload: object = None


async def silent(done: int, total: int) -> None:
    """Nobody watches."""


class ImportContext(Struct, kw_only=True):
    """What an importer may use: the client it works for, who asked, transactions of that client, and a way to tell how far it is."""

    platform: Platform
    client: ClientProfile
    by: Actor
    progress: Callable[[int, int], Awaitable[None]] = silent
    """`await context.progress(done, total)` in rows; cheap, call it as often as once a batch."""
    batch_rows: int = BATCH_ROWS

    @contextlib.asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """One transaction of the client, committed at its end."""
        async with self.platform.database.tenant(self.client.id) as session:
            yield session


class ImportAnswer(Struct, frozen=True):
    """What the page, the API and `banyan import --json` answer."""

    rows: Sequence[Verdict]
    totals: Totals
