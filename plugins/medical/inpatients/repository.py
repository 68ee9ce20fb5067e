"""Stays, their payments and daily lists in the database; what a payment has left is worked out from core's bills and refunds."""

import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select, text

from core.database import Row, Session
from core.refunds.states import COUNTS, UNASKED
from plugins.medical.inpatients.models import admission, daily_list
from plugins.medical.inpatients.states import OPEN, PRESENT, SETTLED

_ADD = text("""
    INSERT INTO medical.admission (id, visit_id, patient_id, ward, bed, status) VALUES (:id, :visit_id, :patient_id, :ward, :bed, 'in_hospital')
    ON CONFLICT (tenant_id, visit_id) DO UPDATE SET ward = excluded.ward, bed = excluded.bed
    WHERE medical.admission.status = ANY(CAST(:present AS text[]))
""")
_WHOLE = """
    SELECT a.*, v.visit_no, v.began_on, v.department_id, v.doctor, p.number AS patient_no, p.name, coalesce(u.name, '') AS department,
           o.number AS discharge_order,
           coalesce((SELECT sum(l.total_fen) FROM medical.daily_list l WHERE l.admission_id = a.id), 0)::bigint AS lists_fen
    FROM medical.admission a
    JOIN medical.visit v ON v.tenant_id = a.tenant_id AND v.id = a.visit_id
    JOIN core.party p ON p.tenant_id = a.tenant_id AND p.id = a.patient_id
    LEFT JOIN core.org_unit u ON u.tenant_id = v.tenant_id AND u.id = v.department_id
    LEFT JOIN medical.med_order o ON o.tenant_id = a.tenant_id AND o.id = a.discharge_order_id
"""
_FIND = text(f"{_WHOLE} WHERE a.id = :id")
_FIND_BY_VISIT = text(f"{_WHOLE} WHERE v.visit_no = :visit_no")
_LIST_OF = text(f"{_WHOLE} WHERE a.patient_id = ANY(CAST(:patient_ids AS uuid[])) ORDER BY v.began_on DESC, a.id DESC")
_LOCK = text("SELECT * FROM medical.admission WHERE id = :id FOR NO KEY UPDATE")
_LOCK_BY_VISIT = text("""
    SELECT a.* FROM medical.admission a JOIN medical.visit v ON v.tenant_id = a.tenant_id AND v.id = a.visit_id
    WHERE v.visit_no = :visit_no FOR NO KEY UPDATE OF a
""")
_CLOSE_VISIT = text("""
    UPDATE medical.visit SET status = 'closed', discharged_on = greatest(began_on, CAST(:on AS date)) WHERE id = :visit_id AND status = 'open'
""")
_HOLD = text("""
    SELECT a.id FROM medical.admission a
    WHERE a.visit_id IN (SELECT o.visit_id FROM medical.med_order o WHERE o.bill_id = ANY(CAST(:bill_ids AS uuid[])))
    ORDER BY a.id FOR NO KEY UPDATE OF a
""")

_STANDING = """
    SELECT sum(CASE WHEN r.status = 'requested' THEN r.amount_fen ELSE
               (SELECT coalesce(sum(i.amount_fen), 0) FROM core.refund_item i WHERE i.refund_id = r.id AND i.state = ANY(CAST(:counts AS text[]))) END)
    FROM core.refund r WHERE {which} AND NOT (r.status = ANY(CAST(:unasked AS text[])))
"""
_UNASKED = [*UNASKED, "rejected", "cancelled"]
_PAYMENTS = """
    SELECT o.id AS order_id, o.visit_id, o.number, o.kind, o.scene, o.status, o.cash_fen, o.bill_id, o.created_at, coalesce(b.paid_fen, 0)::bigint AS paid_fen,
           coalesce(o.paid_at, (SELECT max(l.allocated_at) FROM core.allocation l WHERE l.bill_id = o.bill_id)) AS paid_at,
           d.id AS deposit_id, d.deposit_no, d.returns, t.id AS return_id, t.number AS return_number, t.status AS return_status, f.status AS refund_status,
           t.error AS return_error,
           coalesce(t.cash_fen, 0)::bigint AS return_fen,
           greatest(coalesce(b.paid_fen, 0) - coalesce(gone.fen, 0) - coalesce(asked.fen, 0) - coalesce(stuck.fen, 0), 0)::bigint AS left_fen
    FROM medical.med_order o
    LEFT JOIN core.bill b ON b.tenant_id = o.tenant_id AND b.id = o.bill_id
    LEFT JOIN medical.deposit d ON d.tenant_id = o.tenant_id AND d.order_id = o.id
    LEFT JOIN medical.med_return t ON t.tenant_id = d.tenant_id AND t.id = d.return_id
    LEFT JOIN core.refund f ON f.tenant_id = t.tenant_id AND f.id = t.refund_id
    LEFT JOIN LATERAL ({gone}) gone (fen) ON true
    LEFT JOIN LATERAL (SELECT sum(x.cash_fen) FROM medical.med_return x WHERE x.order_id = o.id AND x.refund_id IS NULL
                       AND x.status IN ('requested', 'insurance_reversed', 'insurance_refused')) asked (fen) ON true
    LEFT JOIN LATERAL (SELECT greatest(t.cash_fen - coalesce(({own}), 0), 0) WHERE t.status IN ('rejected', 'failed')) stuck (fen) ON true
    WHERE o.kind IN ('deposit', 'discharge')
""".format(gone=_STANDING.format(which="r.bill_id = o.bill_id"), own=_STANDING.format(which="r.id = t.refund_id"))
_LIST_PAYMENTS = text(f"{_PAYMENTS} AND o.visit_id = :visit_id ORDER BY o.created_at, o.id")
_BALANCES = text(f"""
    SELECT q.visit_id, sum(q.left_fen)::bigint AS fen
    FROM ({_PAYMENTS} AND o.visit_id = ANY(CAST(:visit_ids AS uuid[]))) q GROUP BY q.visit_id
""")

