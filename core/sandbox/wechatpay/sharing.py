"""Profit sharing at WeChat Pay: receivers, splits, returns, and every query about them (WeChat Pay v3 §10)."""

import datetime as dt

import msgspec
from asyncpg import Connection

from core import clock
from core.sandbox.wechatpay import errors, keys
from core.sandbox.wechatpay.orders import Order

MOST_PERCENT = 30
USUAL_SECONDS = 2.0
RELEASE = "解冻给分账方"


class Receiver(msgspec.Struct, frozen=True):
    """Somebody a merchant may give shares to."""

    kind: str
    account: str
    name: str | None
    relation: str


class Share(msgspec.Struct, frozen=True):
    """What one receiver is given."""

    type: str
    account: str
    amount: int
    description: str


class Split(msgspec.Struct, frozen=True):
    """A split, or the release of what is left (its one receiver is the merchant itself)."""

    mchid: str
    out_order_no: str
    order_id: str
    transaction_id: str
    parameters: str
    receivers: list[Share]
    amount_fen: int
    done_at: dt.datetime
    created_at: dt.datetime

    @property
    def done(self) -> bool:
        """Whether the shares have arrived."""
        return self.done_at <= clock.now()


class Return(msgspec.Struct, frozen=True):
    """A share taken back."""

    mchid: str
    out_return_no: str
    return_no: str
    out_order_no: str
    parameters: str
    return_mchid: str
    amount_fen: int
    description: str
    created_at: dt.datetime


async def add_receiver(connection: Connection, mchid: str, receiver: Receiver) -> None:
    """Allow somebody to receive; again is no error."""
    await connection.execute(
        """
        INSERT INTO sandbox.wechat_receiver (mchid, kind, account, name, relation) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (mchid, kind, account) DO UPDATE SET name = excluded.name, relation = excluded.relation
        """,
        *(mchid, receiver.kind, receiver.account, receiver.name, receiver.relation),
    )


async def delete_receiver(connection: Connection, mchid: str, kind: str, account: str) -> None:
    """Allow it no longer."""
    await connection.execute("DELETE FROM sandbox.wechat_receiver WHERE mchid = $1 AND kind = $2 AND account = $3", mchid, kind, account)


async def receivers(connection: Connection, mchid: str) -> dict[tuple[str, str], Receiver]:
    """Everybody a merchant may give shares to."""
    rows = await connection.fetch("SELECT kind, account, name, relation FROM sandbox.wechat_receiver WHERE mchid = $1", mchid)
    return {(row["kind"], row["account"]): Receiver(**row) for row in rows}


async def find(connection: Connection, mchid: str, out_order_no: str) -> Split | None:
    """A split by the merchant's own number."""
    row = await connection.fetchrow("SELECT * FROM sandbox.wechat_split WHERE mchid = $1 AND out_order_no = $2", mchid, out_order_no)
    return _split(row) if row else None


def _split(row: object) -> Split:
    return Split(**dict(row) | {"receivers": msgspec.json.decode(row["receivers"], type=list[Share])})


async def gone_fen(connection: Connection, transaction_id: str) -> int:
    """How much of a payment has been split or released."""
    return await connection.fetchval(
        "SELECT coalesce(sum(amount_fen), 0)::bigint FROM sandbox.wechat_split WHERE transaction_id = $1", transaction_id
    )


async def split(
    connection: Connection, order: Order, number: str, shares: list[Share], parameters: str, scale: float, *, release: bool
) -> Split:
    """Split a paid order that is held by the caller, or show the split under this number. Raises WireError."""
    known = await find(connection, order.mchid, number)
    if known is not None:
        if known.parameters != parameters:
            raise errors.invalid_request("商户分账单号已存在，且本次请求参数与首次请求不一致")
        return known
    await _check(connection, order, shares)
    made = await _insert(connection, order, number, shares, parameters, scale)
    if release and await gone_fen(connection, str(order.transaction_id)) < order.amount_fen:
        await let_go(connection, order, f"{number[:60]}@U", "{}", RELEASE, scale)
    return made


