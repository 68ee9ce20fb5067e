"""Money that leaves bills, credit and suspense for good: the mirror of `repository.placing`. Only refunds call it."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from core import ids
from core.billing.schemas import Placement
from core.database import Write

_BACK = """
    SELECT * FROM unnest(CAST(:back_ids AS uuid[]), CAST(:back_payments AS uuid[]), CAST(:back_kinds AS text[]),
                         CAST(:back_bills AS uuid[]), CAST(:back_lines AS int[]), CAST(:back_parties AS uuid[]),
                         CAST(:back_amounts AS bigint[]))
             AS s(id, payment_id, kind, bill_id, line_no, party_id, amount_fen)
"""
_RETURNED = """
    INSERT INTO core.allocation (id, payment_id, kind, bill_id, line_no, party_id, amount_fen, journal_id, allocated_at)
    SELECT id, payment_id, kind, bill_id, line_no, party_id, -amount_fen, CAST(:back_journal AS uuid), CAST(:back_at AS timestamptz)
    FROM back RETURNING id
"""
_LINES_BACK = """
    UPDATE core.bill_line l SET refunded_fen = l.refunded_fen + part.fen
    FROM (SELECT bill_id, line_no, sum(amount_fen) AS fen FROM back WHERE kind = 'bill' GROUP BY 1, 2) part
    WHERE l.bill_id = part.bill_id AND l.line_no = part.line_no
"""
_BILLS_BACK = """
    UPDATE core.bill b
    SET refunded_fen = b.refunded_fen + total.fen, version = b.version + 1,
        status = CASE WHEN b.status IN ('void', 'written_off') THEN b.status
                      WHEN b.refunded_fen + total.fen = 0 AND b.paid_fen = 0 THEN 'issued'
                      WHEN b.refunded_fen + total.fen = 0 AND b.paid_fen >= b.amount_fen THEN 'paid'
                      WHEN b.refunded_fen + total.fen = 0 THEN 'partially_paid'
                      WHEN b.refunded_fen + total.fen = b.paid_fen THEN 'refunded'
                      ELSE 'partially_refunded' END
    FROM (SELECT bill_id, sum(amount_fen) AS fen FROM back WHERE kind = 'bill' GROUP BY bill_id) total
    WHERE b.id = total.bill_id
"""


def returning(journal_id: UUID, taken: Sequence[Placement], now: dt.datetime) -> Write:
    """Take money from where it lies; lines and bills keep what was paid and count what went back. Negative amounts put it there again."""
    values = {
        "back_ids": [ids.uuid7() for _ in taken],
        "back_payments": [each.payment_id for each in taken],
        "back_kinds": [each.kind for each in taken],
        "back_bills": [each.bill_id for each in taken],
        "back_lines": [each.line_no for each in taken],
        "back_parties": [each.party_id for each in taken],
        "back_amounts": [each.amount_fen for each in taken],
        "back_journal": journal_id,
        "back_at": now,
    }
    parts = (("back", _BACK), ("returned", _RETURNED), ("lines_back", _LINES_BACK), ("bills_back", _BILLS_BACK))
    return Write(parts, values, "returned")
