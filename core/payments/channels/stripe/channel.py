"""The card gateway, Stripe-style: PaymentIntents, refunds, webhooks and the balance report (Stripe sheet).

The card's number never touches this system: the payer's browser hands it to the gateway, with the client secret of the intent we made.
The same code speaks to the gateway itself, to stripe-mock, to localstripe and to the sandbox; only the base address differs.
"""

import datetime as dt
import secrets
from collections.abc import Callable, Mapping
from typing import Literal

import httpx
import msgspec

from core import clock
from core.payments.channels.credentials import CredentialField
from core.payments.channels.errors import (
    AlreadyPaid,
    ChannelRefused,
    ChannelUnknown,
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
    RefundRef,
    RefundRequest,
    RefundRules,
    RefundState,
    Scene,
    StatementFile,
)
from core.payments.channels.stripe import finding, notices, statement, wire
from core.payments.channels.stripe.finding import INTENTS, REFUNDS
from core.payments.channels.stripe.transport import Transport, credential
from core.web.i18n import N_

WITH_CHARGE = [("expand[]", "latest_charge")]
LARGEST_FEN = 99_999_999
"""The gateway takes amounts of up to eight digits."""
SCRIPT_URL = "https://js.stripe.com/v3/"


class StripeGateway:
    """The card channel (`protocol.Channel`); one object serves every account of every client.

    Credentials: `secret_key`, `publishable_key`, `webhook_secret`; `previous_webhook_secret` while a secret is being changed, when both
    sign; `script_url` where the payer's page loads its card form from, for another gateway than Stripe's own.
    """

    code = "stripe"
    title = "银行卡"
    browser_sources = ("https://js.stripe.com", "https://api.stripe.com", "https://hooks.stripe.com")
    scenes: tuple[Scene, ...] = ("card",)
    refund_rules = RefundRules()
    credential_fields = (
        CredentialField(name="secret_key", title=N_("密钥（sk_…）")),
        CredentialField(name="publishable_key", title=N_("可公开密钥（pk_…）"), kind="text"),
        CredentialField(name="webhook_secret", title=N_("通知签名密钥（whsec_…）")),
        CredentialField(name="previous_webhook_secret", title=N_("更换前的通知签名密钥"), required=False, hint=N_("更换后 24 小时内两个都有效")),
        CredentialField(name="script_url", title=N_("卡片表单脚本地址"), kind="text", required=False, hint=N_("留空即使用官方地址")),
    )

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        limits: Mapping[str, int] | None = None,
        seconds_now: Callable[[], float] = clock.seconds,
        capture_method: Literal["automatic", "manual"] = "automatic",
    ) -> None:
        self.limits: Mapping[str, int] = limits or dict.fromkeys(self.scenes, LARGEST_FEN)
        self._capture_method = capture_method
        self._transport = Transport(client, seconds_now)

    async def create(self, account: ChannelAccount, order: OrderRequest) -> Prepared:
        """Make the intent a card can be charged on, and give the payer's page what it needs to do so.

        Our number is the idempotency key, so asking again gives the same intent; its stored answer is then compared with today's.
        """
        if order.scene not in self.scenes:
            raise SceneNotOffered(title=self.title, scene=order.scene)
        publishable_key = credential(account, "publishable_key")
        reply = await self._transport.post(account, INTENTS, wire.order_form(order, self._capture_method), order.number)
        intent = wire.decoded(wire.read_intent, reply.raw)
        if reply.replayed:
            intent = wire.decoded(wire.read_intent, await self._transport.get(account, finding.at(INTENTS, intent.id)))
        if not wire.is_the_order(intent, order) or not intent.client_secret:
            raise ChannelUnknown(reason="answer")
        if intent.status == "succeeded":
            raise AlreadyPaid()
        if intent.status == "canceled":
            raise ChannelRefused(channel_code="canceled", channel_message="该订单已关闭")
        return Prepared(kind="card", reference=intent.id, params=self._card_params(account, publishable_key, intent.client_secret))

    async def query(self, account: ChannelAccount, order: OrderRef) -> ChannelState:
        """What became of an order; `unknown` when the gateway has no record of it."""
        try:
            raw = await self._transport.get(account, await finding.intent_path(self._transport, account, order), WITH_CHARGE)
        except OrderNotAtChannel:
            return ChannelState(state="unknown", order_number=order.number, mchid=account.mchid, appid=account.appid)
        return wire.order_state(wire.decoded(wire.read_intent, raw), account, raw)

    async def confirm(self, account: ChannelAccount, order: OrderRef, payment_method: str, return_url: str | None = None) -> ChannelState:
        """Charge a card the gateway already holds (`pm_…`), without the payer's page. Declined is a result: the order stays pending.

        Two steps, name the card and then confirm, because localstripe takes no card in the second.
        """
        path = await finding.intent_path(self._transport, account, order)
        back = [("return_url", return_url)] if return_url else []
        try:
            await self._transport.post(account, path, [("payment_method", payment_method)], f"{order.number}-card-{payment_method}")
            await self._transport.post(account, f"{path}/confirm", back, f"{order.number}-confirm-{payment_method}")
        except ChannelRefused as refusal:
            if refusal.facts.get("http_status") != 402:
                raise
        return await self.query(account, order)

    async def capture(self, account: ChannelAccount, order: OrderRef, amount_fen: int | None = None) -> ChannelState:
        """Take money that was only reserved (`capture_method="manual"`), all of it or less; what is left over goes back to the card."""
        path = await finding.intent_path(self._transport, account, order)
        fields = [] if amount_fen is None else [("amount_to_capture", str(amount_fen))]
        await self._transport.post(account, f"{path}/capture", fields, f"{order.number}-capture")
        return await self.query(account, order)

    async def close(self, account: ChannelAccount, order: OrderRef) -> None:
        """Cancel an unpaid intent; one that is cancelled stays so without complaint.

        The key is a fresh one: cancelling twice does no harm, but a stored refusal from a moment of `processing` would.
        """
        path = await finding.intent_path(self._transport, account, order)
        try:
            reply = await self._transport.post(account, f"{path}/cancel", [], f"{order.number}-cancel-{secrets.token_hex(8)}")
            wire.decoded(wire.read_intent, reply.raw)
        except OrderNotAtChannel:
            raise
        except ChannelRefused:
            state = await self.query(account, order)
            if state.paid:
                raise AlreadyPaid() from None
            if state.state != "closed":
                raise

    async def refund(self, account: ChannelAccount, refund: RefundRequest) -> RefundState:
        """Send money back to the card it came from. A repeat moves nothing and tells today's state.

        Our number is the key, which keeps two at once apart; but keys are forgotten after a day, so the gateway is asked for a refund of
        this number first. A refusal is stored too: it proves that nothing moved, and the same refund goes on under the next key in line.
        """
        known = await self.query_refund(account, _ref(refund))
        if known.state != "unknown":
            if known.amount_fen != refund.amount_fen:
                raise ChannelRefused(channel_code="idempotency_error", channel_message="退款单号已用于另一笔金额")
            return known
        fields = wire.refund_form(refund, await finding.paid_target(self._transport, account, refund.order))
        reply = await self._transport.post_once(account, REFUNDS, fields, refund.number)
        made, raw = wire.decoded(wire.read_refund, reply.raw), reply.raw
        if reply.replayed:
            raw = await self._transport.get(account, finding.at(REFUNDS, made.id))
            made = wire.decoded(wire.read_refund, raw)
        return wire.refund_state(made, account, raw, number=refund.number)

    async def query_refund(self, account: ChannelAccount, refund: RefundRef) -> RefundState:
        """What became of a refund, by the gateway's id, else by looking through the order's refunds for our number."""
        try:
            reference = refund.reference or await finding.refund_id(self._transport, account, refund)
            raw = await self._transport.get(account, finding.at(REFUNDS, reference))
        except OrderNotAtChannel:
            return RefundState(state="unknown", number=refund.number, order_number=refund.order.number, mchid=account.mchid)
        return wire.refund_state(wire.decoded(wire.read_refund, raw), account, raw, number=refund.number)

    async def fetch_statement(self, account: ChannelAccount, day: dt.date) -> StatementFile | None:
        """The day's movements of the balance, itemised as CSV (`stripe_statement`)."""
        content = await statement.fetch(self._transport, account, day)
        return content and StatementFile(name=f"stripe-balance-{day}.csv", content=content)

    async def refresh_keys(self, account: ChannelAccount) -> None:
        """Nothing to fetch: the webhook secret is shared, and is changed where credentials are kept."""

    def read_notice(self, account: ChannelAccount, headers: Mapping[str, str], body: bytes) -> Notice:
        """Verify a webhook over its raw bytes, then tell what it speaks of (Stripe sheet §4).

        Raises ForgedNotice with the reason: `headers`, `clock`, `signature` or `content`.
        """
        return notices.read(account, headers, body, self._transport.now())

    def answer(self, ok: bool, message: str = "") -> Answer:
        """Any 2xx ends the webhook; anything else has it sent again for up to three days."""
        reply = {"received": ok} | ({"message": message} if message else {})
        return (200 if ok else 500), {"Content-Type": "application/json"}, msgspec.json.encode(reply)

    def _card_params(self, account: ChannelAccount, publishable_key: str, client_secret: str) -> dict[str, str]:
        """What the payer's page passes to the gateway's script; nothing in it is good for more than this one intent."""
        return {
            "publishable_key": publishable_key,
            "client_secret": client_secret,
            "script_url": account.credentials.get("script_url") or SCRIPT_URL,
        }


def _ref(refund: RefundRequest) -> RefundRef:
    return RefundRef(number=refund.number, order=refund.order, amount_fen=refund.amount_fen, placed_at=refund.placed_at)
