"""Whether a channel answers: three unanswered calls in a minute, and payers are offered other ways until it does again.

Kept in the database, one row per merchant number that had trouble, so that every process knows. After a minute one payment is let
through (half open): it closes the circuit, or opens it for another minute.
"""

import datetime as dt
from uuid import UUID

from core import clock
from core.database import Session
from core.payments.routing import health_repository as repository

WINDOW = dt.timedelta(seconds=60)
REST = dt.timedelta(seconds=60)
MOST = 3


async def failed(session: Session, account_id: UUID, reason: str) -> None:
    """A call was not answered, or not believably."""
    await repository.count_failure(session, account_id, clock.now(), WINDOW, REST, MOST, reason[:80])


async def worked(session: Session, account_id: UUID) -> None:
    """A call was answered: all is well again."""
    await repository.forget(session, account_id)


async def admit(session: Session, account_id: UUID) -> bool:
    """Whether this payment may try: of those that come after the rest, one goes first."""
    now = clock.now()
    return await repository.claim(session, account_id, now, now + REST)


def is_busy(open_until: dt.datetime | None) -> bool:
    """Whether payers should be offered something else."""
    return open_until is not None and open_until > clock.now()
