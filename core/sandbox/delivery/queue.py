"""The queue of notifications: every query about what is to be sent, what was, and when it is tried again."""

import datetime as dt

import msgspec
from asyncpg import Connection

from core import clock
from core.sandbox.faults import repository as faults
from core.sandbox.world import Told

LEASE = dt.timedelta(seconds=30)
TABLES = """
CREATE TABLE IF NOT EXISTS sandbox.notice (
    event_id   text PRIMARY KEY,
    channel    text NOT NULL,
    account    text NOT NULL,
    number     text NOT NULL,
    url        text NOT NULL,
    payload    bytea NOT NULL,
    facts      text NOT NULL DEFAULT '{}',
    twists     text[] NOT NULL DEFAULT '{}',
    state      text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'given_up', 'lost')),
    attempts   integer NOT NULL DEFAULT 0,
    due_at     timestamptz NOT NULL,
    claimed    boolean NOT NULL DEFAULT false,
    held       boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX IF NOT EXISTS notice_due ON sandbox.notice (due_at) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS notice_number ON sandbox.notice (channel, account, number);

CREATE TABLE IF NOT EXISTS sandbox.delivery (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id text NOT NULL REFERENCES sandbox.notice,
    attempt  integer NOT NULL,
    twist    text,
    status   integer,
    note     text NOT NULL,
    sent_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX IF NOT EXISTS delivery_event ON sandbox.delivery (event_id, id);
"""
_COLUMNS = "event_id, channel, account, number, url, payload, facts, twists, state, attempts, due_at, held"


def _told(row: object) -> Told:
    return Told(**dict(row) | {"facts": msgspec.json.decode(row["facts"])})


async def tell(
    connection: Connection,
    *,
    channel: str,
    account: str,
    number: str,
    url: str,
    event_id: str,
    payload: bytes,
    facts: dict[str, object] | None = None,
) -> None:
    """Queue a notification with the faults it draws; in the transaction that it tells about."""
    drawn = await faults.draw(connection, "notice_", account, number)
    wait = max((f.lasts for kind, f in drawn.items() if kind in ("notice_delay", "notice_reorder")), default=0.0)
    await connection.execute(
        """
        INSERT INTO sandbox.notice (event_id, channel, account, number, url, payload, facts, twists, due_at, held)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """,
        *(event_id, channel, account, number, url, payload, msgspec.json.encode(facts or {}).decode(), list(drawn)),
        *(clock.now() + dt.timedelta(seconds=wait), "notice_reorder" in drawn),
    )


async def claim_due(connection: Connection, limit: int) -> list[Told]:
    """Take the notifications whose time has come; a crash gives them back when the lease runs out."""
    rows = await connection.fetch(
        f"""
        UPDATE sandbox.notice SET attempts = attempts + 1, claimed = true, due_at = $2
        WHERE event_id IN (
            SELECT event_id FROM sandbox.notice WHERE state = 'waiting' AND due_at <= $1
            ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)
        RETURNING {_COLUMNS}
        """,
        *(clock.now(), clock.now() + LEASE, limit),
    )
    return [_told(row) for row in rows]


async def release_claims(connection: Connection) -> None:
    """After a restart: what was being sent is sent again."""
    await connection.execute("UPDATE sandbox.notice SET claimed = false, due_at = $1 WHERE claimed AND state = 'waiting'", clock.now())


async def next_due(connection: Connection) -> dt.datetime | None:
    """When the next notification is due; None when none waits."""
    return await connection.fetchval("SELECT min(due_at) FROM sandbox.notice WHERE state = 'waiting'")


async def record(connection: Connection, told: Told, twist: str | None, status: int | None, note: str) -> None:
    """Keep what one POST came to."""
    await connection.execute(
        "INSERT INTO sandbox.delivery (event_id, attempt, twist, status, note) VALUES ($1, $2, $3, $4, $5)",
        *(told.event_id, told.attempts, twist, status, note[:200]),
    )


async def settle(connection: Connection, told: Told, delivered: bool, ladder: tuple[float, ...], time_scale: float) -> None:
    """Done, or the next rung of the ladder, or given up after the last."""
    if delivered or "notice_lose" in told.twists or told.attempts > len(ladder):
        state = "delivered" if delivered else "lost" if "notice_lose" in told.twists else "given_up"
        due_at = clock.now()
    else:
        state = "waiting"
        due_at = clock.now() + dt.timedelta(seconds=ladder[told.attempts - 1] * time_scale)
    async with connection.transaction():
        await connection.execute(
            "UPDATE sandbox.notice SET state = $2, due_at = $3, claimed = false, held = false WHERE event_id = $1",
            *(told.event_id, state, due_at),
        )
        if delivered:
            await connection.execute(
                """
                UPDATE sandbox.notice SET held = false, due_at = $4
                WHERE channel = $1 AND account = $2 AND event_id <> $3 AND held AND state = 'waiting'
                """,
                *(told.channel, told.account, told.event_id, clock.now()),
            )


async def send_again(connection: Connection, channel: str, account: str, number: str) -> int:
    """Have every notification of an order sent once more, now; returns how many."""
    updated = await connection.execute(
        """
        UPDATE sandbox.notice SET state = 'waiting', due_at = $4, attempts = 0, twists = '{}'
        WHERE channel = $1 AND account = $2 AND number = $3
        """,
        *(channel, account, number, clock.now()),
    )
    return int(updated.split()[1])


async def deliveries(connection: Connection, channel: str, account: str, number: str) -> list[dict[str, object]]:
    """Every POST made for an order, in the order they ended."""
    rows = await connection.fetch(
        """
        SELECT d.event_id, d.attempt, d.twist, d.status, d.note, d.sent_at
        FROM sandbox.delivery d JOIN sandbox.notice n USING (event_id)
        WHERE n.channel = $1 AND n.account = $2 AND n.number = $3 ORDER BY d.id
        """,
        *(channel, account, number),
    )
    return [dict(row) for row in rows]


async def notices(connection: Connection, channel: str, account: str, number: str) -> list[Told]:
    """Every notification of an order, the oldest first."""
    query = f"SELECT {_COLUMNS} FROM sandbox.notice WHERE channel = $1 AND account = $2 AND number = $3 ORDER BY created_at"
    return [_told(row) for row in await connection.fetch(query, channel, account, number)]


async def states(connection: Connection, channel: str, account: str, number: str) -> list[str]:
    """How far each notification of an order has come."""
    return [told.state for told in await notices(connection, channel, account, number)]


async def states_of(connection: Connection, orders: list[tuple[str, str, str]]) -> dict[tuple[str, str, str], list[str]]:
    """The same for several orders at once, by channel, account and number."""
    rows = await connection.fetch(
        """
        SELECT channel, account, number, state FROM sandbox.notice
        WHERE (channel, account, number) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::text[])) ORDER BY created_at
        """,
        *([list(column) for column in zip(*orders, strict=True)] if orders else ([], [], [])),
    )
    found: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        found.setdefault((row["channel"], row["account"], row["number"]), []).append(row["state"])
    return found
