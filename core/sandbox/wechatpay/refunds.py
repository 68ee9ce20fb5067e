"""Money on its way back: what may be refunded, what became of it, and every query about it (WeChat Pay v3 §7, §13)."""

import datetime as dt

import msgspec
from asyncpg import Connection

from core import clock
from core.sandbox.faults import repository as faults
from core.sandbox.wechatpay import errors, keys, notices, orders, replies
from core.sandbox.wechatpay.orders import Order

WINDOW = dt.timedelta(days=365)
MOST = 50
SPACING_SECONDS = 60
USUAL_SECONDS = 3.0
IN_THE_WALLET = "支付用户零钱"
AT_THE_MERCHANT = "商户结算银行账户"
SUMMARIES = {"SUCCESS": "退款成功", "ABNORMAL": "退款异常", "CLOSED": "退款关闭"}
_COLUMNS = """mchid, out_refund_no, out_trade_no, refund_id, amount_fen, notify_url, parameters, state, fails, due_at, accepted_at,
    succeeded_at, received"""


class Refund(msgspec.Struct, frozen=True):
    """A refund as WeChat Pay keeps it; `fails` is what it was drawn to come to."""

    mchid: str
    out_refund_no: str
    out_trade_no: str
    refund_id: str
    amount_fen: int
    notify_url: str | None
    parameters: str
    state: str
    fails: bool
    due_at: dt.datetime | None
    accepted_at: dt.datetime
    succeeded_at: dt.datetime | None
    received: str
    """Where the money arrives: the payer's wallet, a card, or the merchant's own account after an abnormal refund."""


class RefundParameters(msgspec.Struct, frozen=True, kw_only=True):
    """A refund that may be accepted; `canonical` is equal exactly when the parameters are."""

    out_refund_no: str
    amount_fen: int
    total_fen: int
    canonical: str
    out_trade_no: str | None = None
    transaction_id: str | None = None
    notify_url: str | None = None


async def find(connection: Connection, mchid: str, out_refund_no: str, *, lock: bool = False) -> Refund | None:
    """A refund by the merchant's own number."""
    query = f"SELECT {_COLUMNS} FROM sandbox.wechat_refund WHERE mchid = $1 AND out_refund_no = $2{' FOR UPDATE' if lock else ''}"
    row = await connection.fetchrow(query, mchid, out_refund_no)
    return Refund(**row) if row else None


async def of_order(connection: Connection, mchid: str, out_trade_no: str) -> list[Refund]:
    """Every refund of an order, the oldest first."""
    query = f"SELECT {_COLUMNS} FROM sandbox.wechat_refund WHERE mchid = $1 AND out_trade_no = $2 ORDER BY accepted_at, out_refund_no"
    return [Refund(**row) for row in await connection.fetch(query, mchid, out_trade_no)]


async def place(connection: Connection, mchid: str, speaker: str, asked: RefundParameters, scale: float) -> tuple[Refund, Order]:
    """Take a refund, or show what became of the one under this number; an abnormal one is tried again. Raises WireError."""
    async with connection.transaction():
        order = await _order(connection, mchid, speaker, asked)
        known = await find(connection, mchid, asked.out_refund_no, lock=True)
        if known is not None:
            return await _again(connection, known, asked, scale), order
        await _check(connection, order, asked, scale)
        return await _insert(connection, order, asked, scale), order


async def _order(connection: Connection, mchid: str, speaker: str, asked: RefundParameters) -> Order:
    """The order, held until the refund stands, so that two refunds never share its money."""
    number = asked.out_trade_no
    if number is None:
        paid = await orders.find_by_transaction(connection, mchid, asked.transaction_id or "")
        number = paid.out_trade_no if paid else ""
    order = await orders.find(connection, mchid, number, lock=True)
    if order is None or order.speaker != speaker:
        raise errors.no_such_refund("订单不存在")
    if asked.transaction_id is not None and order.transaction_id != asked.transaction_id:
        raise errors.invalid_request("微信支付订单号与商户订单号不匹配")
    return order


