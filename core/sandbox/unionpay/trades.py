"""Payments, refunds and undos as UnionPay keeps them: the record, and every query about it."""

import datetime as dt
import secrets

import msgspec
from asyncpg import Connection

from core import clock
from core.payments.channels.unionpay.wire import PAID_CODES

CONSUME, UNDO, REFUND = "01", "31", "04"
DAY_CUT = dt.timedelta(hours=1)
"""A settlement day ends at 23:00."""
_COLUMNS = """mchid, order_id, txn_time, txn_type, way, channel_type, description, amount_fen, fee_fen, back_url, front_url, req_reserved,
    ticket, lapses_at, code, orig_order_id, orig_query_id, query_id, trace_no, traced_at, settle_on, payer, due_at, due_code, created_at"""


class Trade(msgspec.Struct, frozen=True, kw_only=True):
    """One trade. `code` is what a query says of it: 05 until it is decided."""

    mchid: str
    order_id: str
    txn_time: str
    txn_type: str
    way: str
    channel_type: str
    description: str = ""
    amount_fen: int
    fee_fen: int = 0
    back_url: str
    front_url: str = ""
    req_reserved: str = ""
    ticket: str | None = None
    lapses_at: dt.datetime | None = None
    code: str = "05"
    orig_order_id: str | None = None
    orig_query_id: str | None = None
    query_id: str | None = None
    trace_no: str = ""
    traced_at: dt.datetime | None = None
    settle_on: dt.date | None = None
    payer: str = ""
    due_at: dt.datetime | None = None
    due_code: str | None = None
    created_at: dt.datetime = msgspec.field(default_factory=clock.now)

    @property
    def done(self) -> bool:
        """Whether money has moved."""
        return self.code in PAID_CODES

    @property
    def lapsed(self) -> bool:
        """Whether a payment's time is up without one."""
        return not self.done and self.lapses_at is not None and self.lapses_at <= clock.now()

    @property
    def standing(self) -> str:
        """The code a query gives: an unpaid order is final when its time is up."""
        return "69" if self.lapsed and self.code == "05" else self.code


def settlement_day(at: dt.datetime) -> dt.date:
    """The settlement day of an instant."""
    return clock.business_day(at + DAY_CUT)


def traced(at: dt.datetime) -> tuple[str, str]:
    """A trace number and a query id: two digits, the time with its year, the trace number, one digit more."""
    trace_no = f"{secrets.randbelow(10**6):06d}"
    return trace_no, f"{10 + secrets.randbelow(90)}{at.astimezone(clock.SHANGHAI):%y%m%d%H%M%S}{trace_no}{secrets.randbelow(10)}"


async def find(connection: Connection, mchid: str, order_id: str, *, lock: bool = False) -> Trade | None:
    """A trade by the merchant's own number."""
    query = f"SELECT {_COLUMNS} FROM sandbox.unionpay_trade WHERE mchid = $1 AND order_id = $2{' FOR UPDATE' if lock else ''}"
    row = await connection.fetchrow(query, mchid, order_id)
    return Trade(**row) if row else None


async def find_by_ticket(connection: Connection, ticket: str) -> Trade | None:
    """The payment a page or an app's tn leads to."""
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM sandbox.unionpay_trade WHERE ticket = $1", ticket)
    return Trade(**row) if row else None


async def find_by_query_id(connection: Connection, mchid: str, query_id: str, *, lock: bool = False) -> Trade | None:
    """A payment by UnionPay's own number."""
    query = f"SELECT {_COLUMNS} FROM sandbox.unionpay_trade WHERE mchid = $1 AND query_id = $2{' FOR UPDATE' if lock else ''}"
    row = await connection.fetchrow(query, mchid, query_id)
    return Trade(**row) if row else None


async def add(connection: Connection, trade: Trade) -> bool:
    """Take a new trade; False when the number was used before."""
    values = msgspec.structs.asdict(trade)
    slots = ", ".join(f"${at}" for at in range(1, len(values) + 1))
    status = await connection.execute(
        f"INSERT INTO sandbox.unionpay_trade ({', '.join(values)}) VALUES ({slots}) ON CONFLICT (mchid, order_id) DO NOTHING",
        *values.values(),
    )
    return status == "INSERT 0 1"


