"""Channels settle to clearing accounts: one entry per merchant number and bill day, net of fees, on the morning after.

What is taken later for a day that is settled already follows in an entry of its own. Told to, a channel settles short, late or not at all.
"""

import datetime as dt

from asyncpg import Connection, Record

from core import clock
from core.sandbox.bank import book
from core.sandbox.bank.takings import MERCHANTS, NAMES, QUERIES, Taking, takings
from core.sandbox.faults import repository as faults

SETTLED_AT = dt.time(8, 30)
LOOKS_BACK_DAYS = 40
LOOKS_EVERY_SECONDS = 300.0
SHORT_FEN = 100

_COLLECTING = "SELECT channel, mchid, account FROM sandbox.bank_collecting"
_BY_NAME = """
    SELECT DISTINCT ON (m.mchid) '{channel}' AS channel, m.mchid, a.number AS account
    FROM sandbox.{table} m JOIN sandbox.bank_customer c ON c.name = m.name JOIN sandbox.bank_account a ON a.customer = c.customer
    ORDER BY m.mchid, a.created_at DESC
"""


async def clearing_accounts(connection: Connection) -> dict[tuple[str, str], str]:
    """To which account each merchant number settles: as it was told, else to that of the customer with the same name."""
    found = {}
    for channel, table in MERCHANTS.items():
        for row in await connection.fetch(_BY_NAME.format(channel=channel, table=table)):
            found[row["channel"], row["mchid"]] = row["account"]
    for row in await connection.fetch(_COLLECTING):
        found[row["channel"], row["mchid"]] = row["account"]
    return found


async def collect_to(connection: Connection, channel: str, mchid: str, account: str) -> None:
    """Have a merchant number settle to an account from now on."""
    await connection.execute(
        "INSERT INTO sandbox.bank_collecting VALUES ($1, $2, $3) ON CONFLICT (channel, mchid) DO UPDATE SET account = $3", channel, mchid, account
    )


async def time_to_look(connection: Connection) -> bool:
    """Whether it is a while since anybody looked at what the channels took; whoever asks first does it. Never without a customer."""
    return bool(
        await connection.fetchval(
            """
            UPDATE sandbox.bank_key SET looked_at = now() WHERE looked_at <= now() - make_interval(secs => $1)
                AND EXISTS (SELECT FROM sandbox.bank_customer) RETURNING true
            """,
            LOOKS_EVERY_SECONDS,
        )
    )


async def note_takings(connection: Connection, since: dt.date, until: dt.date, scale: float, *, at_once: bool = False) -> None:
    """Write down what each channel owes for the days from `since` up to, and without, `until`; due on the morning after, or now."""
    start, end = (dt.datetime.combine(day, dt.time(), clock.SHANGHAI) for day in (since, until))
    accounts = await clearing_accounts(connection)
    for channel in QUERIES:
        mchids = [mchid for of, mchid in accounts if of == channel]
        for taken in await takings(connection, channel, mchids, start, end) if mchids else ():
            await _note(connection, taken, accounts[channel, taken.mchid], scale, at_once)


async def _note(connection: Connection, taken: Taking, account: str, scale: float, at_once: bool) -> None:
    due_at = dt.datetime.combine(taken.bill_on + dt.timedelta(days=1), SETTLED_AT, clock.SHANGHAI)
    due_at = min(due_at, clock.now()) if at_once else due_at
    key = (taken.channel, taken.mchid, taken.bill_on)
    made = await connection.fetchval(
        """
        INSERT INTO sandbox.bank_arrival (channel, mchid, bill_on, account, gross_fen, fee_fen, due_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT DO NOTHING RETURNING true
        """,
        *(*key, account, taken.gross_fen, taken.fee_fen, due_at),
    )
    if made:
        drawn = await faults.draw(connection, "arrival_", taken.mchid, f"{taken.bill_on:%Y%m%d}")
        late = drawn["arrival_late"].lasts * scale if "arrival_late" in drawn else 0.0
        state = "missing" if "arrival_missing" in drawn else "due"
        short = min(SHORT_FEN, max(taken.gross_fen - taken.fee_fen, 0)) if "arrival_short" in drawn else 0
        await connection.execute(
            """
            UPDATE sandbox.bank_arrival SET state = $4, short_fen = $5, due_at = due_at + make_interval(secs => $6)
            WHERE channel = $1 AND mchid = $2 AND bill_on = $3
            """,
            *(*key, state, short, late),
        )
        return
    await connection.execute(
        """
        UPDATE sandbox.bank_arrival SET gross_fen = $4, fee_fen = $5, state = CASE WHEN state = 'missing' THEN state ELSE 'due' END,
            due_at = CASE WHEN state = 'due' THEN due_at ELSE $6 END
        WHERE channel = $1 AND mchid = $2 AND bill_on = $3 AND (gross_fen, fee_fen) <> ($4, $5)
        """,
        *(*key, taken.gross_fen, taken.fee_fen, max(due_at, clock.now()) if not at_once else due_at),
    )


async def settle_due(connection: Connection) -> dt.datetime | None:
    """Book what is due; answers when more will be."""
    async with connection.transaction():
        rows = await connection.fetch(
            "SELECT * FROM sandbox.bank_arrival WHERE state = 'due' AND due_at <= $1 ORDER BY due_at LIMIT 500 FOR UPDATE SKIP LOCKED", clock.now()
        )
        for row in rows:
            await _book(connection, row, row["short_fen"])
    return await connection.fetchval("SELECT min(due_at) FROM sandbox.bank_arrival WHERE state = 'due'")


async def make_good(connection: Connection, channel: str, mchid: str, bill_on: dt.date) -> bool:
    """Settle what is missing or short of a day; False when nothing is."""
    async with connection.transaction():
        row = await connection.fetchrow(
            """
            SELECT * FROM sandbox.bank_arrival
            WHERE channel = $1 AND mchid = $2 AND bill_on = $3 AND state IN ('missing', 'short', 'due') FOR UPDATE
            """,
            *(channel, mchid, bill_on),
        )
        if row is not None:
            await _book(connection, row, 0, clock.now())
    return row is not None


async def _book(connection: Connection, row: Record, short_fen: int, at: dt.datetime | None = None) -> None:
    """One entry for what has not been settled yet; a day on which more went back than came in is collected from the account."""
    due_fen = row["gross_fen"] - row["fee_fen"] - short_fen - row["paid_fen"]
    if due_fen:
        name, summary = NAMES[row["channel"]]
        reference = f"{row['channel']} {row['mchid']} {row['bill_on']:%Y%m%d}"
        await book.find(connection, row["account"], lock=True)
        told = {"name": name, "other": f"{'1000200030004' + row['channel']:.19}", "summary": summary, "reference": reference}
        await book.move(connection, row["account"], due_fen, at=at or row["due_at"], **told)
    await connection.execute(
        """
        UPDATE sandbox.bank_arrival SET paid_fen = paid_fen + $4, state = $5, short_fen = $6
        WHERE channel = $1 AND mchid = $2 AND bill_on = $3
        """,
        *(row["channel"], row["mchid"], row["bill_on"], due_fen, "short" if short_fen else "settled", short_fen),
    )


async def of_account(connection: Connection, account: str, limit: int) -> list[Record]:
    """What channels owe and have paid to an account, the newest day first."""
    return await connection.fetch("SELECT * FROM sandbox.bank_arrival WHERE account = $1 ORDER BY bill_on DESC, channel, mchid LIMIT $2", account, limit)
