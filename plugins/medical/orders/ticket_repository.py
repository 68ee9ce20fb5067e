"""What orders and their settlements say for tickets: the one query."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session

_OF_BILLS = text("""
    SELECT o.bill_id, o.his_bill_no, o.kind, o.cash_fen, p.number AS patient_no, v.visit_no, v.kind AS visit_kind, coalesce(u.name, '') AS department,
           s.status AS settled, s.fund_pay_sumamt_fen, s.acct_pay_fen, s.acct_mulaid_pay_fen, s.psn_cash_pay_fen, s.psn_part_amt_fen,
           s.fulamt_ownpay_amt_fen,
           o.cash_fen = (SELECT sum(r.amount_fen) FROM core.receipt r WHERE r.bill_id = o.bill_id AND r.status <> 'voided') AS whole
    FROM medical.med_order o
    JOIN core.party p ON p.tenant_id = o.tenant_id AND p.id = o.patient_id
    LEFT JOIN medical.visit v ON v.tenant_id = o.tenant_id AND v.id = o.visit_id
    LEFT JOIN core.org_unit u ON u.tenant_id = o.tenant_id AND u.id = o.department_id
    LEFT JOIN medical.admission a ON a.tenant_id = o.tenant_id AND a.visit_id = o.visit_id AND o.kind = 'discharge'
    LEFT JOIN LATERAL (
        SELECT t.* FROM medical.insurance_settlement t WHERE t.order_id = o.id
        UNION ALL SELECT t.* FROM medical.insurance_settlement t WHERE t.id = a.settlement_id) s ON true
    WHERE o.bill_id = ANY(CAST(:bill_ids AS uuid[])) ORDER BY o.id, s.id
""")


async def list_of_bills(session: Session, bill_ids: Sequence[UUID]) -> Sequence[Row]:
    """The orders of some bills with visit, department and settlement (a discharge's is the stay's).

    `whole` while nothing of what their tickets say was taken back.
    """
    return await session.all(_OF_BILLS, {"bill_ids": list(bill_ids)})
