"""One row as one frozen value: how the gateway's tables are read and written. Every such value has an `id`."""

from typing import TypeVar

import msgspec
from asyncpg import Connection

Kept = TypeVar("Kept", bound=msgspec.Struct)


def columns(kind: type[msgspec.Struct]) -> str:
    """The columns a value is made of."""
    return ", ".join(kind.__struct_fields__)


async def find(connection: Connection, table: str, kind: type[Kept], mchid: str, reference: str, *, lock: bool = False) -> Kept | None:
    """One row of an account by its id."""
    row = await connection.fetchrow(
        f"SELECT {columns(kind)} FROM sandbox.{table} WHERE mchid = $1 AND id = $2" + (" FOR UPDATE" if lock else ""), mchid, reference
    )
    return kind(**row) if row else None


async def page(
    connection: Connection, table: str, kind: type[Kept], mchid: str, limit: int, after: str | None, where: str = "true", *given: object
) -> list[Kept]:
    """A page of an account's rows, newest first, and one more to tell whether there is another page; `where` counts on from $4."""
    rows = await connection.fetch(
        f"""
        SELECT {columns(kind)} FROM sandbox.{table} WHERE mchid = $1 AND ({where}) AND ($3::text IS NULL OR (created_at, id) < (
            SELECT created_at, id FROM sandbox.{table} WHERE mchid = $1 AND id = $3))
        ORDER BY created_at DESC, id DESC LIMIT $2
        """,
        *(mchid, limit + 1, after, *given),
    )
    return [kind(**row) for row in rows]


async def add(connection: Connection, table: str, made: Kept) -> Kept:
    """Keep a new row."""
    marks = ", ".join(f"${at}" for at in range(1, len(made.__struct_fields__) + 1))
    await connection.execute(f"INSERT INTO sandbox.{table} ({columns(type(made))}) VALUES ({marks})", *msgspec.structs.astuple(made))
    return made


async def change(connection: Connection, table: str, made: Kept, **changed: object) -> Kept:
    """Write what changed of a row; answers it as it is now."""
    assignments = ", ".join(f"{name} = ${at}" for at, name in enumerate(changed, 2))
    row = await connection.fetchrow(f"UPDATE sandbox.{table} SET {assignments} WHERE id = $1 RETURNING {columns(type(made))}", made.id, *changed.values())
    return type(made)(**row)
