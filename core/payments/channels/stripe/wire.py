"""The words of a Stripe-style gateway: what its JSON says, what that means to us, and the forms we send (Stripe sheet §1–§6)."""

import datetime as dt
from collections.abc import Callable
from urllib.parse import urlencode

import msgspec

from core.payments.channels.errors import ChannelUnknown
from core.payments.channels.protocol import ChannelAccount, ChannelState, OrderRef, OrderRequest, RefundRequest, RefundState, RefundStatus, State

ORDER_KEY = "merchant_order_no"
REFUND_KEY = "merchant_refund_no"
"""Names in `metadata`, which the gateway keeps for us and prints in its reports: a statement's columns are named after them."""
STATES: dict[str, State] = {
    "requires_payment_method": "pending",
    "requires_confirmation": "pending",
    "requires_action": "pending",
    "processing": "pending",
    "requires_capture": "pending",
    "succeeded": "succeeded",
    "canceled": "closed",
}
"""A declined card leaves the intent at `requires_payment_method`: the payer may try another card, so it is pending, not failed."""
REFUND_STATES: dict[str, RefundStatus] = {
    "pending": "processing",
    "requires_action": "processing",
    "succeeded": "succeeded",
    "failed": "closed",
    "canceled": "closed",
}
"""A failed refund never comes alive again, and its number would only repeat the old answer: another attempt needs another number."""
IN_FLIGHT_CODE = "idempotency_key_in_use"
UNDECIDED_CODES = frozenset({IN_FLIGHT_CODE, "lock_timeout", "rate_limit", "api_error"})
SHORT_CODES = frozenset({"balance_insufficient", "insufficient_balance", "insufficient_funds"})

Form = list[tuple[str, str]]


class Charge(msgspec.Struct, frozen=True):
    """One movement of the payer's money; a declined attempt leaves one too."""

    id: str
    amount: int = 0
    currency: str = ""
    created: int = 0
    refunded: bool = False
    payment_intent: "str | Intent | None" = None
    payment_method_details: dict | None = None
    metadata: dict[str, str] | None = None


class Intent(msgspec.Struct, frozen=True):
    """An order as the gateway keeps it: a PaymentIntent."""

    id: str
    status: str
    amount: int
    currency: str
    client_secret: str | None = None
    amount_received: int | None = None
    latest_charge: str | Charge | None = None
    metadata: dict[str, str] | None = None
    created: int = 0


class Intents(msgspec.Struct, frozen=True):
    """One page of a list of intents, newest first."""

    data: list[Intent]
    has_more: bool = False


class Refund(msgspec.Struct, frozen=True):
    id: str
    status: str | None
    amount: int
    currency: str = ""
    charge: str | Charge | None = None
    payment_intent: str | Intent | None = None
    metadata: dict[str, str] | None = None
    failure_reason: str | None = None
    pending_reason: str | None = None
    created: int = 0


class Refunds(msgspec.Struct, frozen=True):
    """One page of a list of refunds."""

    data: list[Refund]
    has_more: bool = False


class Content(msgspec.Struct, frozen=True):
    object: msgspec.Raw


class Event(msgspec.Struct, frozen=True):
    """A webhook; `account` names a connected account where a platform collects for others."""

    id: str
    type: str
    created: int
    data: Content
    account: str | None = None


class Fault(msgspec.Struct, frozen=True):
    type: str = ""
    code: str | None = None
    decline_code: str | None = None
    message: str | None = None
    param: str | None = None


class Refusal(msgspec.Struct, frozen=True):
    error: Fault


read_intent = msgspec.json.Decoder(Intent).decode
read_intents = msgspec.json.Decoder(Intents).decode
read_charge = msgspec.json.Decoder(Charge).decode
read_refund = msgspec.json.Decoder(Refund).decode
read_refunds = msgspec.json.Decoder(Refunds).decode
read_event = msgspec.json.Decoder(Event).decode
read_refusal = msgspec.json.Decoder(Refusal).decode


def decoded(read: Callable[[bytes], msgspec.Struct], answer: bytes) -> msgspec.Struct:
    """An answer's content; one that cannot be read tells nothing about the order."""
    try:
        return read(answer)
    except ValueError as error:
        raise ChannelUnknown(reason="answer") from error


def form(fields: Form) -> bytes:
    """A body as the gateway reads it: `application/x-www-form-urlencoded`, brackets for what is nested."""
    return urlencode(fields).encode()


def order_form(order: OrderRequest, capture_method: str) -> Form:
    """A new order; the same order always gives the same form, as the idempotency key demands.

    Only what every Stripe-style gateway takes: localstripe refuses `description`, so it travels as metadata (500 characters a value).
    """
    return [
        ("amount", str(order.amount_fen)),
        ("currency", order.currency.lower()),
        ("payment_method_types[]", "card"),
        ("capture_method", capture_method),
        (f"metadata[{ORDER_KEY}]", order.number),
        ("metadata[description]", order.description[:500]),
    ]


