"""What breaks an invariant of refunds (domain book §2.2, architecture §11.3); `banyan audit` asks, sound books answer with empty lists."""

from sqlalchemy import text

from core.database import Row, Session
from core.refunds.states import COUNTS, OPEN

_QUESTIONS = {
    "payment_holds_are_its_open_items": text("""
        SELECT p.channel_txn_id, p.held_fen, coalesce(i.fen, 0) AS items_fen FROM core.payment p
        LEFT JOIN (SELECT payment_id, sum(amount_fen) AS fen FROM core.refund_item
                   WHERE state = ANY(:open) AND journal_id IS NULL GROUP BY payment_id) i ON i.payment_id = p.id
        WHERE p.held_fen <> coalesce(i.fen, 0)
    """),
    "payment_refunds_are_its_booked_items": text("""
        SELECT p.channel_txn_id, p.refunded_fen, coalesce(i.fen, 0) AS items_fen FROM core.payment p
        LEFT JOIN (SELECT payment_id, sum(amount_fen) AS fen FROM core.refund_item
                   WHERE state = ANY(:counts) AND journal_id IS NOT NULL GROUP BY payment_id) i ON i.payment_id = p.id
        WHERE p.refunded_fen <> coalesce(i.fen, 0)
    """),
    "bill_refunds_are_its_booked_parts": text("""
        SELECT b.number, b.refunded_fen, coalesce(i.fen, 0) AS items_fen FROM core.bill b
        LEFT JOIN (SELECT p.bill_id, sum(p.amount_fen) AS fen FROM core.refund_part p JOIN core.refund_item i ON i.id = p.item_id
                   WHERE i.state = ANY(:counts) AND i.journal_id IS NOT NULL AND p.kind = 'bill' GROUP BY p.bill_id) i ON i.bill_id = b.id
        WHERE b.refunded_fen <> coalesce(i.fen, 0)
    """),
    "item_is_the_sum_of_its_parts": text("""
        SELECT i.number, i.amount_fen, coalesce(sum(p.amount_fen), 0) AS parts_fen
        FROM core.refund_item i LEFT JOIN core.refund_part p ON p.item_id = i.id
        GROUP BY i.id, i.number, i.amount_fen HAVING i.amount_fen <> coalesce(sum(p.amount_fen), 0)
    """),
    "item_is_in_the_books": text("""
        SELECT i.number, i.state, i.amount_fen, coalesce(sum(e.amount_fen) FILTER (WHERE e.amount_fen > 0), 0) AS booked_fen
        FROM core.refund_item i LEFT JOIN core.ledger_entry e ON e.journal_id = i.journal_id
        WHERE i.journal_id IS NOT NULL GROUP BY i.id, i.number, i.state, i.amount_fen
        HAVING i.amount_fen <> coalesce(sum(e.amount_fen) FILTER (WHERE e.amount_fen > 0), 0)
    """),
    "sent_item_has_a_journal": text("""
        SELECT number, state FROM core.refund_item
        WHERE (state IN ('submitted', 'processing', 'failed', 'transferring', 'success')) AND journal_id IS NULL
           OR state IN ('held', 'closed', 'cancelled') AND journal_id IS NOT NULL
    """),
    "refund_is_its_items": text("""
        SELECT r.number, r.status, r.amount_fen, r.refunded_fen, coalesce(i.live_fen, 0) AS live_fen, coalesce(i.back_fen, 0) AS back_fen
        FROM core.refund r
        LEFT JOIN (SELECT refund_id, sum(amount_fen) FILTER (WHERE state = ANY(:counts)) AS live_fen,
                          sum(amount_fen) FILTER (WHERE state = 'success') AS back_fen
                   FROM core.refund_item GROUP BY refund_id) i ON i.refund_id = r.id
        WHERE r.refunded_fen <> coalesce(i.back_fen, 0) OR coalesce(i.live_fen, 0) > r.amount_fen
           OR (r.status IN ('approved', 'waiting_funds', 'submitted', 'processing', 'manual_transfer') AND coalesce(i.live_fen, 0) = 0)
           OR (r.status = 'success' AND coalesce(i.back_fen, 0) <> r.amount_fen)
    """),
    "batch_is_its_refunds": text("""
        SELECT b.number, b.count, b.amount_fen, count(r.id) AS refunds, coalesce(sum(r.amount_fen), 0) AS refunds_fen
        FROM core.refund_batch b LEFT JOIN core.refund r ON r.batch_id = b.id GROUP BY b.id, b.number, b.count, b.amount_fen
        HAVING b.count <> count(r.id) OR b.amount_fen <> coalesce(sum(r.amount_fen), 0)
    """),
}


async def list_faults(session: Session) -> dict[str, list[Row]]:
    """Every fault by the invariant it breaks."""
    given = {"open": list(OPEN), "counts": list(COUNTS)}
    return {
        name: list(await session.all(question, {key: given[key] for key in given if f":{key}" in str(question.text)}))
        for name, question in _QUESTIONS.items()
    }
