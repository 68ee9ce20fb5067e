"""Trades and the tickets that lead to them: queries, and the rules of placing, closing and paying (Alipay §4, §5, §10)."""

import datetime as dt
import secrets

import msgspec
from asyncpg import Connection

from core import clock
from core.sandbox.alipay import keys
from core.sandbox.alipay.content import Asked
from core.sandbox.alipay.errors import BusinessError, has_closed, has_success, invalid

TICKET_LIFE = dt.timedelta(hours=2)
_COLUMNS = """mchid, out_trade_no, appid, product, subject, passback_params, total_fen, notify_url, return_url, buyer, canonical, state,
    expires_at, trade_no, asked_at, created_at, payer, paid_at, closed_at, pay_due_at, refunded_fen"""
_SELECT = f"SELECT {_COLUMNS} FROM sandbox.alipay_trade"


class Trade(msgspec.Struct, frozen=True):
    """A trade as Alipay keeps it; `NEW` has been asked for, but its buyer has not reached the cashier, so there is no trade yet."""

    mchid: str
    out_trade_no: str
    appid: str
    product: str
    subject: str
    passback_params: str | None
    total_fen: int
    notify_url: str
    return_url: str
    buyer: str | None
    canonical: str
    state: str
    expires_at: dt.datetime
    trade_no: str | None
    asked_at: dt.datetime
    created_at: dt.datetime | None
    payer: str | None
    paid_at: dt.datetime | None
    closed_at: dt.datetime | None
    pay_due_at: dt.datetime | None
    refunded_fen: int

    @property
    def exists(self) -> bool:
        """Whether Alipay admits to it."""
        return self.state != "NEW"

    @property
    def paid(self) -> bool:
        """Whether it was ever paid."""
        return self.paid_at is not None

    @property
    def standing(self) -> str:
        """Its state now: an unpaid trade closes by itself when its time is up."""
        return "TRADE_CLOSED" if not self.paid and self.expires_at <= clock.now() else self.state

    @property
    def payable(self) -> bool:
        """Whether money would be taken; a closed trade only when told to be paid after its close."""
        return self.standing in ("NEW", "WAIT_BUYER_PAY") or (not self.paid and self.pay_due_at is not None)


def _one(row: object) -> Trade | None:
    return Trade(**row) if row else None


async def find(connection: Connection, mchid: str, out_trade_no: str, *, lock: bool = False) -> Trade | None:
    """A trade by the merchant's own number."""
    query = f"{_SELECT} WHERE mchid = $1 AND out_trade_no = $2" + (" FOR UPDATE" if lock else "")
    return _one(await connection.fetchrow(query, mchid, out_trade_no))


async def find_named(connection: Connection, mchid: str, named: dict, *, lock: bool = False) -> Trade | None:
    """A trade as a call names it: `trade_no` wins over `out_trade_no`. Raises BusinessError."""
    if trade_no := named.get("trade_no"):
        query = f"{_SELECT} WHERE mchid = $1 AND trade_no = $2" + (" FOR UPDATE" if lock else "")
        return _one(await connection.fetchrow(query, mchid, str(trade_no)))
    if not named.get("out_trade_no"):
        raise invalid("out_trade_no 与 trade_no 不能同时为空")
    return await find(connection, mchid, str(named["out_trade_no"]), lock=lock)


async def find_by_trade_no(connection: Connection, trade_no: str) -> Trade | None:
    """A trade by Alipay's number, whoever it belongs to."""
    return _one(await connection.fetchrow(f"{_SELECT} WHERE trade_no = $1", trade_no))


async def find_by_ticket(connection: Connection, ticket: str) -> Trade | None:
    """The trade a cashier page or a QR code leads to, while that is good."""
    found = "SELECT mchid, out_trade_no FROM sandbox.alipay_ticket WHERE ticket = $1 AND expires_at > $2"
    return _one(await connection.fetchrow(f"{_SELECT} WHERE (mchid, out_trade_no) IN ({found})", ticket, clock.now()))


async def latest(connection: Connection, limit: int = 50) -> list[Trade]:
    """The last trades asked for, newest first."""
    return [Trade(**row) for row in await connection.fetch(f"{_SELECT} ORDER BY asked_at DESC LIMIT $1", limit)]


