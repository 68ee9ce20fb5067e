"""What breaks an invariant of billing (domain book §2.2); `banyan audit` asks, sound books answer with empty lists."""

from sqlalchemy import text

from core.database import Row, Session

_QUESTIONS = {
    "bill_paid_is_its_allocations_and_refunds": text("""
        SELECT b.number, b.paid_fen, b.refunded_fen, coalesce(sum(a.amount_fen), 0) AS allocated_fen
        FROM core.bill b LEFT JOIN core.allocation a ON a.bill_id = b.id
        GROUP BY b.id, b.number, b.paid_fen, b.refunded_fen HAVING b.paid_fen <> coalesce(sum(a.amount_fen), 0) + b.refunded_fen
    """),
    "line_paid_is_its_allocations_and_refunds": text("""
        SELECT l.bill_id, l.line_no, l.paid_fen, l.refunded_fen, coalesce(sum(a.amount_fen), 0) AS allocated_fen
        FROM core.bill_line l LEFT JOIN core.allocation a ON a.bill_id = l.bill_id AND a.line_no = l.line_no
        GROUP BY l.bill_id, l.line_no, l.paid_fen, l.refunded_fen HAVING l.paid_fen <> coalesce(sum(a.amount_fen), 0) + l.refunded_fen
    """),
    "bill_amount_is_its_chosen_lines": text("""
        SELECT b.number, b.amount_fen, coalesce(sum(l.net_fen) FILTER (WHERE l.chosen), 0) AS lines_fen
        FROM core.bill b LEFT JOIN core.bill_line l ON l.bill_id = b.id
        GROUP BY b.id, b.number, b.amount_fen HAVING b.amount_fen <> coalesce(sum(l.net_fen) FILTER (WHERE l.chosen), 0)
    """),
    "bill_status_follows_its_money": text("""
        SELECT number, status, amount_fen, paid_fen FROM core.bill
        WHERE (status = 'paid' AND paid_fen < amount_fen) OR (status = 'issued' AND paid_fen > 0)
           OR (status = 'void' AND paid_fen > 0) OR (status = 'partially_paid' AND (paid_fen = 0 OR paid_fen >= amount_fen))
           OR (status <> 'written_off' AND (refunded_fen > 0) <> (status IN ('partially_refunded', 'refunded')))
           OR (status <> 'written_off' AND refunded_fen > 0 AND (refunded_fen = paid_fen) <> (status = 'refunded'))
    """),
    "credit_is_in_the_books": text("""
        SELECT coalesce(c.code, b.code) AS account, coalesce(c.fen, 0) AS allocated_fen, coalesce(b.fen, 0) AS booked_fen
        FROM (SELECT 'L.PREPAY.' || party_id AS code, sum(amount_fen) AS fen FROM core.allocation WHERE kind = 'credit' GROUP BY party_id) c
        FULL JOIN (SELECT a.code, -sum(e.amount_fen) AS fen FROM core.ledger_account a JOIN core.ledger_entry e ON e.account_id = a.id
                   WHERE a.code LIKE 'L.PREPAY.%' GROUP BY a.code) b ON b.code = c.code
        WHERE coalesce(c.fen, 0) <> coalesce(b.fen, 0)
    """),
}


async def list_faults(session: Session) -> dict[str, list[Row]]:
    """Every fault by the invariant it breaks."""
    return {name: list(await session.all(question)) for name, question in _QUESTIONS.items()}
