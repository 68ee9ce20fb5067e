"""An intent's life: a card is named, confirmed, perhaps authenticated, charged or declined, captured or cancelled (Stripe sheet §2).

Every function is called inside a transaction that holds the intent's lock, and tells what happened in the same transaction.
"""

import datetime as dt

import msgspec
from asyncpg import Connection

from core import clock
from core.sandbox.stripe import cards, events, replies, rows
from core.sandbox.stripe.accounts import Account
from core.sandbox.stripe.errors import declined, invalid, unexpected_state
from core.sandbox.stripe.intents import CHARGE, INTENT, PAYABLE, Charge, Intent, Method, find_method
from core.sandbox.stripe.money import fee_of, move
from core.sandbox.stripe.names import new_id

AUTHENTICATION_FAILED = "payment_intent_authentication_failure"


class Outcome(msgspec.Struct, frozen=True):
    """What an intent came to, with the error when a card was refused (then the answer is 402)."""

    intent: Intent
    refusal: dict[str, object] | None = None


async def name_card(connection: Connection, intent: Intent, method: Method) -> Intent:
    """Say which card is to be charged."""
    if intent.status not in PAYABLE:
        raise unexpected_state("update", replies.intent(intent))
    return await rows.change(connection, INTENT, intent, payment_method=method.id, status="requires_confirmation", next_action=None, last_payment_error=None)


