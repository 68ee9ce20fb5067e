"""What breaks an invariant of arrivals and of the clearing accounts; `banyan audit` asks, sound books answer with empty lists."""

from sqlalchemy import text

from core.database import Row, Session

_QUESTIONS = {
    "arrival_is_its_bank_entries": text("""
        SELECT a.channel, a.merchant_number, a.bill_on, a.arrived_fen, coalesce(e.fen, 0) AS entries_fen
        FROM core.channel_arrival a
        LEFT JOIN (SELECT arrival_id, sum(amount_fen) AS fen FROM (
                       SELECT arrival_id, amount_fen FROM core.bank_entry WHERE status = 'matched'
                       UNION ALL SELECT p.arrival_id, p.amount_fen FROM core.bank_assignment_part p
                       JOIN core.bank_assignment g ON g.id = p.assignment_id AND g.status = 'standing') w GROUP BY arrival_id) e ON e.arrival_id = a.id
        WHERE a.arrived_fen <> coalesce(e.fen, 0)
    """),
    "arrival_is_in_the_books": text("""
        SELECT a.channel, a.merchant_number, a.bill_on, a.arrived_fen + a.fee_posted_fen AS settled_fen, coalesce(b.fen, 0) AS booked_fen
        FROM core.channel_arrival a
        LEFT JOIN (SELECT j.biz_id, c.code, -sum(e.amount_fen) AS fen
                   FROM core.ledger_journal j JOIN core.ledger_entry e ON e.journal_id = j.id JOIN core.ledger_account c ON c.id = e.account_id
                   WHERE j.event IN ('channel.settled', 'funds.assigned', 'funds.assigned.reversed') AND c.code LIKE 'A.CH.%'
                   GROUP BY j.biz_id, c.code) b
          ON b.biz_id = a.id::text AND b.code = 'A.CH.' || a.channel || '.' || a.merchant_number
        WHERE a.arrived_fen + a.fee_posted_fen <> coalesce(b.fen, 0)
    """),
    "arrival_state_is_its_amounts": text("""
        SELECT channel, merchant_number, bill_on, status, net_fen, arrived_fen FROM core.channel_arrival
        WHERE (status = 'arrived') <> (stated AND arrived_fen = net_fen) OR (status = 'missing' AND arrived_fen <> 0)
           OR (status = 'arrived' AND fee_posted_fen <> fee_fen)
    """),
    "every_bank_entry_is_something": text("""
        SELECT serial, kind, status, amount_fen FROM core.bank_entry
        WHERE (status = 'matched' AND num_nonnulls(arrival_id, payout_id, assignment_id) <> 1) OR (status <> 'matched' AND assignment_id IS NOT NULL)
           OR (status = 'suspense' AND num_nonnulls(journal_id, difference_id) <> 2) OR (status = 'withdrawn' AND num_nonnulls(arrival_id, payout_id) <> 0)
    """),
    "bank_entries_are_in_the_books": text("""
        SELECT coalesce(k.code, b.code) AS account, coalesce(k.fen, 0) AS entries_fen, coalesce(b.fen, 0) AS booked_fen
        FROM (SELECT 'A.BANK.' || account_number AS code, sum(amount_fen) AS fen FROM core.bank_entry
              WHERE (status = 'matched' AND num_nonnulls(arrival_id, assignment_id) = 1) OR status = 'suspense' GROUP BY 1) k
        FULL JOIN (SELECT c.code, sum(e.amount_fen) AS fen
                   FROM core.ledger_journal j JOIN core.ledger_entry e ON e.journal_id = j.id JOIN core.ledger_account c ON c.id = e.account_id
                   WHERE j.event IN ('channel.settled', 'funds.unexplained', 'funds.unexplained.reversed') AND c.code LIKE 'A.BANK.%'
                   GROUP BY c.code) b ON b.code = k.code
        WHERE coalesce(k.fen, 0) <> coalesce(b.fen, 0)
    """),
    "an_assignment_is_its_entry": text("""
        SELECT e.serial, e.amount_fen, g.status, coalesce(p.fen, 0) AS assigned_fen
        FROM core.bank_assignment g JOIN core.bank_entry e ON e.id = g.entry_id
        LEFT JOIN (SELECT assignment_id, sum(amount_fen) AS fen, count(*) FILTER (WHERE reversal_id IS NULL) AS open FROM core.bank_assignment_part
                   GROUP BY assignment_id) p ON p.assignment_id = g.id
        WHERE coalesce(p.fen, 0) <> e.amount_fen OR (g.status = 'standing') <> (e.assignment_id IS NOT DISTINCT FROM g.id)
           OR (g.status = 'reversed' AND p.open > 0)
    """),
    "bank_statement_is_taken_whole": text("""
        SELECT s.bill_on, s.merchant_number, l.row_no FROM core.statement s JOIN core.statement_line l ON l.statement_id = s.id
        WHERE s.source = 'bank' AND s.status = 'loaded'
          AND EXISTS (SELECT FROM core.bank_entry t WHERE t.statement_id = s.id)
          AND NOT EXISTS (SELECT FROM core.bank_entry e WHERE e.account_number = s.merchant_number AND e.serial = l.channel_number
                          AND e.amount_fen = l.net_fen AND e.status <> 'withdrawn')
    """),
}


async def list_faults(session: Session) -> dict[str, list[Row]]:
    """Every fault by the invariant it breaks."""
    return {name: list(await session.all(question)) for name, question in _QUESTIONS.items()}
