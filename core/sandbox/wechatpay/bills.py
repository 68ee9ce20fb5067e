"""A day's trade bill as WeChat Pay writes it: backticked values, a header, a summary (WeChat Pay v3 §9.2)."""

import datetime as dt
from collections.abc import Sequence

import msgspec
from asyncpg import Connection

from core import clock
from core.money import format_yuan

FIRST = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额"
REFUNDED = "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态"
LAST = "商品名称,商户数据包,手续费,费率,订单金额"
HEADERS = {
    "ALL": f"{FIRST},{REFUNDED},{LAST},申请退款金额,费率备注",
    "SUCCESS": f"{FIRST},{LAST},费率备注",
    "REFUND": f"{FIRST},退款申请时间,退款成功时间,{REFUNDED},{LAST},申请退款金额,费率备注",
}
SUMMARIES = {
    "ALL": "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额",
    "SUCCESS": "总交易单数,应结订单总金额,手续费总金额,订单总金额",
    "REFUND": "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额",
}
FEE_PER_10000 = 60
FEE_WORDS = "0.60%"
REFUND_STATES = {"PROCESSING": "PROCESSING", "SUCCESS": "SUCCESS", "ABNORMAL": "CHANGE", "CLOSED": "FAIL"}


class Line(msgspec.Struct, frozen=True):
    """A payment, or a refund where `out_refund_no` is set."""

    at: dt.datetime
    appid: str
    mchid: str
    sp_mchid: str | None
    transaction_id: str
    out_trade_no: str
    payer_openid: str | None
    trade_type: str
    description: str
    attach: str | None
    amount_fen: int
    refund_id: str | None
    out_refund_no: str | None
    refund_fen: int
    refund_state: str | None
    accepted_at: dt.datetime | None
    succeeded_at: dt.datetime | None


async def lines(connection: Connection, speaker: str, mchid: str | None, day: dt.date, kind: str) -> list[Line]:
    """What happened on a day, Beijing time: of one merchant, or of all that a provider speaks for."""
    start = dt.datetime.combine(day, dt.time(), clock.SHANGHAI)
    rows = await connection.fetch(
        """
        WITH own AS (
            SELECT * FROM sandbox.wechat_order
            WHERE coalesce(sp_mchid, mchid) = $1 AND ($2::text IS NULL OR mchid = $2) AND paid_at IS NOT NULL)
        SELECT paid_at AS at, appid, mchid, sp_mchid, transaction_id, out_trade_no, payer_openid, trade_type, description, attach, amount_fen,
            NULL AS refund_id, NULL AS out_refund_no, 0 AS refund_fen, NULL AS refund_state, NULL::timestamptz AS accepted_at,
            NULL::timestamptz AS succeeded_at
        FROM own WHERE paid_at >= $3 AND paid_at < $4 AND $5 <> 'REFUND'
        UNION ALL
        SELECT r.accepted_at, appid, o.mchid, sp_mchid, transaction_id, o.out_trade_no, payer_openid, trade_type, description, attach,
            o.amount_fen, r.refund_id, r.out_refund_no, r.amount_fen, r.state, r.accepted_at, r.succeeded_at
        FROM own o JOIN sandbox.wechat_refund r USING (mchid, out_trade_no)
        WHERE r.accepted_at >= $3 AND r.accepted_at < $4 AND $5 <> 'SUCCESS'
        ORDER BY 1, 7
        """,
        *(speaker, mchid, start, start + dt.timedelta(days=1), kind),
    )
    return [Line(**row) for row in rows]


def written(found: Sequence[Line], kind: str) -> bytes:
    """The file, UTF-8 behind a byte order mark, with CRLF lines; the hash is made of exactly these bytes."""
    rows = [HEADERS[kind], *(_row(line, kind) for line in found), SUMMARIES[kind], _summary(found, kind)]
    return "".join(f"{row}\r\n" for row in rows).encode("utf-8-sig")


def fee_fen(amount_fen: int) -> int:
    """WeChat Pay's fee of an amount, rounded half up to the fen."""
    return (amount_fen * FEE_PER_10000 + 5_000) // 10_000


def _fee(line: Line) -> int:
    return -fee_fen(line.refund_fen) if line.out_refund_no else fee_fen(line.amount_fen)


def _row(line: Line, kind: str) -> str:
    paid = format_yuan(line.amount_fen).replace(",", "")
    back = format_yuan(line.refund_fen).replace(",", "")
    refund = bool(line.out_refund_no)
    provider = (line.sp_mchid, line.mchid) if line.sp_mchid else (line.mchid, "0")
    first = [
        _time(line.at), line.appid, *provider, "", line.transaction_id, line.out_trade_no, line.payer_openid or "", line.trade_type,
        "REFUND" if refund else "SUCCESS", "OTHERS", "CNY", "0.00" if refund else paid, "0.00",
    ]  # fmt: skip
    times = [_time(line.accepted_at), _time(line.succeeded_at)]
    refunded = ["0", "0", "0.00", "0.00", "", ""]
    if refund:
        refunded = [line.refund_id, line.out_refund_no, back, "0.00", "ORIGINAL", REFUND_STATES[line.refund_state or "PROCESSING"]]
    last = [line.description, line.attach or "", _fee_words(_fee(line)), FEE_WORDS, "0.00" if refund else paid]
    match kind:
        case "ALL":
            values = [*first, *refunded, *last, back, ""]
        case "SUCCESS":
            values = [*first, *last, ""]
        case _:
            values = [*first, *times, *refunded, *last, back, ""]
    return _backticked(values)


def _summary(found: Sequence[Line], kind: str) -> str:
    paid = sum(line.amount_fen for line in found if not line.out_refund_no)
    back = sum(line.refund_fen for line in found)
    fees = _fee_words(sum(_fee(line) for line in found))
    paid_words, back_words = (format_yuan(fen).replace(",", "") for fen in (paid, back))
    if kind == "SUCCESS":
        return _backticked([str(len(found)), paid_words, fees, paid_words])
    return _backticked([str(len(found)), paid_words, back_words, "0.00", fees, paid_words, back_words])


def _fee_words(fen: int) -> str:
    """A fee has five decimals, the last three always zero."""
    return f"{format_yuan(fen).replace(',', '')}000"


def _time(at: dt.datetime | None) -> str:
    return f"{at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M:%S}" if at else ""


def _backticked(values: Sequence[str | None]) -> str:
    """Values as the file has them: there is no quoting, so commas and line ends are written otherwise."""
    return ",".join("`" + (value or "").replace(",", "\\ ").replace("\n", "\\n") for value in values)
