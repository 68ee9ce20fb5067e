"""What breaks an invariant between payments, refunds, arrivals and the books; `banyan audit` asks, sound books answer with empty lists."""

from sqlalchemy import text

from core.database import Row, Session

# The books of a merchant number's account, by what moved it; what each feature says it moved stands beside it.
_BOOKS = """
    SELECT c.code, coalesce(sum(e.amount_fen) FILTER (WHERE j.event LIKE 'payment.succeeded%'), 0) AS paid_fen,
           coalesce(sum(e.amount_fen) FILTER (WHERE j.event LIKE 'refund.submitted%'), 0) AS refunded_fen
    FROM core.ledger_account c JOIN core.ledger_entry e ON e.account_id = c.id JOIN core.ledger_journal j ON j.id = e.journal_id
    WHERE c.code LIKE 'A.CH.%' GROUP BY c.code
"""
_PAID = """
    SELECT 'A.CH.' || y.channel || '.' || y.mchid AS code, sum(y.amount_fen) AS fen FROM core.payment y
    WHERE NOT EXISTS (SELECT FROM core.ledger_journal v WHERE v.reverses_id = y.journal_id) GROUP BY 1
"""
_REFUNDED = """
    SELECT 'A.CH.' || y.channel || '.' || y.mchid AS code, -sum(i.amount_fen) AS fen
    FROM core.refund_item i JOIN core.payment y ON y.id = i.payment_id JOIN core.ledger_journal j ON j.id = i.journal_id
    WHERE j.event = 'refund.submitted' GROUP BY 1
"""
_QUESTIONS = {
    "channel_account_holds_its_payments": text(f"""
        SELECT coalesce(b.code, p.code) AS account, coalesce(b.paid_fen, 0) AS booked_fen, coalesce(p.fen, 0) AS paid_fen
        FROM ({_BOOKS}) b FULL JOIN ({_PAID}) p ON p.code = b.code WHERE coalesce(b.paid_fen, 0) <> coalesce(p.fen, 0)
    """),
    "channel_account_gave_its_refunds": text(f"""
        SELECT coalesce(b.code, r.code) AS account, coalesce(b.refunded_fen, 0) AS booked_fen, coalesce(r.fen, 0) AS refunded_fen
        FROM ({_BOOKS}) b FULL JOIN ({_REFUNDED}) r ON r.code = b.code WHERE coalesce(b.refunded_fen, 0) <> coalesce(r.fen, 0)
    """),
    "settled_is_not_more_than_lies_on_bills": text("""
        SELECT y.order_number, s.fen AS settled_fen, coalesce(a.fen, 0) AS allocated_fen
        FROM (SELECT i.payment_id, sum(CASE WHEN i.kind = 'refund' THEN -i.amount_fen ELSE i.amount_fen END) AS fen
              FROM core.settlement_item i WHERE i.kind IN ('pay', 'refund') GROUP BY i.payment_id) s
        JOIN core.payment y ON y.id = s.payment_id
        LEFT JOIN (SELECT payment_id, sum(amount_fen) FILTER (WHERE amount_fen > 0) AS fen FROM core.allocation WHERE kind = 'bill'
                   GROUP BY payment_id) a ON a.payment_id = s.payment_id
        WHERE s.fen > coalesce(a.fen, 0)
    """),
}


async def list_faults(session: Session) -> dict[str, list[Row]]:
    """Every fault by the invariant it breaks."""
    return {name: list(await session.all(question)) for name, question in _QUESTIONS.items()}
