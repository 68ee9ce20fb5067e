"""What the steps look at: counts and states out of the client's own tables, one statement each. The tables are other features': hence SQL."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import text

from core.database import Row, Session

_BEGAN = text("SELECT least((SELECT min(created_at) FROM core.merchant), (SELECT min(created_at) FROM core.\"user\"))")
_MERCHANTS = text("""
    SELECT m.id, m.code, m.name, m.status, m.by_case, coalesce(m.uscc, '') AS uscc, m.legal_name, c.id AS case_id, c.status AS case_status,
           (SELECT count(*) FROM core.settlement_account a WHERE a.merchant_id = m.id AND a.status = 'active') AS accounts,
           (SELECT count(*) FROM core.settlement_account a WHERE a.merchant_id = m.id AND a.status = 'pending') AS pending
    FROM core.merchant m LEFT JOIN core.onboarding_case c ON c.merchant_id = m.id
    WHERE m.status NOT IN ('suspended', 'closed') ORDER BY m.code
""")
_ACCOUNTS = text("""
    SELECT id, channel, mchid, status, probe ->> 'ok' AS tested, created_at FROM core.channel_account WHERE channel <> 'counter'
    ORDER BY channel, created_at, id
""")
_USERS = text("""
    SELECT u.id, u.name, u.must_change_password, coalesce(array_agg(g.role ORDER BY g.role) FILTER (WHERE g.role IS NOT NULL), '{}') AS roles
    FROM core."user" u LEFT JOIN core.role_grant g ON g.user_id = u.id
    WHERE u.status = 'active' GROUP BY u.id, u.name, u.must_change_password ORDER BY u.name, u.id
""")
_UNITS = text("SELECT count(*) AS units, max(created_at) AS at FROM core.org_unit")
MOST = 10_000
"""A step only wants to know that there are some: nobody counts a million people for it."""
_PEOPLE = text(f"SELECT count(*) FROM (SELECT 1 FROM core.party WHERE plugin <> 'core' AND active LIMIT {MOST}) known")
_ITEMS = text("SELECT count(*) FROM core.fee_item WHERE active")
_IMPORT = text("""
    SELECT id, status, filename, coalesce(applied_at, created_at) AS at, made_by_name, applied_totals FROM core.import_batch
    WHERE kind = :kind AND status NOT IN ('refused', 'cancelled') ORDER BY created_at DESC LIMIT 1
""")
_BILL = text("SELECT id, number, issued_at FROM core.bill WHERE plugin <> 'core' AND status <> 'void' ORDER BY issued_at, id LIMIT 1")
_JOB = text("SELECT id, finished_at FROM core.job WHERE kind = :kind AND status = 'done' ORDER BY finished_at DESC LIMIT 1")
_PAID = text("""
    SELECT y.order_number, y.paid_at FROM core.payment y WHERE NOT EXISTS (
        SELECT FROM core.allocation a JOIN core.go_live_trial t ON t.bill_id = a.bill_id WHERE a.payment_id = y.id)
    ORDER BY y.booked_at LIMIT 1
""")


async def began_at(session: Session) -> dt.datetime | None:
    """When the first person or merchant of the client was written down."""
    return await session.scalar(_BEGAN)


async def list_merchants(session: Session) -> Sequence[Row]:
    """Merchants that are to collect, with their case and the number of their accounts."""
    return await session.all(_MERCHANTS)


async def list_channel_accounts(session: Session) -> Sequence[Row]:
    """Merchant numbers at channels outside, with the last test of each."""
    return await session.all(_ACCOUNTS)


async def list_users(session: Session) -> Sequence[Row]:
    """The people who can log in, with the codes of their roles."""
    return await session.all(_USERS)


async def count_units(session: Session) -> Row:
    """How many org units there are, and since when."""
    return await session.one(_UNITS)


async def count_people(session: Session) -> int:
    """How many people bills can be made out to, `MOST` for any more; the person that trials are made out to is none of them."""
    return int(await session.scalar(_PEOPLE) or 0)


async def count_items(session: Session) -> int:
    """How many fee items are in use."""
    return int(await session.scalar(_ITEMS) or 0)


async def last_import(session: Session, kind: str) -> Row | None:
    """The newest file of a kind that was not refused or given up."""
    return await session.one_or_none(_IMPORT, {"kind": kind})


async def first_bill(session: Session) -> Row | None:
    """The first bill that was really issued: no trial."""
    return await session.one_or_none(_BILL)


async def last_job(session: Session, kind: str) -> Row | None:
    """The newest finished job of a kind."""
    return await session.one_or_none(_JOB, {"kind": kind})


async def first_payment(session: Session) -> Row | None:
    """The first real payment: not a trial's."""
    return await session.one_or_none(_PAID)