async def decide(connection: Connection, trade: Trade, code: str, at: dt.datetime, *, fee_fen: int, payer: str = "") -> Trade | None:
    """A trade comes to its end, once; None when it had come before."""
    trace_no, query_id = traced(at)
    row = await connection.fetchrow(
        f"""
        UPDATE sandbox.unionpay_trade
        SET code = $3, traced_at = $4, settle_on = $5, fee_fen = $6, payer = $7, due_at = NULL, due_code = NULL,
            query_id = COALESCE(query_id, $8), trace_no = CASE WHEN query_id IS NULL THEN $9 ELSE trace_no END
        WHERE mchid = $1 AND order_id = $2 AND code NOT IN ('00', 'A6') AND (txn_type = '01' OR code = '05')
        RETURNING {_COLUMNS}
        """,
        *(trade.mchid, trade.order_id, code, at.replace(microsecond=0), settlement_day(at), fee_fen, payer or trade.payer),
        *(query_id, trace_no),
    )
    return Trade(**row) if row else None


async def attempt_failed(connection: Connection, trade: Trade, code: str) -> None:
    """A payer's attempt came to nothing; the order can still be paid."""
    await connection.execute(
        "UPDATE sandbox.unionpay_trade SET code = $3 WHERE mchid = $1 AND order_id = $2 AND code NOT IN ('00', 'A6')",
        *(trade.mchid, trade.order_id, code),
    )


async def reversals(connection: Connection, trade: Trade) -> list[Trade]:
    """The refunds and undos of a payment that went through or still may, oldest first."""
    rows = await connection.fetch(
        f"""
        SELECT {_COLUMNS} FROM sandbox.unionpay_trade
        WHERE mchid = $1 AND orig_order_id = $2 AND code IN ('00', 'A6', '05') ORDER BY created_at
        """,
        *(trade.mchid, trade.order_id),
    )
    return [Trade(**row) for row in rows]


async def list_reversals(connection: Connection, mchid: str, order_id: str) -> list[Trade]:
    """Every refund and undo of a payment, the failed ones too."""
    query = f"SELECT {_COLUMNS} FROM sandbox.unionpay_trade WHERE mchid = $1 AND orig_order_id = $2 ORDER BY created_at"
    return [Trade(**row) for row in await connection.fetch(query, mchid, order_id)]


async def due(connection: Connection) -> list[Trade]:
    """The trades to which something happens now by itself."""
    query = f"SELECT {_COLUMNS} FROM sandbox.unionpay_trade WHERE due_at <= $1 ORDER BY due_at LIMIT 50"
    return [Trade(**row) for row in await connection.fetch(query, clock.now())]


async def next_due(connection: Connection) -> dt.datetime | None:
    """When something happens next."""
    return await connection.fetchval("SELECT min(due_at) FROM sandbox.unionpay_trade WHERE due_at IS NOT NULL")


async def settled(connection: Connection, mchid: str, day: dt.date) -> list[Trade]:
    """The successful trades of a settlement day, in order of time."""
    rows = await connection.fetch(
        f"""
        SELECT {_COLUMNS} FROM sandbox.unionpay_trade
        WHERE mchid = $1 AND settle_on = $2 AND code IN ('00', 'A6') ORDER BY traced_at, query_id
        """,
        *(mchid, day),
    )
    return [Trade(**row) for row in rows]


async def latest(connection: Connection, limit: int) -> list[Trade]:
    """The last payments, newest first."""
    query = f"SELECT {_COLUMNS} FROM sandbox.unionpay_trade WHERE txn_type = '01' ORDER BY created_at DESC LIMIT $1"
    return [Trade(**row) for row in await connection.fetch(query, limit)]


async def age(connection: Connection, trade: Trade, days: int) -> dt.date:
    """Move a decided trade some days into the past, for tests of statements; returns its settlement day."""
    return await connection.fetchval(
        """
        UPDATE sandbox.unionpay_trade SET traced_at = traced_at - $3::integer * interval '1 day', settle_on = settle_on - $3::integer
        WHERE mchid = $1 AND order_id = $2 RETURNING settle_on
        """,
        *(trade.mchid, trade.order_id, days),
    )
