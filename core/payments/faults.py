"""What breaks an invariant of payments (domain book §2.2); `banyan audit` asks, sound books answer with empty lists."""

from sqlalchemy import text

from core.database import Row, Session

_QUESTIONS = {
    "payment_is_its_allocations_and_refunds": text("""
        SELECT p.channel_txn_id, p.amount_fen, p.refunded_fen, coalesce(sum(a.amount_fen), 0) AS allocated_fen
        FROM core.payment p LEFT JOIN core.allocation a ON a.payment_id = p.id
             AND NOT EXISTS (SELECT FROM core.ledger_journal j WHERE j.id = a.journal_id AND j.event LIKE 'payment.succeeded.reversed%')
        GROUP BY p.id, p.channel_txn_id, p.amount_fen, p.refunded_fen
        HAVING p.amount_fen <> coalesce(sum(a.amount_fen), 0) + p.refunded_fen
    """),
    "payment_is_in_the_books": text("""
        SELECT p.channel_txn_id, p.amount_fen, coalesce(sum(e.amount_fen) FILTER (WHERE e.amount_fen > 0), 0) AS booked_fen
        FROM core.payment p LEFT JOIN core.ledger_entry e ON e.journal_id = p.journal_id
        GROUP BY p.id, p.channel_txn_id, p.amount_fen
        HAVING p.amount_fen <> coalesce(sum(e.amount_fen) FILTER (WHERE e.amount_fen > 0), 0)
    """),
    "succeeded_order_has_its_payment": text("""
        SELECT o.number, o.status FROM core.payment_order o
        WHERE (o.status = 'succeeded') <> EXISTS (SELECT FROM core.payment p WHERE p.order_id = o.id)
    """),
    "order_is_the_sum_of_its_items": text("""
        SELECT o.number, o.amount_fen, sum(i.amount_fen) AS items_fen
        FROM core.payment_order o JOIN core.payment_order_item i ON i.order_id = o.id
        GROUP BY o.id, o.number, o.amount_fen HAVING o.amount_fen <> sum(i.amount_fen)
    """),
    "suspense_is_in_the_books": text("""
        SELECT s.fen AS items_fen, b.fen AS booked_fen, a.fen AS allocated_fen
        FROM (SELECT coalesce(sum(left_fen), 0) AS fen FROM core.suspense_item WHERE payment_id IS NOT NULL) s,
             (SELECT coalesce(-sum(e.amount_fen), 0) AS fen FROM core.ledger_account c JOIN core.ledger_entry e ON e.account_id = c.id
              WHERE c.code = 'L.SUSP.LONG'
                AND NOT EXISTS (SELECT FROM core.ledger_journal j WHERE j.id = e.journal_id AND j.event ~ '^(funds|remedy)[.]')) b,
             (SELECT coalesce(sum(amount_fen), 0) AS fen FROM core.allocation WHERE kind = 'suspense') a
        WHERE s.fen <> b.fen OR a.fen <> b.fen
    """),
    "collected_is_owed_to_merchants": text("""
        SELECT coalesce(m.code, b.code) AS account, coalesce(m.fen, 0) AS allocated_fen, coalesce(b.fen, 0) AS booked_fen
        FROM (SELECT 'L.MER.' || m.code AS code, sum(a.amount_fen) AS fen
              FROM core.allocation a JOIN core.bill_line l ON l.bill_id = a.bill_id AND l.line_no = a.line_no
              JOIN core.merchant m ON m.id = l.merchant_id WHERE a.kind = 'bill' GROUP BY m.code) m
        FULL JOIN (SELECT c.code, -sum(e.amount_fen) AS fen
                   FROM core.ledger_entry e JOIN core.ledger_account c ON c.id = e.account_id
                   JOIN core.ledger_journal j ON j.id = e.journal_id
                   WHERE c.code LIKE 'L.MER.%' AND j.event ~ '^(payment|billing|suspense|refund)[.]' GROUP BY c.code) b ON b.code = m.code
        WHERE coalesce(m.fen, 0) <> coalesce(b.fen, 0)
    """),
}


async def list_faults(session: Session) -> dict[str, list[Row]]:
    """Every fault by the invariant it breaks."""
    return {name: list(await session.all(question)) for name, question in _QUESTIONS.items()}
