"""Whose number is it? One statement asks every place that keeps numbers, each by an index on equality."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session

# Every row: what was found, its id, and the number by which the money behind it is followed.
_BY_NUMBER = text("""
    SELECT 'bill' AS kind, b.id::text AS id, b.number AS name, '' AS follow, b.amount_fen, b.issued_at AS at
    FROM core.bill b WHERE b.number = :typed
    UNION ALL
    SELECT 'bill', b.id::text, b.number, '', b.amount_fen, b.issued_at FROM core.bill b WHERE b.pay_code = :typed
    UNION ALL
    SELECT 'order', o.number, o.number, o.number, o.amount_fen, o.created_at FROM core.payment_order o WHERE o.number = :typed
    UNION ALL
    SELECT 'payment', y.id::text, y.channel_txn_id, y.order_number, y.amount_fen, y.paid_at
    FROM core.payment y WHERE y.channel = ANY(CAST(:channels AS text[])) AND y.channel_txn_id = ANY(CAST(:forms AS text[]))
    UNION ALL
    SELECT 'payment', y.id::text, y.channel_txn_id, y.order_number, y.amount_fen, y.paid_at
    FROM core.payment y WHERE y.order_number = :typed
    UNION ALL
    SELECT 'payment', y.id::text, e.number, y.order_number, y.amount_fen, y.paid_at
    FROM core.counter_entry e JOIN core.payment y ON y.id = e.payment_id WHERE e.number = :typed
    UNION ALL
    SELECT 'refund', r.id::text, r.number, '', r.amount_fen, r.created_at FROM core.refund r WHERE r.number = :typed
    UNION ALL
    SELECT 'refund', i.refund_id::text, i.number, i.number, i.amount_fen, i.created_at FROM core.refund_item i WHERE i.number = :typed
    UNION ALL
    SELECT 'refund', i.refund_id::text, i.reference, i.number, i.amount_fen, i.created_at
    FROM core.refund_item i WHERE i.reference = ANY(CAST(:forms AS text[]))
    UNION ALL
    SELECT 'receipt', t.id::text, t.number, t.payment_id::text, t.amount_fen, t.created_at
    FROM core.receipt t WHERE t.year = CAST(:year AS int) AND t.seq = CAST(:seq AS int) AND t.number = :typed
    UNION ALL
    SELECT 'difference', d.id::text, d.code, d.kind || ':' || d.number, d.amount_fen, d.created_at
    FROM core.recon_difference d WHERE d.code = :typed
    UNION ALL
    SELECT 'batch', s.id::text, s.number, '', s.pay_fen, s.created_at FROM core.settlement_batch s WHERE s.number = :typed
    UNION ALL
    SELECT 'payout', p.batch_id::text, p.number, '', p.amount_fen, p.created_at FROM core.payout p WHERE p.number = :typed
    UNION ALL
    SELECT 'payout', p.batch_id::text, p.number, '', p.amount_fen, p.created_at
    FROM core.payout p WHERE p.bank_serial = ANY(CAST(:forms AS text[]))
    UNION ALL
    SELECT 'arrival', a.id::text, coalesce(a.bank_serial, ''), '', a.arrived_fen, a.created_at
    FROM core.channel_arrival a WHERE a.bank_serial = ANY(CAST(:forms AS text[]))
    UNION ALL
    SELECT 'arrival', e.arrival_id::text, e.serial, '', e.amount_fen, e.booked_at
    FROM core.bank_entry e WHERE e.serial = ANY(CAST(:forms AS text[])) AND e.arrival_id IS NOT NULL
    UNION ALL
    SELECT 'arrival', g.arrival_id::text, e.serial, '', g.amount_fen, e.booked_at
    FROM core.bank_entry e JOIN core.bank_assignment_part g ON g.assignment_id = e.assignment_id WHERE e.serial = ANY(CAST(:forms AS text[]))
    UNION ALL
    SELECT 'payout', p.batch_id::text, p.number, '', p.amount_fen, e.booked_at
    FROM core.bank_entry e JOIN core.payout p ON p.id = e.payout_id WHERE e.serial = ANY(CAST(:forms AS text[]))
    UNION ALL
    SELECT 'journal', j.id::text, j.key, j.biz_type || ':' || j.biz_id, 0, j.posted_at
    FROM core.ledger_journal j WHERE j.key = ANY(CAST(:forms AS text[]))
    UNION ALL
    (SELECT 'line', l.statement_id || '/' || l.row_no, l.number, l.kind || ':' || l.number, l.amount_fen, l.happened_at
     FROM core.statement_line l WHERE l.number = ANY(CAST(:forms AS text[])) LIMIT :most)
    UNION ALL
    (SELECT 'line', l.statement_id || '/' || l.row_no, l.number, l.kind || ':' || l.number, l.amount_fen, l.happened_at
     FROM core.statement_line l WHERE l.channel_number = ANY(CAST(:forms AS text[])) LIMIT :most)
    UNION ALL
    (SELECT 'line', l.statement_id || '/' || l.row_no, l.number, l.kind || ':' || l.number, l.amount_fen, l.happened_at
     FROM core.statement_line l WHERE l.serial = ANY(CAST(:forms AS text[])) LIMIT :most)
