"""What the gateway shows: its objects as JSON (Stripe sheet §2, §3, §7)."""

import datetime as dt

import msgspec

from core.sandbox.stripe.intents import Charge, Intent, Method
from core.sandbox.stripe.money import Movement, Refund


def seconds(at: dt.datetime | None) -> int | None:
    """An instant as the gateway writes it."""
    return None if at is None else int(at.timestamp())


def intent(of: Intent) -> dict[str, object]:
    """A PaymentIntent."""
    return {
        "id": of.id,
        "object": "payment_intent",
        "amount": of.amount,
        "amount_capturable": of.amount_capturable,
        "amount_received": of.amount_received,
        "automatic_payment_methods": None,
        "canceled_at": seconds(of.canceled_at),
        "cancellation_reason": of.cancellation_reason,
        "capture_method": of.capture_method,
        "client_secret": of.client_secret,
        "confirmation_method": "automatic",
        "created": seconds(of.created_at),
        "currency": of.currency,
        "customer": None,
        "description": of.description,
        "last_payment_error": of.last_payment_error and msgspec.json.decode(of.last_payment_error),
        "latest_charge": of.latest_charge,
        "livemode": False,
        "metadata": of.notes,
        "next_action": of.next_action and msgspec.json.decode(of.next_action),
        "payment_method": of.payment_method,
        "payment_method_types": ["card"],
        "status": of.status,
    }


def charge(of: Charge, about: Intent, card: Method) -> dict[str, object]:
    """A charge; it carries the metadata its intent had."""
    return {
        "id": of.id,
        "object": "charge",
        "amount": of.amount,
        "amount_captured": of.amount_captured,
        "amount_refunded": of.amount_refunded,
        "balance_transaction": of.balance_transaction,
        "captured": of.amount_captured > 0,
        "created": seconds(of.created_at),
        "currency": of.currency,
        "description": about.description,
        "disputed": False,
        "failure_code": of.failure_code,
        "failure_message": of.failure_message,
        "livemode": False,
        "metadata": about.notes,
        "outcome": {"network_status": "approved_by_network" if of.status == "succeeded" else "declined_by_network", "reason": of.decline_code},
        "paid": of.status == "succeeded",
        "payment_intent": of.payment_intent,
        "payment_method": of.payment_method,
        "payment_method_details": {"type": "card", "card": _card(card)},
        "refunded": of.amount_captured > 0 and of.amount_refunded >= of.amount_captured,
        "status": of.status,
    }


def method(of: Method) -> dict[str, object]:
    """A PaymentMethod: a card without its number."""
    shown = {"id": of.id, "object": "payment_method", "type": "card", "card": _card(of)}
    return shown | {"created": seconds(of.created_at), "customer": None, "livemode": False, "metadata": {}, "billing_details": {}}


def _card(of: Method) -> dict[str, object]:
    return {
        "brand": of.brand,
        "last4": of.last4,
        "fingerprint": of.fingerprint,
        "exp_month": of.exp_month,
        "exp_year": of.exp_year,
        "country": "CN" if of.brand == "unionpay" else "US",
        "funding": "credit",
    }


def refund(of: Refund) -> dict[str, object]:
    """A refund."""
    return {
        "id": of.id,
        "object": "refund",
        "amount": of.amount,
        "balance_transaction": of.balance_transaction,
        "charge": of.charge,
        "created": seconds(of.created_at),
        "currency": of.currency,
        "failure_balance_transaction": of.failure_balance_transaction,
        "failure_reason": of.failure_reason,
        "metadata": of.notes,
        "payment_intent": of.payment_intent,
        "pending_reason": "processing" if of.status == "pending" else None,
        "reason": of.reason,
        "status": of.status,
    }


def movement(of: Movement, now: dt.datetime) -> dict[str, object]:
    """A balance transaction: gross, fee and net in the smallest unit, money out negative."""
    fees = [{"amount": of.fee, "currency": of.currency, "type": "stripe_fee", "description": "Stripe processing fees", "application": None}]
    return {
        "id": of.id,
        "object": "balance_transaction",
        "amount": of.amount,
        "available_on": seconds(of.available_on),
        "balance_type": "payments",
        "created": seconds(of.created_at),
        "currency": of.currency,
        "description": of.description,
        "exchange_rate": None,
        "fee": of.fee,
        "fee_details": fees if of.fee else [],
        "net": of.amount - of.fee,
        "reporting_category": of.reporting_category,
        "source": of.source,
        "status": "available" if of.available_on <= now else "pending",
        "type": of.type,
    }


def listed(url: str, shown: list[dict[str, object]], limit: int) -> dict[str, object]:
    """One page of a list; it was given one more than it shows, if there is more."""
    return {"object": "list", "url": url, "has_more": len(shown) > limit, "data": shown[:limit]}
