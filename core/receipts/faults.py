"""What must hold of receipts: no gap in a year's numbers, never more receipted than was paid, red ones that match their blue ones."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from core.database import Session

_RULES = {
    "receipt_numbers_have_a_gap": """
        SELECT year, max(seq) AS newest, count(*) AS numbered FROM core.receipt WHERE seq IS NOT NULL
        GROUP BY year HAVING count(*) <> max(seq) OR min(seq) <> 1
    """,
    "receipts_exceed_payment": """
        SELECT r.payment_id, sum(r.amount_fen)::bigint AS receipted_fen, p.amount_fen AS paid_fen
        FROM core.receipt r JOIN core.payment p ON p.id = r.payment_id
        WHERE r.status <> 'voided' GROUP BY r.payment_id, p.amount_fen HAVING sum(r.amount_fen) > p.amount_fen
    """,
    "red_receipts_without_their_blue_one": """
        SELECT d.id, d.number FROM core.receipt d LEFT JOIN core.receipt r ON r.id = d.follows_id
        WHERE d.kind = 'red' AND d.status <> 'voided'
          AND (r.id IS NULL OR r.kind <> 'blue' OR r.amount_fen <> -d.amount_fen OR r.payment_id <> d.payment_id
               OR (d.status = 'issued' AND r.status <> 'red_flushed'))
    """,
    "red_flushed_without_a_red_receipt": """
        SELECT r.id, r.number FROM core.receipt r
        WHERE r.status = 'red_flushed' AND NOT EXISTS (
            SELECT FROM core.receipt d WHERE d.follows_id = r.id AND d.kind = 'red' AND d.status <> 'voided')
    """,
}


async def list_faults(session: Session) -> dict[str, Sequence[Any]]:
    """What breaks each rule; empty lists in sound books."""
    return {name: await session.all(text(sql)) for name, sql in _RULES.items()}
