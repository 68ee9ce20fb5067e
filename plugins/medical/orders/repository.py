"""Every query about orders."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import text, update

from core.database import Row, Session
from core.database.tables import encode_json
from plugins.medical.orders.models import order
from plugins.medical.orders.states import ORDER

UNPAID = ORDER.sources("paid")
WITHDRAWABLE = ORDER.sources("cancelled")

_READ = """
    SELECT o.*, p.number AS patient_no, p.name AS patient_name, w.app_id, w.name AS vendor_name, v.visit_no, coalesce(u.name, '') AS department,
           b.number AS bill_number, b.pay_code, b.status AS bill_status, b.paid_fen AS bill_paid_fen
    FROM medical.med_order o
    JOIN core.party p ON p.tenant_id = o.tenant_id AND p.id = o.patient_id
    LEFT JOIN medical.vendor w ON w.tenant_id = o.tenant_id AND w.id = o.vendor_id
    LEFT JOIN medical.visit v ON v.tenant_id = o.tenant_id AND v.id = o.visit_id
    LEFT JOIN core.org_unit u ON u.tenant_id = o.tenant_id AND u.id = o.department_id
    LEFT JOIN core.bill b ON b.tenant_id = o.tenant_id AND b.id = o.bill_id
"""
_COLUMNS = (
    "id number his_bill_no vendor_id vendor_order_no patient_id visit_id department_id scene kind title items_sealed categories total_fen fund_fen"
    " account_fen mutual_aid_fen hospital_fen cash_fen status body_hash"
).split()
_ADD = text(f"""
    INSERT INTO medical.med_order ({", ".join(_COLUMNS)})
    VALUES ({", ".join(f":{name}" if name != "categories" else "CAST(:categories AS jsonb)" for name in _COLUMNS)})
    ON CONFLICT DO NOTHING RETURNING id
""")
_LINK_BILL = text("""
    UPDATE medical.med_order SET bill_id = (SELECT id FROM core.bill WHERE source = :source AND party_id = :patient_id AND status <> 'void')
    WHERE id = :id
""")
_MERCHANT = text("SELECT id FROM core.merchant WHERE code = :code AND status = 'active'")
_FIND = text(f"{_READ} WHERE o.number = :number AND (CAST(:vendor_id AS uuid) IS NULL OR o.vendor_id = :vendor_id)")
_BY_BILLS = text(f"{_READ} WHERE o.bill_id = ANY(CAST(:ids AS uuid[])) ORDER BY o.id")
_OF_PATIENTS = text(f"""{_READ} WHERE o.patient_id = ANY(CAST(:ids AS uuid[])) AND (CAST(:before AS uuid) IS NULL OR o.id < :before)
    ORDER BY o.id DESC LIMIT :limit""")
_SAME = text("""
    SELECT * FROM medical.med_order
    WHERE his_bill_no = :his_bill_no OR (vendor_id = CAST(:vendor_id AS uuid) AND vendor_order_no = CAST(:vendor_order_no AS text)) ORDER BY id
""")
_LOCK = text("SELECT id FROM medical.med_order WHERE number = :number FOR UPDATE")
_UNITS = text("""
    SELECT a.kind, a.name FROM core.org_unit a
    WHERE (CAST(:id AS uuid) IS NOT NULL AND a.path @> (SELECT path FROM core.org_unit WHERE id = :id) AND a.kind IN ('hospital', 'department'))
       OR (CAST(:id AS uuid) IS NULL AND a.kind = 'hospital' AND (SELECT count(*) FROM core.org_unit WHERE kind = 'hospital') = 1)
""")
_PAID = """
    UPDATE medical.med_order o SET status = 'paid', post_at = CAST(:post_at AS timestamptz), paid_at = coalesce(
        (SELECT max(y.paid_at) FROM core.allocation a JOIN core.payment y ON y.id = a.payment_id WHERE a.bill_id = o.bill_id AND a.amount_fen > 0), :now)
    FROM core.bill b
    WHERE b.tenant_id = o.tenant_id AND b.id = o.bill_id AND b.paid_fen >= b.amount_fen AND b.status NOT IN ('void', 'written_off')
      AND o.status = ANY(CAST(:unpaid AS text[])) AND {which}
    RETURNING o.*
"""
_SETTLED = text(_PAID.format(which="o.bill_id = ANY(CAST(:ids AS uuid[]))"))
_CATCH_UP = text(_PAID.format(which="o.status = 'awaiting_payment'"))
_VOIDED = text("""
    SELECT b.id FROM medical.med_order o JOIN core.bill b ON b.tenant_id = o.tenant_id AND b.id = o.bill_id AND b.status = 'void'
    WHERE o.status = 'awaiting_payment' ORDER BY b.id LIMIT :limit
""")
_WITHDRAWN = text("""
    UPDATE medical.med_order o SET status = 'cancelled' FROM medical.med_order w
    WHERE w.tenant_id = o.tenant_id AND w.id = o.id AND o.bill_id = ANY(CAST(:ids AS uuid[])) AND o.status = ANY(CAST(:sources AS text[]))
    RETURNING o.id, w.status AS before
""")
_WHERE = """
    WHERE (CAST(:vendor_id AS uuid) IS NULL OR o.vendor_id = :vendor_id) AND (CAST(:status AS text) = '' OR o.status = :status)
      AND (CAST(:kind AS text) = '' OR o.kind = :kind) AND (CAST(:scene AS text) = '' OR o.scene = :scene)
      AND (CAST(:department_ids AS uuid[]) IS NULL OR o.department_id = ANY(:department_ids))
      AND (CAST(:start AS timestamptz) IS NULL OR o.created_at >= :start) AND (CAST(:until AS timestamptz) IS NULL OR o.created_at < :until)
      AND (CAST(:typed AS text) = '' OR o.number = :typed OR o.his_bill_no = :typed OR o.vendor_order_no = :typed OR p.number = :typed
           OR v.visit_no = :typed OR b.number = :typed OR b.pay_code = :typed OR p.name = :typed)