async def _again(connection: Connection, known: Refund, asked: RefundParameters, scale: float) -> Refund:
    if known.parameters != asked.canonical:
        raise errors.invalid_request("退款单号已存在，且本次请求参数与首次请求不一致")
    if known.state != "ABNORMAL":
        return known
    row = await connection.fetchrow(
        f"""
        UPDATE sandbox.wechat_refund SET state = 'PROCESSING', fails = false, due_at = $3
        WHERE mchid = $1 AND out_refund_no = $2 RETURNING {_COLUMNS}
        """,
        *(known.mchid, known.out_refund_no, clock.now() + dt.timedelta(seconds=USUAL_SECONDS * scale)),
    )
    return Refund(**row)


async def _check(connection: Connection, order: Order, asked: RefundParameters, scale: float) -> None:
    """Everything that can be wrong with a new refund, in the order WeChat Pay would notice. Raises WireError."""
    now = clock.now()
    if order.state != "SUCCESS" or order.paid_at is None:
        raise errors.invalid_request("订单未支付，不能退款")
    if asked.total_fen != order.amount_fen:
        raise errors.bad_parameter("/amount/total", asked.total_fen, "与原订单金额不一致")
    if order.paid_at < now - WINDOW:
        raise errors.invalid_request("订单支付已超过365天，不能退款")
    earlier = [refund for refund in await of_order(connection, order.mchid, order.out_trade_no) if refund.state != "CLOSED"]
    if sum(refund.amount_fen for refund in earlier) + asked.amount_fen > order.amount_fen:
        raise errors.invalid_request("申请退款金额大于订单可退金额")
    if len(earlier) >= MOST:
        raise errors.invalid_request(f"该订单部分退款次数已达{MOST}次")
    spacing = dt.timedelta(seconds=SPACING_SECONDS * scale)
    if earlier and max(refund.accepted_at for refund in earlier) > now - spacing:
        raise errors.too_often("同一笔订单两次退款须间隔1分钟，请稍后用原退款单号重试")
    if await faults.draw(connection, "refund_short", order.mchid, order.out_trade_no):
        raise errors.not_enough()


async def _insert(connection: Connection, order: Order, asked: RefundParameters, scale: float) -> Refund:
    now = clock.now()
    slow = (await faults.draw(connection, "refund_slow", order.mchid, order.out_trade_no)).get("refund_slow")
    fails = bool(await faults.draw(connection, "refund_fail", order.mchid, order.out_trade_no))
    wait = slow.lasts if slow else USUAL_SECONDS * scale
    row = await connection.fetchrow(
        f"""
        INSERT INTO sandbox.wechat_refund (mchid, out_refund_no, out_trade_no, refund_id, amount_fen, notify_url, parameters, fails,
            due_at, accepted_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING {_COLUMNS}
        """,
        *(order.mchid, asked.out_refund_no, order.out_trade_no),
        f"50{keys.digits(9)}{now.astimezone(clock.SHANGHAI):%Y%m%d}{keys.digits(9)}",
        *(asked.amount_fen, asked.notify_url, asked.canonical, fails, now + dt.timedelta(seconds=wait), now),
    )
    await connection.execute(
        "UPDATE sandbox.wechat_order SET refunded = true WHERE mchid = $1 AND out_trade_no = $2", order.mchid, order.out_trade_no
    )
    return Refund(**row)


async def finish_due(connection: Connection) -> dt.datetime | None:
    """Bring the refunds to their end whose time has come, and tell; answers when the next one is due."""
    async with connection.transaction():
        rows = await connection.fetch(
            f"""
            UPDATE sandbox.wechat_refund SET due_at = NULL, state = CASE WHEN fails THEN 'ABNORMAL' ELSE 'SUCCESS' END,
                succeeded_at = CASE WHEN fails THEN NULL ELSE $1::timestamptz END
            WHERE (mchid, out_refund_no) IN (
                SELECT mchid, out_refund_no FROM sandbox.wechat_refund WHERE due_at <= $1 ORDER BY due_at LIMIT 100 FOR UPDATE SKIP LOCKED)
            RETURNING {_COLUMNS}
            """,
            clock.now(),
        )
        for refund in (Refund(**row) for row in rows):
            await _tell(connection, refund)
    return await connection.fetchval("SELECT min(due_at) FROM sandbox.wechat_refund WHERE due_at IS NOT NULL")


