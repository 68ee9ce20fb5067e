"""Refunds: the rules of §6 with their traps, and every query about them."""

import datetime as dt

import msgspec
from asyncpg import Connection

from core import clock
from core.sandbox.alipay.errors import BusinessError, has_closed, no_such_trade, wrong_state
from core.sandbox.alipay.trades import Trade

WINDOW = dt.timedelta(days=365)
_COLUMNS = "mchid, out_trade_no, out_request_no, amount_fen, reason, state, due_at, refunded_at, created_at"
_SELECT = f"SELECT {_COLUMNS} FROM sandbox.alipay_refund"


class Refund(msgspec.Struct, frozen=True):
    """One request to give money back."""

    mchid: str
    out_trade_no: str
    out_request_no: str
    amount_fen: int
    reason: str
    state: str
    due_at: dt.datetime | None
    refunded_at: dt.datetime | None
    created_at: dt.datetime


async def find(connection: Connection, trade: Trade, out_request_no: str) -> Refund | None:
    """A refund of a trade by its request number."""
    query = f"{_SELECT} WHERE mchid = $1 AND out_trade_no = $2 AND out_request_no = $3"
    row = await connection.fetchrow(query, trade.mchid, trade.out_trade_no, out_request_no)
    return Refund(**row) if row else None


async def of_trade(connection: Connection, trade: Trade) -> list[Refund]:
    """Every refund of a trade, oldest first."""
    rows = await connection.fetch(f"{_SELECT} WHERE mchid = $1 AND out_trade_no = $2 ORDER BY created_at", trade.mchid, trade.out_trade_no)
    return [Refund(**row) for row in rows]


async def check(connection: Connection, trade: Trade | None, amount_fen: int, out_request_no: str) -> Refund | None:
    """Whether a trade's money may go back; gives the same request made before, if it still stands. Raises BusinessError."""
    if trade is None or not trade.exists:
        raise no_such_trade()
    before = await find(connection, trade, out_request_no or trade.out_trade_no)
    if before is not None and before.amount_fen != amount_fen:
        raise BusinessError("ACQ.DISCORDANT_REPEAT_REQUEST", "不一致的请求")
    if before is not None and before.state != "FAILED":
        return before
    if not trade.paid:
        raise wrong_state()
    if trade.state == "TRADE_FINISHED":
        raise BusinessError("ACQ.TRADE_HAS_FINISHED", "交易已完结")
    if trade.state == "TRADE_CLOSED":
        raise has_closed()
    if trade.paid_at and clock.now() - trade.paid_at > WINDOW:
        raise BusinessError("ACQ.TRADE_NOT_ALLOW_REFUND", "当前交易不允许退款：超过可退款期限")
    if not out_request_no and amount_fen != trade.total_fen:
        raise BusinessError("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "撤销或退款金额与订单金额不一致")
    held = sum(refund.amount_fen for refund in await of_trade(connection, trade) if refund.state != "FAILED")
    if held + amount_fen > trade.total_fen:
        raise BusinessError("ACQ.REASON_TRADE_REFUND_FEE_ERR", "退款金额无效")
    return None


async def keep(
    connection: Connection, trade: Trade, amount_fen: int, out_request_no: str, reason: str, state: str, due_at: dt.datetime | None = None
) -> Refund:
    """Write a refund down, or a failed one anew."""
    row = await connection.fetchrow(
        f"""
        INSERT INTO sandbox.alipay_refund (mchid, out_trade_no, out_request_no, amount_fen, reason, state, due_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (mchid, out_trade_no, out_request_no) DO UPDATE SET state = $6, due_at = $7 RETURNING {_COLUMNS}
        """,
        *(trade.mchid, trade.out_trade_no, out_request_no, amount_fen, reason, state, due_at),
    )
    return Refund(**row)


async def mark_done(connection: Connection, refund: Refund) -> Refund:
    """The money has gone back."""
    row = await connection.fetchrow(
        f"""
        UPDATE sandbox.alipay_refund SET state = 'SUCCESS', due_at = NULL, refunded_at = $4
        WHERE mchid = $1 AND out_trade_no = $2 AND out_request_no = $3 RETURNING {_COLUMNS}
        """,
        *(refund.mchid, refund.out_trade_no, refund.out_request_no, clock.now().replace(microsecond=0)),
    )
    return Refund(**row)


async def due(connection: Connection) -> list[Refund]:
    """Slow refunds whose money goes back now."""
    rows = await connection.fetch(
        f"{_SELECT} WHERE state = 'PROCESSING' AND due_at <= $1 ORDER BY due_at LIMIT 50 FOR UPDATE SKIP LOCKED", clock.now()
    )
    return [Refund(**row) for row in rows]


async def next_due(connection: Connection) -> dt.datetime | None:
    """When the next slow refund comes through."""
    return await connection.fetchval("SELECT min(due_at) FROM sandbox.alipay_refund WHERE state = 'PROCESSING'")
