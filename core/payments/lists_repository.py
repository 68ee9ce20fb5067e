"""Payment orders, payments and suspense items in lists.

`reach` is the org ids the asker sees, through the bills that are paid (None: all).
"""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import Row, text

from core.database import Session

_OF_ORDER = """EXISTS (SELECT FROM core.payment_order_item i JOIN core.bill b ON b.id = i.bill_id
                       WHERE i.order_id = {order} AND b.org_id = ANY(CAST(:reach AS uuid[])))"""
ORDER_SEEN = f"(CAST(:reach AS uuid[]) IS NULL OR {_OF_ORDER.format(order='o.id')})"
PAYMENT_SEEN = """(CAST(:reach AS uuid[]) IS NULL OR EXISTS (
    SELECT FROM core.allocation a JOIN core.bill b ON b.id = a.bill_id
    WHERE a.payment_id = y.id AND b.org_id = ANY(CAST(:reach AS uuid[]))))"""
_SUSPENSE_SEEN = f"""(CAST(:reach AS uuid[]) IS NULL
    OR NOT EXISTS (SELECT FROM core.payment_order o WHERE o.number = s.facts->>'order_number')
    OR EXISTS (SELECT FROM core.payment_order o WHERE o.number = s.facts->>'order_number' AND {_OF_ORDER.format(order="o.id")}))"""
"""Money that belongs to no order is everybody's in finance to find; money of an order is theirs who see its bills."""

_BY_BILL = """SELECT {wanted} FROM {source} JOIN core.bill b ON b.id = i.bill_id JOIN core.party p ON p.id = b.party_id
              WHERE b.number = :upper OR p.number = :typed OR p.name = :typed"""

_ORDERS = text(f"""
    SELECT o.id, o.number, o.description, o.channel, o.scene, o.amount_fen, o.status, o.channel_txn_id, o.created_at, o.decided_at,
           o.last_error
    FROM core.payment_order o
    WHERE {ORDER_SEEN} AND (CAST(:before AS uuid) IS NULL OR o.id < :before) AND (:status = '' OR o.status = :status)
      AND o.created_at >= coalesce(CAST(:start AS timestamptz), '-infinity')
      AND o.created_at < coalesce(CAST(:until AS timestamptz), 'infinity')
      AND (:typed = '' OR o.number = :upper OR o.channel_txn_id = :typed
           OR o.id IN ({_BY_BILL.format(wanted="i.order_id", source="core.payment_order_item i")}))
    ORDER BY o.id DESC LIMIT :limit
""")

_ORDER = text(f"SELECT o.* FROM core.payment_order o WHERE o.number = :number AND {ORDER_SEEN}")

_ORDER_ITEMS = text("""
    SELECT i.position, i.amount_fen, b.id AS bill_id, b.number, b.title, b.org_id, p.name AS party_name, p.number AS party_number
    FROM core.payment_order_item i JOIN core.bill b ON b.id = i.bill_id JOIN core.party p ON p.id = b.party_id
    WHERE i.order_id = :order_id ORDER BY i.position
""")

_PAYMENTS_OF_ORDER = text("SELECT * FROM core.payment WHERE order_number = :number ORDER BY booked_at")

_PAID = f"""
    FROM core.payment y
    WHERE {PAYMENT_SEEN} AND (:channel = '' OR y.channel = :channel)
      AND y.paid_at >= coalesce(CAST(:start AS timestamptz), '-infinity') AND y.paid_at < coalesce(CAST(:until AS timestamptz), 'infinity')
      AND (:typed = '' OR y.order_number = :upper OR y.channel_txn_id = :typed
           OR y.id IN ({_BY_BILL.format(wanted="i.payment_id", source="core.allocation i")}))
"""
_PAYMENTS = text(f"""
    SELECT y.*, coalesce((SELECT sum(a.amount_fen) FROM core.allocation a WHERE a.payment_id = y.id AND a.kind = 'suspense'), 0)::bigint
                AS suspense_fen
    {_PAID} AND (CAST(:before AS uuid) IS NULL OR y.id < :before) ORDER BY y.id DESC LIMIT :limit
""")
_PAYMENT_SUMS = text(f"SELECT count(*) AS payments, coalesce(sum(y.amount_fen), 0)::bigint AS amount_fen {_PAID}")
_PAYMENT = text(f"SELECT y.* FROM core.payment y WHERE y.id = :payment_id AND {PAYMENT_SEEN}")

