"""What breaks an invariant of settlement (domain book §2.7); `banyan audit` asks, sound books answer with empty lists."""

from sqlalchemy import text

from core.database import Row, Session
from core.settlement.states import BOOKED

_QUESTIONS = {
    "settlement_batch_is_its_items": text("""
        SELECT b.number, b.net_fen, coalesce(s.items_fen, 0) AS items_fen, b.brought_fen, coalesce(c.fen, 0) AS carried_fen
        FROM core.settlement_batch b
        LEFT JOIN (SELECT batch_id, sum(CASE kind WHEN 'pay' THEN amount_fen - fee_fen WHEN 'refund' THEN fee_fen - amount_fen ELSE amount_fen END)
                   AS items_fen FROM core.settlement_item GROUP BY batch_id) s ON s.batch_id = b.id
        LEFT JOIN (SELECT carried_to, sum(net_fen - pay_fen) AS fen FROM core.settlement_batch WHERE carried_to IS NOT NULL GROUP BY carried_to) c
               ON c.carried_to = b.id
        WHERE b.status <> 'calculating' AND (b.brought_fen <> coalesce(c.fen, 0) OR b.net_fen <> coalesce(s.items_fen, 0) + b.brought_fen)
    """),
    "settled_payment_stays_within_its_amount": text("""
        SELECT y.order_number, y.amount_fen, sum(i.amount_fen) AS settled_fen
        FROM core.settlement_item i JOIN core.payment y ON y.id = i.payment_id WHERE i.kind = 'pay'
        GROUP BY y.id, y.order_number, y.amount_fen HAVING sum(i.amount_fen) > y.amount_fen OR sum(i.amount_fen) < 0
    """),
    "settled_refunds_stay_within_the_payment": text("""
        SELECT y.order_number, y.refunded_fen, sum(i.amount_fen) AS settled_fen
        FROM core.settlement_item i JOIN core.payment y ON y.id = i.payment_id WHERE i.kind = 'refund'
        GROUP BY y.id, y.order_number, y.refunded_fen HAVING sum(i.amount_fen) > y.refunded_fen
    """),
    "fees_given_back_stay_within_fees_taken": text("""
        SELECT payment_id, merchant_id FROM core.settlement_item WHERE kind IN ('pay', 'refund') GROUP BY payment_id, merchant_id
        HAVING coalesce(sum(fee_fen) FILTER (WHERE kind = 'refund'), 0) > greatest(coalesce(sum(fee_fen) FILTER (WHERE kind = 'pay'), 0), 0)
           AND coalesce(sum(amount_fen) FILTER (WHERE kind = 'pay'), 0) > 0
    """),
    "money_is_settled_once": text("""
        SELECT allocation_id, count(*) AS batches FROM core.settlement_item, unnest(allocations) AS allocation_id
        GROUP BY allocation_id HAVING count(*) > 1
    """),
    "settlement_item_is_its_allocations": text("""
        SELECT i.batch_id, i.number, i.amount_fen, coalesce(sum(a.amount_fen), 0) AS allocated_fen
        FROM core.settlement_item i LEFT JOIN core.allocation a ON a.id = ANY(i.allocations) WHERE i.kind IN ('pay', 'refund')
        GROUP BY i.batch_id, i.kind, i.ref_id, i.number, i.amount_fen
        HAVING i.amount_fen <> CASE i.kind WHEN 'pay' THEN coalesce(sum(a.amount_fen), 0) ELSE -coalesce(sum(a.amount_fen), 0) END
    """),
    "merchant_balance_is_what_was_not_paid_out": text("""
        WITH parts AS (
            SELECT l.merchant_id, a.amount_fen AS fen
            FROM core.allocation a JOIN core.bill_line l ON l.bill_id = a.bill_id AND l.line_no = a.line_no WHERE a.kind = 'bill'
            UNION ALL
            SELECT m.id, -e.amount_fen FROM core.ledger_journal j JOIN core.ledger_entry e ON e.journal_id = j.id
            JOIN core.ledger_account c ON c.id = e.account_id JOIN core.merchant m ON c.code = 'L.MER.' || m.code WHERE j.biz_type = 'remedy'
            UNION ALL
            SELECT s.merchant_id, s.amount_fen FROM core.settlement_adjustment s JOIN core.ledger_journal j ON j.id = s.journal_id
            WHERE j.event = 'settlement.adjustment'
            UNION ALL
            SELECT merchant_id, fee_refund_fen - fee_fen FROM core.settlement_batch WHERE fee_journal_id IS NOT NULL
            UNION ALL
            SELECT i.merchant_id, i.amount_fen FROM core.settlement_item i JOIN core.settlement_batch b ON b.id = i.batch_id
            WHERE i.kind = 'split' AND b.fee_journal_id IS NOT NULL
            UNION ALL
            SELECT r.partner_merchant_id, -i.amount_fen FROM core.settlement_item i JOIN core.settlement_batch b ON b.id = i.batch_id
            JOIN core.settlement_split r ON r.id = i.ref_id WHERE i.kind = 'split' AND b.fee_journal_id IS NOT NULL
            UNION ALL
            SELECT b.merchant_id, -p.amount_fen FROM core.payout p JOIN core.settlement_batch b ON b.id = p.batch_id
            WHERE p.status IN ('created', 'sent', 'paid')),
        owed AS (SELECT merchant_id, sum(fen) AS fen FROM parts GROUP BY merchant_id),
        booked AS (SELECT m.id AS merchant_id, -sum(e.amount_fen) AS fen FROM core.merchant m
                   JOIN core.ledger_account c ON c.code = 'L.MER.' || m.code JOIN core.ledger_entry e ON e.account_id = c.id GROUP BY m.id)
        SELECT m.code, coalesce(o.fen, 0) AS owed_fen, coalesce(b.fen, 0) AS booked_fen
        FROM core.merchant m LEFT JOIN owed o ON o.merchant_id = m.id LEFT JOIN booked b ON b.merchant_id = m.id
        WHERE coalesce(o.fen, 0) <> coalesce(b.fen, 0)
    """),
    "batch_has_the_payout_of_its_state": text("""
        SELECT b.number, b.status, b.pay_fen, sum(p.amount_fen) FILTER (WHERE p.status IN ('created', 'sent', 'paid')) AS live_fen
        FROM core.settlement_batch b LEFT JOIN core.payout p ON p.batch_id = b.id
        GROUP BY b.id, b.number, b.status, b.pay_fen
        HAVING (b.status IN ('approved', 'paying', 're_pay')
                AND coalesce(sum(p.amount_fen) FILTER (WHERE p.status IN ('created', 'sent', 'paid')), 0) <> b.pay_fen)
            OR (b.status IN ('calculating', 'pending_review', 'carried', 'returned')
                AND coalesce(sum(p.amount_fen) FILTER (WHERE p.status IN ('created', 'sent', 'paid')), 0) <> 0)
            OR coalesce(sum(p.amount_fen) FILTER (WHERE p.status IN ('created', 'sent', 'paid')), 0) > b.pay_fen
    """),
    "payout_is_in_the_books": text("""
        SELECT p.number, p.status FROM core.payout p
        LEFT JOIN core.ledger_journal j ON j.id = p.journal_id LEFT JOIN core.ledger_journal v ON v.reverses_id = j.id
        WHERE j.id IS NULL OR (v.id IS NOT NULL) <> (p.status IN ('failed', 'returned'))
    """),
    "batch_is_carried_once": text("""
        SELECT number, status FROM core.settlement_batch WHERE carried_to IS NOT NULL AND NOT (status = ANY(:booked))
    """),
}


async def list_faults(session: Session) -> dict[str, list[Row]]:
    """Every fault by the invariant it breaks."""
    given = {"booked": list(BOOKED)}
    return {
        name: list(await session.all(question, given if ":booked" in str(question.text) else {})) for name, question in _QUESTIONS.items()
    }