_UNEVEN = text(f"""
    SELECT v.visit_no, a.cash_fen, coalesce(sum(q.left_fen), 0)::bigint AS paid_fen
    FROM medical.admission a JOIN medical.visit v ON v.tenant_id = a.tenant_id AND v.id = a.visit_id
    LEFT JOIN ({_PAYMENTS}) q ON q.visit_id = a.visit_id
    WHERE a.status = 'closed' AND a.look_at IS NULL AND a.waits_for IS NULL
    GROUP BY v.visit_no, a.cash_fen HAVING coalesce(sum(q.left_fen), 0) <> a.cash_fen
""")

_ADD_DEPOSITS = text("""
    INSERT INTO medical.deposit (id, deposit_no, admission_id, order_id)
    SELECT * FROM unnest(CAST(:id AS uuid[]), CAST(:deposit_no AS text[]), CAST(:admission_id AS uuid[]), CAST(:order_id AS uuid[]))
    ON CONFLICT (tenant_id, order_id) DO NOTHING
""")
_SET_RETURN = text("""
    UPDATE medical.deposit SET return_id = (SELECT t.id FROM medical.med_return t WHERE t.his_refund_no = :his_refund_no), returns = returns + 1
    WHERE order_id = :order_id
""")
_FREE_RETURNS = text("""
    UPDATE medical.deposit d SET return_id = NULL FROM medical.med_return t
    WHERE t.tenant_id = d.tenant_id AND t.id = d.return_id AND d.admission_id = :admission_id AND t.status = 'rejected'
""")
_LOOK = text("""
    UPDATE medical.admission a SET look_at = :now
    WHERE a.status = ANY(CAST(:settled AS text[])) AND a.visit_id IN (
        SELECT o.visit_id FROM medical.med_order o WHERE o.kind IN ('deposit', 'discharge') AND (o.id = ANY(CAST(:order_ids AS uuid[]))
        OR o.bill_id = ANY(CAST(:bill_ids AS uuid[]))))
""")
_DUE = text("SELECT id FROM medical.admission WHERE look_at <= :now ORDER BY look_at LIMIT :limit")
_NEXT = text("SELECT min(look_at) FROM medical.admission WHERE look_at IS NOT NULL")

_PUT_LIST = text("""
    INSERT INTO medical.daily_list (admission_id, list_on, total_fen, categories, items_sealed, items, body_hash)
    VALUES (:admission_id, :list_on, :total_fen, CAST(:categories AS jsonb), :items_sealed, :items, :body_hash)
    ON CONFLICT (tenant_id, admission_id, list_on) DO UPDATE SET total_fen = excluded.total_fen, categories = excluded.categories,
        items_sealed = excluded.items_sealed, items = excluded.items, body_hash = excluded.body_hash, changed_at = now(),
        version = medical.daily_list.version + 1
""")

