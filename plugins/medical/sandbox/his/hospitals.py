"""Hospitals on record, and the keys they were given."""

import secrets

import msgspec
from asyncpg import Connection


class Hospital(msgspec.Struct, frozen=True):
    """A hospital whose HIS is played here."""

    app_id: str
    name: str
    secret: str


async def register(connection: Connection, name: str) -> Hospital:
    """Put a hospital on record and hand out its keys."""
    made = Hospital(f"h{secrets.token_hex(8)}", name, secrets.token_urlsafe(32))
    await connection.execute("INSERT INTO sandbox.his_hospital (app_id, name, secret) VALUES ($1, $2, $3)", made.app_id, made.name, made.secret)
    return made


async def find(connection: Connection, app_id: str) -> Hospital | None:
    """The hospital of a key."""
    row = await connection.fetchrow("SELECT app_id, name, secret FROM sandbox.his_hospital WHERE app_id = $1", app_id)
    return Hospital(**row) if row else None


async def list_all(connection: Connection) -> list[Hospital]:
    """Every hospital, the newest first."""
    rows = await connection.fetch("SELECT app_id, name, secret FROM sandbox.his_hospital ORDER BY created_at DESC")
    return [Hospital(**row) for row in rows]


async def change_secret(connection: Connection, app_id: str) -> Hospital | None:
    """Give a hospital another secret; the old one is dead at once."""
    await connection.execute("UPDATE sandbox.his_hospital SET secret = $2 WHERE app_id = $1", app_id, secrets.token_urlsafe(32))
    return await find(connection, app_id)
