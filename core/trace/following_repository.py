"""The money behind a number, inside the platform: payments first, then everything that hangs on them in one statement.

Each list leaves the database as one JSON text: few round trips, and no row is looked up but by an index.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
from sqlalchemy import text

from core.database import Row, Session
from core.trace.schemas import (
    AuditEntry,
    Bill,
    CounterEntry,
    Notice,
    Order,
    OrderShare,
    Payment,
    Placement,
    Receipt,
    RefundPart,
    Suspense,
)

MOST = 200
"""Rows of a kind that one page shows; a bill paid in more instalments than this is told in its own list."""


def as_json(sql: str) -> str:
    """A list as one JSON text."""
    return f"(SELECT coalesce(jsonb_agg(to_jsonb(x)), '[]'::jsonb)::text FROM ({sql} LIMIT {MOST}) x)"


def decoded(row: Row, shapes: Mapping[str, type]) -> dict[str, list]:
    """Those lists again, as structs."""
    return {name: msgspec.json.decode(getattr(row, name), type=list[shape]) for name, shape in shapes.items()}


_PAYMENTS = text("""
    WITH wanted AS MATERIALIZED (
        SELECT y.id FROM core.payment y WHERE y.id = ANY(CAST(:payment_ids AS uuid[]))
        UNION SELECT y.id FROM core.payment y WHERE y.order_number = ANY(CAST(:order_numbers AS text[]))
        UNION SELECT a.payment_id FROM core.allocation a WHERE a.bill_id = ANY(CAST(:bill_ids AS uuid[]))
        UNION SELECT i.payment_id FROM core.refund_item i WHERE i.refund_id = ANY(CAST(:refund_ids AS uuid[]))
        UNION SELECT i.payment_id FROM core.refund_item i WHERE i.number = ANY(CAST(:refund_numbers AS text[]))
        UNION SELECT s.payment_id FROM core.suspense_item s WHERE s.id = ANY(CAST(:suspense_ids AS uuid[])))
    SELECT y.id, y.order_number, y.channel, y.mchid, y.channel_txn_id, y.scene, y.amount_fen, y.refunded_fen, y.held_fen, y.journal_id,
           y.paid_at, y.booked_at
    FROM (SELECT id FROM wanted WHERE id IS NOT NULL LIMIT 200) w CROSS JOIN LATERAL (SELECT * FROM core.payment p WHERE p.id = w.id OFFSET 0) y
    ORDER BY y.booked_at, y.id