_PAGE = f"""
    SELECT q.* FROM ({_WHOLE}) q
    WHERE (CAST(:department AS uuid) IS NULL OR q.department_id = CAST(:department AS uuid))
      AND (CAST(:org_ids AS uuid[]) IS NULL OR q.department_id = ANY(CAST(:org_ids AS uuid[])))
      AND (CAST(:statuses AS text[]) IS NULL OR q.status = ANY(CAST(:statuses AS text[])))
      AND (:search = '' OR q.visit_no = :search OR q.patient_no = :search OR q.name LIKE :like)
      AND (CAST(:due_by AS date) IS NULL OR (q.due_on <= CAST(:due_by AS date) AND q.status = ANY(CAST(:open AS text[]))))
      AND (NOT :stuck OR q.waits_for IS NOT NULL)
      AND (CAST(:after_at AS timestamptz) IS NULL OR (q.created_at, q.id) < (CAST(:after_at AS timestamptz), CAST(:after_id AS uuid)))
    ORDER BY q.created_at DESC, q.id DESC LIMIT :limit
"""
_LIST_PAGE = text(_PAGE)
_DEPARTMENTS = text("""
    SELECT DISTINCT u.id, u.name FROM medical.visit v JOIN medical.admission a ON a.tenant_id = v.tenant_id AND a.visit_id = v.id
    JOIN core.org_unit u ON u.tenant_id = v.tenant_id AND u.id = v.department_id
    WHERE CAST(:org_ids AS uuid[]) IS NULL OR v.department_id = ANY(CAST(:org_ids AS uuid[])) ORDER BY u.name
""")
_BILL = text("""
    SELECT b.number FROM medical.med_order o JOIN core.bill b ON b.tenant_id = o.tenant_id AND b.id = o.bill_id
    WHERE o.number = :number AND b.status NOT IN ('paid', 'void')
""")
_COUNTS = text("""
    SELECT count(*) FILTER (WHERE a.status = ANY(CAST(:open AS text[])) AND a.due_on <= :today) AS due,
           count(*) FILTER (WHERE a.status = 'collecting') AS collecting,
           count(*) FILTER (WHERE a.waits_for IS NOT NULL) AS stuck,
           count(*) FILTER (WHERE a.status = ANY(CAST(:present AS text[]))) AS present
    FROM medical.admission a JOIN medical.visit v ON v.tenant_id = a.tenant_id AND v.id = a.visit_id
    WHERE CAST(:org_ids AS uuid[]) IS NULL OR v.department_id = ANY(CAST(:org_ids AS uuid[]))
""")
_KNOWN = {"counts": list(COUNTS), "unasked": _UNASKED}


async def admit(session: Session, row: Mapping[str, object]) -> None:
    """Write a stay, or another ward and bed of one that still runs."""
    await session.execute(_ADD, {**row, "present": list(PRESENT)})


async def find(session: Session, admission_id: UUID) -> Row | None:
    """One stay with patient, department and the sum of its daily lists."""
    return await session.one_or_none(_FIND, {"id": admission_id})


async def find_by_visit(session: Session, visit_no: str) -> Row | None:
    """The same by visit number."""
    return await session.one_or_none(_FIND_BY_VISIT, {"visit_no": visit_no})


async def list_of_patients(session: Session, patient_ids: Sequence[UUID]) -> Sequence[Row]:
    """The stays of some patients, the latest first."""
    return await session.all(_LIST_OF, {"patient_ids": list(patient_ids)})


async def status_of_visit(session: Session, visit_id: UUID) -> Row | None:
    """A visit's stay, bare."""
    return await session.one_or_none(select(admission).where(admission.c.visit_id == visit_id))


async def lock(session: Session, admission_id: UUID) -> Row | None:
    """One stay, held."""
    return await session.one_or_none(_LOCK, {"id": admission_id})


async def lock_by_visit(session: Session, visit_no: str) -> Row | None:
    """One stay by visit number, held."""
    return await session.one_or_none(_LOCK_BY_VISIT, {"visit_no": visit_no})


async def close_visit(session: Session, visit_id: UUID, on: dt.date) -> None:
    """The visit of a stay that is over ends with it, on the day the patient left; one that HIS has ended stays as it is."""
    await session.execute(_CLOSE_VISIT, {"visit_id": visit_id, "on": on})


async def hold(session: Session, bill_ids: Sequence[UUID]) -> None:
    """Hold the stays behind some bills, before anybody holds their orders: whoever settles a stay takes the two in this order."""
    await session.execute(_HOLD, {"bill_ids": list(bill_ids)})


async def change(session: Session, admission_id: UUID, **values: object) -> None:
    """Write columns of a stay (the caller checked the step)."""
    await session.execute(admission.update().where(admission.c.id == admission_id).values(**values))


