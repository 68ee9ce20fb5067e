"""Merchant numbers at channels, their sealed keys and how they fare: every statement about them."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from core.database import Row, Session
from core.payments.models import channel_account, channel_draft, channel_health

_SEALED = ("credentials_sealed", "previous_sealed", "alert_phone_sealed")
_SHOWN = [column for column in channel_account.c if column.name not in _SEALED]
_NAMES = text("SELECT id, code, name, status FROM core.merchant ORDER BY code")


async def list_accounts(session: Session) -> Sequence[Row]:
    """Every merchant number, without its secrets, with what is known of its health."""
    health = [channel_health.c.failures, channel_health.c.open_until]
    query = select(*_SHOWN, *health).outerjoin(channel_health, channel_health.c.channel_account_id == channel_account.c.id)
    return await session.all(query.order_by(channel_account.c.channel, channel_account.c.created_at, channel_account.c.id))


async def lock_account(session: Session, account_id: UUID) -> Row | None:
    """One merchant number, held while it is changed."""
    return await session.one_or_none(select(channel_account).where(channel_account.c.id == account_id).with_for_update())


async def add_account(session: Session, row: dict[str, object]) -> bool:
    """A new merchant number; False when the client has it already."""
    return (await session.execute(upsert(channel_account).values(row).on_conflict_do_nothing())).rowcount == 1


async def set_account(session: Session, account_id: UUID, values: dict[str, object]) -> None:
    """Change a merchant number."""
    await session.execute(update(channel_account).where(channel_account.c.id == account_id).values(values))


async def add_draft(session: Session, draft_id: UUID, account_id: UUID, sealed: bytes) -> None:
    """Keys that wait for a second person; those that waited before are forgotten."""
    await session.execute(delete(channel_draft).where(channel_draft.c.channel_account_id == account_id))
    await session.execute(insert(channel_draft), {"id": draft_id, "channel_account_id": account_id, "sealed": sealed})


async def take_draft(session: Session, draft_id: UUID) -> bytes | None:
    """The keys that waited; they lie nowhere else from now on."""
    return await session.scalar(delete(channel_draft).where(channel_draft.c.id == draft_id).returning(channel_draft.c.sealed))


async def forget_drafts(session: Session, before: dt.datetime) -> int:
    """Keys that nobody agreed to in time."""
    return (await session.execute(delete(channel_draft).where(channel_draft.c.created_at < before))).rowcount


async def forget_previous(session: Session, now: dt.datetime) -> int:
    """Keys that were replaced long enough ago."""
    old = channel_account.c.previous_until < now
    return (await session.execute(update(channel_account).where(old).values(previous_sealed=None, previous_until=None))).rowcount


async def list_unnoted(session: Session) -> Sequence[Row]:
    """Merchant numbers whose keys came by another road than the desk: nothing is noted of them yet."""
    bare = (channel_account.c.facts == text("'{}'::jsonb")) & (channel_account.c.status != "pending")
    return await session.all(select(channel_account).where(bare).with_for_update(skip_locked=True))


async def list_ending(session: Session, until: dt.datetime) -> Sequence[Row]:
    """Merchant numbers in use with a certificate that ends before a moment, the first to end first."""
    ending = (channel_account.c.expires_at <= until) & (channel_account.c.status == "active")
    return await session.all(select(channel_account).where(ending).order_by(channel_account.c.expires_at))


async def count_ending(session: Session, until: dt.datetime) -> int:
    """How many there are."""
    ending = (channel_account.c.expires_at <= until) & (channel_account.c.status == "active")
    return int(await session.scalar(select(func.count()).select_from(channel_account).where(ending)) or 0)


async def list_merchants(session: Session) -> Sequence[Row]:
    """The client's merchants, for whom a number may collect. The table is tenancy's: hence SQL."""
    return await session.all(_NAMES)