async def place(connection: Connection, asked: Asked) -> Trade:
    """Take a new trade, or the same one again. Before its buyer reached the cashier nothing binds it. Raises BusinessError."""
    known = await find(connection, asked.mchid, asked.out_trade_no, lock=True)
    if known is None or not known.exists:
        if asked.expires_at <= clock.now():
            raise invalid("time_expire 早于当前时间")
        return await _write(connection, asked)
    if known.paid:
        raise has_success()
    if known.standing == "TRADE_CLOSED":
        raise has_closed()
    if known.canonical != asked.canonical:
        raise BusinessError("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改")
    return known


async def _write(connection: Connection, asked: Asked) -> Trade:
    row = await connection.fetchrow(
        f"""
        INSERT INTO sandbox.alipay_trade (mchid, out_trade_no, appid, product, subject, passback_params, total_fen, notify_url, return_url,
            buyer, canonical, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        ON CONFLICT (mchid, out_trade_no) DO UPDATE SET product = $4, subject = $5, passback_params = $6, total_fen = $7, notify_url = $8,
            return_url = $9, buyer = $10, canonical = $11, expires_at = $12
        WHERE alipay_trade.state = 'NEW' RETURNING {_COLUMNS}
        """,
        *(asked.mchid, asked.out_trade_no, asked.appid, asked.product, asked.subject, asked.passback_params, asked.total_fen),
        *(asked.notify_url, asked.return_url, asked.buyer, asked.canonical, asked.expires_at),
    )
    return Trade(**row) if row else await place(connection, asked)  # a simultaneous request was faster, its trade exists already


async def reach(connection: Connection, trade: Trade) -> Trade:
    """The buyer is at the cashier: now the trade exists and has Alipay's number."""
    now = clock.now()
    row = await connection.fetchrow(
        f"""
        UPDATE sandbox.alipay_trade SET state = 'WAIT_BUYER_PAY', trade_no = $3, created_at = $4
        WHERE mchid = $1 AND out_trade_no = $2 AND state = 'NEW' AND expires_at > $4 RETURNING {_COLUMNS}
        """,
        *(trade.mchid, trade.out_trade_no, trade_no(now), now.replace(microsecond=0)),
    )
    return Trade(**row) if row else await find(connection, trade.mchid, trade.out_trade_no) or trade


def trade_no(at: dt.datetime) -> str:
    """28 digits that start with the date."""
    return f"{at.astimezone(clock.SHANGHAI):%Y%m%d}22001{keys.digits(15)}"


async def issue_ticket(connection: Connection, trade: Trade, prefix: str = "") -> str:
    """A fresh way to the trade's cashier page."""
    ticket = prefix + secrets.token_hex(13)
    await connection.execute(
        "INSERT INTO sandbox.alipay_ticket (ticket, mchid, out_trade_no, expires_at) VALUES ($1, $2, $3, $4)",
        *(ticket, trade.mchid, trade.out_trade_no, clock.now() + TICKET_LIFE),
    )
    return ticket


async def close(connection: Connection, trade: Trade, pay_due_at: dt.datetime | None = None) -> Trade:
    """End an unpaid trade; `pay_due_at` has it paid all the same."""
    row = await connection.fetchrow(
        f"""
        UPDATE sandbox.alipay_trade SET state = 'TRADE_CLOSED', closed_at = $3, pay_due_at = $4
        WHERE mchid = $1 AND out_trade_no = $2 AND state = 'WAIT_BUYER_PAY' RETURNING {_COLUMNS}
        """,
        *(trade.mchid, trade.out_trade_no, clock.now().replace(microsecond=0), pay_due_at),
    )
    return Trade(**row) if row else trade


async def mark_late(connection: Connection, trade: Trade, pay_due_at: dt.datetime) -> None:
    """Have a trade that nobody has opened yet paid later, although the merchant wanted it closed."""
    await connection.execute(
        "UPDATE sandbox.alipay_trade SET pay_due_at = $3 WHERE mchid = $1 AND out_trade_no = $2 AND state = 'NEW'",
        *(trade.mchid, trade.out_trade_no, pay_due_at),
    )