_PLACES = text("""
    SELECT a.kind, a.bill_id, a.line_no, a.party_id, sum(a.amount_fen)::bigint AS amount_fen, b.number, b.title, b.org_id, l.item_name,
           p.name AS party_name, p.number AS party_number
    FROM core.allocation a
    LEFT JOIN core.bill b ON b.id = a.bill_id
    LEFT JOIN core.bill_line l ON l.bill_id = a.bill_id AND l.line_no = a.line_no
    LEFT JOIN core.party p ON p.id = coalesce(a.party_id, b.party_id)
    WHERE a.payment_id = :payment_id
    GROUP BY a.kind, a.bill_id, a.line_no, a.party_id, b.number, b.title, b.org_id, l.item_name, p.name, p.number
    HAVING sum(a.amount_fen) <> 0 ORDER BY a.kind, b.number, a.line_no
""")
_JOURNAL_IDS = text("SELECT DISTINCT journal_id FROM core.allocation WHERE payment_id = :payment_id")
_RECEIPTS = text("""
    SELECT r.id, r.bill_id, r.number, r.status, r.amount_fen, r.issued_at, b.number AS bill_number, b.org_id
    FROM core.receipt r JOIN core.bill b ON b.id = r.bill_id WHERE r.payment_id = :payment_id ORDER BY r.created_at
""")

