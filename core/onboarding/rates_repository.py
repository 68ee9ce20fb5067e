"""What merchants pay for payments: every statement."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, insert, select, text, update

from core.approvals.models import approval
from core.database import Row, Session
from core.onboarding.models import rate

KIND = "onboarding.rate"
_MERCHANT = text("SELECT id, code, name, status FROM core.merchant WHERE id = :id FOR UPDATE")
_SETTLED = text("""
    SELECT EXISTS (SELECT FROM core.settlement_item WHERE merchant_id = :merchant_id AND channel = :channel AND kind <> 'split' AND bill_on >= :day)
""")
"""A payment of that day that lies in a batch. The table is settlement's, which stands above: hence SQL."""


async def list_rates(session: Session, merchant_id: UUID) -> Sequence[Row]:
    """Every rate of a merchant, past and coming ones too."""
    query = select(rate).where(rate.c.merchant_id == merchant_id)
    return await session.all(query.order_by(rate.c.channel, rate.c.card_type, rate.c.from_on.desc()))


async def find_rate(session: Session, merchant_id: UUID, channel: str, card_type: str, day: dt.date) -> Row | None:
    """The rate in force on a day, one for this kind of card before one for all."""
    query = select(rate).where(
        rate.c.merchant_id == merchant_id, rate.c.channel == channel, rate.c.card_type.in_((card_type, "")), rate.c.from_on <= day,
        (rate.c.until_on.is_(None)) | (rate.c.until_on >= day),
    )  # fmt: skip
    return await session.one_or_none(query.order_by(rate.c.card_type.desc(), rate.c.from_on.desc()).limit(1))


async def end_before(session: Session, merchant_id: UUID, channel: str, from_on: dt.date) -> None:
    """The rates of a channel end the day before others begin; those that would begin later never do."""
    mine = (rate.c.merchant_id == merchant_id) & (rate.c.channel == channel)
    await session.execute(delete(rate).where(mine, rate.c.from_on >= from_on))
    running = mine & (rate.c.until_on.is_(None) | (rate.c.until_on >= from_on))
    await session.execute(update(rate).where(running).values(until_on=from_on - dt.timedelta(days=1)))


async def add_rates(session: Session, rows: list[dict[str, object]]) -> None:
    """New rates."""
    await session.execute(insert(rate), rows)


async def lock_merchant(session: Session, merchant_id: UUID) -> Row | None:
    """A merchant, held while its rates change. The table is tenancy's: hence SQL."""
    return await session.one_or_none(_MERCHANT, {"id": merchant_id})


async def is_settled(session: Session, merchant_id: UUID, channel: str, day: dt.date) -> bool:
    """Whether anything that the channel took for the merchant on a day or later has been settled."""
    return bool(await session.scalar(_SETTLED, {"merchant_id": merchant_id, "channel": channel, "day": day}))


async def list_in_force(session: Session, merchant_id: UUID, channel: str, day: dt.date) -> Sequence[Row]:
    """The rates of a channel on a day, one for each kind of card that has its own."""
    query = select(rate).where(
        rate.c.merchant_id == merchant_id, rate.c.channel == channel, rate.c.from_on <= day, rate.c.until_on.is_(None) | (rate.c.until_on >= day)
    )
    return await session.all(query.order_by(rate.c.card_type))


async def list_coming(session: Session, merchant_id: UUID, channel: str, after: dt.date) -> Sequence[Row]:
    """The rates of a channel that begin after a day."""
    query = select(rate).where(rate.c.merchant_id == merchant_id, rate.c.channel == channel, rate.c.from_on > after)
    return await session.all(query.order_by(rate.c.from_on, rate.c.card_type))


async def list_changes(session: Session, merchant_id: UUID) -> Sequence[Row]:
    """Every proposal for a merchant's rates, however it ended, the newest first."""
    query = select(approval).where(approval.c.kind == KIND, approval.c.proposal["merchant_id"].astext == str(merchant_id))
    return await session.all(query.order_by(approval.c.id.desc()))


async def find_change(session: Session, change_id: UUID) -> str | None:
    """The merchant that a proposal for rates is about."""
    which = (approval.c.id == change_id) & (approval.c.kind == KIND)
    return await session.scalar(select(approval.c.proposal["merchant_id"].astext).where(which))


async def list_waiting(session: Session) -> Sequence[Row]:
    """Every proposal for a rate that waits."""
    return await session.all(select(approval).where(approval.c.kind == KIND, approval.c.status == "waiting").order_by(approval.c.id))
