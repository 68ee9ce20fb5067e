"""WeChat Pay, API v3, for direct merchants and for those of a service provider: H5, JSAPI, Native and App orders, query, close, refunds,
notifications and the day's bill.

An answer is believed only after its signature was checked over the raw bytes; what cannot be believed is *unknown*, never *failed*.
Pay codes at a window are left out: the sources disagree whether API v3 has them (WeChat Pay v3 §5).
"""

import datetime as dt
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeVar
from urllib.parse import quote

import httpx
import msgspec

from core import clock
from core.payments.channels.credentials import WECHATPAY, CredentialField
from core.payments.channels.errors import ChannelRefused, ChannelUnknown, ForgedNotice, OrderNotAtChannel, SceneNotOffered
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
    Scene,
    StatementFile,
)
from core.payments.channels.wechatpay import bills, crypto, modes, refunds, wallet, wire
from core.payments.channels.wechatpay.transport import Transport
from core.web.i18n import N_

FIFTY_THOUSAND_YUAN = 5_000_000
"""The usual ceiling of one bank-card payment inside the wallet; a bank sets its own by passing `limits`."""
CREDENTIALS = (
    *WECHATPAY,
    CredentialField(name="sp_mchid", title=N_("服务商商户号"), kind="text", required=False, hint=N_("仅服务商模式：以上密钥均为服务商的")),
    CredentialField(name="sp_appid", title=N_("服务商 AppID"), kind="text", required=False, hint=N_("仅服务商模式")),
    CredentialField(
        name="profit_sharing", title=N_("冻结资金待分账"), kind="switch", required=False,
        hint=N_("需要分账时启用：之后的付款先冻结，分账或解冻后才结算"),
    ),
)  # fmt: skip
Content = TypeVar("Content")