async def _check(connection: Connection, order: Order, shares: list[Share]) -> None:
    if not order.profit_sharing or order.state != "SUCCESS":
        raise errors.WireError(403, "RULE_LIMIT", "非分账订单不支持分账")
    allowed = await receivers(connection, order.mchid)
    if missing := [share.account for share in shares if (share.type, share.account) not in allowed]:
        raise errors.invalid_request(f"分账接收方关系不存在：{missing[0]}")
    asked_fen = sum(share.amount for share in shares)
    gone = await gone_fen(connection, str(order.transaction_id))
    if gone + asked_fen > order.amount_fen:
        raise errors.WireError(403, "NOT_ENOUGH", "分账金额超过剩余待分金额")
    if (gone + asked_fen) * 100 > order.amount_fen * MOST_PERCENT:
        raise errors.WireError(403, "RULE_LIMIT", f"分账金额超过最大分账比例{MOST_PERCENT}%")


async def let_go(connection: Connection, order: Order, number: str, parameters: str, description: str, scale: float) -> Split:
    """Give what is left of a held payment to its merchant, for good; again it shows the same release. Raises WireError."""
    known = await find(connection, order.mchid, number)
    if known is not None:
        if known.parameters != parameters:
            raise errors.invalid_request("商户分账单号已存在，且本次请求参数与首次请求不一致")
        return known
    left = order.amount_fen - await gone_fen(connection, str(order.transaction_id))
    if not order.profit_sharing or left <= 0:
        raise errors.invalid_request("该订单没有可解冻的资金")
    share = Share(type="MERCHANT_ID", account=order.mchid, amount=left, description=description)
    return await _insert(connection, order, number, [share], parameters, scale)


async def _insert(connection: Connection, order: Order, number: str, shares: list[Share], parameters: str, scale: float) -> Split:
    now = clock.now()
    row = await connection.fetchrow(
        """
        INSERT INTO sandbox.wechat_split (mchid, out_order_no, order_id, transaction_id, parameters, receivers, amount_fen, done_at,
            created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING *
        """,
        *(order.mchid, number, f"3008{keys.digits(24)}", order.transaction_id, parameters, msgspec.json.encode(shares).decode()),
        *(sum(share.amount for share in shares), now + dt.timedelta(seconds=USUAL_SECONDS * scale), now),
    )
    return _split(row)


async def find_return(connection: Connection, mchid: str, out_return_no: str) -> Return | None:
    """A return by the merchant's own number."""
    row = await connection.fetchrow("SELECT * FROM sandbox.wechat_split_return WHERE mchid = $1 AND out_return_no = $2", mchid, out_return_no)
    return Return(**row) if row else None


async def take_back(connection: Connection, made: Split, number: str, mchid: str, amount_fen: int, description: str, parameters: str) -> Return:
    """Take a share back from a merchant that has received it. Raises WireError."""
    known = await find_return(connection, made.mchid, number)
    if known is not None:
        if known.parameters != parameters:
            raise errors.invalid_request("商户回退单号已存在，且本次请求参数与首次请求不一致")
        return known
    received = sum(share.amount for share in made.receivers if (share.type, share.account) == ("MERCHANT_ID", mchid) and made.done)
    returned = await connection.fetchval(
        """
        SELECT coalesce(sum(amount_fen), 0)::bigint FROM sandbox.wechat_split_return
        WHERE mchid = $1 AND out_order_no = $2 AND return_mchid = $3
        """,
        *(made.mchid, made.out_order_no, mchid),
    )
    if returned + amount_fen > received:
        raise errors.WireError(403, "NOT_ENOUGH", "回退金额超过该接收方的可回退金额")
    row = await connection.fetchrow(
        """
        INSERT INTO sandbox.wechat_split_return (mchid, out_return_no, return_no, out_order_no, parameters, return_mchid, amount_fen,
            description, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING *
        """,
        *(made.mchid, number, f"3009{keys.digits(24)}", made.out_order_no, parameters, mchid, amount_fen, description, clock.now()),
    )
    return Return(**row)
