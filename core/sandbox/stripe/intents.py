"""PaymentIntents, their charges and the cards they name: what is kept of them, and how they are found."""

import datetime as dt

import msgspec
from asyncpg import Connection

from core.payments.channels.stripe.wire import ORDER_KEY
from core.sandbox.stripe import rows
from core.sandbox.stripe.cards import Card, fingerprint
from core.sandbox.stripe.errors import missing
from core.sandbox.stripe.names import new_id

INTENT, CHARGE, METHOD = "stripe_intent", "stripe_charge", "stripe_method"
PAYABLE = ("requires_payment_method", "requires_confirmation", "requires_action")


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """An intent as the gateway keeps it; amounts in the currency's smallest unit."""

    id: str
    mchid: str
    number: str
    amount: int
    amount_capturable: int = 0
    amount_received: int = 0
    currency: str
    status: str = "requires_payment_method"
    capture_method: str
    client_secret: str
    description: str | None
    metadata: str
    payment_method: str | None = None
    latest_charge: str | None = None
    next_action: str | None = None
    last_payment_error: str | None = None
    return_url: str | None = None
    cancellation_reason: str | None = None
    canceled_at: dt.datetime | None = None
    pay_due_at: dt.datetime | None = None
    created_at: dt.datetime

    @property
    def notes(self) -> dict[str, str]:
        """The merchant's metadata."""
        return msgspec.json.decode(self.metadata)

    @property
    def payable(self) -> bool:
        """Whether a card could be charged; a cancelled one only when told to be paid after its close."""
        return self.status in PAYABLE or (self.status == "canceled" and self.pay_due_at is not None)


class Charge(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to take the money, successful or not."""

    id: str
    mchid: str
    payment_intent: str
    payment_method: str
    amount: int
    amount_captured: int = 0
    amount_refunded: int = 0
    currency: str
    status: str
    failure_code: str | None = None
    failure_message: str | None = None
    decline_code: str | None = None
    balance_transaction: str | None = None
    created_at: dt.datetime


class Method(msgspec.Struct, frozen=True, kw_only=True):
    """A card the gateway holds: what it does when charged, never its number."""

    id: str
    mchid: str
    card: str
    brand: str
    last4: str
    fingerprint: str
    exp_month: int
    exp_year: int
    created_at: dt.datetime


async def find(connection: Connection, mchid: str, reference: str, *, lock: bool = False) -> Intent:
    """One intent of an account. Raises WireError."""
    found = await rows.find(connection, INTENT, Intent, mchid, reference, lock=lock)
    if found is None:
        raise missing("payment_intent", reference, "intent")
    return found


async def find_by_secret(connection: Connection, client_secret: str) -> Intent | None:
    """The intent a client secret opens."""
    row = await connection.fetchrow(
        f"SELECT {rows.columns(Intent)} FROM sandbox.{INTENT} WHERE id = $1 AND client_secret = $2",
        *(client_secret.split("_secret_")[0], client_secret),
    )
    return Intent(**row) if row else None


async def find_by_number(connection: Connection, mchid: str, number: str) -> Intent | None:
    """The latest intent by the merchant's own order number."""
    found = await rows.page(connection, INTENT, Intent, mchid, 1, None, "number = $4", number)
    return found[0] if found else None


async def latest(connection: Connection, limit: int) -> list[Intent]:
    """The last intents of all accounts, newest first."""
    found = await connection.fetch(f"SELECT {rows.columns(Intent)} FROM sandbox.{INTENT} ORDER BY created_at DESC LIMIT $1", limit)
    return [Intent(**row) for row in found]


async def find_charge(connection: Connection, mchid: str, reference: str, *, lock: bool = False) -> Charge:
    """One charge of an account. Raises WireError."""
    found = await rows.find(connection, CHARGE, Charge, mchid, reference, lock=lock)
    if found is None:
        raise missing("charge", reference, "charge")
    return found


async def find_method(connection: Connection, mchid: str, reference: str) -> Method:
    """One card of an account. Raises WireError."""
    found = await rows.find(connection, METHOD, Method, mchid, reference)
    if found is None:
        raise missing("PaymentMethod", reference, "payment_method")
    return found


async def hold_card(connection: Connection, mchid: str, card: Card, exp_month: int, exp_year: int, now: dt.datetime) -> Method:
    """Hold a card for one account."""
    held = Method(
        id=new_id("pm"), mchid=mchid, card=card.token, brand=card.brand, last4=card.last4, fingerprint=fingerprint(card.number),
        exp_month=exp_month, exp_year=exp_year, created_at=now,
    )  # fmt: skip
    return await rows.add(connection, METHOD, held)


async def due_for_late_payment(connection: Connection, now: dt.datetime) -> list[Intent]:
    """Cancelled intents that are to be paid now, against the close."""
    found = await connection.fetch(f"SELECT {rows.columns(Intent)} FROM sandbox.{INTENT} WHERE pay_due_at <= $1 ORDER BY pay_due_at LIMIT 50 FOR UPDATE", now)
    return [Intent(**row) for row in found]


def number_in(notes: dict[str, str], reference: str) -> str:
    """The merchant's own number, from the metadata it sends; where there is none the gateway's id stands for it."""
    return notes.get(ORDER_KEY) or reference
