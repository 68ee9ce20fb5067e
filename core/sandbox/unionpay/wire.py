"""How UnionPay reads requests and writes answers: signed fields in, one unencoded line out (UnionPay sheet §1–§4)."""

import datetime as dt
import re
from collections.abc import Mapping

from asyncpg import Connection

from core import clock
from core.payments.channels.rsa import private_key, public_key
from core.payments.channels.unionpay import crypto
from core.payments.channels.unionpay import wire as unionpay_wire
from core.sandbox.unionpay import merchants
from core.sandbox.unionpay.authority import Pair
from core.sandbox.unionpay.merchants import Merchant
from core.sandbox.unionpay.trades import Trade

WORDS = {
    "00": "成功[0000000]",
    "05": "交易已受理，请稍后查询交易结果[2050000]",
    "01": "交易失败，详情请咨询95516[5019999]",
    "10": "报文格式错误[6100030]",
    "11": "验证签名失败[9100004]",
    "12": "重复交易[3120000]",
    "13": "报文交易要素缺失[6130000]",
    "31": "商户状态不正确[6310000]",
    "34": "查无此交易[2600000]",
    "35": "原交易不存在或状态不正确[3350000]",
    "36": "与原交易信息不符[3360000]",
    "45": "原交易已被成功退货或已被成功撤销[3450000]",
    "64": "卡上的余额不足[1000051]",
    "69": "交易超时，订单已失效[5690000]",
    "98": "文件不存在[6980000]",
    "A6": "有缺陷的成功[00000A6]",
}
PATTERNS = {
    "txnTime": re.compile(r"[0-9]{14}"),
    "orderId": re.compile(r"[0-9A-Za-z]{8,40}"),
    "txnAmt": re.compile(r"[1-9][0-9]{0,11}"),
    "currencyCode": re.compile(r"156"),
    "payTimeout": re.compile(r"[0-9]{14}"),
    "backUrl": re.compile(r"https?://[^\s]{1,250}"),
    "frontUrl": re.compile(r"https?://[^\s]{1,250}"),
    "origQryId": re.compile(r"[0-9]{21}"),
    "settleDate": re.compile(r"[0-9]{4}"),
    "reqReserved": re.compile(r"[^&={}\[\]\"']{1,1024}"),
}
TIME_WINDOW = dt.timedelta(hours=1)
"""How far txnTime may be from now: it must be the present, and nobody says how exactly."""


class WireError(Exception):
    """A request that is answered with a code other than success."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail

    @property
    def words(self) -> str:
        """What respMsg says."""
        return (f"{self.detail}，" if self.detail else "") + WORDS[self.code]


async def asking(connection: Connection, fields: Mapping[str, str]) -> Merchant:
    """The merchant whose signature these fields carry. Raises WireError."""
    for name in ("version", "encoding", "signMethod", "certId", "signature", "merId", "txnType", "txnSubType", "bizType", "accessType"):
        if not fields.get(name):
            raise WireError("13", name)
    if (fields["version"], fields["encoding"].upper(), fields["signMethod"]) != ("5.1.0", "UTF-8", "01"):
        raise WireError("10", "version/encoding/signMethod")
    merchant = await merchants.find(connection, fields["merId"])
    if merchant is None:
        raise WireError("31")
    if fields["certId"] != merchant.pair.cert_id or not crypto.signed_by(public_key(merchant.pair.certificate_pem), fields):
        raise WireError("11")
    if fields["accessType"] != "0":
        raise WireError("10", "accessType")
    return merchant


def check(fields: Mapping[str, str], *required: str) -> None:
    """Every required field is there, every field looks as it should. Raises WireError."""
    for name in required:
        if not fields.get(name):
            raise WireError("13", name)
    for name, value in fields.items():
        if not value or (name in PATTERNS and not PATTERNS[name].fullmatch(value)):
            raise WireError("10", name)


def check_now(fields: Mapping[str, str]) -> None:
    """txnTime is the present. Raises WireError."""
    if abs(moment(fields["txnTime"], "txnTime") - clock.now()) > TIME_WINDOW:
        raise WireError("10", "txnTime无效")


def moment(stamp: str, name: str) -> dt.datetime:
    """The instant of a fourteen-digit stamp. Raises WireError."""
    try:
        return dt.datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=clock.SHANGHAI)
    except ValueError:
        raise WireError("10", name) from None


def signed(fields: Mapping[str, str], signer: Pair) -> dict[str, str]:
    """Fields as UnionPay sends them: with its certificate, CRLF between the lines, and its signature."""
    full = {name: value for name, value in fields.items() if value} | {"signPubKeyCert": signer.travelling_pem}
    return full | {"signature": crypto.sign(private_key(signer.private_pem), full)}


def line(fields: Mapping[str, str]) -> bytes:
    """An answer's body: nothing is encoded."""
    return "&".join(f"{name}={value}" for name, value in fields.items()).encode()


def echo(fields: Mapping[str, str]) -> dict[str, str]:
    """What an answer repeats of its request, where it looks as it should."""
    names = ("txnType", "txnSubType", "bizType", "accessType", "merId", "orderId", "txnTime", "txnAmt", "currencyCode", "origQryId", "reqReserved")
    kept = {n: fields[n] for n in names if fields.get(n) and (n not in PATTERNS or PATTERNS[n].fullmatch(fields[n]))}
    return {"version": "5.1.0", "encoding": "UTF-8", "signMethod": "01"} | kept


def told(trade: Trade) -> dict[str, str]:
    """A decided trade as notifications tell it and front pages bring it back (§8)."""
    fields = {
        "version": "5.1.0",
        "encoding": "UTF-8",
        "signMethod": "01",
        "txnType": trade.txn_type,
        "txnSubType": "01" if trade.txn_type == "01" else "00",
        "bizType": "000201",
        "accessType": "0",
        "merId": trade.mchid,
        "orderId": trade.order_id,
        "txnTime": trade.txn_time,
        "respCode": trade.code,
        "respMsg": WORDS[trade.code],
        "reqReserved": trade.req_reserved,
        "origQryId": trade.orig_query_id or "",
    }
    return {name: value for name, value in (fields | settlement(trade)).items() if value}


def settlement(trade: Trade) -> dict[str, str]:
    """What is known of a trade once UnionPay has passed it on."""
    amounts = {"txnAmt": str(trade.amount_fen), "currencyCode": "156"}
    if trade.query_id is None or trade.traced_at is None or trade.settle_on is None:
        return amounts | ({"queryId": trade.query_id} if trade.query_id else {})
    return amounts | {
        "queryId": trade.query_id,
        "traceNo": trade.trace_no,
        "traceTime": f"{trade.traced_at.astimezone(clock.SHANGHAI):%m%d%H%M%S}",
        "settleAmt": str(trade.amount_fen),
        "settleCurrencyCode": "156",
        "settleDate": f"{trade.settle_on:%m%d}",
        "payCardType": "01",
        "payType": "0001",
        "exchangeRate": "0",
    }


def read(body: bytes) -> dict[str, str]:
    """A request's fields. Raises WireError."""
    try:
        return unionpay_wire.read_form(body)
    except ValueError:
        raise WireError("10") from None