async def confirm(connection: Connection, account: Account, intent: Intent, public_url: str, return_url: str | None) -> Outcome:
    """Charge the named card, or send its holder to be authenticated first."""
    if not intent.payable or intent.status == "requires_action":
        raise unexpected_state("confirm", replies.intent(intent))
    if intent.payment_method is None:
        message = "You cannot confirm this PaymentIntent because it's missing a payment method."
        raise invalid(message, "payment_intent_unexpected_state", payment_intent=replies.intent(intent))
    method = await find_method(connection, account.mchid, intent.payment_method)
    card = cards.by_token(method.card)
    if card and card.authenticate:
        page = f"{public_url}/stripe/authenticate?client_secret={intent.client_secret}"
        if return_url:
            action = {"type": "redirect_to_url", "redirect_to_url": {"url": page, "return_url": return_url}}
        else:
            action = {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": page}}
        waiting = {"status": "requires_action", "next_action": msgspec.json.encode(action).decode(), "return_url": return_url}
        return Outcome(await rows.change(connection, INTENT, intent, **waiting))
    return await _charge(connection, account, intent, method)


async def authenticate(connection: Connection, account: Account, intent: Intent, passed: bool) -> Outcome:
    """The cardholder was asked who they are; only after a yes is the card charged."""
    if intent.status != "requires_action" or intent.payment_method is None:
        raise unexpected_state("authenticate", replies.intent(intent))
    method = await find_method(connection, account.mchid, intent.payment_method)
    if passed:
        return await _charge(connection, account, intent, method)
    return await _refused(connection, account, intent, method, AUTHENTICATION_FAILED, None, None)


async def capture(connection: Connection, account: Account, intent: Intent, amount: int | None) -> Intent:
    """Take what was reserved, or a part of it; the rest is let go."""
    if intent.status != "requires_capture" or intent.latest_charge is None:
        raise unexpected_state("capture", replies.intent(intent))
    if amount is not None and amount > intent.amount_capturable:
        message = f"The remaining amount_capturable is {intent.amount_capturable}; you cannot capture more than that."
        raise invalid(message, "amount_too_large", "amount_to_capture")
    charge = await rows.find(connection, CHARGE, Charge, account.mchid, intent.latest_charge, lock=True)
    return await _taken(connection, account, intent, charge, amount or intent.amount_capturable)


async def cancel(connection: Connection, account: Account, intent: Intent, reason: str | None, pay_due_at: dt.datetime | None) -> Intent:
    """End an unpaid intent; `pay_due_at` has it paid all the same."""
    if intent.status not in (*PAYABLE, "requires_capture"):
        raise unexpected_state("cancel", replies.intent(intent))
    over = {"status": "canceled", "canceled_at": clock.now(), "cancellation_reason": reason, "next_action": None, "amount_capturable": 0}
    canceled = await rows.change(connection, INTENT, intent, **over, pay_due_at=pay_due_at)
    await events.happened(connection, account, "payment_intent.canceled", replies.intent(canceled), canceled.number)
    return canceled


async def pay_with(connection: Connection, account: Account, intent: Intent, method: Method) -> Outcome:
    """Name a card and charge it in one go, its holder answering every question with yes."""
    if not intent.payable:
        raise unexpected_state("confirm", replies.intent(intent))
    named = await rows.change(connection, INTENT, intent, payment_method=method.id)
    return await _charge(connection, account, named, method)


async def _charge(connection: Connection, account: Account, intent: Intent, method: Method) -> Outcome:
    card = cards.by_token(method.card)
    charge = Charge(
        id=new_id("ch"), mchid=intent.mchid, payment_intent=intent.id, payment_method=method.id, amount=intent.amount,
        currency=intent.currency, status="succeeded", created_at=clock.now(),
    )  # fmt: skip
    if card is None or card.code:
        code, decline_code = (card.code or "", card.decline_code) if card else ("card_declined", "generic_decline")
        failed = {"status": "failed", "failure_code": code, "failure_message": cards.message(code, decline_code), "decline_code": decline_code}
        charge = await rows.add(connection, CHARGE, msgspec.structs.replace(charge, **failed))
        return await _refused(connection, account, intent, method, code, decline_code, charge)
    charge = await rows.add(connection, CHARGE, charge)
    if intent.capture_method == "manual":
        reserved = {"status": "requires_capture", "amount_capturable": intent.amount, "latest_charge": charge.id, "next_action": None}
        held = await rows.change(connection, INTENT, intent, **reserved, last_payment_error=None, pay_due_at=None)
        await events.happened(connection, account, "payment_intent.amount_capturable_updated", replies.intent(held), held.number)
        return Outcome(held)
    return Outcome(await _taken(connection, account, intent, charge, intent.amount))


async def _taken(connection: Connection, account: Account, intent: Intent, charge: Charge, amount: int) -> Intent:
    """The money moves: the charge, the balance with its fee, the intent, and two events."""
    line = await move(connection, charge, amount, fee_of(amount), "charge", charge.id, intent.description, clock.now())
    charge = await rows.change(connection, CHARGE, charge, amount_captured=amount, balance_transaction=line.id)
    done = {"status": "succeeded", "amount_received": amount, "amount_capturable": 0, "latest_charge": charge.id, "next_action": None}
    paid = await rows.change(connection, INTENT, intent, **done, last_payment_error=None, canceled_at=None, pay_due_at=None)
    method = await find_method(connection, account.mchid, charge.payment_method)
    await events.happened(connection, account, "charge.succeeded", replies.charge(charge, paid, method), paid.number)
    await events.happened(connection, account, "payment_intent.succeeded", replies.intent(paid), paid.number)
    return paid


async def _refused(
    connection: Connection, account: Account, intent: Intent, method: Method, code: str, decline_code: str | None, charge: Charge | None
) -> Outcome:
    """No money moved; the intent waits for another card and remembers why."""
    message = cards.message(code, decline_code)
    about = {"charge": charge.id if charge else None, "payment_method": replies.method(method)}
    body = declined(code, decline_code, message, **about)
    left = {"status": "requires_payment_method", "payment_method": None, "next_action": None}
    left |= {"last_payment_error": msgspec.json.encode(body["error"]).decode(), "latest_charge": charge.id if charge else intent.latest_charge}
    again = await rows.change(connection, INTENT, intent, **left)
    await events.happened(connection, account, "payment_intent.payment_failed", replies.intent(again), again.number)
    body["error"]["payment_intent"] = replies.intent(again)
    return Outcome(again, body)