""")

_ORDERS = """
    SELECT o.number, o.channel, o.mchid, o.scene, o.description, o.amount_fen, o.status, o.channel_txn_id, o.last_error, o.queries,
           o.created_at, o.decided_at
    FROM core.payment_order o WHERE o.number = ANY(CAST(:order_numbers AS text[])) ORDER BY o.created_at"""
_SHARES = """
    SELECT o.number AS order_number, i.bill_id, i.amount_fen
    FROM core.payment_order o JOIN core.payment_order_item i ON i.order_id = o.id
    WHERE o.number = ANY(CAST(:order_numbers AS text[])) ORDER BY o.number, i.position"""
_BILLS = """
    SELECT b.id, b.number, b.title, b.period, b.status, b.org_id, b.amount_fen, b.paid_fen, b.refunded_fen, b.due_on, b.issued_at,
           p.name || ' ' || p.number AS party
    FROM (SELECT unnest(CAST(:bill_ids AS uuid[])) AS id
          UNION SELECT a.bill_id FROM core.allocation a WHERE a.payment_id = ANY(CAST(:payment_ids AS uuid[])) AND a.bill_id IS NOT NULL
          UNION SELECT i.bill_id FROM core.payment_order o JOIN core.payment_order_item i ON i.order_id = o.id
                WHERE o.number = ANY(CAST(:order_numbers AS text[]))) w
    CROSS JOIN LATERAL (SELECT * FROM core.bill f WHERE f.id = w.id OFFSET 0) b
    JOIN core.party p ON p.id = b.party_id ORDER BY b.number"""
_PLACEMENTS = """
    SELECT a.payment_id, a.kind, a.bill_id, b.number AS bill_number, a.line_no, l.item_name AS item, m.name AS merchant, b.org_id,
           a.amount_fen, a.journal_id, a.allocated_at
    FROM core.allocation a
    LEFT JOIN core.bill b ON b.id = a.bill_id
    LEFT JOIN core.bill_line l ON l.bill_id = a.bill_id AND l.line_no = a.line_no
    LEFT JOIN core.merchant m ON m.id = l.merchant_id
    WHERE a.payment_id = ANY(CAST(:payment_ids AS uuid[])) ORDER BY a.allocated_at, b.number, a.line_no, a.id"""
_REFUNDS = """
    SELECT i.id, i.refund_id, r.number AS refund_number, i.number, i.payment_id, i.attempt, i.channel, i.amount_fen, i.state, i.reference,
           i.error, i.journal_id, i.transfer IS NOT NULL AS by_hand, i.created_at, i.sent_at, i.finished_at, r.reason, r.status, r.source,
           r.org_id, r.requested_by, r.created_at AS requested_at, r.approved_by, r.approved_at
    FROM core.refund_item i JOIN core.refund r ON r.id = i.refund_id
    WHERE i.payment_id = ANY(CAST(:payment_ids AS uuid[])) ORDER BY i.created_at, i.number"""
_RECEIPTS = """
    SELECT t.id, t.number, t.kind, t.ticket, t.status, t.amount_fen, t.payment_id, t.bill_id, b.number AS bill_number, b.org_id, t.issued_at,
           t.created_at
    FROM core.receipt t JOIN core.bill b ON b.id = t.bill_id
    WHERE t.payment_id = ANY(CAST(:payment_ids AS uuid[])) ORDER BY t.created_at, t.sequence"""
_SUSPENSE = """
    SELECT s.id, s.payment_id, s.reason, s.status, s.amount_fen, s.left_fen, s.resolution, s.resolved_by, s.resolved_at, s.created_at
    FROM core.suspense_item s WHERE s.key = ANY(CAST(:suspense_keys AS text[])) ORDER BY s.created_at"""
_NOTICES = """
    SELECT n.order_number, n.outcome, n.received_at FROM core.channel_notice n
    WHERE n.order_number = ANY(CAST(:order_numbers AS text[])) ORDER BY n.received_at"""
_COUNTER = """
    SELECT e.number, e.payment_id, e.kind, e.amount_fen, e.entered_by, e.entered_at, e.shift_id, s.status AS shift_status, s."window",
           s.accepted_by, s.accepted_at
    FROM core.counter_entry e LEFT JOIN core.cashier_shift s ON s.id = e.shift_id
    WHERE e.payment_id = ANY(CAST(:payment_ids AS uuid[])) ORDER BY e.entered_at"""

_SHAPES = {
    "orders": Order, "shares": OrderShare, "bills": Bill, "placements": Placement, "refunds": RefundPart, "receipts": Receipt,
    "suspense": Suspense, "notices": Notice, "counter": CounterEntry,
}  # fmt: skip
_LISTS = {
    "orders": _ORDERS, "shares": _SHARES, "bills": _BILLS, "placements": _PLACEMENTS, "refunds": _REFUNDS, "receipts": _RECEIPTS,
    "suspense": _SUSPENSE, "notices": _NOTICES, "counter": _COUNTER,
}  # fmt: skip
_AROUND = text("SELECT " + ",\n".join(f"{as_json(sql)} AS {name}" for name, sql in _LISTS.items()))

_JOURNALS = text("""
    SELECT j.id FROM core.ledger_journal j WHERE j.biz_type = 'payment' AND j.biz_id = ANY(CAST(:payments AS text[]))
    UNION SELECT j.id FROM core.ledger_journal j WHERE j.biz_type = 'refund' AND j.biz_id = ANY(CAST(:refunds AS text[]))
    UNION SELECT j.id FROM core.ledger_journal j WHERE j.biz_type = 'arrival' AND j.biz_id = ANY(CAST(:arrivals AS text[]))
    UNION SELECT j.id FROM core.ledger_journal j WHERE j.biz_type = 'settlement' AND j.biz_id = ANY(CAST(:batches AS text[]))
    UNION SELECT j.id FROM core.ledger_journal j WHERE j.reverses_id = ANY(CAST(:known AS uuid[]))
    UNION SELECT unnest(CAST(:known AS uuid[])) LIMIT 200
""")

_AUDIT = text(
    "SELECT "
    + as_json("""
    SELECT a.at, a.actor_name, a.action, a.object_type, a.reason, a.after FROM core.audit_log a
    JOIN unnest(CAST(:types AS text[]), CAST(:ids AS text[])) AS w(object_type, object_id)
      ON w.object_type = a.object_type AND w.object_id = a.object_id
    ORDER BY a.at, a.id""")
    + " AS audit"
)


async def find_payments(session: Session, seeds: Mapping[str, Sequence[object]]) -> list[Payment]:
    """The payments that some bills, orders, refunds or suspense items are about, the oldest first."""
    rows = await session.all(_PAYMENTS, {name: list(found) for name, found in seeds.items()})
    return [Payment(**{name: getattr(row, name) for name in Payment.__struct_fields__}) for row in rows]


async def around(session: Session, payment_ids: Sequence[UUID], order_numbers: Sequence[str], bill_ids: Sequence[UUID]) -> dict[str, list]:
    """Orders, bills, placements, refunds, receipts, suspense items, notices and counter entries of some payments, by name."""
    values = {
        "payment_ids": list(payment_ids), "order_numbers": list(order_numbers), "bill_ids": list(bill_ids),
        "suspense_keys": [f"payment:{payment_id}" for payment_id in payment_ids],
    }  # fmt: skip
    return decoded(await session.one(_AROUND, values), _SHAPES)


async def list_journal_ids(session: Session, about: Mapping[str, Sequence[UUID]], known: Sequence[UUID]) -> list[UUID]:
    """The journals about some `payments`, `refunds`, `arrivals` and `batches`, those known already, and what reversed them."""
    values = {name: [str(each) for each in found] for name, found in about.items()}
    return [row.id for row in await session.all(_JOURNALS, {**values, "known": list(known)})]


async def list_audit(session: Session, objects: Sequence[tuple[str, str]]) -> list[AuditEntry]:
    """What people did to some objects, the oldest first."""
    values = {"types": [kind for kind, _ in objects], "ids": [object_id for _, object_id in objects]}
    return decoded(await session.one(_AUDIT, values), {"audit": AuditEntry})["audit"]
