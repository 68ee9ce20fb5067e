"""What was agreed with a client, as a declaration states it. The tables belong to onboarding, statements and settlement, which build
on this feature: hence SQL."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, text

from core.database import Session

_RATES = text("""
    SELECT m.code AS merchant, r.channel, r.card_type, r.rate_ppm, r.cap_fen, r.min_fen, r.fixed_fen, r.from_on, r.until_on
    FROM core.rate r JOIN core.merchant m ON m.tenant_id = r.tenant_id AND m.id = r.merchant_id
""")
_END_BEFORE = text("""
    UPDATE core.rate SET until_on = :ended_on
    WHERE merchant_id = :merchant_id AND channel = :channel AND card_type = :card_type AND from_on < :from_on
      AND (until_on IS NULL OR until_on > :ended_on)
""")
_ADD_RATE = text("""
    INSERT INTO core.rate (id, merchant_id, channel, card_type, rate_ppm, cap_fen, min_fen, fixed_fen, from_on, made_by)
    VALUES (:id, :merchant_id, :channel, :card_type, :rate_ppm, :cap_fen, :min_fen, :fixed_fen, :from_on, :made_by)
    ON CONFLICT DO NOTHING
""")
_NUMBERS = text("SELECT channel, number FROM core.statement_merchant")
_ADD_NUMBER = text("""
    INSERT INTO core.statement_merchant (id, channel, number, title, cut_minutes, made_by)
    VALUES (:id, :channel, :number, :title, :cut_minutes, :made_by) ON CONFLICT DO NOTHING
""")
_CLEARING = text("SELECT EXISTS (SELECT FROM core.bank_connection)")
_ADD_CLEARING = text("""
    INSERT INTO core.bank_connection (id, title, bank_name, base_url, customer, key_id, account_number, account_name, credentials_sealed, made_by)
    VALUES (:id, :bank_name, :bank_name, :base_url, :customer, :key_id, :account_number, :account_name, :credentials_sealed, :made_by)
    ON CONFLICT DO NOTHING
""")


async def list_rates(session: Session) -> Sequence[Row]:
    """Every rate of the client's merchants."""
    return await session.all(_RATES)


async def agree_rate(session: Session, row: dict[str, object], from_on: dt.date) -> None:
    """A rate from a day on; the one before it ends the day before."""
    await session.execute(_END_BEFORE, {**row, "ended_on": from_on - dt.timedelta(days=1)})
    await session.execute(_ADD_RATE, row)


async def list_numbers(session: Session) -> Sequence[Row]:
    """Merchant numbers whose statements the client reconciles though it does not collect with them here."""
    return await session.all(_NUMBERS)


async def add_number(session: Session, number_id: UUID, row: dict[str, object]) -> None:
    """One such number; one that exists stays as it is."""
    await session.execute(_ADD_NUMBER, {"id": number_id, **row})


async def has_clearing_account(session: Session) -> bool:
    """Whether the client has a clearing account at the bank."""
    return bool(await session.scalar(_CLEARING))


async def add_clearing_account(session: Session, row: dict[str, object]) -> None:
    """The client's clearing account, its keys sealed."""
    await session.execute(_ADD_CLEARING, row)
