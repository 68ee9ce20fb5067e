"""Every query about text messages."""

import datetime as dt
from collections.abc import Sequence

import msgspec
from asyncpg import Connection


class Message(msgspec.Struct, frozen=True):
    """One text message; `state` is sent until the phone network says delivered or undelivered."""

    id: int
    phone: str
    text: str
    sent_at: dt.datetime
    number: str | None = None
    state: str = "delivered"
    reason: str | None = None


class Report(msgspec.Struct, frozen=True):
    """What became of one message."""

    number: str
    state: str
    reason: str | None


_STATE = "CASE WHEN known_at <= now() THEN state ELSE 'sent' END AS state, CASE WHEN known_at <= now() THEN reason END AS reason"


async def add(connection: Connection, phone: str, text: str, number: str | None, lost: str | None, later_seconds: float) -> Message:
    """Keep a message; the same number again is the same message. `lost` says why it never arrives."""
    state = "undelivered" if lost else "delivered"
    row = await connection.fetchrow(
        f"""
        INSERT INTO sandbox.sms (phone, text, number, state, reason, known_at)
        VALUES ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))
        ON CONFLICT (number) DO UPDATE SET number = excluded.number
        RETURNING id, phone, text, sent_at, number, {_STATE}
        """,
        phone,
        text,
        number,
        state,
        lost,
        later_seconds,
    )
    return Message(**row)


async def latest(connection: Connection, phone: str | None = None, limit: int = 50) -> list[Message]:
    """The last messages, newest first, of one phone or of all."""
    rows = await connection.fetch(
        f"""
        SELECT id, phone, text, sent_at, number, {_STATE} FROM sandbox.sms
        WHERE $1::text IS NULL OR phone = $1 ORDER BY id DESC LIMIT $2
        """,
        phone,
        limit,
    )
    return [Message(**row) for row in rows]


async def reports(connection: Connection, numbers: Sequence[str]) -> list[Report]:
    """What became of messages by the numbers they were handed in under; unknown numbers are left out."""
    rows = await connection.fetch(f"SELECT number, {_STATE} FROM sandbox.sms WHERE number = ANY($1::text[])", list(numbers))
    return [Report(**row) for row in rows]
