"""Guessing is slow: five failures lock a log-in name for fifteen minutes, twenty an address. Counted in the bank's rows.

Every attempt is written down before it is judged, one at a time for each subject, so that a hundred at once are five.
The address's limit is higher, because a whole school sits behind one.
"""

import datetime as dt
import math

from core import clock
from core.database import Session
from core.identity import throttle_repository as repository
from core.identity.errors import TooManyAttempts

WINDOW = dt.timedelta(minutes=15)
LIMITS = {"login": 5, "code": 5, "ip": 20}


async def attempt(session: Session, subjects: dict[str, bytes]) -> None:
    """Count an attempt against each subject (kind → keyed hash); TooManyAttempts (429) when one is locked, without counting."""
    now = clock.now()
    for subject in sorted(subjects.values()):
        await repository.lock_subject(session, subject)
    for kind, subject in subjects.items():
        recent = await repository.recent(session, subject, now - WINDOW, LIMITS[kind])
        if len(recent) >= LIMITS[kind]:
            left = (min(recent) + WINDOW - now).total_seconds()
            raise TooManyAttempts(minutes=max(1, math.ceil(left / 60)))
    for subject in subjects.values():
        await repository.add(session, subject, now)


async def forgive(session: Session, subject: bytes, other: bytes | None = None) -> None:
    """Forget the failures of a subject that got in, and the one attempt it made from an address."""
    await repository.forget(session, subject)
    if other is not None:
        await repository.forget_newest(session, other)
    await repository.forget_older(session, clock.now() - WINDOW)
