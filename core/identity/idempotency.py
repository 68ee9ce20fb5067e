"""Asked twice, done once: the same key and body get the stored answer, the same key with another body is refused (architecture §6).

A key counts within one tenant, asker and route. Where a request is one transaction use `once`; where a handler calls the outside
between two transactions, `claim` in the first and `store` in the last.
"""

import datetime as dt
import hashlib
from collections.abc import Awaitable, Callable

import msgspec

from core import clock
from core.database import Session
from core.identity import idempotency_repository as repository
from core.identity.errors import IdempotencyInProgress, IdempotencyKeyMissing, IdempotencyKeyReused

LEASE = dt.timedelta(seconds=60)
"""A claim without an answer after this long was left by a crash, and the next request takes it over."""


class Answer(msgspec.Struct, frozen=True):
    """What was answered: HTTP status and JSON-able body."""

    status: int
    body: object


def scope_of(who: str, route: str) -> str:
    """One asker at one route, `POST /api/v1/refunds`."""
    return f"{who} {route}"


def _checked(key: str | None) -> str:
    if key is None or not 8 <= len(key) <= 100 or not key.isprintable():
        raise IdempotencyKeyMissing()
    return key


async def claim(session: Session, *, who: str, route: str, key: str | None, body: bytes) -> Answer | None:
    """Take the key, or give the answer it already has. A twin in flight is waited for, or told to come back (409).

    Raises IdempotencyKeyMissing, IdempotencyKeyReused, IdempotencyInProgress.
    """
    key, digest, scope, now = _checked(key), hashlib.sha256(body).digest(), scope_of(who, route), clock.now()
    if await repository.add(session, scope, key, digest, now):
        return None
    row = await repository.lock(session, scope, key)
    if row.body_hash != digest:
        raise IdempotencyKeyReused()
    if row.status is not None:
        return Answer(row.status, row.answer)
    if now - row.created_at < LEASE:
        raise IdempotencyInProgress()
    await repository.renew(session, scope, key, now)
    return None


async def store(session: Session, *, who: str, route: str, key: str, answer: Answer) -> None:
    """Keep the answer for every later request with this key."""
    await repository.store(session, scope_of(who, route), key, answer.status, answer.body)


async def release(session: Session, *, who: str, route: str, key: str) -> None:
    """Nothing was done after all: the key may be used again at once."""
    await repository.remove(session, scope_of(who, route), key)


async def once(
    session: Session, *, who: str, route: str, key: str | None, body: bytes, work: Callable[[], Awaitable[Answer]]
) -> Answer:
    """Do the work and keep its answer in this transaction, or give the kept answer. An error keeps nothing."""
    known = await claim(session, who=who, route=route, key=key, body=body)
    if known is not None:
        return known
    answer = await work()
    await store(session, who=who, route=route, key=str(key), answer=answer)
    return answer
