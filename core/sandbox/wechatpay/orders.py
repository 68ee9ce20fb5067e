"""Orders and the tickets that lead to them: queries, and the rules of placing, closing, paying (WeChat Pay v3 §13)."""

import datetime as dt
import secrets

import msgspec
from asyncpg import Connection

from core import clock
from core.sandbox.wechatpay import keys
from core.sandbox.wechatpay.errors import no_such_order, order_closed, order_paid, other_parameters
from core.sandbox.wechatpay.parameters import OrderParameters, check_life

TICKET_LIFE = {"MWEB": dt.timedelta(minutes=5)}
USUAL_TICKET_LIFE = dt.timedelta(hours=2)
_COLUMNS = """mchid, out_trade_no, appid, trade_type, description, attach, amount_fen, currency, notify_url, openid,
    parameters, state, expires_at, transaction_id, payer_openid, paid_at, pay_due_at, created_at, sp_mchid, sp_appid, profit_sharing,
    refunded"""


class Order(msgspec.Struct, frozen=True):
    """An order as WeChat Pay keeps it."""

    mchid: str
    out_trade_no: str
    appid: str
    trade_type: str
    description: str
    attach: str | None
    amount_fen: int
    currency: str
    notify_url: str
    openid: str | None
    parameters: str
    state: str
    expires_at: dt.datetime
    transaction_id: str | None
    payer_openid: str | None
    paid_at: dt.datetime | None
    pay_due_at: dt.datetime | None
    created_at: dt.datetime
    sp_mchid: str | None = None
    sp_appid: str | None = None
    profit_sharing: bool = False
    refunded: bool = False

    @property
    def standing(self) -> str:
        """Its trade state now: an unpaid order closes by itself when its time is up, any refund makes a paid one REFUND."""
        if self.state == "SUCCESS" and self.refunded:
            return "REFUND"
        return "CLOSED" if self.state == "NOTPAY" and self.expires_at <= clock.now() else self.state

    @property
    def speaker(self) -> str:
        """Whose keys it was asked for with and is told about with: the service provider's, or its merchant's own."""
        return self.sp_mchid or self.mchid

    @property
    def payable(self) -> bool:
        """Whether money would be taken; a closed order only when told to be paid after its close."""
        return self.standing == "NOTPAY" or (self.state == "CLOSED" and self.pay_due_at is not None)


async def find(connection: Connection, mchid: str, out_trade_no: str, *, lock: bool = False) -> Order | None:
    """An order by the merchant's own number."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM sandbox.wechat_order WHERE mchid = $1 AND out_trade_no = $2" + (" FOR UPDATE" if lock else ""),
        *(mchid, out_trade_no),
    )
    return Order(**row) if row else None


async def find_by_transaction(connection: Connection, mchid: str, transaction_id: str) -> Order | None:
    """A paid order by WeChat Pay's number."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM sandbox.wechat_order WHERE mchid = $1 AND transaction_id = $2", mchid, transaction_id
    )
    return Order(**row) if row else None


async def find_by_number(connection: Connection, transaction_id: str) -> Order | None:
    """A paid order by WeChat Pay's number alone, whoever's it is."""
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM sandbox.wechat_order WHERE transaction_id = $1", transaction_id)
    return Order(**row) if row else None


async def find_by_ticket(connection: Connection, ticket: str) -> Order | None:
    """The order a pay page or a QR code leads to, while the ticket is good."""
    row = await connection.fetchrow(
        f"""
        SELECT {_COLUMNS} FROM sandbox.wechat_order WHERE (mchid, out_trade_no) IN (
            SELECT mchid, out_trade_no FROM sandbox.wechat_ticket WHERE ticket = $1 AND expires_at > $2)
        """,
        *(ticket, clock.now()),
    )
    return Order(**row) if row else None


async def latest(connection: Connection, limit: int = 50) -> list[Order]:
    """The last orders, newest first."""
    rows = await connection.fetch(f"SELECT {_COLUMNS} FROM sandbox.wechat_order ORDER BY created_at DESC LIMIT $1", limit)
    return [Order(**row) for row in rows]


async def place(connection: Connection, asked: OrderParameters) -> str:
    """Take a new order, or the same one again, and give a fresh ticket for it. Raises WireError."""
    async with connection.transaction():
        known = await find(connection, asked.mchid, asked.out_trade_no, lock=True)
        if known is None:
            check_life(asked)
            known = await _insert(connection, asked)
        if known.parameters != asked.canonical:
            raise other_parameters()
        if known.state == "SUCCESS":
            raise order_paid()
        if known.standing == "CLOSED":
            raise order_closed()
        return await issue_ticket(connection, known)


