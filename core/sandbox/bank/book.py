"""Accounts and their entries: every query about them. A balance is the sum of what was booked, never a stored figure."""

import datetime as dt
import secrets

import msgspec
from asyncpg import Connection

from core import clock

BANK_NAME = "榕城银行甲城云溪支行"
_ACCOUNT = "number, name, bank_name, kind, customer, closed"
_ENTRY = "serial, account, booked_at, amount_fen, other_name, other_account, summary, reference, voucher"


class Account(msgspec.Struct, frozen=True):
    """An account; a clearing account belongs to the customer that may pay from it."""

    number: str
    name: str
    bank_name: str
    kind: str
    customer: str | None
    closed: bool


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One movement: money in is positive, in fen; `balance_fen` is what stood there after it."""

    serial: str
    account: str
    booked_at: dt.datetime
    amount_fen: int
    other_name: str
    other_account: str
    summary: str
    reference: str
    voucher: str
    balance_fen: int = 0


def new_number() -> str:
    """A made-up account number of nineteen digits."""
    return "9900" + "".join(secrets.choice("0123456789") for _ in range(15))


async def open_account(connection: Connection, account: Account) -> Account:
    """Open an account; one that exists stays as it is."""
    await connection.execute(
        f"INSERT INTO sandbox.bank_account ({_ACCOUNT}) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING", *msgspec.structs.astuple(account)
    )
    return await find(connection, account.number)


async def find(connection: Connection, number: str, *, lock: bool = False) -> Account | None:
    """One account; held, so that its balance cannot change meanwhile."""
    row = await connection.fetchrow(f"SELECT {_ACCOUNT} FROM sandbox.bank_account WHERE number = $1{' FOR UPDATE' if lock else ''}", number)
    return Account(**row) if row else None


async def list_all(connection: Connection) -> list[tuple[Account, int]]:
    """Every account with its balance, clearing accounts first, the newest first."""
    rows = await connection.fetch(
        f"""
        SELECT {_ACCOUNT}, coalesce((SELECT sum(amount_fen) FROM sandbox.bank_entry e WHERE e.account = number), 0)::bigint AS balance
        FROM sandbox.bank_account ORDER BY kind, created_at DESC
        """
    )
    return [(Account(**{name: row[name] for name in Account.__struct_fields__}), row["balance"]) for row in rows]


async def close(connection: Connection, number: str, closed: bool) -> None:
    """Close an account, or open it again."""
    await connection.execute("UPDATE sandbox.bank_account SET closed = $2 WHERE number = $1", number, closed)


async def balance(connection: Connection, number: str, before: dt.datetime | None = None) -> int:
    """What stands on an account, or stood there before a moment."""
    query = "SELECT coalesce(sum(amount_fen), 0)::bigint FROM sandbox.bank_entry WHERE account = $1 AND ($2::timestamptz IS NULL OR booked_at < $2)"
    return await connection.fetchval(query, number, before)


async def move(
    connection: Connection, account: str, amount_fen: int, *, name: str, other: str, summary: str, reference: str, at: dt.datetime | None = None
) -> str:
    """Book an entry; answers its serial."""
    at = at or clock.now()
    day = f"{at.astimezone(clock.SHANGHAI):%Y%m%d}"
    serial, voucher = f"{day}{secrets.randbelow(10**12):012d}", f"{secrets.randbelow(10**8):08d}"
    await connection.execute(
        f"INSERT INTO sandbox.bank_entry ({_ENTRY}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        *(serial, account, at, amount_fen, *(" ".join(told.split()) for told in (name, other, summary, reference)), voucher),
    )
    return serial


async def list_day(connection: Connection, account: str, day: dt.date) -> list[Entry]:
    """A day's entries in the order they were booked, each with the balance after it."""
    start = dt.datetime.combine(day, dt.time(), clock.SHANGHAI)
    return await _listed(connection, account, "booked_at >= $2 AND booked_at < $3 ORDER BY booked_at, id", start, start + dt.timedelta(days=1))


async def latest(connection: Connection, account: str, limit: int) -> list[Entry]:
    """The last entries, the newest first."""
    return await _listed(connection, account, "true ORDER BY booked_at DESC, id DESC LIMIT $2", limit)


async def _listed(connection: Connection, account: str, which: str, *values: object) -> list[Entry]:
    rows = await connection.fetch(
        f"""
        SELECT {_ENTRY}, balance_fen FROM (
            SELECT *, sum(amount_fen) OVER (ORDER BY booked_at, id)::bigint AS balance_fen FROM sandbox.bank_entry WHERE account = $1) e
        WHERE {which}
        """,
        *(account, *values),
    )
    return [Entry(**row) for row in rows]


async def age(connection: Connection, account: str, days: int) -> int:
    """Let everything that was booked so far be some days older; answers how many entries."""
    updated = await connection.execute("UPDATE sandbox.bank_entry SET booked_at = booked_at - make_interval(days => $2) WHERE account = $1", account, days)
    return int(updated.split()[1])
