"""Idempotency keys with their answers."""

import datetime as dt

from sqlalchemy import Row, delete, select, text, update

from core.database import Session
from core.database.tables import encode_json
from core.identity.models import idempotency

_ADD = text("""
    INSERT INTO core.idempotency (scope, key, body_hash, created_at) VALUES (:scope, :key, :body_hash, :now) ON CONFLICT DO NOTHING RETURNING key
""")
_STORE = text("UPDATE core.idempotency SET status = :status, answer = CAST(:answer AS jsonb) WHERE scope = :scope AND key = :key")


def _this(scope: str, key: str):
    return (idempotency.c.scope == scope) & (idempotency.c.key == key)


async def add(session: Session, scope: str, key: str, body_hash: bytes, now: dt.datetime) -> bool:
    """Take a key; False when it is known. Waits for a transaction that is taking it at the same moment."""
    return await session.one_or_none(_ADD, {"scope": scope, "key": key, "body_hash": body_hash, "now": now}) is not None


async def lock(session: Session, scope: str, key: str) -> Row:
    """The row of a key, held until the commit."""
    return await session.one(select(idempotency).where(_this(scope, key)).with_for_update())


async def renew(session: Session, scope: str, key: str, now: dt.datetime) -> None:
    """Take over what a crash left."""
    await session.execute(update(idempotency).where(_this(scope, key)).values(created_at=now))


async def store(session: Session, scope: str, key: str, status: int, answer: object) -> None:
    """Keep the answer."""
    await session.run(_STORE, {"scope": scope, "key": key, "status": status, "answer": encode_json(answer)})


async def remove(session: Session, scope: str, key: str) -> None:
    """Forget the key."""
    await session.execute(delete(idempotency).where(_this(scope, key)))
