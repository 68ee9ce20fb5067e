"""Alipay's open platform: mobile and desktop web pages, QR codes, mini programs, apps and pay codes; close, cancel, refund, notifications,
statements.

An answer is believed only after its signature was checked over the raw bytes; what cannot be believed is *unknown*, never *failed*.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from core import clock
from core.payments.channels.alipay import notice as alipay_notice
from core.payments.channels.alipay import orders as alipay_orders
from core.payments.channels.alipay import statement as alipay_statement
from core.payments.channels.alipay import wire
from core.payments.channels.alipay.keys import CREDENTIALS
from core.payments.channels.alipay.transport import Transport, address, query_text
from core.payments.channels.errors import AlreadyPaid, ChannelRefused, ChannelUnknown, OrderNotAtChannel, SceneNotOffered
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

FIFTY_THOUSAND_YUAN = 5_000_000
"""The usual ceiling of one payment from a bank card inside the wallet; a bank sets its own by passing `limits`."""


class Alipay:
    """The Alipay channel (`protocol.Channel`); one object serves every merchant of every client.

    `account.appid` is the app, `account.mchid` the seller (PID). Credentials: `app_private_key`, and what Alipay signs with:
    `alipay_public_key`, or in certificate mode `app_cert`, `alipay_cert` and `alipay_root_cert`; a service provider's account
    (mode `partner`) has the merchant's `app_auth_token` too.
    """

    code = "alipay"
    title = "支付宝"
    scenes: tuple[Scene, ...] = tuple(alipay_orders.WAYS)
    refund_rules = RefundRules(window_days=365, spacing_seconds=3)
    credential_fields = CREDENTIALS
    pay_codes = re.compile("(?:2[5-9]|30)[0-9]{14,22}")
    """What a payer's pay code looks like: 16 to 24 digits that begin with 25 to 30."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        limits: Mapping[str, int] | None = None,
        seconds_now: Callable[[], float] = clock.seconds,
    ) -> None:
        self.limits: Mapping[str, int] = limits or dict.fromkeys(self.scenes, FIFTY_THOUSAND_YUAN)
        self._transport = Transport(client, seconds_now)

    async def create(self, account: ChannelAccount, order: OrderRequest) -> Prepared:
        """Say how the payer goes on. Pages and apps carry a signed request to Alipay themselves; nothing exists there before (§4)."""
        way = alipay_orders.WAYS.get(order.scene)
        if way is None:
            raise SceneNotOffered(title=self.title, scene=order.scene)
        content = alipay_orders.order_content(account, order)
        common = {"notify_url": order.notify_url}
        if not way.answers_us:
            back = order.return_url if order.scene != "app" else None
            parameters = self._transport.signed(account, way.method, content, **common, return_url=back or "")
            if order.scene == "app":
                return Prepared(kind="app", params={"orderStr": query_text(parameters)})
            return Prepared(kind="redirect", value=address(account, parameters))
        raw = await self._transport.call(account, way.method, content, **common)
        ready = _about(order.number, _decoded(wire.read_ready, raw))
        match order.scene:
            case "native" if ready.qr_code:
                return Prepared(kind="qr", value=ready.qr_code)
            case "jsapi" if ready.trade_no:
                return Prepared(kind="jsapi", params={"tradeNO": ready.trade_no}, reference=ready.trade_no)
            case "barcode":
                return Prepared(kind="wait", reference=ready.trade_no or None)
        raise ChannelUnknown(reason="answer")

    async def query(self, account: ChannelAccount, order: OrderRef) -> ChannelState:
        """What became of an order, asked by our own number; `unknown` also while its payer has not reached the cashier."""
        try:
            raw = await self._transport.call(account, "alipay.trade.query", {"out_trade_no": order.number})
        except OrderNotAtChannel:
            return wire.unknown_order(account, order)
        return _decoded(lambda answer: wire.order_state(account, wire.read_trade(answer), answer), raw)

    async def close(self, account: ChannelAccount, order: OrderRef) -> None:
        """End an unpaid order; a closed one stays closed without complaint. Raises AlreadyPaid, OrderNotAtChannel, …

        A pay code's order that Alipay does not know (yet) is cancelled (撤销), so that a charge still on its way takes no money.
        """
        try:
            raw = await self._transport.call(account, "alipay.trade.close", {"out_trade_no": order.number})
            _about(order.number, _decoded(wire.read_ready, raw))
        except OrderNotAtChannel:
            if order.scene == "barcode":
                await self.cancel(account, order)
            raise
        except ChannelRefused as refusal:
            code = refusal.facts.get("channel_code")
            if code in wire.CLOSED_CODES:
                return
            if code not in wire.WRONG_STATE_CODES:
                raise
            state = await self.query(account, order)
            if state.paid:
                raise AlreadyPaid(**refusal.facts) from refusal
            if state.state != "closed":
                raise

    async def cancel(self, account: ChannelAccount, order: OrderRef) -> str:
        """End a pay-code order whose outcome is unknown: `close` (it was unpaid), `refund` (it was paid, the money goes back), or empty.

        Raises ChannelUnknown (ask again), OrderNotAtChannel, ChannelRefused (too late, for instance: then refund).
        """
        raw = await self._transport.call(account, "alipay.trade.cancel", {"out_trade_no": order.number})
        answer = _about(order.number, _decoded(wire.read_cancelled, raw))
        if answer.retry_flag == "Y":
            raise ChannelUnknown(reason="retry")
        return answer.action

    async def refund(self, account: ChannelAccount, refund: RefundRequest) -> RefundState:
        """Ask for money to go back. Only `fund_change=Y` says that this call moved it; anything less is decided by a query (§6)."""
        try:
            raw = await self._transport.call(account, "alipay.trade.refund", alipay_orders.refund_content(refund))
        except AlreadyPaid as refusal:  # "finished" is why it cannot go back, not a piece of news about the payment
            raise ChannelRefused(**refusal.facts) from refusal
        answer = _about(refund.order.number, _decoded(wire.read_refunded, raw))
        moved = answer.fund_change == "Y" and _decoded(wire.fen, answer.refund_fee) >= refund.amount_fen
        return RefundState(
            state="succeeded" if moved else "processing",
            number=refund.number,
            order_number=answer.out_trade_no,
            mchid=account.mchid,
            amount_fen=refund.amount_fen if moved else None,
            refunded_at=_decoded(wire.instant, answer.gmt_refund_pay) if moved and answer.gmt_refund_pay else None,
            raw=raw,
        )

    async def query_refund(self, account: ChannelAccount, refund: RefundRef) -> RefundState:
        """What became of a refund; `unknown` when Alipay has no record of it, or never let it through (§6)."""
        asked = {"out_trade_no": refund.order.number, "out_request_no": refund.number}
        try:
            raw = await self._transport.call(account, "alipay.trade.fastpay.refund.query", asked)
        except OrderNotAtChannel:
            return wire.found_refund(account, refund, wire.RefundFound(), b"")
        found = _decoded(wire.read_refund_found, raw)
        if found.refund_status:
            _about(refund.order.number, found)
            if found.out_request_no != refund.number:
                raise ChannelUnknown(reason="answer")
        return _decoded(lambda answer: wire.found_refund(account, refund, found, answer), raw)

    async def fetch_statement(self, account: ChannelAccount, day: dt.date) -> StatementFile | None:
        """The day's zip of 业务明细, byte for byte; from about nine in the morning of the next day."""
        return await alipay_statement.fetch(self._transport, account, day)

    async def refresh_keys(self, account: ChannelAccount) -> None:
        """Alipay publishes no keys: a new public key or certificate is taken from its console into the account's credentials."""

    def read_notice(self, account: ChannelAccount, headers: Mapping[str, str], body: bytes) -> Notice:
        """Verify a notification over its raw bytes, then read it; its headers prove nothing."""
        return alipay_notice.read(account, body, self._transport.now())

    def answer(self, ok: bool, message: str = "") -> Answer:
        """Exactly `success` ends the notification; anything else has it sent again, eight times in 25 hours."""
        return (200 if ok else 500), {"Content-Type": "text/plain; charset=utf-8"}, (b"success" if ok else b"failure")


def _about(number: str, answer: Any) -> Any:
    """An answer about the order that was asked about. Answers hold no nonce: a genuine one about another order proves nothing of this one."""
    if answer.out_trade_no != number:
        raise ChannelUnknown(reason="answer")
    return answer


def _decoded(read: Callable[[Any], Any], answer: bytes | str) -> Any:
    """A verified answer's content; one that cannot be read tells nothing about the order."""
    try:
        return read(answer)
    except ValueError as error:
        raise ChannelUnknown(reason="answer") from error