""")

_BY_ID = text("""
    SELECT 'payment' AS kind, y.id::text AS id, y.channel_txn_id AS name, y.order_number AS follow, y.amount_fen, y.paid_at AS at
    FROM core.payment y WHERE y.id = :id
    UNION ALL
    SELECT 'bill', b.id::text, b.number, '', b.amount_fen, b.issued_at FROM core.bill b WHERE b.id = :id
    UNION ALL
    SELECT 'refund', r.id::text, r.number, '', r.amount_fen, r.created_at FROM core.refund r WHERE r.id = :id
    UNION ALL
    SELECT 'refund', i.refund_id::text, i.number, i.number, i.amount_fen, i.created_at FROM core.refund_item i WHERE i.id = :id
    UNION ALL
    SELECT 'receipt', t.id::text, coalesce(t.number, ''), t.payment_id::text, t.amount_fen, t.created_at FROM core.receipt t WHERE t.id = :id
    UNION ALL
    SELECT 'difference', d.id::text, d.code, d.kind || ':' || d.number, d.amount_fen, d.created_at
    FROM core.recon_difference d WHERE d.id = :id
    UNION ALL
    SELECT 'batch', s.id::text, s.number, '', s.pay_fen, s.created_at FROM core.settlement_batch s WHERE s.id = :id
    UNION ALL
    SELECT 'arrival', a.id::text, coalesce(a.bank_serial, ''), '', a.arrived_fen, a.created_at FROM core.channel_arrival a WHERE a.id = :id
    UNION ALL
    SELECT 'journal', j.id::text, j.key, j.biz_type || ':' || j.biz_id, 0, j.posted_at FROM core.ledger_journal j WHERE j.id = :id
""")

_LINE = text("""
    SELECT 'line' AS kind, l.statement_id || '/' || l.row_no AS id, l.number AS name, l.kind || ':' || l.number AS follow, l.amount_fen,
           l.happened_at AS at
    FROM core.statement_line l WHERE l.statement_id = :statement_id AND l.row_no = :row_no
""")
MOST = 20


async def find(session: Session, typed: str, forms: Sequence[str], channels: Sequence[str], receipt: tuple[int, int]) -> Sequence[Row]:
    """Everything that has this number; `forms` are its other spellings, `receipt` its year and place if it may be a receipt's."""
    year, seq = receipt
    values = {"typed": typed, "forms": list(forms), "channels": list(channels), "year": year, "seq": seq, "most": MOST}
    return await session.all(_BY_NUMBER, values)


async def find_id(session: Session, given: UUID) -> Sequence[Row]:
    """Everything that has this id."""
    return await session.all(_BY_ID, {"id": given})


async def find_line(session: Session, statement_id: UUID, row_no: int) -> Sequence[Row]:
    """One line of a statement."""
    return await session.all(_LINE, {"statement_id": statement_id, "row_no": row_no})
