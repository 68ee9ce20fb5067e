"""What each channel took for a merchant number on a bill day: gross less refunds, and its fee, from the channel's own rows in this sandbox.

Days and fees are cut exactly as in the channel's statement (WeChat Pay counts a refund on the day it was accepted, UnionPay by its
settlement day), so that what arrives is what the file says; less what WeChat Pay paid on to receivers of shared payments that day.
"""

import datetime as dt

import msgspec
from asyncpg import Connection

_DAY = "AT TIME ZONE 'Asia/Shanghai')::date"
_PER_10000 = "(amount_fen * 60 + 5000) / 10000"

QUERIES = {
    "wechatpay": f"""
        SELECT mchid, (at {_DAY} AS bill_on, sum(amount_fen)::bigint AS gross_fen, sum(fee_fen)::bigint AS fee_fen
        FROM (SELECT mchid, paid_at AS at, amount_fen, {_PER_10000} AS fee_fen FROM sandbox.wechat_order
              WHERE mchid = ANY($1) AND paid_at >= $2 AND paid_at < $3
              UNION ALL
              SELECT mchid, accepted_at, -amount_fen, -({_PER_10000}) FROM sandbox.wechat_refund
              WHERE mchid = ANY($1) AND accepted_at >= $2 AND accepted_at < $3
              UNION ALL
              SELECT s.mchid, s.done_at, -(r ->> 'amount')::bigint, 0
              FROM sandbox.wechat_split s CROSS JOIN jsonb_array_elements(s.receivers::jsonb) r
              WHERE s.mchid = ANY($1) AND s.done_at >= $2 AND s.done_at < $3 AND r ->> 'account' <> s.mchid
              UNION ALL
              SELECT mchid, created_at, amount_fen, 0 FROM sandbox.wechat_split_return
              WHERE mchid = ANY($1) AND created_at >= $2 AND created_at < $3) lines
        GROUP BY 1, 2
    """,
    "alipay": f"""
        SELECT mchid, (at {_DAY} AS bill_on, sum(side * amount_fen)::bigint AS gross_fen, sum(side * ({_PER_10000}))::bigint AS fee_fen
        FROM (SELECT mchid, paid_at AS at, total_fen AS amount_fen, 1 AS side FROM sandbox.alipay_trade
              WHERE mchid = ANY($1) AND paid_at >= $2 AND paid_at < $3
              UNION ALL
              SELECT mchid, refunded_at, amount_fen, -1 FROM sandbox.alipay_refund
              WHERE mchid = ANY($1) AND state = 'SUCCESS' AND refunded_at >= $2 AND refunded_at < $3) lines
        GROUP BY 1, 2
    """,
    "unionpay": f"""
        SELECT mchid, settle_on AS bill_on, sum(CASE txn_type WHEN '01' THEN amount_fen ELSE -amount_fen END)::bigint AS gross_fen,
            sum(CASE txn_type WHEN '01' THEN fee_fen ELSE -fee_fen END)::bigint AS fee_fen
        FROM sandbox.unionpay_trade
        WHERE mchid = ANY($1) AND settle_on >= ($2::timestamptz {_DAY} AND settle_on < ($3::timestamptz {_DAY} AND code IN ('00', 'A6')
        GROUP BY 1, 2
    """,
    "stripe": f"""
        SELECT mchid, (created_at {_DAY} AS bill_on, sum(amount)::bigint AS gross_fen, sum(fee)::bigint AS fee_fen
        FROM sandbox.stripe_movement WHERE mchid = ANY($1) AND created_at >= $2 AND created_at < $3 AND currency = 'cny'
        GROUP BY 1, 2
    """,
}
NAMES = {
    "wechatpay": ("财付通支付科技有限公司客户备付金", "微信支付商户资金结算"),
    "alipay": ("支付宝（中国）网络技术有限公司客户备付金", "支付宝商户资金结算"),
    "unionpay": ("中国银联股份有限公司清算资金", "银联商户资金清算"),
    "stripe": ("银行卡网关清算资金", "银行卡网关结算"),
}
MERCHANTS = {"wechatpay": "wechat_merchant", "alipay": "alipay_merchant", "unionpay": "unionpay_merchant", "stripe": "stripe_account"}


class Taking(msgspec.Struct, frozen=True):
    """A merchant number's day at a channel, in fen: what it took less what went back, and the channel's fee of that."""

    channel: str
    mchid: str
    bill_on: dt.date
    gross_fen: int
    fee_fen: int


async def takings(connection: Connection, channel: str, mchids: list[str], start: dt.datetime, end: dt.datetime) -> list[Taking]:
    """The takings of some merchant numbers between two midnights."""
    rows = await connection.fetch(QUERIES[channel], mchids, start, end)
    return [Taking(channel, **row) for row in rows]