async def mark_paid(connection: Connection, trade: Trade, payer: str) -> Trade | None:
    """The payer's money moves, once; None when somebody was faster or the trade is closed."""
    now = clock.now()
    row = await connection.fetchrow(
        f"""
        UPDATE sandbox.alipay_trade
        SET state = 'TRADE_SUCCESS', payer = $3, paid_at = $4, pay_due_at = NULL, closed_at = NULL,
            trade_no = coalesce(trade_no, $5), created_at = coalesce(created_at, $4)
        WHERE mchid = $1 AND out_trade_no = $2 AND paid_at IS NULL
          AND (state IN ('NEW', 'WAIT_BUYER_PAY') AND expires_at > $6 OR pay_due_at IS NOT NULL)
        RETURNING {_COLUMNS}
        """,
        *(trade.mchid, trade.out_trade_no, payer, now.replace(microsecond=0), trade_no(now), now),
    )
    return Trade(**row) if row else None


async def mark_refunded(connection: Connection, trade: Trade, amount_fen: int) -> Trade:
    """Money went back; a trade of which everything went back is closed."""
    row = await connection.fetchrow(
        f"""
        UPDATE sandbox.alipay_trade SET refunded_fen = refunded_fen + $3,
            state = CASE WHEN refunded_fen + $3 >= total_fen THEN 'TRADE_CLOSED' ELSE state END,
            closed_at = CASE WHEN refunded_fen + $3 >= total_fen THEN $4 ELSE closed_at END
        WHERE mchid = $1 AND out_trade_no = $2 RETURNING {_COLUMNS}
        """,
        *(trade.mchid, trade.out_trade_no, amount_fen, clock.now().replace(microsecond=0)),
    )
    return Trade(**row)


async def due_for_late_payment(connection: Connection) -> list[Trade]:
    """Trades that are to be paid now, against their close."""
    rows = await connection.fetch(f"{_SELECT} WHERE pay_due_at <= $1 ORDER BY pay_due_at LIMIT 50", clock.now())
    return [Trade(**row) for row in rows]


async def timed_out(connection: Connection) -> list[Trade]:
    """Unpaid trades whose time is up, locked by whoever closes them."""
    rows = await connection.fetch(
        f"{_SELECT} WHERE state = 'WAIT_BUYER_PAY' AND expires_at <= $1 ORDER BY expires_at LIMIT 50 FOR UPDATE SKIP LOCKED", clock.now()
    )
    return [Trade(**row) for row in rows]


async def next_due(connection: Connection) -> dt.datetime | None:
    """When the next trade is paid late, or closes by itself."""
    return await connection.fetchval(
        """
        SELECT least((SELECT min(pay_due_at) FROM sandbox.alipay_trade WHERE pay_due_at IS NOT NULL),
                     (SELECT min(expires_at) FROM sandbox.alipay_trade WHERE state = 'WAIT_BUYER_PAY'))
        """
    )


async def use_code(connection: Connection, auth_code: str, trade: Trade) -> bool:
    """Whether a pay code is good for this trade: it is used once, or again by the same trade."""
    owner = await connection.fetchrow(
        """
        INSERT INTO sandbox.alipay_auth_code (auth_code, mchid, out_trade_no) VALUES ($1, $2, $3)
        ON CONFLICT (auth_code) DO UPDATE SET auth_code = $1 RETURNING mchid, out_trade_no
        """,
        *(auth_code, trade.mchid, trade.out_trade_no),
    )
    return (owner["mchid"], owner["out_trade_no"]) == (trade.mchid, trade.out_trade_no)


async def finish(connection: Connection, trade: Trade) -> None:
    """A paid trade's refund time is over."""
    await connection.execute(
        "UPDATE sandbox.alipay_trade SET state = 'TRADE_FINISHED' WHERE mchid = $1 AND out_trade_no = $2 AND state = 'TRADE_SUCCESS'",
        *(trade.mchid, trade.out_trade_no),
    )


async def age(connection: Connection, trade: Trade, days: int) -> dt.datetime | None:
    """Let a paid trade and its refunds have happened that many days earlier; gives the payment's new time, None when it is not paid."""
    paid_at = await connection.fetchval(
        """
        UPDATE sandbox.alipay_trade SET created_at = created_at - make_interval(days => $3), paid_at = paid_at - make_interval(days => $3)
        WHERE mchid = $1 AND out_trade_no = $2 AND paid_at IS NOT NULL RETURNING paid_at
        """,
        *(trade.mchid, trade.out_trade_no, days),
    )
    await connection.execute(
        "UPDATE sandbox.alipay_refund SET refunded_at = refunded_at - make_interval(days => $3) WHERE mchid = $1 AND out_trade_no = $2",
        *(trade.mchid, trade.out_trade_no, days),
    )
    return paid_at
