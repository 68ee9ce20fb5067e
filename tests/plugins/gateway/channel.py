"""River Bank's own gateway as a payment channel: one QR code, one pay page, refunds that are done at once."""

import datetime as dt
import time
from collections.abc import Callable, Mapping
from urllib.parse import quote

import httpx
import msgspec

from core.clock import SHANGHAI
from core.payments.channels.credentials import CredentialField
from core.payments.channels.errors import (
    AccountIncomplete,
    AlreadyPaid,
    ChannelRefused,
    ChannelShort,
    ChannelUnknown,
    ForgedNotice,
    OrderNotAtChannel,
    SceneNotOffered,
    StatementBroken,
    StatementNotReady,
)
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
from tests.plugins.gateway.signing import holds, sign

STATES = {"OPEN": "pending", "PAID": "succeeded", "CLOSED": "closed"}
REFUSALS = {"PAID": AlreadyPaid, "NO_ORDER": OrderNotAtChannel, "SHORT": ChannelShort}


class Ready(msgspec.Struct, frozen=True):
    pay_url: str


class OrderRead(msgspec.Struct, frozen=True):
    merchant: str
    number: str
    amount: int
    currency: str
    state: str
    serial: str | None = None
    paid_at: dt.datetime | None = None
    payer: str | None = None


class RefundRead(msgspec.Struct, frozen=True):
    merchant: str
    number: str
    order: str
    amount: int
    serial: str
    done_at: dt.datetime


class Refusal(msgspec.Struct, frozen=True):
    code: str
    message: str


