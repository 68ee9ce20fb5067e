"""What waits of somebody's imports: files that were checked and not written yet, and rows that did not pass."""

import datetime as dt

from core import clock
from core.database import Row, Session
from core.identity.actor import Actor
from core.identity.worklist import Waiting
from core.imports import repository

FRESH = dt.timedelta(days=30)
"""Rows that nobody mended for so long are not coming any more."""


async def to_apply(session: Session, by: Actor) -> Waiting:
    """Files that wait for one's own decision."""
    return _told(await repository.oldest_open(session, by.id))


async def to_mend(session: Session, by: Actor) -> Waiting:
    """Files of which rows came back."""
    return _told(await repository.oldest_to_mend(session, by.id, clock.now() - FRESH))


def _told(row: Row | None) -> Waiting:
    return Waiting(row.n, row.since) if row else Waiting(0)
