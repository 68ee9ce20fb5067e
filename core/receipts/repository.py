"""Receipts: every statement of writing, numbering and reading them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select, text, update

from core.database import Row, Session
from core.database.tables import encode_json
from core.receipts.models import receipt

_TICKET = """coalesce((
    SELECT s.ticket FROM core.receipt_issuer s
    WHERE s.status = 'active' AND (jsonb_exists(s.settings->'items', l.item_code) OR s.ticket = i.ticket_type)
    ORDER BY jsonb_exists(s.settings->'items', l.item_code) DESC NULLS LAST, s.ticket LIMIT 1), 'receipt')"""
"""Which ticket a line is written on: the issuer that names its fee item, else the item's own kind, else our own receipt."""

_MATERIAL = text(f"""
    SELECT a.bill_id, {_TICKET} AS ticket, p.order_number, p.channel, p.scene, p.paid_at, b.title, b.period,
           y.name AS party_name, y.number AS party_number, l.item_name, a.line_no, sum(a.amount_fen)::bigint AS amount_fen
    FROM core.allocation a
    JOIN core.payment p ON p.id = a.payment_id
    JOIN core.bill b ON b.id = a.bill_id
    JOIN core.party y ON y.id = b.party_id
    JOIN core.bill_line l ON l.bill_id = a.bill_id AND l.line_no = a.line_no
    LEFT JOIN core.fee_item i ON i.plugin = b.plugin AND i.code = l.item_code
    WHERE a.payment_id = :payment_id AND a.bill_id = ANY(CAST(:bill_ids AS uuid[]))
    GROUP BY a.bill_id, i.ticket_type, l.item_code, p.order_number, p.channel, p.scene, p.paid_at, b.title, b.period, y.name,
             y.number, l.item_name, a.line_no
    HAVING sum(a.amount_fen) > 0
    ORDER BY a.bill_id, ticket, a.line_no
""")

_ADD = text("""
    WITH pulse AS (INSERT INTO core.tenant_due (tenant_id, kind, due_at) VALUES (:tenant_id, 'pulse', :now) ON CONFLICT DO NOTHING)
    INSERT INTO core.receipt (id, payment_id, bill_id, ticket, kind, sequence, follows_id, flush_id, verify_code, amount_fen, content, status)
    VALUES (:id, :payment_id, :bill_id, :ticket, :kind, :sequence, :follows_id, :flush_id, :verify_code, :amount_fen,
            CAST(:content AS jsonb), 'to_issue')
    ON CONFLICT (tenant_id, payment_id, bill_id, ticket, kind, sequence) DO NOTHING
""")

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('receipts ' || current_setting('app.tenant_id'), 0))")

_ANY = text("SELECT EXISTS (SELECT FROM core.receipt WHERE status = 'to_issue')")

# The rows are held before they are counted: one that is voided at this moment is left out, and its place with it.
_NUMBER = text("""
    WITH held AS (
        SELECT id, created_at, kind, sequence FROM core.receipt WHERE status = 'to_issue'
        ORDER BY created_at, kind DESC, sequence, id LIMIT :limit FOR UPDATE SKIP LOCKED),
    waiting AS (SELECT id, row_number() OVER (ORDER BY created_at, kind DESC, sequence, id) AS place FROM held),
    newest AS (SELECT coalesce(max(seq), 0) AS seq FROM core.receipt WHERE year = :year)
    UPDATE core.receipt r
    SET year = :year, seq = newest.seq + waiting.place,
        status = CASE r.ticket WHEN 'receipt' THEN 'issued' ELSE 'issuing' END,
        issued_at = CASE r.ticket WHEN 'receipt' THEN CAST(:now AS timestamptz) END,
        next_query_at = CASE r.ticket WHEN 'receipt' THEN NULL ELSE CAST(:now AS timestamptz) END,
        content = r.content || CAST(:issuer AS jsonb),
        number = 'R' || :year || lpad(CAST(newest.seq + waiting.place AS text), 8, '0')
    FROM waiting, newest WHERE r.id = waiting.id
    RETURNING r.id, r.bill_id, r.kind
""")

_ADD_EXTRAS = text("""
    UPDATE core.receipt r SET content = r.content || jsonb_build_object('extras', CAST(n.extras AS jsonb))
    FROM unnest(CAST(:bill_ids AS uuid[]), CAST(:extras AS text[])) AS n (bill_id, extras)
    WHERE r.id = ANY(CAST(:receipt_ids AS uuid[])) AND r.bill_id = n.bill_id
""")

