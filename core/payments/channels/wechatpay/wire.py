"""The words of WeChat Pay API v3: what its JSON says of orders, and what that means to us (WeChat Pay v3 §5, §6, §8, §11, §12)."""

import datetime as dt

import msgspec

from core.clock import SHANGHAI
from core.payments.channels.protocol import ChannelAccount, ChannelState, OrderRequest, State
from core.payments.channels.wechatpay import modes
from core.payments.channels.wechatpay.crypto import BadSeal

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
SHORT_CODES = frozenset({"NOT_ENOUGH", "NOTENOUGH"})
NO_STATEMENT_CODES = frozenset({"NO_STATEMENT_EXIST"})
STATEMENT_LATER_CODES = frozenset({"STATEMENT_CREATING"})
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
    sp_openid: str | None = None
    sub_openid: str | None = None


class Merchant(msgspec.Struct, frozen=True):
    """Whose order it is: the first two in direct mode, the rest in partner mode."""

    mchid: str = ""
    appid: str = ""
    sp_mchid: str = ""
    sp_appid: str = ""
    sub_mchid: str = ""
    sub_appid: str = ""

    def mchid_for(self, account: ChannelAccount) -> str:
        """The number to compare with the account's; the provider's where that is the one that differs."""
        if not modes.is_partner(account):
            return self.mchid
        return self.sub_mchid if self.sp_mchid == modes.signing_mchid(account) else self.sp_mchid

    def appid_for(self, account: ChannelAccount) -> str:
        """The appid to compare with the account's."""
        return self.sub_appid or self.sp_appid if modes.is_partner(account) else self.appid


class Transaction(Merchant, frozen=True, kw_only=True):
    """An order in a query's answer or a payment notification."""

    out_trade_no: str
    trade_state: str
    transaction_id: str | None = None
    success_time: dt.datetime | None = None
    amount: Amount | None = None
    payer: Payer | None = None
    attach: str | None = None


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
        **modes.order_ids(account),
        "description": within(order.description, 127),
        "out_trade_no": order.number,
        "time_expire": order.expires_at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        "notify_url": order.notify_url,
        "amount": {"total": order.amount_fen, "currency": order.currency},
    }
    if order.attach:
        body["attach"] = order.attach
    if order.scene == "jsapi":
        body["payer"] = modes.payer(account, order.openid)
    if order.scene == "h5":
        body["scene_info"] = {"payer_client_ip": order.payer_ip, "h5_info": {"type": "Wap"}}
    elif order.payer_ip:
        body["scene_info"] = {"payer_client_ip": order.payer_ip}
    if account.credentials.get("profit_sharing") == "true":
        body["settle_info"] = {"profit_sharing": True}
    return msgspec.json.encode(body)


def within(text: str, limit: int) -> str:
    """A text cut to a number of UTF-8 bytes, no character split (the limit is characters at best, bytes at worst)."""
    return text.encode()[:limit].decode(errors="ignore")


def order_state(account: ChannelAccount, transaction: Transaction, raw: bytes) -> ChannelState:
    """An order as WeChat Pay reports it, in our words."""
    amount, payer = transaction.amount, transaction.payer or Payer()
    return ChannelState(
        state=STATES.get(transaction.trade_state, "unknown"),
        order_number=transaction.out_trade_no,
        mchid=transaction.mchid_for(account),
        appid=transaction.appid_for(account),
        channel_txn_id=transaction.transaction_id,
        amount_fen=amount.total if amount else None,
        currency=amount.currency if amount else None,
        payer_paid_fen=amount.payer_total if amount else None,
        paid_at=transaction.success_time.astimezone(dt.UTC) if transaction.success_time else None,
        payer_ref=payer.openid or payer.sub_openid or payer.sp_openid,
        attach=transaction.attach,
        raw=raw,
    )