def refund_form(refund: RefundRequest, target: tuple[str, str]) -> Form:
    """Money back on an intent or a charge (`target`); our reason travels as metadata, the gateway's own are three English words."""
    return [
        target,
        ("amount", str(refund.amount_fen)),
        (f"metadata[{REFUND_KEY}]", refund.number),
        (f"metadata[{ORDER_KEY}]", refund.order.number),
        ("metadata[reason]", refund.reason[:500]),
    ]


def is_the_order(intent: Intent, order: OrderRequest | OrderRef) -> bool:
    """Whether an intent is for this money: what was asked must be what was understood."""
    return (intent.amount, intent.currency.upper()) == (order.amount_fen, order.currency)


def order_state(intent: Intent, account: ChannelAccount, raw: bytes, *, mchid: str | None = None, at: int | None = None) -> ChannelState:
    """An order as the gateway reports it, in our words.

    An intent names neither account nor application: the key that was asked with, or the secret that signed, proves whose it is, so
    both are the account's own, unless an event names a connected account. `at` is when an event was made, for a charge without a time.
    """
    state = STATES.get(intent.status, "unknown")
    charge = intent.latest_charge if isinstance(intent.latest_charge, Charge) else None
    charge_id = charge.id if charge else intent.latest_charge
    paid = state == "succeeded"
    amount_fen = intent.amount_received if paid and intent.amount_received is not None else intent.amount
    return ChannelState(
        state="refunded" if paid and charge and charge.refunded else state,
        order_number=number_of(intent.metadata) or intent.id,
        mchid=mchid or account.mchid,
        appid=account.appid,
        channel_txn_id=charge_id if paid else None,
        amount_fen=amount_fen,
        currency=intent.currency.upper(),
        payer_paid_fen=amount_fen if paid else None,
        paid_at=_instant(charge.created if charge else at or 0) if paid else None,
        payer_ref=_card(charge) if paid and charge else None,
        raw=raw,
    )


def charge_state(charge: Charge, account: ChannelAccount, raw: bytes, mchid: str | None = None) -> ChannelState:
    """The order behind a charge that was refunded, wholly or in part."""
    return ChannelState(
        state="refunded",
        order_number=number_of(charge.metadata) or id_of(charge.payment_intent) or charge.id,
        mchid=mchid or account.mchid,
        appid=account.appid,
        channel_txn_id=charge.id,
        amount_fen=charge.amount,
        currency=charge.currency.upper(),
        raw=raw,
    )


def refund_state(refund: Refund, account: ChannelAccount, raw: bytes, *, number: str = "", mchid: str | None = None) -> RefundState:
    """A refund as the gateway reports it, in our words; `number` where it was asked for by the gateway's own id."""
    state = REFUND_STATES.get(refund.status or "", "unknown")
    metadata = refund.metadata or {}
    return RefundState(
        state=state,
        number=metadata.get(REFUND_KEY) or number or refund.id,
        order_number=number_of(metadata) or id_of(refund.payment_intent),
        mchid=mchid or account.mchid,
        amount_fen=refund.amount,
        reference=refund.id,
        reason=refund.failure_reason or (refund.pending_reason or "" if state == "processing" else ""),
        refunded_at=_instant(refund.created) if state == "succeeded" else None,
        raw=raw,
    )


def refunded_order(refund: Refund, account: ChannelAccount, raw: bytes, mchid: str | None = None) -> ChannelState:
    """The order behind a refund: paid in any case, refunded only if this refund went through."""
    return ChannelState(
        state="refunded" if refund.status == "succeeded" else "succeeded",
        order_number=number_of(refund.metadata) or id_of(refund.payment_intent),
        mchid=mchid or account.mchid,
        appid=account.appid,
        channel_txn_id=id_of(refund.charge) or None,
        currency=refund.currency.upper(),
        raw=raw,
    )


def number_of(metadata: dict[str, str] | None) -> str:
    """Our order number, if the object carries one; what somebody made in the gateway's own pages carries none."""
    return (metadata or {}).get(ORDER_KEY, "")


def _card(charge: Charge) -> str | None:
    """The card's fingerprint: the same card is the same person, its number is nobody's business."""
    card = (charge.payment_method_details or {}).get("card")
    return card.get("fingerprint") if isinstance(card, dict) else None


def id_of(expandable: str | Charge | Intent | None) -> str:
    """The id of something that comes as an id or as the thing itself."""
    return expandable if isinstance(expandable, str) else expandable.id if expandable else ""


def _instant(seconds: int) -> dt.datetime | None:
    return dt.datetime.fromtimestamp(seconds, dt.UTC) if seconds else None
