"""The words of WeChat Pay API v3: what its JSON says, and what that means to us.

Direct-merchant mode (WeChat Pay v3 §5–§8, §12).
"""

import datetime as dt

import msgspec

from core.clock import SHANGHAI
from core.payments.channels.protocol import ChannelAccount, ChannelState, OrderRequest, State
from core.payments.channels.wechatpay_crypto import BadSeal

STATES: dict[str, State] = {
    "SUCCESS": "succeeded",
    "REFUND": "refunded",
    "NOTPAY": "pending",
    "USERPAYING": "pending",
    "ACCEPT": "pending",
    "CLOSED": "closed",
    "REVOKED": "closed",
    "PAYERROR": "failed",
}
PAID_CODES = frozenset({"ORDERPAID", "ORDER_PAID"})
ABSENT_CODES = frozenset({"ORDERNOTEXIST", "ORDER_NOT_EXIST", "RESOURCE_NOT_EXISTS"})
CLOSED_CODES = frozenset({"ORDERCLOSED", "ORDER_CLOSED"})
UNDECIDED_CODES = frozenset(
    {
        "SYSTEMERROR",
        "SYSTEM_ERROR",
        "SERVICE_UNAVAILABLE",
        "USERPAYING",
        "USER_PAYING",
        "FREQUENCY_LIMITED",
        "FREQUENCY_LIMIT_EXCEED",
        "RATELIMIT_EXCEEDED",
        "BANKERROR",
        "BANK_ERROR",
    }
)
"""After these only a query tells what happened; a close that races a payment may be told FREQUENCY_LIMITED (§6)."""


class Amount(msgspec.Struct, frozen=True):
    total: int
    currency: str = "CNY"
    payer_total: int | None = None


class Payer(msgspec.Struct, frozen=True):
    openid: str | None = None


class Transaction(msgspec.Struct, frozen=True):
    """An order in a query's answer or a payment notification."""

    out_trade_no: str
    trade_state: str
    mchid: str = ""
    appid: str = ""
    transaction_id: str | None = None
    success_time: dt.datetime | None = None
    amount: Amount | None = None
    payer: Payer | None = None
    attach: str | None = None


class RefundAmount(msgspec.Struct, frozen=True):
    total: int


class RefundReport(msgspec.Struct, frozen=True):
    """The part of a refund notification that speaks of the order it belongs to."""

    out_trade_no: str
    refund_status: str
    mchid: str = ""
    transaction_id: str | None = None
    amount: RefundAmount | None = None


class Resource(msgspec.Struct, frozen=True):
    """The sealed part of a notification or of a certificate list."""

    algorithm: str
    nonce: str
    ciphertext: str
    associated_data: str = ""
    original_type: str = ""


class Envelope(msgspec.Struct, frozen=True):
    id: str
    event_type: str
    resource: Resource


class Certificate(msgspec.Struct, frozen=True):
    serial_no: str
    encrypt_certificate: Resource


class Certificates(msgspec.Struct, frozen=True):
    data: list[Certificate]


class Ready(msgspec.Struct, frozen=True):
    """The answer to a new order: one of the three, by scene."""

    prepay_id: str = ""
    h5_url: str = ""
    code_url: str = ""


class Refusal(msgspec.Struct, frozen=True):
    code: str
    message: str = ""


read_transaction = msgspec.json.Decoder(Transaction).decode
read_refund = msgspec.json.Decoder(RefundReport).decode
read_envelope = msgspec.json.Decoder(Envelope).decode
read_certificates = msgspec.json.Decoder(Certificates).decode
read_ready = msgspec.json.Decoder(Ready).decode
read_refusal = msgspec.json.Decoder(Refusal).decode


def sealed(resource: Resource) -> tuple[str, str, str]:
    """Nonce, associated data and ciphertext of a sealed part; any other algorithm is refused."""
    if resource.algorithm != "AEAD_AES_256_GCM":
        raise BadSeal(resource.algorithm)
    return resource.nonce, resource.associated_data, resource.ciphertext


def order_body(account: ChannelAccount, order: OrderRequest) -> bytes:
    """The JSON of a new order; the same order always gives the same bytes, so that asking again is idempotent (§13)."""
    body: dict[str, object] = {
        "appid": account.appid,
        "mchid": account.mchid,
        "description": _within(order.description, 127),
        "out_trade_no": order.number,
        "time_expire": order.expires_at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        "notify_url": order.notify_url,
        "amount": {"total": order.amount_fen, "currency": order.currency},
    }
    if order.attach:
        body["attach"] = order.attach
    if order.scene == "jsapi":
        body["payer"] = {"openid": order.openid}
    if order.scene == "h5":
        body["scene_info"] = {"payer_client_ip": order.payer_ip, "h5_info": {"type": "Wap"}}
    elif order.payer_ip:
        body["scene_info"] = {"payer_client_ip": order.payer_ip}
    return msgspec.json.encode(body)


def _within(text: str, limit: int) -> str:
    """A text cut to a number of UTF-8 bytes, no character split (the limit is characters at best, bytes at worst)."""
    return text.encode()[:limit].decode(errors="ignore")


def order_state(transaction: Transaction, raw: bytes) -> ChannelState:
    """An order as WeChat Pay reports it, in our words."""
    amount = transaction.amount
    return ChannelState(
        state=STATES.get(transaction.trade_state, "unknown"),
        order_number=transaction.out_trade_no,
        mchid=transaction.mchid,
        appid=transaction.appid,
        channel_txn_id=transaction.transaction_id,
        amount_fen=amount.total if amount else None,
        currency=amount.currency if amount else None,
        payer_paid_fen=amount.payer_total if amount else None,
        paid_at=transaction.success_time.astimezone(dt.UTC) if transaction.success_time else None,
        payer_ref=transaction.payer.openid if transaction.payer else None,
        attach=transaction.attach,
        raw=raw,
    )


def refund_state(report: RefundReport, raw: bytes) -> ChannelState:
    """The order behind a refund notification: paid in any case, refunded only if this refund went through."""
    return ChannelState(
        state="refunded" if report.refund_status == "SUCCESS" else "succeeded",
        order_number=report.out_trade_no,
        mchid=report.mchid,
        channel_txn_id=report.transaction_id,
        amount_fen=report.amount.total if report.amount else None,
        currency="CNY",
        raw=raw,
    )
