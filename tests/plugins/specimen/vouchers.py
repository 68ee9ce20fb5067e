"""A payment channel of the club's own: paper vouchers that its office stamps and then tells us of, signed with a shared secret."""

import datetime as dt
import hashlib
import hmac
from collections.abc import Mapping
from types import MappingProxyType

import httpx
import msgspec

from core.payments.channels.errors import ChannelRefused, ForgedNotice
from core.payments.channels.protocol import (
    Answer,
    ChannelAccount,
    ChannelState,
    Notice,
    OrderRef,
    OrderRequest,
    Prepared,
    RefundRef,
    RefundRequest,
    RefundRules,
    RefundState,
    StatementFile,
)


class Stamp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the office says: this voucher paid this order."""

    voucher: str
    order: str
    amount_fen: int
    at: dt.datetime


class VoucherChannel:
    """No outside call is needed to begin, and the office cannot be asked: its word is the only news."""

    code = "voucher"
    title = "代金券"
    scenes = ("native",)
    limits: Mapping[str, int] = MappingProxyType({"native": 100_000})
    refund_rules = RefundRules()

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def create(self, account: ChannelAccount, order: OrderRequest) -> Prepared:
        """The QR that the office scans."""
        return Prepared(kind="qr", value=f"voucher:{account.mchid}:{order.number}:{order.amount_fen}")

    async def query(self, account: ChannelAccount, order: OrderRef) -> ChannelState:
        """Nobody to ask: what we were not told stays pending."""
        return ChannelState(state="pending", order_number=order.number)

    async def close(self, account: ChannelAccount, order: OrderRef) -> None:
        """A QR that nobody scans needs no ending."""

    async def refund(self, account: ChannelAccount, refund: RefundRequest) -> RefundState:
        """A stamped voucher is used up; the office gives nothing back."""
        raise ChannelRefused(channel_code="USED", channel_message="代金券不能退")

    async def query_refund(self, account: ChannelAccount, refund: RefundRef) -> RefundState:
        """There are none."""
        return RefundState(state="unknown", number=refund.number, order_number=refund.order.number)

    async def fetch_statement(self, account: ChannelAccount, day: dt.date) -> StatementFile | None:
        """The office keeps no statement."""
        return None

    async def refresh_keys(self, account: ChannelAccount) -> None:
        """The secret changes only with the account."""

    def read_notice(self, account: ChannelAccount, headers: Mapping[str, str], body: bytes) -> Notice:
        """The stamp, once its signature is right."""
        signature = hmac.digest(account.credentials["secret"].encode(), body, hashlib.sha256).hex()
        if not hmac.compare_digest(signature, headers.get("x-club-signature", "")):
            raise ForgedNotice()
        stamp = msgspec.json.decode(body, type=Stamp)
        state = ChannelState(
            state="succeeded",
            order_number=stamp.order,
            mchid=account.mchid,
            appid=account.appid,
            channel_txn_id=stamp.voucher,
            amount_fen=stamp.amount_fen,
            currency="CNY",
            paid_at=stamp.at,
            raw=body,
        )
        return Notice(kind="payment", event_id=stamp.voucher, event_type="stamped", state=state)

    def answer(self, ok: bool, message: str = "") -> Answer:
        """What the office wants to hear."""
        return (200 if ok else 500), {"content-type": "text/plain"}, b"ok" if ok else message.encode()
