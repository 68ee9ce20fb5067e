"""The queue of notifications: every query about what is to be sent, what was, and when it is tried again."""

import datetime as dt

import msgspec
from asyncpg import Connection

from core import clock

LADDER_SECONDS = (15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600)
"""Waits between one attempt and the next: sixteen attempts in 24 h 4 min."""
LEASE = dt.timedelta(seconds=30)
_COLUMNS = "event_id, mchid, out_trade_no, url, body, twists, state, attempts, due_at, held"


class Notice(msgspec.Struct, frozen=True):
    """A notification and how far it has come; `twists` are the faults it was drawn."""

    event_id: str
    mchid: str
    out_trade_no: str
    url: str
    body: bytes
    twists: list[str]
    state: str
    attempts: int
    due_at: dt.datetime
    held: bool


async def add(connection: Connection, notice: Notice) -> None:
    """Put a new notification into the queue."""
    await connection.execute(
        """
        INSERT INTO sandbox.wechat_notice (event_id, mchid, out_trade_no, url, body, twists, state, due_at, held)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        *(notice.event_id, notice.mchid, notice.out_trade_no, notice.url, notice.body, notice.twists),
        *(notice.state, notice.due_at, notice.held),
    )


async def claim_due(connection: Connection, limit: int) -> list[Notice]:
    """Take the notifications whose time has come; a crash gives them back when the lease runs out."""
    rows = await connection.fetch(
        f"""
        UPDATE sandbox.wechat_notice SET attempts = attempts + 1, claimed = true, due_at = $2
        WHERE event_id IN (
            SELECT event_id FROM sandbox.wechat_notice WHERE state = 'waiting' AND due_at <= $1
            ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)
        RETURNING {_COLUMNS}
        """,
        *(clock.now(), clock.now() + LEASE, limit),
    )
    return [Notice(**row) for row in rows]


async def release_claims(connection: Connection) -> None:
    """After a restart: what was being sent is sent again."""
    await connection.execute(
        "UPDATE sandbox.wechat_notice SET claimed = false, due_at = $1 WHERE claimed AND state = 'waiting'",
        clock.now(),
    )


async def seconds_to_next(connection: Connection) -> float | None:
    """How long until something is due: a notification, or a payment after close; None when nothing is."""
    due_at = await connection.fetchval(
        """
        SELECT least((SELECT min(due_at) FROM sandbox.wechat_notice WHERE state = 'waiting'),
                     (SELECT min(pay_due_at) FROM sandbox.wechat_order WHERE pay_due_at IS NOT NULL))
        """
    )
    return None if due_at is None else max(0.0, (due_at - clock.now()).total_seconds())


async def record(connection: Connection, notice: Notice, twist: str | None, status: int | None, note: str) -> None:
    """Keep what one POST came to."""
    await connection.execute(
        "INSERT INTO sandbox.wechat_delivery (event_id, attempt, twist, status, note) VALUES ($1, $2, $3, $4, $5)",
        *(notice.event_id, notice.attempts, twist, status, note[:200]),
    )


async def settle(connection: Connection, notice: Notice, delivered: bool, time_scale: float) -> None:
    """Done, or the next rung of the ladder, or given up after the last."""
    if delivered or "notice_lose" in notice.twists or notice.attempts > len(LADDER_SECONDS):
        state = "delivered" if delivered else "lost" if "notice_lose" in notice.twists else "given_up"
        due_at = clock.now()
    else:
        state = "waiting"
        due_at = clock.now() + dt.timedelta(seconds=LADDER_SECONDS[notice.attempts - 1] * time_scale)
    async with connection.transaction():
        await connection.execute(
            """
            UPDATE sandbox.wechat_notice SET state = $2, due_at = $3, claimed = false, held = false WHERE event_id = $1
            """,
            *(notice.event_id, state, due_at),
        )
        if delivered:
            await connection.execute(
                """
                UPDATE sandbox.wechat_notice SET held = false, due_at = $3
                WHERE mchid = $1 AND event_id <> $2 AND held AND state = 'waiting'
                """,
                *(notice.mchid, notice.event_id, clock.now()),
            )


async def send_again(connection: Connection, mchid: str, out_trade_no: str) -> int:
    """Have every notification of an order sent once more, now; returns how many."""
    updated = await connection.execute(
        """
        UPDATE sandbox.wechat_notice SET state = 'waiting', due_at = $3, attempts = 0, twists = '{}'
        WHERE mchid = $1 AND out_trade_no = $2
        """,
        *(mchid, out_trade_no, clock.now()),
    )
    return int(updated.split()[1])


async def deliveries(connection: Connection, mchid: str, out_trade_no: str) -> list[dict[str, object]]:
    """Every POST made for an order, in the order they ended."""
    rows = await connection.fetch(
        """
        SELECT d.event_id, d.attempt, d.twist, d.status, d.note, d.sent_at
        FROM sandbox.wechat_delivery d JOIN sandbox.wechat_notice n USING (event_id)
        WHERE n.mchid = $1 AND n.out_trade_no = $2 ORDER BY d.id
        """,
        *(mchid, out_trade_no),
    )
    return [dict(row) for row in rows]


async def states(connection: Connection, mchid: str, out_trade_no: str) -> list[str]:
    """How far each notification of an order has come."""
    rows = await connection.fetch(
        "SELECT state FROM sandbox.wechat_notice WHERE mchid = $1 AND out_trade_no = $2 ORDER BY created_at",
        *(mchid, out_trade_no),
    )
    return [row["state"] for row in rows]


async def states_of(connection: Connection, numbers: list[tuple[str, str]]) -> dict[tuple[str, str], list[str]]:
    """The same for several orders at once, by merchant number and order number."""
    rows = await connection.fetch(
        """
        SELECT mchid, out_trade_no, state FROM sandbox.wechat_notice
        WHERE (mchid, out_trade_no) IN (SELECT * FROM unnest($1::text[], $2::text[])) ORDER BY created_at
        """,
        *([mchid for mchid, _ in numbers], [number for _, number in numbers]),
    )
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        found.setdefault((row["mchid"], row["out_trade_no"]), []).append(row["state"])
    return found
