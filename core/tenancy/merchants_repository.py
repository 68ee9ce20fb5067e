"""A client's merchants and settlement accounts. Every function runs in the client's transaction."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects.postgresql import insert

from core.database import Session
from core.tenancy.models import merchant, settlement_account


async def add_merchant(session: Session, row: dict[str, object]) -> bool:
    """A new merchant; False when its code is taken."""
    result = await session.execute(insert(merchant).values(row).on_conflict_do_nothing())
    return result.rowcount == 1


async def find_merchant(session: Session, merchant_id: UUID, *, lock: bool = False) -> Row | None:
    """One merchant."""
    query = select(merchant).where(merchant.c.id == merchant_id)
    return await session.one_or_none(query.with_for_update() if lock else query)


async def list_merchants(session: Session) -> Sequence[Row]:
    """Every merchant, with the number of its active accounts."""
    active = (
        select(func.count())
        .where(settlement_account.c.merchant_id == merchant.c.id, settlement_account.c.status == "active")
        .scalar_subquery()
    )
    return await session.all(select(merchant, active.label("active_accounts")).order_by(merchant.c.code))


async def set_merchant_status(session: Session, merchant_id: UUID, status: str) -> None:
    """Move a merchant along its machine."""
    await session.execute(update(merchant).where(merchant.c.id == merchant_id).values(status=status))


async def add_account(session: Session, row: dict[str, object]) -> bool:
    """A new settlement account; False when the merchant has this number already."""
    result = await session.execute(insert(settlement_account).values(row).on_conflict_do_nothing())
    return result.rowcount == 1


async def find_account(session: Session, account_id: UUID, *, lock: bool = False) -> Row | None:
    """One settlement account."""
    query = select(settlement_account).where(settlement_account.c.id == account_id)
    return await session.one_or_none(query.with_for_update() if lock else query)


async def find_account_by_number(session: Session, merchant_id: UUID, number_index: bytes) -> Row | None:
    """The account a number stands for at a merchant."""
    which = (settlement_account.c.merchant_id == merchant_id) & (settlement_account.c.number_index == number_index)
    return await session.one_or_none(select(settlement_account).where(which))


async def list_accounts(session: Session) -> Sequence[Row]:
    """Every settlement account, without its number: only the mask."""
    shown = [c for c in settlement_account.c if c.name not in ("number_sealed", "number_index")]
    return await session.all(select(*shown).order_by(settlement_account.c.created_at, settlement_account.c.id))


async def set_account(session: Session, account_id: UUID, values: dict[str, object]) -> None:
    """Change a settlement account."""
    await session.execute(update(settlement_account).where(settlement_account.c.id == account_id).values(values))
