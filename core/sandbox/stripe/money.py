"""Refunds, and every movement of an account's balance with its fee: what is kept, and how it is found (Stripe sheet §3, §7)."""

import datetime as dt

import msgspec
from asyncpg import Connection

from core.payments.channels.stripe.wire import REFUND_KEY
from core.sandbox.stripe import rows
from core.sandbox.stripe.errors import missing
from core.sandbox.stripe.intents import Charge
from core.sandbox.stripe.names import new_id

REFUND, MOVEMENT = "stripe_refund", "stripe_movement"
FEE_PER_MILLE = 29
FEE_FIXED = 30
SETTLES_AFTER = dt.timedelta(days=4)


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """A refund; while `due_at` is set it is under way and `ends_as` is what will become of it."""

    id: str
    mchid: str
    charge: str
    payment_intent: str
    amount: int
    currency: str
    status: str
    reason: str | None = None
    failure_reason: str | None = None
    metadata: str
    balance_transaction: str | None = None
    failure_balance_transaction: str | None = None
    ends_as: str | None = None
    due_at: dt.datetime | None = None
    created_at: dt.datetime

    @property
    def notes(self) -> dict[str, str]:
        """The merchant's metadata."""
        return msgspec.json.decode(self.metadata)

    @property
    def number(self) -> str:
        """The merchant's own refund number; without one the gateway's id stands for it."""
        return self.notes.get(REFUND_KEY) or self.id


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the balance: gross (money out negative) and the fee taken from it, in the smallest unit."""

    id: str
    mchid: str
    amount: int
    fee: int
    currency: str
    type: str
    reporting_category: str
    source: str
    charge: str
    description: str | None
    created_at: dt.datetime

    @property
    def available_on(self) -> dt.datetime:
        """When the money can be paid out."""
        return self.created_at + SETTLES_AFTER


def fee_of(amount: int) -> int:
    """2.9 % and 30 of the smallest unit, half up."""
    return (amount * FEE_PER_MILLE + 500) // 1000 + FEE_FIXED


async def move(connection: Connection, charge: Charge, amount: int, fee: int, kind: str, source: str, description: str | None, now: dt.datetime) -> Movement:
    """Move an account's balance."""
    line = Movement(
        id=new_id("txn"), mchid=charge.mchid, amount=amount, fee=fee, currency=charge.currency, type=kind, reporting_category=kind,
        source=source, charge=charge.id, description=description, created_at=now,
    )  # fmt: skip
    return await rows.add(connection, MOVEMENT, line)


async def find_refund(connection: Connection, mchid: str, reference: str) -> Refund:
    """One refund of an account. Raises WireError."""
    found = await rows.find(connection, REFUND, Refund, mchid, reference)
    if found is None:
        raise missing("refund", reference)
    return found


async def find_by_number(connection: Connection, mchid: str, number: str) -> Refund | None:
    """The latest refund by the merchant's own number."""
    found = await rows.page(connection, REFUND, Refund, mchid, 1, None, "metadata::jsonb ->> $4 = $5", REFUND_KEY, number)
    return found[0] if found else None


async def refunds_of(connection: Connection, mchid: str, intent_id: str) -> list[Refund]:
    """Every refund of an order, newest first."""
    return await rows.page(connection, REFUND, Refund, mchid, 1000, None, "payment_intent = $4", intent_id)


async def refundable(connection: Connection, charge: Charge) -> int:
    """What of a charge has not been given back, nor is on its way."""
    given = await connection.fetchval(
        f"SELECT coalesce(sum(amount), 0)::bigint FROM sandbox.{REFUND} WHERE charge = $1 AND status NOT IN ('failed', 'canceled')", charge.id
    )
    return charge.amount_captured - given


async def find_movement(connection: Connection, mchid: str, reference: str) -> Movement:
    """One line of an account's balance. Raises WireError."""
    found = await rows.find(connection, MOVEMENT, Movement, mchid, reference)
    if found is None:
        raise missing("balance_transaction", reference)
    return found


async def age(connection: Connection, intent_id: str, days: int) -> dt.datetime | None:
    """Let an order and everything that was ever moved for it be some days older; answers when it was paid, if it was."""
    for table, of in (("stripe_intent", "id"), ("stripe_charge", "payment_intent"), (REFUND, "payment_intent")):
        await connection.execute(f"UPDATE sandbox.{table} SET created_at = created_at - make_interval(days => $2) WHERE {of} = $1", intent_id, days)
    await connection.execute(
        """
        UPDATE sandbox.stripe_movement SET created_at = created_at - make_interval(days => $2)
        WHERE charge IN (SELECT id FROM sandbox.stripe_charge WHERE payment_intent = $1)
        """,
        *(intent_id, days),
    )
    return await connection.fetchval("SELECT created_at FROM sandbox.stripe_charge WHERE payment_intent = $1 AND status = 'succeeded'", intent_id)


async def due_refunds(connection: Connection, now: dt.datetime) -> list[Refund]:
    """Refunds whose end has come."""
    found = await connection.fetch(f"SELECT {rows.columns(Refund)} FROM sandbox.{REFUND} WHERE due_at <= $1 ORDER BY due_at LIMIT 50 FOR UPDATE", now)
    return [Refund(**row) for row in found]


async def next_due(connection: Connection) -> dt.datetime | None:
    """When the next refund ends or the next late payment comes; None when none will."""
    return await connection.fetchval(
        """
        SELECT least((SELECT min(due_at) FROM sandbox.stripe_refund WHERE due_at IS NOT NULL),
                     (SELECT min(pay_due_at) FROM sandbox.stripe_intent WHERE pay_due_at IS NOT NULL))
        """
    )
