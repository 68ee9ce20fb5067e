"""Units that may issue tickets, and the keys they were given."""

import secrets

import msgspec
from asyncpg import Connection


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """A unit at one platform; `items` are the fee items on record there (none: all), `slow_seconds` is how long issuing takes."""

    app_id: str
    kind: str
    name: str
    unit_code: str
    secret: str
    items: list[str]
    slow_seconds: float


_COLUMNS = "app_id, kind, name, unit_code, secret, items, slow_seconds"


async def register(connection: Connection, kind: str, name: str, items: list[str], slow_seconds: float) -> Unit:
    """Put a unit on record and hand out its keys."""
    digits = "".join(str(secrets.randbelow(10)) for _ in range(8))
    row = (f"{kind[0]}{secrets.token_hex(8)}", kind, name, f"9135{digits}", secrets.token_urlsafe(32), items, slow_seconds)
    await connection.execute(f"INSERT INTO sandbox.fiscal_unit ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7)", *row)
    return await find(connection, row[0])


async def find(connection: Connection, app_id: str) -> Unit | None:
    """The unit of a key."""
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM sandbox.fiscal_unit WHERE app_id = $1", app_id)
    return Unit(**row) if row else None


async def list_all(connection: Connection) -> list[Unit]:
    """Every unit, the newest first."""
    return [Unit(**row) for row in await connection.fetch(f"SELECT {_COLUMNS} FROM sandbox.fiscal_unit ORDER BY created_at DESC")]


async def change(connection: Connection, app_id: str, items: list[str], slow_seconds: float) -> None:
    """Other fee items on record, another pace."""
    await connection.execute("UPDATE sandbox.fiscal_unit SET items = $2, slow_seconds = $3 WHERE app_id = $1", app_id, items, slow_seconds)
