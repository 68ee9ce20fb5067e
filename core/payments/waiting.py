"""Payments that nobody knows the end of yet, as a payer's pages name them before another one is begun."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec

from core.database import Session
from core.payments import repository


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A payment that may still be paid; `bill_ids` are what it is for."""

    number: str
    amount_fen: int
    description: str
    created_at: dt.datetime
    expires_at: dt.datetime
    bill_ids: list[UUID]


async def on_bills(session: Session, bill_ids: Sequence[UUID]) -> list[Waiting]:
    """What is under way on some bills, whoever began it, the oldest first."""
    if not bill_ids:
        return []
    rows = await repository.list_live_orders(session, list(bill_ids))
    return [
        Waiting(
            number=row.number, amount_fen=row.amount_fen, description=row.description, created_at=row.created_at, expires_at=row.expires_at,
            bill_ids=[UUID(item["bill_id"]) for item in row.items],
        )
        for row in rows
    ]  # fmt: skip