async def _insert(connection: Connection, asked: OrderParameters) -> Order:
    """Insert, or find what a simultaneous request has just inserted."""
    await connection.execute(
        """
        INSERT INTO sandbox.wechat_order (mchid, out_trade_no, appid, trade_type, description, attach, amount_fen,
            currency, notify_url, openid, parameters, expires_at, sp_mchid, sp_appid, profit_sharing)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT DO NOTHING
        """,
        *(asked.mchid, asked.out_trade_no, asked.appid, asked.trade_type, asked.description, asked.attach),
        *(asked.amount_fen, asked.currency, asked.notify_url, asked.openid, asked.canonical, asked.expires_at),
        *(asked.sp_mchid, asked.sp_appid, asked.profit_sharing),
    )
    order = await find(connection, asked.mchid, asked.out_trade_no, lock=True)
    assert order is not None
    return order


async def issue_ticket(connection: Connection, order: Order) -> str:
    """A fresh prepay id; earlier ones stay good until their own time is up."""
    ticket = f"wx{clock.now().astimezone(clock.SHANGHAI):%d%H%M%S}{secrets.token_hex(13)}"
    await connection.execute(
        "INSERT INTO sandbox.wechat_ticket (ticket, mchid, out_trade_no, expires_at) VALUES ($1, $2, $3, $4)",
        *(ticket, order.mchid, order.out_trade_no),
        clock.now() + TICKET_LIFE.get(order.trade_type, USUAL_TICKET_LIFE),
    )
    return ticket


async def close(connection: Connection, mchid: str, out_trade_no: str, pay_due_at: dt.datetime | None) -> None:
    """Close an unpaid order; again is no error. `pay_due_at` has it paid all the same. Raises WireError."""
    async with connection.transaction():
        order = await find(connection, mchid, out_trade_no, lock=True)
        if order is None:
            raise no_such_order()
        if order.state == "SUCCESS":
            raise order_paid()
        if order.state == "NOTPAY":
            await connection.execute(
                """
                UPDATE sandbox.wechat_order SET state = 'CLOSED', pay_due_at = $3
                WHERE mchid = $1 AND out_trade_no = $2
                """,
                *(mchid, out_trade_no, pay_due_at),
            )


async def mark_paid(connection: Connection, order: Order, payer_openid: str) -> Order | None:
    """The payer's money moves, once; None when somebody was faster or the order is closed."""
    now = clock.now()
    transaction_id = f"4200{keys.digits(6)}{now.astimezone(clock.SHANGHAI):%Y%m%d}{keys.digits(10)}"
    row = await connection.fetchrow(
        f"""
        UPDATE sandbox.wechat_order
        SET state = 'SUCCESS', transaction_id = $3, payer_openid = $4, paid_at = $5, pay_due_at = NULL
        WHERE mchid = $1 AND out_trade_no = $2
          AND (state = 'NOTPAY' AND expires_at > $5 OR state = 'CLOSED' AND pay_due_at IS NOT NULL)
        RETURNING {_COLUMNS}
        """,
        *(order.mchid, order.out_trade_no, transaction_id, payer_openid, now.replace(microsecond=0)),
    )
    return Order(**row) if row else None


async def due_for_late_payment(connection: Connection) -> list[Order]:
    """Closed orders that are to be paid now, against the close."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM sandbox.wechat_order WHERE pay_due_at <= $1 ORDER BY pay_due_at LIMIT 50", clock.now()
    )
    return [Order(**row) for row in rows]


async def age(connection: Connection, mchid: str, out_trade_no: str, days: int) -> dt.datetime | None:
    """Let a paid order and its refunds have happened that many days earlier; gives the payment's new time, None when it is not paid."""
    paid_at = await connection.fetchval(
        """
        UPDATE sandbox.wechat_order SET paid_at = paid_at - make_interval(days => $3)
        WHERE mchid = $1 AND out_trade_no = $2 AND paid_at IS NOT NULL RETURNING paid_at
        """,
        *(mchid, out_trade_no, days),
    )
    await connection.execute(
        """
        UPDATE sandbox.wechat_refund SET accepted_at = accepted_at - make_interval(days => $3),
            succeeded_at = succeeded_at - make_interval(days => $3)
        WHERE mchid = $1 AND out_trade_no = $2
        """,
        *(mchid, out_trade_no, days),
    )
    return paid_at


async def next_late_payment(connection: Connection) -> dt.datetime | None:
    """When the next closed order is to be paid against its close."""
    return await connection.fetchval("SELECT min(pay_due_at) FROM sandbox.wechat_order WHERE pay_due_at IS NOT NULL")
