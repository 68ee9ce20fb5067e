"""Webhooks of a Stripe-style gateway: believed when signed with our secret within five minutes of now, then put into our words."""

from collections.abc import Mapping

from core.payments.channels.errors import ForgedNotice
from core.payments.channels.protocol import ChannelAccount, ChannelState, Notice
from core.payments.channels.stripe import crypto, wire
from core.payments.channels.stripe.transport import credential

PAYMENT_EVENTS = tuple(f"payment_intent.{word}" for word in ("succeeded", "payment_failed", "canceled", "processing"))
WEBHOOK_EVENTS = (*PAYMENT_EVENTS, "refund.created", "refund.updated", "refund.failed")
"""The kinds to be switched on where the account's webhook address is entered; any other is acknowledged and changes nothing."""


def read(account: ChannelAccount, headers: Mapping[str, str], body: bytes, now: float) -> Notice:
    """A genuine webhook. Raises ForgedNotice with the reason: `headers`, `clock`, `signature` or `content`."""
    verify(account, headers, body, now)
    try:
        return _told(wire.read_event(body), account)
    except ValueError as error:
        raise ForgedNotice(reason="content") from error


def verify(account: ChannelAccount, headers: Mapping[str, str], body: bytes, now: float) -> None:
    """Refuse what the gateway did not sign over exactly these bytes; a time ahead of us is as wrong as one long ago.

    While a secret is being changed the gateway signs with both, and we hold both: one match is enough (Stripe sheet §4).
    """
    header = next((value for name, value in headers.items() if name.lower() == "stripe-signature"), "")
    try:
        timestamp, signatures = crypto.read_header(header)
    except crypto.BadHeader as error:
        raise ForgedNotice(reason="headers") from error
    if abs(now - timestamp) > crypto.CLOCK_WINDOW_SECONDS:
        raise ForgedNotice(reason="clock")
    held = (credential(account, "webhook_secret"), account.credentials.get("previous_webhook_secret", ""))
    if not crypto.signed_by(held, timestamp, body, signatures):
        raise ForgedNotice(reason="signature")


def _told(event: wire.Event, account: ChannelAccount) -> Notice:
    """An event in our words. Events are snapshots and come in any order: what they say is weighed against the order, not obeyed."""
    raw, mchid = bytes(event.data.object), event.account
    refund = None
    if event.type in PAYMENT_EVENTS:
        kind, state = "payment", wire.order_state(wire.read_intent(raw), account, raw, mchid=mchid, at=event.created)
    elif event.type == "charge.refunded":
        kind, state = "refund", wire.charge_state(wire.read_charge(raw), account, raw, mchid)
    elif event.type.startswith("refund.") or event.type == "charge.refund.updated":
        made = wire.read_refund(raw)
        kind, state = "refund", wire.refunded_order(made, account, raw, mchid)
        refund = wire.refund_state(made, account, raw, mchid=mchid)
    else:
        kind, state = "other", ChannelState(state="unknown", order_number="", raw=raw)
    return Notice(kind=kind, event_id=event.id, event_type=event.type, state=state, refund=refund)
