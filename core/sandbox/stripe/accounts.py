"""Accounts at the card gateway: every query about them, and how a new one is made."""

import msgspec
from asyncpg import Connection

from core.payments.channels.stripe.notices import WEBHOOK_EVENTS
from core.sandbox.stripe.names import letters

_COLUMNS = "mchid, name, secret_key, publishable_key, webhook_secret, previous_webhook_secret, webhook_url, webhook_events"


class Account(msgspec.Struct, frozen=True):
    """An account with everything both sides know; `webhook_events` are the kinds its endpoint wants to hear."""

    mchid: str
    name: str
    secret_key: str
    publishable_key: str
    webhook_secret: str
    previous_webhook_secret: str | None
    webhook_url: str
    webhook_events: list[str]


async def find(connection: Connection, mchid: str) -> Account | None:
    """One account, if there is such a number."""
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM sandbox.stripe_account WHERE mchid = $1", mchid)
    return Account(**row) if row else None


async def find_by_key(connection: Connection, key: str) -> Account | None:
    """The account a secret or a publishable key belongs to."""
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM sandbox.stripe_account WHERE secret_key = $1 OR publishable_key = $1", key)
    return Account(**row) if row else None


async def list_all(connection: Connection) -> list[Account]:
    """Every account, oldest first."""
    rows = await connection.fetch(f"SELECT {_COLUMNS} FROM sandbox.stripe_account ORDER BY created_at, mchid")
    return [Account(**row) for row in rows]


async def register(connection: Connection, name: str, mchid: str, webhook_url: str) -> Account:
    """Make an account with fresh keys; one that exists keeps its keys."""
    await connection.execute(
        """
        INSERT INTO sandbox.stripe_account (mchid, name, secret_key, publishable_key, webhook_secret, webhook_url, webhook_events)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (mchid) DO NOTHING
        """,
        *(mchid, name, f"sk_test_{letters(32)}", f"pk_test_{letters(32)}", f"whsec_{letters(32)}", webhook_url, list(WEBHOOK_EVENTS)),
    )
    account = await find(connection, mchid)
    assert account is not None
    return account


async def set_webhook(connection: Connection, mchid: str, url: str, events: list[str] | None) -> bool:
    """Where an account's webhooks go from now on, and which kinds."""
    updated = await connection.execute(
        "UPDATE sandbox.stripe_account SET webhook_url = $2, webhook_events = coalesce($3, webhook_events) WHERE mchid = $1",
        *(mchid, url, events),
    )
    return updated == "UPDATE 1"


async def roll_secret(connection: Connection, mchid: str) -> bool:
    """A new webhook secret; webhooks are signed with both until the change is ended."""
    updated = await connection.execute(
        "UPDATE sandbox.stripe_account SET previous_webhook_secret = webhook_secret, webhook_secret = $2 WHERE mchid = $1",
        *(mchid, f"whsec_{letters(32)}"),
    )
    return updated == "UPDATE 1"


async def end_roll(connection: Connection, mchid: str) -> None:
    """Sign with the new secret alone."""
    await connection.execute("UPDATE sandbox.stripe_account SET previous_webhook_secret = NULL WHERE mchid = $1", mchid)
