"""Connections to the bank, one for each clearing account: every statement."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert

from core.database import Row, Session
from core.settlement.models import bank_connection
from core.statements.models import merchant_number

_COVERED = text("""
    SELECT min(bill_on) AS since, max(bill_on) AS until FROM (
        SELECT bill_on FROM core.statement WHERE source = 'bank' AND status = 'loaded'
        UNION ALL SELECT bill_on FROM core.statement_fetch WHERE source = 'bank' AND status IN ('fetched', 'empty')) told
""")


async def list_all(session: Session) -> Sequence[Row]:
    """Every clearing account, the oldest first."""
    return await session.all(select(bank_connection).order_by(bank_connection.c.created_at, bank_connection.c.id))


async def find(session: Session, account_number: str) -> Row | None:
    """The connection of an account; of the oldest one in use where none is named."""
    active = bank_connection.c.status == "active"
    mine = bank_connection.c.account_number == account_number if account_number else active
    return await session.one_or_none(select(bank_connection).where(active, mine).order_by(bank_connection.c.created_at).limit(1))


async def get(session: Session, connection_id: UUID) -> Row | None:
    """One connection by its id."""
    return await session.one_or_none(select(bank_connection).where(bank_connection.c.id == connection_id))


async def add(session: Session, row: Mapping[str, object]) -> None:
    """A new clearing account; one that exists gets the new keys and address."""
    changed = {name: value for name, value in row.items() if name not in ("id", "account_number", "made_by")}
    again = {**changed, "status": "active", "version": bank_connection.c.version + 1}
    statement = insert(bank_connection).values(row)
    await session.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "account_number"], set_=again))


async def name_number(session: Session, row: Mapping[str, object]) -> None:
    """Let the account's statements be known as the client's own."""
    await session.execute(insert(merchant_number).values(row).on_conflict_do_nothing())


async def suspend(session: Session, connection_id: UUID) -> None:
    """Use it no more."""
    await session.execute(update(bank_connection).where(bank_connection.c.id == connection_id).values(status="suspended"))


async def covered(session: Session) -> tuple[dt.date, dt.date] | None:
    """The first and the last day of which the bank told everything; None before its first statement."""
    row = await session.one(_COVERED)
    return None if row.until is None else (row.since, row.until)