async def list_payments(session: Session, visit_id: UUID) -> Sequence[Row]:
    """Every deposit and discharge order of a visit with what was paid, what of it is left, and its return at discharge."""
    return await session.all(_LIST_PAYMENTS, {"visit_id": visit_id, **_KNOWN})


async def balances(session: Session, visit_ids: Sequence[UUID]) -> dict[UUID, int]:
    """What is left of all that was paid for some visits, fen."""
    if not visit_ids:
        return {}
    return {row.visit_id: row.fen for row in await session.all(_BALANCES, {"visit_ids": list(visit_ids), **_KNOWN})}


async def list_uneven(session: Session) -> Sequence[Row]:
    """Closed stays for which another amount lies there than the patient's own part, and nobody says why."""
    return await session.all(_UNEVEN, _KNOWN)


async def add_deposits(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Write deposits; those of orders that have one already stay."""
    if rows:
        names = ("id", "deposit_no", "admission_id", "order_id")
        await session.execute(_ADD_DEPOSITS, {name: [row[name] for row in rows] for name in names})


async def set_return(session: Session, order_id: UUID, his_refund_no: str) -> None:
    """The return that was just made of a payment."""
    await session.execute(_SET_RETURN, {"order_id": order_id, "his_refund_no": his_refund_no})


async def free_returns(session: Session, admission_id: UUID) -> int:
    """Let go of returns that another person refused, so that they can be asked for anew; answers how many."""
    return (await session.execute(_FREE_RETURNS, {"admission_id": admission_id})).rowcount


async def look_soon(session: Session, now: dt.datetime, *, order_ids: Sequence[UUID] = (), bill_ids: Sequence[UUID] = ()) -> bool:
    """Something moved with the money of settled stays: they are to be looked at; answers whether there is one."""
    values = {"now": now, "settled": list(SETTLED), "order_ids": list(order_ids), "bill_ids": list(bill_ids)}
    return (await session.execute(_LOOK, values)).rowcount > 0


async def list_due(session: Session, now: dt.datetime, limit: int) -> list[UUID]:
    """Stays that are to be looked at now."""
    return [row.id for row in await session.all(_DUE, {"now": now, "limit": limit})]


async def next_due(session: Session) -> dt.datetime | None:
    """When the next stay is to be looked at."""
    return await session.scalar(_NEXT)


async def find_list(session: Session, admission_id: UUID, day: dt.date) -> Row | None:
    """A day's list."""
    return await session.one_or_none(select(daily_list).where(daily_list.c.admission_id == admission_id, daily_list.c.list_on == day))


async def list_lists(session: Session, admission_id: UUID) -> Sequence[Row]:
    """A stay's daily lists, the latest day first."""
    return await session.all(select(daily_list).where(daily_list.c.admission_id == admission_id).order_by(daily_list.c.list_on.desc()))


async def put_list(session: Session, row: Mapping[str, object]) -> None:
    """Write a day's list, or its next version."""
    await session.execute(_PUT_LIST, row)


async def list_page(session: Session, values: Mapping[str, object]) -> Sequence[Row]:
    """Stays, the latest admitted first, a page after a key."""
    return await session.all(_LIST_PAGE, {**values, "open": list(OPEN)})


async def list_departments(session: Session, org_ids: Sequence[UUID] | None) -> list[tuple[str, str]]:
    """The departments that have inpatients, for a filter."""
    rows = await session.all(_DEPARTMENTS, {"org_ids": list(org_ids) if org_ids is not None else None})
    return [(str(row.id), row.name) for row in rows]


async def bill_of_order(session: Session, number: str) -> str | None:
    """The number of an order's bill while it can be paid."""
    return await session.scalar(_BILL, {"number": number})


async def counts(session: Session, org_ids: Sequence[UUID] | None, today: dt.date) -> Row:
    """What waits among some departments' stays."""
    values = {"org_ids": list(org_ids) if org_ids is not None else None, "today": today}
    return await session.one(_COUNTS, {**values, "open": list(OPEN), "present": list(PRESENT)})


@contextlib.asynccontextmanager
async def attempt(session: Session) -> AsyncIterator[None]:
    """What is written inside stands or falls together, without the rest of the transaction."""
    await session.simple("SAVEPOINT part")
    try:
        yield
    except BaseException:
        await session.simple("ROLLBACK TO SAVEPOINT part")
        raise
    await session.simple("RELEASE SAVEPOINT part")
