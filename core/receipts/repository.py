"""Receipts: every statement."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, text

from core.database import Row, Session
from core.receipts.models import receipt

_MATERIAL = text("""
    SELECT a.bill_id, p.amount_fen AS payment_fen, p.order_number, p.channel, p.paid_at, b.title, b.period,
           y.name AS party_name, y.number AS party_number, l.item_name, a.line_no, sum(a.amount_fen) AS amount_fen
    FROM core.allocation a
    JOIN core.payment p ON p.id = a.payment_id
    JOIN core.bill b ON b.id = a.bill_id
    JOIN core.party y ON y.id = b.party_id
    JOIN core.bill_line l ON l.bill_id = a.bill_id AND l.line_no = a.line_no
    WHERE a.payment_id = :payment_id AND a.bill_id = ANY(CAST(:bill_ids AS uuid[]))
    GROUP BY a.bill_id, p.amount_fen, p.order_number, p.channel, p.paid_at, b.title, b.period, y.name, y.number, l.item_name, a.line_no
    HAVING sum(a.amount_fen) > 0
    ORDER BY a.bill_id, a.line_no
""")

_ADD = text("""
    WITH pulse AS (INSERT INTO core.tenant_due (tenant_id, kind, due_at) VALUES (:tenant_id, 'pulse', :now) ON CONFLICT DO NOTHING)
    INSERT INTO core.receipt (id, payment_id, bill_id, verify_code, amount_fen, content, status)
    VALUES (:id, :payment_id, :bill_id, :verify_code, :amount_fen, CAST(:content AS jsonb), 'to_issue')
    ON CONFLICT (tenant_id, payment_id, bill_id) DO NOTHING
""")

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('receipts ' || current_setting('app.tenant_id'), 0))")

_ANY = text("SELECT EXISTS (SELECT FROM core.receipt WHERE status = 'to_issue')")

_NUMBER = text("""
    WITH waiting AS (
        SELECT id, row_number() OVER (ORDER BY created_at, id) AS place
        FROM core.receipt WHERE status = 'to_issue' ORDER BY created_at, id LIMIT :limit),
    newest AS (SELECT coalesce(max(seq), 0) AS seq FROM core.receipt WHERE year = :year)
    UPDATE core.receipt r
    SET year = :year, seq = newest.seq + waiting.place, status = 'issued', issued_at = :now,
        content = r.content || CAST(:issuer AS jsonb),
        number = 'R' || :year || lpad(CAST(newest.seq + waiting.place AS text), 8, '0')
    FROM waiting, newest WHERE r.id = waiting.id
    RETURNING r.id
""")

_TELL = text("""
    WITH pulse AS (INSERT INTO core.tenant_due (tenant_id, kind, due_at) VALUES (:tenant_id, 'pulse', :now) ON CONFLICT DO NOTHING)
    INSERT INTO core.message (id, key, template, means, party_id, to_sealed, to_masked, facts, status, due_at)
    SELECT gen_random_uuid(), 'receipt:' || r.id, 'paid', 'sms', b.party_id, y.phone_sealed, y.phone_masked,
           jsonb_build_object('name', left(n.name, 1) || repeat('*', greatest(length(n.name) - 1, 1)),
                              'amount', trim(to_char(r.amount_fen / 100.0, '999,999,999,990.00'))),
           'waiting', :due_at
    FROM core.receipt r
    JOIN core.payment p ON p.id = r.payment_id
    JOIN core.payer y ON y.id = p.payer_id
    JOIN core.bill b ON b.id = r.bill_id
    JOIN core.party n ON n.id = b.party_id
    WHERE r.id = ANY(CAST(:receipt_ids AS uuid[]))
    ON CONFLICT (tenant_id, key) DO NOTHING
""")


async def list_material(session: Session, payment_id: UUID, bill_ids: Sequence[UUID]) -> Sequence[Row]:
    """What a payment put on each line of its bills, with everything a receipt has to say."""
    return await session.all(_MATERIAL, {"payment_id": payment_id, "bill_ids": list(bill_ids)})


async def add_receipt(session: Session, row: dict[str, object]) -> None:
    """Write a receipt to be issued; one per payment and bill."""
    await session.execute(_ADD, {**row, "tenant_id": session.tenant_id})


async def any_waiting(session: Session) -> bool:
    """Whether a receipt waits for its number."""
    return bool(await session.scalar(_ANY))


async def number_waiting(session: Session, year: int, issuer: str, now: dt.datetime, limit: int) -> list[UUID]:
    """Give the next numbers of the year to receipts that wait, one job per client at a time, so that there is never a gap."""
    await session.execute(_LOCK)
    return [row.id for row in await session.all(_NUMBER, {"year": year, "issuer": issuer, "now": now, "limit": limit})]


async def tell_payers(session: Session, receipt_ids: Sequence[UUID], now: dt.datetime, due_at: dt.datetime) -> None:
    """A message to each known payer that the money is in and where the receipt is."""
    values = {"receipt_ids": list(receipt_ids), "tenant_id": session.tenant_id, "now": now, "due_at": due_at}
    await session.execute(_TELL, values)


async def find_receipt(session: Session, receipt_id: UUID) -> Row | None:
    """A receipt by its id."""
    return await session.one_or_none(select(receipt).where(receipt.c.id == receipt_id))


async def find_by_number(session: Session, number: str) -> Row | None:
    """A receipt by its number."""
    query = select(receipt).where(receipt.c.year == int(number[1:5]), receipt.c.seq == int(number[5:]), receipt.c.number == number)
    return await session.one_or_none(query)


async def list_of_bills(session: Session, bill_ids: Sequence[UUID]) -> Sequence[Row]:
    """Receipts of some bills, the newest first."""
    query = select(receipt).where(receipt.c.bill_id.in_(list(bill_ids))).order_by(receipt.c.created_at.desc(), receipt.c.id)
    return await session.all(query)
