"""What breaks an invariant of remedies; `banyan audit` asks, sound books answer with empty lists."""

from sqlalchemy import text

from core.database import Row, Session

_QUESTIONS = {
    "remedy_journal_has_its_amount": text("""
        SELECT r.id, r.kind, r.amount_fen, sum(e.amount_fen) FILTER (WHERE e.amount_fen > 0) AS booked_fen
        FROM core.recon_remedy r JOIN core.ledger_entry e ON e.journal_id = r.journal_id
        WHERE r.kind IN ('credit', 'chase', 'adjust', 'write_off') GROUP BY r.id, r.kind, r.amount_fen
        HAVING sum(e.amount_fen) FILTER (WHERE e.amount_fen > 0) <> r.amount_fen
    """),
    "reversed_remedy_has_its_mirror_image": text("""
        SELECT r.id, r.kind FROM core.recon_remedy r
        WHERE r.status = 'reversed' AND r.journal_id IS NOT NULL
          AND NOT EXISTS (SELECT FROM core.ledger_journal j WHERE j.id = r.reversal_id AND j.reverses_id = r.journal_id)
    """),
    "refund_remedy_is_done_when_the_money_arrived": text("""
        SELECT r.id, r.status, f.status AS refund_status FROM core.recon_remedy r JOIN core.refund f ON f.id = r.refund_id
        WHERE r.kind = 'refund' AND r.status = 'done' AND f.status <> 'success'
    """),
    "no_more_is_dealt_with_than_differs": text("""
        SELECT d.code, d.amount_fen, sum(r.amount_fen) AS done_fen
        FROM core.recon_difference d JOIN core.recon_remedy r ON r.difference_id = d.id AND r.status = 'done'
         AND r.kind IN ('book', 'credit', 'refund', 'adjust', 'write_off')
        GROUP BY d.id, d.code, d.amount_fen HAVING sum(r.amount_fen) > d.amount_fen
    """),
    "handled_difference_has_a_remedy_under_way": text("""
        SELECT d.code FROM core.recon_difference d WHERE d.status = 'handling'
          AND NOT EXISTS (SELECT FROM core.recon_remedy r WHERE r.difference_id = d.id AND r.status IN ('proposed', 'approved', 'running'))
    """),
    "remedy_batch_is_its_remedies": text("""
        SELECT b.code, b.count, b.amount_fen, count(r.id) AS remedies, coalesce(sum(r.amount_fen), 0) AS remedies_fen
        FROM core.recon_remedy_batch b LEFT JOIN core.recon_remedy r ON r.batch_id = b.id GROUP BY b.id, b.code, b.count, b.amount_fen
        HAVING b.count <> count(r.id) OR b.amount_fen <> coalesce(sum(r.amount_fen), 0)
    """),
}


async def list_faults(session: Session) -> dict[str, list[Row]]:
    """Every fault by the invariant it breaks."""
    return {name: list(await session.all(question)) for name, question in _QUESTIONS.items()}