async def close(connection: Connection, mchid: str, out_refund_no: str) -> Refund | None:
    """End a refund under way without money having moved, as a bank's return does; None when it is not under way."""
    async with connection.transaction():
        row = await connection.fetchrow(
            f"""
            UPDATE sandbox.wechat_refund SET state = 'CLOSED', due_at = NULL
            WHERE mchid = $1 AND out_refund_no = $2 AND state IN ('PROCESSING', 'ABNORMAL') RETURNING {_COLUMNS}
            """,
            *(mchid, out_refund_no),
        )
        if row:
            await _tell(connection, Refund(**row))
    return Refund(**row) if row else None


async def send_on(connection: Connection, mchid: str, refund_id: str, out_refund_no: str, received: str, scale: float) -> Refund:
    """Send an abnormal refund to another account. Raises WireError."""
    row = await connection.fetchrow(
        f"""
        UPDATE sandbox.wechat_refund SET state = 'PROCESSING', fails = false, received = $4, due_at = $5
        WHERE mchid = $1 AND refund_id = $2 AND out_refund_no = $3 AND state = 'ABNORMAL' RETURNING {_COLUMNS}
        """,
        *(mchid, refund_id, out_refund_no, received, clock.now() + dt.timedelta(seconds=USUAL_SECONDS * scale)),
    )
    if row is None:
        raise errors.invalid_request("退款单不存在，或不是退款异常状态")
    return Refund(**row)


async def _tell(connection: Connection, refund: Refund) -> None:
    order = await orders.find(connection, refund.mchid, refund.out_trade_no)
    if order is None or refund.notify_url is None:
        return
    content = {
        **{name: value for name, value in replies.whose(order).items() if name.endswith("mchid")},
        **_numbers(refund, order),
        "refund_status": refund.state,
        **_success(refund),
        "user_received_account": refund.received,
        "amount": {"total": order.amount_fen, "refund": refund.amount_fen, "payer_total": order.amount_fen, "payer_refund": refund.amount_fen},
    }
    event = f"REFUND.{refund.state}"
    await notices.tell(connection, order, "refund", event, SUMMARIES[refund.state], content, refund.notify_url)


def shown(refund: Refund, order: Order) -> dict[str, object]:
    """A refund as answers show it."""
    return {
        **_numbers(refund, order),
        "channel": "ORIGINAL" if refund.received == IN_THE_WALLET else "OTHER_BANKCARD",
        "user_received_account": refund.received,
        **_success(refund),
        "create_time": replies.rfc3339(refund.accepted_at),
        "status": refund.state,
        "funds_account": "AVAILABLE",
        "amount": {
            "total": order.amount_fen,
            "refund": refund.amount_fen,
            "from": [],
            "payer_total": order.amount_fen,
            "payer_refund": refund.amount_fen,
            "settlement_total": order.amount_fen,
            "settlement_refund": refund.amount_fen,
            "discount_refund": 0,
            "currency": order.currency,
            "refund_fee": 0,
        },
        "promotion_detail": [],
    }


def _numbers(refund: Refund, order: Order) -> dict[str, object]:
    return {
        "refund_id": refund.refund_id,
        "out_refund_no": refund.out_refund_no,
        "transaction_id": order.transaction_id,
        "out_trade_no": order.out_trade_no,
    }


def _success(refund: Refund) -> dict[str, object]:
    return {"success_time": replies.rfc3339(refund.succeeded_at)} if refund.succeeded_at else {}