_SUSPENSE = text(f"""
    SELECT s.*, y.channel, y.channel_txn_id, y.paid_at, coalesce(t.payer_masked, '') AS payer
    FROM core.suspense_item s LEFT JOIN core.payment y ON y.id = s.payment_id LEFT JOIN core.bank_transfer t ON t.payment_id = s.payment_id
    WHERE {_SUSPENSE_SEEN} AND (CAST(:before AS uuid) IS NULL OR s.id < :before) AND (:status = '' OR s.status = :status)
      AND (:reason = '' OR s.reason = :reason)
    ORDER BY s.id DESC LIMIT :limit
""")
_SUSPENSE_SUMS = text(f"""
    SELECT count(*) AS items, coalesce(sum(s.left_fen), 0)::bigint AS left_fen, min(s.created_at) AS since FROM core.suspense_item s
    WHERE {_SUSPENSE_SEEN} AND s.status = 'open'
""")
_SUSPENSE_ITEM = text(f"""
    SELECT s.*, y.channel, y.channel_txn_id, y.paid_at, coalesce(t.payer_masked, '') AS payer
    FROM core.suspense_item s LEFT JOIN core.payment y ON y.id = s.payment_id LEFT JOIN core.bank_transfer t ON t.payment_id = s.payment_id
    WHERE s.id = :item_id AND {_SUSPENSE_SEEN}
""")
_FAMILIES = text("""
    WITH billed AS (
        SELECT p.id, p.family_index FROM core.payment_order o JOIN core.payment_order_item i ON i.order_id = o.id
        JOIN core.bill b ON b.id = i.bill_id JOIN core.party p ON p.id = b.party_id WHERE o.number = :number)
    SELECT id FROM billed UNION SELECT p.id FROM core.party p JOIN billed ON billed.family_index = p.family_index
""")
_PERSON = text("""
    SELECT id, name, number, org_id FROM core.party WHERE number = :number OR id = CAST(:party_id AS uuid) ORDER BY id LIMIT 2
""")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What narrows a list of orders or payments."""

    typed: str = ""
    status: str = ""
    channel: str = ""
    start: dt.datetime | None = None
    until: dt.datetime | None = None

    def values(self, *names: str) -> dict[str, object]:
        """The parameters of a statement."""
        found = {**msgspec.structs.asdict(self), "upper": self.typed.upper()}
        return {name: found[name] for name in ("typed", "upper", "start", "until", *names)}


Reach = list[UUID] | None


async def list_orders(session: Session, asked: Asked, reach: Reach, before: UUID | None, limit: int) -> Sequence[Row]:
    """Payment orders, the newest first."""
    return await session.all(_ORDERS, {**asked.values("status"), "reach": reach, "before": before, "limit": limit})


async def find_order(session: Session, number: str, reach: Reach) -> Row | None:
    """One order, if the asker sees one of its bills."""
    return await session.one_or_none(_ORDER, {"number": number, "reach": reach})


async def list_order_items(session: Session, order_id: UUID) -> Sequence[Row]:
    """The bills of an order with their people."""
    return await session.all(_ORDER_ITEMS, {"order_id": order_id})


async def list_payments_of_order(session: Session, number: str) -> Sequence[Row]:
    """The money that came for an order number, twice when it was paid twice."""
    return await session.all(_PAYMENTS_OF_ORDER, {"number": number})


async def list_payments(session: Session, asked: Asked, reach: Reach, before: UUID | None, limit: int) -> Sequence[Row]:
    """Payments, the newest first."""
    return await session.all(_PAYMENTS, {**asked.values("channel"), "reach": reach, "before": before, "limit": limit})


async def sum_payments(session: Session, asked: Asked, reach: Reach) -> Row:
    """How many payments are meant and what they come to."""
    return await session.one(_PAYMENT_SUMS, {**asked.values("channel"), "reach": reach})


async def find_payment(session: Session, payment_id: UUID, reach: Reach) -> Row | None:
    """One payment, if the asker sees a bill it lies on."""
    return await session.one_or_none(_PAYMENT, {"payment_id": payment_id, "reach": reach})


async def list_places(session: Session, payment_id: UUID) -> Sequence[Row]:
    """Where each fen of a payment lies now."""
    return await session.all(_PLACES, {"payment_id": payment_id})


async def list_journal_ids(session: Session, payment_id: UUID) -> list[UUID]:
    """The journals that booked and moved a payment's money."""
    return [row.journal_id for row in await session.all(_JOURNAL_IDS, {"payment_id": payment_id})]


async def list_receipts(session: Session, payment_id: UUID) -> Sequence[Row]:
    """The receipts of a payment."""
    return await session.all(_RECEIPTS, {"payment_id": payment_id})


async def list_suspense(session: Session, status: str, reason: str, reach: Reach, before: UUID | None, limit: int) -> Sequence[Row]:
    """Suspense items, the newest first."""
    return await session.all(_SUSPENSE, {"status": status, "reason": reason, "reach": reach, "before": before, "limit": limit})


async def sum_suspense(session: Session, reach: Reach) -> Row:
    """How many items are open and how much lies in them."""
    return await session.one(_SUSPENSE_SUMS, {"reach": reach})


async def find_suspense(session: Session, item_id: UUID, reach: Reach) -> Row | None:
    """One item with the payment behind it."""
    return await session.one_or_none(_SUSPENSE_ITEM, {"item_id": item_id, "reach": reach})


async def list_families_of_order(session: Session, number: str) -> list[UUID]:
    """The people an order number was made for, with their families."""
    return [row.id for row in await session.all(_FAMILIES, {"number": number})]


async def find_person(session: Session, number: str | None, party_id: UUID | None = None) -> Sequence[Row]:
    """The person of a number or id; more than one when plugins share the number."""
    return await session.all(_PERSON, {"number": number, "party_id": party_id})
