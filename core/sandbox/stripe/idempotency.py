"""The store of idempotency keys: one request runs, every repeat gets its answer, success or failure (Stripe sheet §5)."""

import datetime as dt
import hashlib

import msgspec
from asyncpg import Connection

from core import clock
from core.sandbox.stripe.errors import bad_parameter, key_in_use, key_reused
from core.sandbox.stripe.forms import Form

KEPT_FOR = dt.timedelta(hours=24)
ABANDONED_AFTER = dt.timedelta(seconds=30)
LONGEST_KEY = 255


class Stored(msgspec.Struct, frozen=True):
    """The answer to the first request with a key."""

    status: int
    body: bytes
    request_id: str


def asked(path: str, form: Form) -> str:
    """What was asked, in short: the same address with the same parameters in any order."""
    return hashlib.sha256(repr((path, sorted(form.pairs))).encode()).hexdigest()


async def claim(connection: Connection, mchid: str, key: str, question: str, request_id: str) -> Stored | None:
    """Take a key for this request; answers what is stored when it is a repeat. Raises WireError (in use, or another request's)."""
    if len(key) > LONGEST_KEY:
        raise bad_parameter("Idempotency keys can be at most 255 characters.", "Idempotency-Key")
    now = clock.now()
    await connection.execute(
        """
        DELETE FROM sandbox.stripe_key WHERE mchid = $1 AND key = $2
          AND (started_at < $3 OR status IS NULL AND started_at < $4)
        """,
        *(mchid, key, now - KEPT_FOR, now - ABANDONED_AFTER),
    )
    taken = await connection.fetchval(
        """
        INSERT INTO sandbox.stripe_key (mchid, key, asked, request_id, started_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (mchid, key) DO NOTHING RETURNING 1
        """,
        *(mchid, key, question, request_id, now),
    )
    if taken:
        return None
    row = await connection.fetchrow("SELECT asked, status, body, request_id FROM sandbox.stripe_key WHERE mchid = $1 AND key = $2", mchid, key)
    if row is not None and row["asked"] != question:
        raise key_reused()
    if row is None or row["status"] is None:
        raise key_in_use()
    return Stored(row["status"], row["body"], row["request_id"])


async def keep(connection: Connection, mchid: str, key: str, status: int, body: bytes) -> None:
    """Store the answer; where the work is one transaction, in that very transaction."""
    await connection.execute("UPDATE sandbox.stripe_key SET status = $3, body = $4 WHERE mchid = $1 AND key = $2", mchid, key, status, body)


async def release(connection: Connection, mchid: str, key: str) -> None:
    """Forget a key under which nothing was done."""
    await connection.execute("DELETE FROM sandbox.stripe_key WHERE mchid = $1 AND key = $2 AND status IS NULL", mchid, key)
