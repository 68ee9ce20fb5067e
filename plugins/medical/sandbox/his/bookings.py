"""What a HIS has booked: payments, refunds, reversals; one booking for each key however often it is told."""

import datetime as dt
import secrets

import msgspec
from asyncpg import Connection

from core import clock


class Refused(Exception):
    """The HIS does not book this; the message says why."""


class Booking(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the HIS under its own serial; `payload` is what it was told."""

    kind: str
    key: str
    serial: str
    state: str
    amount_fen: int
    payload: dict
    booked_at: dt.datetime


_COLUMNS = "kind, key, serial, state, amount_fen, payload, booked_at"


async def find_all(connection: Connection, app_id: str, kind: str, key: str) -> list[Booking]:
    """Every booking under a key, the first one first; more than one is the HIS's own mistake."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM sandbox.his_booking WHERE app_id = $1 AND kind = $2 AND key = $3 ORDER BY booked_at, serial", app_id, kind, key
    )
    return [_booking(row) for row in rows]


async def book(connection: Connection, app_id: str, kind: str, key: str, payload: dict, *, again: bool = False) -> list[Booking]:
    """Book something once; with `again` a second time although it stands there. Raises Refused."""
    amount_fen = payload.get("amount_fen")
    if not key or isinstance(amount_fen, bool) or not isinstance(amount_fen, int) or amount_fen < 0:
        raise Refused("要素不全或金额无效")
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 5))", f"{app_id}/{kind}/{key}")
        known = await find_all(connection, app_id, kind, key)
        if known and known[0].state == "cancelled":
            raise Refused("该单号已撤销，不能再上账")
        if known and known[0].amount_fen != amount_fen:
            raise Refused("该单号已按另一金额入账")
        for _ in range(2 - len(known) if again else 1 - len(known)):
            await _write(connection, app_id, kind, key, "posted", payload)
    return await find_all(connection, app_id, kind, key)


async def cancel(connection: Connection, app_id: str, number: str) -> list[Booking]:
    """Take a payment out of the books, by the order's number or the trade's; one that never came is dead from now on."""
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 5))", f"{app_id}/payment/{number}")
        key = await connection.fetchval(
            "SELECT key FROM sandbox.his_booking WHERE app_id = $1 AND kind = 'payment' AND (key = $2 OR payload->'trades' @> $3::jsonb) LIMIT 1",
            app_id, number, msgspec.json.encode([{"number": number}]).decode(),
        )  # fmt: skip
        if key is None:
            await _write(connection, app_id, "payment", number, "cancelled", {"amount_fen": 0})
        await connection.execute(
            "UPDATE sandbox.his_booking SET state = 'cancelled' WHERE app_id = $1 AND kind = 'payment' AND key = $2", app_id, key or number
        )
    return await find_all(connection, app_id, "payment", key or number)


async def correct(connection: Connection, app_id: str, number: str, amount_fen: int) -> list[Booking]:
    """Book another amount for a payment, because the channel's is the true one. Raises Refused."""
    done = await connection.execute(
        "UPDATE sandbox.his_booking SET amount_fen = $3 WHERE app_id = $1 AND kind = 'payment' AND key = $2 AND state = 'posted'",
        app_id, number, amount_fen,
    )  # fmt: skip
    if done == "UPDATE 0":
        raise Refused("没有这笔上账")
    return await find_all(connection, app_id, "payment", number)


async def list_day(connection: Connection, app_id: str, day: dt.date) -> list[Booking]:
    """What was booked on a Shanghai day and still stands, in order."""
    start = dt.datetime.combine(day, dt.time(), clock.SHANGHAI)
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM sandbox.his_booking WHERE app_id = $1 AND state = 'posted' AND booked_at >= $2 AND booked_at < $3"
        " ORDER BY booked_at, serial",
        app_id, start, start + dt.timedelta(days=1),
    )  # fmt: skip
    return [_booking(row) for row in rows]


async def latest(connection: Connection, app_id: str, limit: int) -> list[Booking]:
    """The latest bookings, the newest first."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM sandbox.his_booking WHERE app_id = $1 ORDER BY booked_at DESC, serial DESC LIMIT $2", app_id, limit
    )
    return [_booking(row) for row in rows]


async def _write(connection: Connection, app_id: str, kind: str, key: str, state: str, payload: dict) -> None:
    serial = f"HIS{clock.now().astimezone(clock.SHANGHAI):%y%m%d%H%M%S}{secrets.randbelow(10**8):08d}"
    await connection.execute(
        "INSERT INTO sandbox.his_booking (app_id, kind, key, serial, state, amount_fen, payload) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        app_id, kind, key, serial, state, payload["amount_fen"], msgspec.json.encode(payload).decode(),
    )  # fmt: skip


def _booking(row: object) -> Booking:
    values = dict(row)
    return Booking(**{**values, "payload": msgspec.json.decode(values["payload"])})