PAID = """
    SELECT CAST(r.id AS text) AS occasion, b.party_id, b.id AS bill_id, p.payer_id AS only_payer_id,
           jsonb_build_object('name', left(n.name, 1) || repeat('*', greatest(length(n.name) - 1, 1)), 'title', b.title,
                              'amount', trim(to_char(r.amount_fen / 100.0, '999,999,999,990.00'))) AS facts,
           CAST(NULL AS timestamptz) AS from_at, CAST(NULL AS text) AS run
    FROM core.receipt r
    JOIN core.payment p ON p.id = r.payment_id
    JOIN core.bill b ON b.id = r.bill_id
    JOIN core.party n ON n.id = b.party_id
    WHERE r.id = ANY(CAST(:receipt_ids AS uuid[])) AND r.kind = 'blue' AND r.sequence = 1 AND p.payer_id IS NOT NULL
"""
"""The money of some receipts, for whoever paid it (`core.notices`); none for what is taken back or issued anew."""

FLUSHING = """(r.kind = 'blue' AND r.status IN ('issuing', 'issued') AND EXISTS (
    SELECT FROM core.receipt d WHERE d.follows_id = r.id AND d.kind = 'red'
      AND d.payment_id = r.payment_id AND d.bill_id = r.bill_id)) AS flushing"""
_READ = f"SELECT r.*, {FLUSHING} FROM core.receipt r"

_FIND = text(f"{_READ} WHERE r.id = :id")
_BY_NUMBER = text(f"{_READ} WHERE r.year = :year AND r.seq = :seq AND r.number = :number")
_OF_BILLS = text(f"{_READ} WHERE r.bill_id = ANY(CAST(:bill_ids AS uuid[])) ORDER BY r.created_at DESC, r.sequence DESC, r.kind, r.id")
_REPLACING = text(f"""
    {_READ} WHERE r.payment_id = :payment_id AND r.bill_id = :bill_id AND r.ticket = :ticket ORDER BY r.sequence, r.kind
""")


async def list_material(session: Session, payment_id: UUID, bill_ids: Sequence[UUID]) -> Sequence[Row]:
    """What a payment put on each line of its bills, with everything a receipt has to say and the ticket it is written on."""
    return await session.all(_MATERIAL, {"payment_id": payment_id, "bill_ids": list(bill_ids)})


async def add_receipt(session: Session, row: dict[str, object]) -> None:
    """Write a receipt to be issued; one per payment, bill, ticket, kind and sequence."""
    usual = {"kind": "blue", "sequence": 1, "follows_id": None, "flush_id": None}
    await session.execute(_ADD, {**usual, **row, "tenant_id": session.tenant_id})


async def any_waiting(session: Session) -> bool:
    """Whether a receipt waits for its number."""
    return bool(await session.scalar(_ANY))


async def number_waiting(session: Session, year: int, issuer: str, now: dt.datetime, limit: int) -> Sequence[Row]:
    """Give the next numbers of the year to receipts that wait, one job per client at a time, so that there is never a gap."""
    await session.execute(_LOCK)
    return await session.all(_NUMBER, {"year": year, "issuer": issuer, "now": now, "limit": limit})


async def add_extras(session: Session, receipt_ids: Sequence[UUID], extras: Mapping[UUID, Sequence[tuple[str, str]]]) -> None:
    """Write down what tickets show besides, by bill."""
    told = [encode_json([list(pair) for pair in pairs]) for pairs in extras.values()]
    await session.execute(_ADD_EXTRAS, {"receipt_ids": list(receipt_ids), "bill_ids": list(extras), "extras": told})


async def find_receipt(session: Session, receipt_id: UUID) -> Row | None:
    """A receipt by its id."""
    return await session.one_or_none(_FIND, {"id": receipt_id})


async def find_by_number(session: Session, number: str) -> Row | None:
    """A receipt by its number."""
    return await session.one_or_none(_BY_NUMBER, {"year": int(number[1:5]), "seq": int(number[5:]), "number": number})


async def list_of_bills(session: Session, bill_ids: Sequence[UUID]) -> Sequence[Row]:
    """Receipts of some bills, the newest first."""
    return await session.all(_OF_BILLS, {"bill_ids": list(bill_ids)})


async def list_chain(session: Session, row: Row) -> Sequence[Row]:
    """A receipt with everything it replaced and was replaced by, in that order."""
    return await session.all(_REPLACING, {"payment_id": row.payment_id, "bill_id": row.bill_id, "ticket": row.ticket})


async def set_status(session: Session, receipt_id: UUID, status: str, **more: object) -> None:
    """A receipt's next state."""
    await session.execute(update(receipt).where(receipt.c.id == receipt_id).values(status=status, **more))


async def list_statuses(session: Session, receipt_ids: Sequence[UUID]) -> Sequence[Row]:
    """How some receipts stand."""
    return await session.all(select(receipt.c.id, receipt.c.status, receipt.c.number).where(receipt.c.id.in_(list(receipt_ids))))