class WechatPay:
    """The WeChat Pay channel (`protocol.Channel`); one object serves every merchant number of every client.

    Credentials of an account: `merchant_serial`, `merchant_private_key`, `apiv3_key`, and what WeChat Pay signs with:
    `platform_public_key_id` with `platform_public_key`, or `platform_certificates` (PEM, one after another), or both
    during the switch; without certificates they are fetched. In partner mode all these are the provider's, and `sp_mchid` and `sp_appid`
    name it (see `wechatpay_modes`). `app_secret` is for the web authorization; `profit_sharing` = "true" holds the money for splitting.
    """

    code = "wechatpay"
    title = "微信支付"
    scenes: tuple[Scene, ...] = ("jsapi", "h5", "native", "app")
    refund_rules: RefundRules = refunds.RULES
    credential_fields: tuple[CredentialField, ...] = CREDENTIALS
    base_urls: Mapping[str, str] = MappingProxyType({"production": "https://api.mch.weixin.qq.com"})
    wallet = "micromessenger"

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        limits: Mapping[str, int] | None = None,
        seconds_now: Callable[[], float] = clock.seconds,
    ) -> None:
        self.limits: Mapping[str, int] = limits or dict.fromkeys(self.scenes, FIFTY_THOUSAND_YUAN)
        self.transport = Transport(client, seconds_now)

    async def create(self, account: ChannelAccount, order: OrderRequest) -> Prepared:
        """Place an order and say how the payer goes on (WeChat Pay v3 §5)."""
        if order.scene not in self.scenes:
            raise SceneNotOffered(title=self.title, scene=order.scene)
        body = wire.order_body(account, order)
        answer = await self.transport.call(account, "POST", f"{modes.orders_path(account)}/{order.scene}", body)
        return wallet.prepared(account, order, _decoded(wire.read_ready, answer), int(self.transport.now()))

    async def query(self, account: ChannelAccount, order: OrderRef) -> ChannelState:
        """What became of an order, asked by our own number; `unknown` when WeChat Pay has no record of it."""
        target = modes.with_query(modes.order_path(account, order.number), modes.merchant_ids(account))
        try:
            raw = await self.transport.call(account, "GET", target)
        except OrderNotAtChannel:
            return ChannelState(state="unknown", order_number=order.number, mchid=account.mchid, appid=account.appid)
        return wire.order_state(account, _decoded(wire.read_transaction, raw), raw)

    async def close(self, account: ChannelAccount, order: OrderRef) -> None:
        """End an unpaid order; a closed one stays closed without complaint."""
        body = msgspec.json.encode(modes.merchant_ids(account))
        try:
            await self.transport.call(account, "POST", f"{modes.order_path(account, order.number)}/close", body)
        except ChannelRefused as refusal:
            if refusal.facts.get("channel_code") not in wire.CLOSED_CODES:
                raise

    async def refund(self, account: ChannelAccount, refund: RefundRequest) -> RefundState:
        """Ask for money to go back; asked again under the same number, WeChat Pay answers with that refund's state (§7, §13)."""
        raw = await self.transport.call(account, "POST", refunds.REFUNDS, refunds.refund_body(account, refund))
        return refunds.refund_state(account, _decoded(refunds.read_refund, raw), raw)

    async def query_refund(self, account: ChannelAccount, refund: RefundRef) -> RefundState:
        """What became of a refund, asked by our own number."""
        target = modes.with_query(f"{refunds.REFUNDS}/{quote(refund.number, safe='')}", modes.sub_ids(account))
        try:
            raw = await self.transport.call(account, "GET", target)
        except OrderNotAtChannel:
            return RefundState(state="unknown", number=refund.number, order_number=refund.order.number, mchid=account.mchid)
        return refunds.refund_state(account, _decoded(refunds.read_refund, raw), raw)

    async def fetch_statement(self, account: ChannelAccount, day: dt.date) -> StatementFile | None:
        """The trade bill of a day: payments and refunds in one CSV, its SHA-1 checked (§9)."""
        return await bills.fetch(self.transport, account, day)

    async def refresh_keys(self, account: ChannelAccount) -> None:
        """Download the platform certificates in force, at most once a minute for a merchant."""
        await self.transport.refresh_keys(account)

    def read_notice(self, account: ChannelAccount, headers: Mapping[str, str], body: bytes) -> Notice:
        """Verify a notification over its raw bytes, open its sealed part, and tell what kind it is (WeChat Pay v3 §8).

        The kind is decided by `original_type`: a profit-sharing movement carries the same event type as a payment.
        """
        self.transport.keys.verify(account, headers, body)
        try:
            envelope = wire.read_envelope(body)
            raw = crypto.unseal(modes.credential(account, "apiv3_key"), *wire.sealed(envelope.resource))
            return _reported(account, envelope, raw)
        except ValueError as error:
            raise ForgedNotice(reason="content") from error

    def answer(self, ok: bool, message: str = "") -> Answer:
        """200 ends the notification; anything else has it sent again, up to fifteen times in a day."""
        code = "SUCCESS" if ok else "FAIL"
        reply = msgspec.json.encode({"code": code, "message": message or ("成功" if ok else "失败")})
        return (200 if ok else 500), {"Content-Type": "application/json"}, reply


def _reported(account: ChannelAccount, envelope: wire.Envelope, raw: bytes) -> Notice:
    """A notification that has been opened, by what it is about."""
    about = {"event_id": envelope.id, "event_type": envelope.event_type}
    match envelope.resource.original_type:
        case "transaction":
            return Notice(kind="payment", state=wire.order_state(account, wire.read_transaction(raw), raw), **about)
        case "refund":
            report = refunds.read_refund(raw)
            refund = refunds.refund_state(account, report, raw, notified=True)
            return Notice(kind="refund", state=refunds.order_behind(account, report, raw), refund=refund, **about)
    return Notice(kind="other", state=ChannelState(state="unknown", order_number="", raw=raw), **about)


def _decoded(read: Callable[[bytes], Content], answer: bytes) -> Content:
    """A verified answer's content; one that cannot be read tells nothing about the order."""
    try:
        return read(answer)
    except ValueError as error:
        raise ChannelUnknown(reason="answer") from error
