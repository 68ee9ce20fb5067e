"""WeChat Pay, API v3, direct merchants: H5, JSAPI, Native and App orders, query, close, and notifications.

An answer is believed only after its signature was checked over the raw bytes; what cannot be believed is *unknown*,
never *failed*.
"""

import time
from collections.abc import Callable, Mapping
from urllib.parse import quote

import httpx
import msgspec

from core.payments.channels import wechatpay_crypto as crypto
from core.payments.channels import wechatpay_wire as wire
from core.payments.channels.errors import (
    ChannelRefused,
    ChannelUnknown,
    ForgedNotice,
    OrderNotAtChannel,
    SceneNotOffered,
)
from core.payments.channels.protocol import (
    Answer,
    ChannelAccount,
    ChannelState,
    Notice,
    OrderRef,
    OrderRequest,
    Prepared,
    Scene,
)
from core.payments.channels.wechatpay_transport import Transport, credential, signing_key

ORDERS = "/v3/pay/transactions"
FIFTY_THOUSAND_YUAN = 5_000_000
"""The usual ceiling of one bank-card payment inside the wallet; a bank sets its own by passing `limits`."""


class WechatPay:
    """The WeChat Pay channel (`protocol.Channel`); one object serves every merchant number of every client.

    Credentials of an account: `merchant_serial`, `merchant_private_key`, `apiv3_key`, and what WeChat Pay signs with:
    `platform_public_key_id` with `platform_public_key`, or `platform_certificates` (PEM, one after another), or both
    during the switch; without certificates they are fetched. `app_secret` is for the web authorization.
    """

    code = "wechatpay"
    title = "微信支付"
    scenes: tuple[Scene, ...] = ("jsapi", "h5", "native", "app")

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        limits: Mapping[str, int] | None = None,
        seconds_now: Callable[[], float] = time.time,
    ) -> None:
        self.limits: Mapping[str, int] = limits or dict.fromkeys(self.scenes, FIFTY_THOUSAND_YUAN)
        self._transport = Transport(client, seconds_now)

    async def create(self, account: ChannelAccount, order: OrderRequest) -> Prepared:
        """Place an order and say how the payer goes on (WeChat Pay v3 §5)."""
        if order.scene not in self.scenes:
            raise SceneNotOffered(title=self.title, scene=order.scene)
        body = wire.order_body(account, order)
        ready = _decoded(wire.read_ready, await self._transport.call(account, "POST", f"{ORDERS}/{order.scene}", body))
        match order.scene:
            case "jsapi" if ready.prepay_id:
                return Prepared(kind="jsapi", params=self._jsapi_params(account, ready.prepay_id))
            case "app" if ready.prepay_id:
                return Prepared(kind="app", params=self._app_params(account, ready.prepay_id))
            case "h5" if ready.h5_url:
                return Prepared(kind="redirect", value=_returning(ready.h5_url, order.return_url))
            case "native" if ready.code_url:
                return Prepared(kind="qr", value=ready.code_url)
        raise ChannelUnknown(reason="answer")

    async def query(self, account: ChannelAccount, order: OrderRef) -> ChannelState:
        """What became of an order, asked by our own number; `unknown` when WeChat Pay has no record of it."""
        number = order.number
        target = f"{ORDERS}/out-trade-no/{quote(number, safe='')}?mchid={quote(account.mchid, safe='')}"
        try:
            raw = await self._transport.call(account, "GET", target)
        except OrderNotAtChannel:
            return ChannelState(state="unknown", order_number=number, mchid=account.mchid, appid=account.appid)
        return wire.order_state(_decoded(wire.read_transaction, raw), raw)

    async def close(self, account: ChannelAccount, order: OrderRef) -> None:
        """End an unpaid order; a closed one stays closed without complaint."""
        body = msgspec.json.encode({"mchid": account.mchid})
        try:
            await self._transport.call(account, "POST", f"{ORDERS}/out-trade-no/{quote(order.number, safe='')}/close", body)
        except ChannelRefused as refusal:
            if refusal.facts.get("channel_code") not in wire.CLOSED_CODES:
                raise

    async def refresh_keys(self, account: ChannelAccount) -> None:
        """Download the platform certificates in force, at most once a minute for a merchant."""
        await self._transport.refresh_keys(account)

    def read_notice(self, account: ChannelAccount, headers: Mapping[str, str], body: bytes) -> Notice:
        """Verify a notification over its raw bytes, open its sealed part, and tell what kind it is (WeChat Pay v3 §8).

        The kind is decided by `original_type`: a profit-sharing movement carries the same event type as a payment.
        """
        self._transport.keys.verify(account, headers, body)
        try:
            envelope = wire.read_envelope(body)
            raw = crypto.unseal(credential(account, "apiv3_key"), *wire.sealed(envelope.resource))
            kind, state = _reported(envelope.resource.original_type, raw)
        except ValueError as error:
            raise ForgedNotice(reason="content") from error
        return Notice(kind=kind, event_id=envelope.id, event_type=envelope.event_type, state=state)

    def answer(self, ok: bool, message: str = "") -> Answer:
        """200 ends the notification; anything else has it sent again, up to fifteen times in a day."""
        code = "SUCCESS" if ok else "FAIL"
        reply = msgspec.json.encode({"code": code, "message": message or ("成功" if ok else "失败")})
        return (200 if ok else 500), {"Content-Type": "application/json"}, reply

    def _jsapi_params(self, account: ChannelAccount, prepay_id: str) -> dict[str, str]:
        """What `getBrandWCPayRequest` is called with (WeChat Pay v3 §2.1)."""
        timestamp, nonce, package = str(int(self._transport.now())), crypto.new_nonce(), f"prepay_id={prepay_id}"
        message = crypto.client_message(account.appid, timestamp, nonce, package)
        return {
            "appId": account.appid,
            "timeStamp": timestamp,
            "nonceStr": nonce,
            "package": package,
            "signType": "RSA",
            "paySign": crypto.sign(signing_key(account), message),
        }

    def _app_params(self, account: ChannelAccount, prepay_id: str) -> dict[str, str]:
        """What a native app hands to the wallet: here the bare id is signed."""
        timestamp, nonce = str(int(self._transport.now())), crypto.new_nonce()
        message = crypto.client_message(account.appid, timestamp, nonce, prepay_id)
        return {
            "appId": account.appid,
            "partnerId": account.mchid,
            "prepayId": prepay_id,
            "packageValue": "Sign=WXPay",
            "nonceStr": nonce,
            "timeStamp": timestamp,
            "sign": crypto.sign(signing_key(account), message),
        }


def _reported(original_type: str, raw: bytes) -> tuple[str, ChannelState]:
    """The kind of a notification and the order it speaks of."""
    if original_type == "transaction":
        return "payment", wire.order_state(wire.read_transaction(raw), raw)
    if original_type == "refund":
        return "refund", wire.refund_state(wire.read_refund(raw), raw)
    return "other", ChannelState(state="unknown", order_number="", raw=raw)


def _decoded(read: Callable[[bytes], msgspec.Struct], answer: bytes) -> msgspec.Struct:
    """A verified answer's content; one that cannot be read tells nothing about the order."""
    try:
        return read(answer)
    except ValueError as error:
        raise ChannelUnknown(reason="answer") from error


def _returning(h5_url: str, return_url: str | None) -> str:
    """The wallet page's address, with the page the payer comes back to."""
    if not return_url:
        return h5_url
    return f"{h5_url}{'&' if '?' in h5_url else '?'}redirect_url={quote(return_url, safe='')}"
