"""What merchants pay for payments: every statement."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from core.database import Row, Session
from core.onboarding.models import rate


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
