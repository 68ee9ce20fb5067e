"""What departments earned, summed in the database; nobody is named."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session

_KEYS = {
    "department": "coalesce(e.department_id::text, '')",
    "day": "(e.at AT TIME ZONE 'Asia/Shanghai')::date::text",
    "kind": "e.kind",
    "scene": "e.scene",
}
BY = tuple(_KEYS)
_SUMS = """
    WITH earned AS (
        SELECT o.department_id, o.paid_at AS at, o.kind, o.scene, o.cash_fen + p.insured_fen + p.hospital_fen AS total_fen, p.insured_fen,
               p.hospital_fen, o.cash_fen, o.refunded_fen
        FROM medical.med_order o
        CROSS JOIN LATERAL (
            SELECT CASE WHEN standing THEN o.fund_fen + o.account_fen + o.mutual_aid_fen ELSE 0 END AS insured_fen,
                   CASE WHEN standing THEN o.hospital_fen ELSE 0 END AS hospital_fen
            FROM (SELECT NOT EXISTS (SELECT FROM medical.insurance_settlement s WHERE s.order_id = o.id AND s.status = 'reversed') AS standing) x) p
        WHERE o.paid_at >= :start AND o.paid_at < :until AND o.kind IN ('register', 'outpatient')
          AND o.status IN ('paid', 'posted', 'post_failed', 'partial_refund', 'refunded')
        UNION ALL
        SELECT v.department_id, a.settled_at, 'discharge', 'inpatient', a.total_fen,
               CASE WHEN s.status = 'reversed' THEN 0 ELSE coalesce(s.fund_pay_sumamt_fen + s.acct_pay_fen + s.acct_mulaid_pay_fen, 0) END,
               coalesce(s.hosp_part_amt_fen, 0), a.cash_fen, 0
        FROM medical.admission a JOIN medical.visit v ON v.tenant_id = a.tenant_id AND v.id = a.visit_id
        LEFT JOIN medical.insurance_settlement s ON s.tenant_id = a.tenant_id AND s.id = a.settlement_id
        WHERE a.settled_at >= :start AND a.settled_at < :until AND a.total_fen IS NOT NULL)
    SELECT {key} AS key, count(*) AS orders, sum(e.total_fen)::bigint AS total_fen, sum(e.insured_fen)::bigint AS insured_fen,
           sum(e.hospital_fen)::bigint AS hospital_fen, sum(e.cash_fen)::bigint AS cash_fen, sum(e.refunded_fen)::bigint AS refunded_fen
    FROM earned e
    WHERE (CAST(:department_ids AS uuid[]) IS NULL OR e.department_id = ANY(:department_ids))
      AND (CAST(:kind AS text) = '' OR e.kind = :kind) AND (CAST(:scene AS text) = '' OR e.scene = :scene)
    GROUP BY 1 ORDER BY {order}
"""
_BY = {by: text(_SUMS.format(key=key, order="1" if by == "day" else "3 DESC, 1")) for by, key in _KEYS.items()}


async def revenue(
    session: Session, by: str, start: dt.datetime, until: dt.datetime, department_ids: Sequence[UUID] | None, kind: str, scene: str
) -> Sequence[Row]:
    """What was earned in a time, by department, day, kind or scene: orders that were paid, stays that were settled.

    What the insurer took back is earned no longer; what went back of the cash stands in a column of its own. Deposits and what was collected
    at discharge are how a stay is paid, not what it earned.
    """
    asked = {"start": start, "until": until, "department_ids": department_ids, "kind": kind, "scene": scene}
    return await session.all(_BY[by], asked)