# start: channel
class RiverBank:
    """One object serves every merchant number; between calls it keeps nothing but its HTTP connections."""

    code = "riverbank"
    title = "江城银行"
    scenes = ("native", "h5")
    refund_rules = RefundRules(window_days=180, most=20)
    credential_fields = (CredentialField(name="secret", title="商户密钥"),)
    base_urls: Mapping[str, str] = {"production": "https://pay.riverbank.example"}

    def __init__(
        self, client: httpx.AsyncClient, *, limits: Mapping[str, int] | None = None, seconds_now: Callable[[], float] = time.time
    ) -> None:
        self.limits: Mapping[str, int] = limits or {"native": 5_000_000, "h5": 1_000_000}
        self._client, self._now = client, seconds_now
        # end: channel

    # start: create
    async def create(self, account: ChannelAccount, order: OrderRequest) -> Prepared:
        """The same order gives the same bytes, so the gateway takes it for the same order."""
        if order.scene not in self.scenes:
            raise SceneNotOffered(title=self.title, scene=order.scene)
        asked = {
            "number": order.number,
            "title": order.description[:60],
            "amount": order.amount_fen,
            "currency": order.currency,
            "notify": order.notify_url,
            "expires": order.expires_at.astimezone(SHANGHAI).isoformat(),
        }
        ready = _read(await self._call(account, "POST", "/orders", asked), Ready)
        return Prepared(kind="qr" if order.scene == "native" else "redirect", value=ready.pay_url)
        # end: create

    # start: query
    async def query(self, account: ChannelAccount, order: OrderRef) -> ChannelState:
        try:
            raw = await self._call(account, "GET", f"/orders/{quote(order.number, safe='')}")
        except OrderNotAtChannel:
            return ChannelState(state="unknown", order_number=order.number, mchid=account.mchid, appid=account.appid)
        return _state(account, _read(raw, OrderRead), raw)
        # end: query

    async def close(self, account: ChannelAccount, order: OrderRef) -> None:
        await self._call(account, "POST", f"/orders/{quote(order.number, safe='')}/close", {})

    # start: refund
    async def refund(self, account: ChannelAccount, refund: RefundRequest) -> RefundState:
        asked = {"number": refund.number, "order": refund.order.number, "amount": refund.amount_fen, "reason": refund.reason[:60]}
        raw = await self._call(account, "POST", "/refunds", asked)
        return _refund_state(_read(raw, RefundRead), raw)

    async def query_refund(self, account: ChannelAccount, refund: RefundRef) -> RefundState:
        try:
            raw = await self._call(account, "GET", f"/refunds/{quote(refund.number, safe='')}")
        except OrderNotAtChannel:
            return RefundState(state="unknown", number=refund.number, order_number=refund.order.number, mchid=account.mchid)
        return _refund_state(_read(raw, RefundRead), raw)
        # end: refund

    # start: statement
    async def fetch_statement(self, account: ChannelAccount, day: dt.date) -> StatementFile | None:
        try:
            content = await self._call(account, "GET", f"/statements/{day.isoformat()}")
        except ChannelRefused as refusal:
            match refusal.facts.get("channel_code"):
                case "NO_BUSINESS":
                    return None
                case "NOT_READY":
                    raise StatementNotReady(day=day.isoformat()) from refusal
            raise
        if not content.startswith(b"serial,"):
            raise StatementBroken(reason="header")
        return StatementFile(name=f"riverbank-{account.mchid}-{day:%Y%m%d}.csv", content=content)
        # end: statement

    async def refresh_keys(self, account: ChannelAccount) -> None:
        """The secret changes only with the account."""

    # start: notice
    def read_notice(self, account: ChannelAccount, headers: Mapping[str, str], body: bytes) -> Notice:
        """First the signature over the raw bytes, then the content; anything wrong is a forgery."""
        lower = {name.lower(): value for name, value in headers.items()}
        if not holds(_secret(account), lower, "notice", body, self._now()):
            raise ForgedNotice(reason="signature")
        try:
            told = msgspec.json.decode(body, type=OrderRead)
        except ValueError as error:
            raise ForgedNotice(reason="content") from error
        return Notice(kind="payment", event_id=f"{told.serial}", event_type=told.state, state=_state(account, told, body))

    def answer(self, ok: bool, message: str = "") -> Answer:
        """The gateway sends again until it hears `ok`."""
        return (200 if ok else 500), {"content-type": "text/plain; charset=utf-8"}, b"ok" if ok else message.encode()
        # end: notice

    # start: call
    async def _call(self, account: ChannelAccount, method: str, path: str, asked: dict | None = None) -> bytes:
        """One signed request; its body comes back only when the gateway signed it, whether it said yes or no."""
        body = b"" if asked is None else msgspec.json.encode(asked)
        secret, seconds = _secret(account), str(int(self._now()))
        headers = {"x-merchant": account.mchid, "x-time": seconds, "x-signature": sign(secret, seconds, f"{method} {path}", body)}
        try:
            response = await self._client.request(method, account.base_url + path, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ChannelUnknown(reason=type(error).__name__) from error
        genuine = holds(secret, dict(response.headers), str(response.status_code), response.content, self._now())
        if not genuine or response.status_code >= 500:
            raise ChannelUnknown(reason="signature" if not genuine else f"HTTP {response.status_code}")
        if response.status_code == 200:
            return response.content
        refusal = _read(response.content, Refusal)
        raise REFUSALS.get(refusal.code, ChannelRefused)(channel_code=refusal.code, channel_message=refusal.message)
        # end: call


def _secret(account: ChannelAccount) -> str:
    if not account.credentials.get("secret"):
        raise AccountIncomplete(mchid=account.mchid, missing="secret")
    return account.credentials["secret"]


def _read(raw: bytes, kind: type) -> msgspec.Struct:
    """A genuine answer that cannot be read decides nothing."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except ValueError as error:
        raise ChannelUnknown(reason="content") from error


# start: state
def _state(account: ChannelAccount, told: OrderRead, raw: bytes) -> ChannelState:
    """What the gateway said, in our words. It knows no appid, so the account's own is repeated."""
    return ChannelState(
        state=STATES.get(told.state, "unknown"),
        order_number=told.number,
        mchid=told.merchant,
        appid=account.appid,
        channel_txn_id=told.serial,
        amount_fen=told.amount,
        currency=told.currency,
        payer_paid_fen=told.amount if told.paid_at else None,
        paid_at=told.paid_at,
        payer_ref=told.payer,
        raw=raw,
    )
# end: state


def _refund_state(told: RefundRead, raw: bytes) -> RefundState:
    return RefundState(
        state="succeeded",
        number=told.number,
        order_number=told.order,
        mchid=told.merchant,
        amount_fen=told.amount,
        reference=told.serial,
        refunded_at=told.done_at,
        raw=raw,
    )
