"""Money going back to the card it came from: the limits, and how a refund comes through or fails (Stripe sheet §3).

The fee of the payment is not given back. Called inside a transaction; the charge is locked, so that two refunds never exceed it.
"""

import datetime as dt

import msgspec
from asyncpg import Connection

from core import clock
from core.sandbox.faults.repository import Fault
from core.sandbox.stripe import accounts, events, intents, replies, rows
from core.sandbox.stripe.accounts import Account
from core.sandbox.stripe.errors import invalid
from core.sandbox.stripe.intents import CHARGE, Charge
from core.sandbox.stripe.money import REFUND, Refund, due_refunds, move, refundable
from core.sandbox.stripe.names import new_id

FAILS_AFTER_SECONDS = 2.0


async def refund(
    connection: Connection, account: Account, charge: Charge, amount: int | None, reason: str | None, notes: dict[str, str],
    faults: dict[str, Fault], scale: float,
) -> Refund:  # fmt: skip
    """Give back a charge or a part of it; at once, unless a fault has it fail later or come slowly. Raises WireError."""
    left = await refundable(connection, charge)
    if charge.status != "succeeded" or charge.amount_captured == 0:
        raise invalid(f"Charge {charge.id} has not been captured.", "charge_not_refundable", "charge")
    if left == 0:
        raise invalid(f"Charge {charge.id} has already been refunded.", "charge_already_refunded", "charge")
    if amount is not None and amount > left:
        raise invalid(f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", param="amount")
    if "refund_short" in faults:
        raise invalid("Insufficient funds in your Stripe account.", "balance_insufficient")
    wait = faults["refund_slow"].lasts if "refund_slow" in faults else FAILS_AFTER_SECONDS if "refund_fail" in faults else None
    now = clock.now()
    made = Refund(
        id=new_id("re"), mchid=account.mchid, charge=charge.id, payment_intent=charge.payment_intent, amount=amount or left,
        currency=charge.currency, status="pending", reason=reason, metadata=msgspec.json.encode(notes).decode(), created_at=now,
        ends_as="failed" if "refund_fail" in faults else "succeeded",
        due_at=None if wait is None else now + dt.timedelta(seconds=wait * scale),
    )  # fmt: skip
    line = await move(connection, charge, -made.amount, 0, "refund", made.id, "REFUND FOR CHARGE", now)
    made = await rows.add(connection, REFUND, msgspec.structs.replace(made, balance_transaction=line.id))
    charge = await rows.change(connection, CHARGE, charge, amount_refunded=charge.amount_captured - left + made.amount)
    if wait is None:
        made = await rows.change(connection, REFUND, made, status="succeeded")
    await events.happened(connection, account, "refund.created", replies.refund(made), made.number)
    await _charge_refunded(connection, account, charge, made)
    return made


async def finish_due(connection: Connection) -> None:
    """Bring every refund whose time has come to its end."""
    for made in await due_refunds(connection, clock.now()):
        account = await accounts.find(connection, made.mchid)
        if made.ends_as == "failed":
            await _fail(connection, account, made)
        else:
            done = await rows.change(connection, REFUND, made, status="succeeded", due_at=None)
            await events.happened(connection, account, "refund.updated", replies.refund(done), done.number)


async def _fail(connection: Connection, account: Account, made: Refund) -> None:
    """The bank would not take it: the money comes back to the balance as a line of its own."""
    charge = await intents.find_charge(connection, made.mchid, made.charge, lock=True)
    line = await move(connection, charge, made.amount, 0, "refund_failure", made.id, "REFUND FAILURE", clock.now())
    over = {"status": "failed", "failure_reason": "expired_or_canceled_card", "failure_balance_transaction": line.id}
    failed = await rows.change(connection, REFUND, made, **over, due_at=None)
    await rows.change(connection, CHARGE, charge, amount_refunded=charge.amount_refunded - made.amount)
    await events.happened(connection, account, "refund.failed", replies.refund(failed), failed.number)


async def _charge_refunded(connection: Connection, account: Account, charge: Charge, made: Refund) -> None:
    intent = await intents.find(connection, account.mchid, charge.payment_intent)
    method = await intents.find_method(connection, account.mchid, charge.payment_method)
    await events.happened(connection, account, "charge.refunded", replies.charge(charge, intent, method), made.number)