"""
_PAGE = text(f"{_READ} {_WHERE} AND (CAST(:before AS uuid) IS NULL OR o.id < :before) ORDER BY o.id DESC LIMIT :limit")
_SUMS = text(f"""
    SELECT count(*) AS orders, coalesce(sum(total_fen), 0)::bigint AS total_fen, coalesce(sum(cash_fen), 0)::bigint AS cash_fen
    FROM ({_READ} {_WHERE}) q
""")
_TRADES = text("""
    SELECT t.number, t.channel, t.scene, t.status, t.amount_fen, t.created_at, t.decided_at, t.last_error, y.id AS payment_id, y.paid_at,
           s.id AS suspense_id, coalesce(s.left_fen, 0) AS suspense_fen, s.reason AS suspense_reason
    FROM core.payment_order_item l
    JOIN core.payment_order t ON t.id = l.order_id
    LEFT JOIN core.payment y ON y.order_number = t.number
    LEFT JOIN core.suspense_item s ON s.payment_id = y.id
    WHERE l.bill_id = :bill_id ORDER BY t.created_at DESC, t.id DESC LIMIT 100
""")


async def add(session: Session, row: Mapping[str, object]) -> bool:
    """Write an order; False when one of its numbers is taken (another request may have come first: its transaction is waited for)."""
    return await session.one_or_none(_ADD, {**row, "categories": encode_json(row["categories"])}) is not None


async def find_same(session: Session, his_bill_no: str, vendor_id: UUID | None, vendor_order_no: str | None) -> Sequence[Row]:
    """The orders that have one of these numbers."""
    return await session.all(_SAME, {"his_bill_no": his_bill_no, "vendor_id": vendor_id, "vendor_order_no": vendor_order_no})


async def find(session: Session, number: str, vendor_id: UUID | None = None) -> Row | None:
    """One order with patient, vendor, visit, department and bill; of a vendor only its own."""
    return await session.one_or_none(_FIND, {"number": number, "vendor_id": vendor_id})


async def lock(session: Session, number: str) -> bool:
    """Hold an order until the transaction ends; False when there is none."""
    return await session.one_or_none(_LOCK, {"number": number}) is not None


async def change(session: Session, order_id: UUID, **values: object) -> None:
    """Change an order."""
    await session.execute(update(order).where(order.c.id == order_id).values(**values))


async def list_by_bills(session: Session, bill_ids: Sequence[UUID]) -> Sequence[Row]:
    """The orders behind some bills."""
    return await session.all(_BY_BILLS, {"ids": list(bill_ids)})


async def list_of_patients(session: Session, patient_ids: Sequence[UUID], before: UUID | None, limit: int) -> Sequence[Row]:
    """The orders of some patients, the newest first."""
    return await session.all(_OF_PATIENTS, {"ids": list(patient_ids), "before": before, "limit": limit})


async def list_page(session: Session, asked: Mapping[str, object], before: UUID | None, limit: int) -> Sequence[Row]:
    """Orders, the newest first."""
    return await session.all(_PAGE, {**asked, "before": before, "limit": limit})


async def sums(session: Session, asked: Mapping[str, object]) -> Row:
    """How many orders and fen the filter means."""
    return await session.one(_SUMS, dict(asked))


async def list_trades(session: Session, bill_id: UUID) -> Sequence[Row]:
    """Everything that was tried to pay a bill, the newest first, with money that came too late and where it lies."""
    return await session.all(_TRADES, {"bill_id": bill_id})


async def settle(session: Session, bill_ids: Sequence[UUID], now: dt.datetime, post_at: dt.datetime | None) -> Sequence[Row]:
    """Orders whose bills are paid in full become paid; answers those that were not before."""
    return await session.all(_SETTLED, {"ids": list(bill_ids), "now": now, "post_at": post_at, "unpaid": UNPAID})


async def settle_all(session: Session, now: dt.datetime, post_at: dt.datetime | None) -> Sequence[Row]:
    """The same for every order that waits."""
    return await session.all(_CATCH_UP, {"now": now, "post_at": post_at, "unpaid": UNPAID})


async def list_voided(session: Session, limit: int) -> list[UUID]:
    """The bills that are void though their order waits."""
    return [row.id for row in await session.all(_VOIDED, {"limit": limit})]


async def withdraw(session: Session, bill_ids: Sequence[UUID]) -> Sequence[Row]:
    """Withdraw the orders of some bills, where that may still be; answers them with the state they had."""
    return await session.all(_WITHDRAWN, {"ids": list(bill_ids), "sources": WITHDRAWABLE})


async def link_bill(session: Session, order_id: UUID, patient_id: UUID, source: str) -> None:
    """An order's bill is the one that was issued to its patient under this source."""
    await session.run(_LINK_BILL, {"id": order_id, "patient_id": patient_id, "source": source})


async def place_words(session: Session, department_id: UUID | None) -> dict[str, str]:
    """The names of the hospital and the department, by kind; without a department the hospital's where there is only one."""
    return {row.kind: row.name for row in await session.all(_UNITS, {"id": department_id})}


async def find_merchant(session: Session, code: str) -> UUID | None:
    """The merchant of a code that collects."""
    return await session.scalar(_MERCHANT, {"code": code})


async def wants_to_be_told(session: Session) -> bool:
    """Whether the hospital's own system is linked: paid orders are told to it."""
    return bool(await session.scalar(text("SELECT EXISTS (SELECT FROM medical.his_link WHERE open)")))
