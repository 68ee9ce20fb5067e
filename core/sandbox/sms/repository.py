"""Every query about text messages."""

import datetime as dt

import msgspec
from asyncpg import Connection


class Message(msgspec.Struct, frozen=True):
    id: int
    phone: str
    text: str
    sent_at: dt.datetime


async def add(connection: Connection, phone: str, text: str) -> Message:
    """Keep a message as sent."""
    row = await connection.fetchrow("INSERT INTO sandbox.sms (phone, text) VALUES ($1, $2) RETURNING id, phone, text, sent_at", phone, text)
    return Message(**row)


async def latest(connection: Connection, phone: str | None = None, limit: int = 50) -> list[Message]:
    """The last messages, newest first, of one phone or of all."""
    rows = await connection.fetch(
        """
        SELECT id, phone, text, sent_at FROM sandbox.sms
        WHERE $1::text IS NULL OR phone = $1 ORDER BY id DESC LIMIT $2
        """,
        phone,
        limit,
    )
    return [Message(**row) for row in rows]
