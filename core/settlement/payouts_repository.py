"""Payment instructions to the bank: every statement."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert, select, text, update

from core.database import Row, Session
from core.settlement.models import payout

_CLAIM = text("""
    UPDATE core.payout p SET next_at = :lease FROM (
        SELECT id FROM core.payout WHERE next_at <= :now ORDER BY next_at LIMIT :limit FOR UPDATE SKIP LOCKED) due
    WHERE p.id = due.id RETURNING p.id
""")
_NEXT = text("SELECT min(next_at) FROM core.payout WHERE next_at IS NOT NULL")
_ACCOUNT = text("""
    SELECT a.id, a.holder, a.bank_name, a.number_masked, a.number_sealed FROM core.settlement_account a
    WHERE a.merchant_id = :merchant_id AND a.status = 'active' ORDER BY a.created_at DESC, a.id DESC LIMIT 1
""")
_ACCOUNT_OF = text("SELECT bank_name, number_sealed FROM core.settlement_account WHERE id = :id")
_CLEARING = text("SELECT account_number FROM core.bank_connection WHERE status = 'active' ORDER BY created_at, id LIMIT 1")
_OF_DAYS = text("""
    SELECT p.*, b.number AS batch_number, b.merchant_code, b.bill_on FROM core.payout p JOIN core.settlement_batch b ON b.id = p.batch_id
    WHERE (:status = '' OR p.status = :status) AND (CAST(:batch_id AS uuid) IS NULL OR p.batch_id = CAST(:batch_id AS uuid))
      AND (:typed = '' OR p.number = :typed OR p.bank_serial = :typed OR b.number = :typed OR b.merchant_code = :typed)
      AND (CAST(:before AS uuid) IS NULL OR p.id < :before) ORDER BY p.id DESC LIMIT :limit
""")


async def add(session: Session, row: dict[str, object]) -> None:
    """Write an instruction."""
    await session.execute(insert(payout), row)


async def lock(session: Session, payout_id: UUID) -> Row | None:
    """One instruction, held; its batch is always held before it."""
    return await session.one_or_none(select(payout).where(payout.c.id == payout_id).with_for_update())


async def find(session: Session, payout_id: UUID) -> Row | None:
    """One instruction."""
    return await session.one_or_none(select(payout).where(payout.c.id == payout_id))


async def find_by_number(session: Session, number: str) -> Row | None:
    """The instruction of a number."""
    return await session.one_or_none(select(payout).where(payout.c.number == number))


async def list_of(session: Session, batch_id: UUID) -> Sequence[Row]:
    """Every attempt to pay a batch out, the last one first."""
    return await session.all(select(payout).where(payout.c.batch_id == batch_id).order_by(payout.c.attempt.desc()))


async def list_page(
    session: Session, typed: str, status: str, batch_id: UUID | None, before: UUID | None, limit: int
) -> Sequence[Row]:
    """Instructions, the newest first."""
    return await session.all(_OF_DAYS, {"typed": typed, "status": status, "batch_id": batch_id, "before": before, "limit": limit})


async def change(session: Session, payout_id: UUID, **values: object) -> None:
    """Write new facts of an instruction."""
    await session.execute(update(payout).where(payout.c.id == payout_id).values(**values))


async def claim_due(session: Session, now: dt.datetime, lease: dt.datetime, limit: int) -> list[UUID]:
    """Take instructions whose turn it is; whoever dies with them loses them at the end of the lease."""
    return [row.id for row in await session.all(_CLAIM, {"now": now, "lease": lease, "limit": limit})]


async def next_due(session: Session) -> dt.datetime | None:
    """When the next instruction has its turn."""
    return await session.scalar(_NEXT)


async def account_of(session: Session, merchant_id: UUID) -> Row | None:
    """The merchant's newest settlement account that a second person agreed to."""
    return await session.one_or_none(_ACCOUNT, {"merchant_id": merchant_id})


async def sealed_account(session: Session, account_id: UUID) -> Row:
    """An account's number as it is kept, and its bank."""
    return await session.one(_ACCOUNT_OF, {"id": account_id})


async def clearing_number(session: Session) -> str | None:
    """The clearing account that payouts leave from."""
    return await session.scalar(_CLEARING)
