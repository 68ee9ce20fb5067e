"""What of the payments can go back, and the holds: every statement that counts money for refunds."""

import datetime as dt
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import text

from core.billing.repository import HELD
from core.database import Row, Session, Write
from core.database.tables import encode_json

_LIES = """
    SELECT a.payment_id, a.bill_id, a.line_no, a.party_id, sum(a.amount_fen) AS fen FROM core.allocation a
    WHERE a.kind = '{kind}' AND {which} GROUP BY a.payment_id, a.bill_id, a.line_no, a.party_id
"""
_ONLY = "(CAST(:payment_id AS uuid) IS NULL OR y.id = CAST(:payment_id AS uuid))"

_ON_BILL = text(f"""
    SELECT a.payment_id, a.bill_id, a.line_no, l.merchant_id, m.code AS merchant_code, (a.fen - coalesce(h.fen, 0))::bigint AS amount_fen
    FROM ({_LIES.format(kind="bill", which="a.bill_id = :bill_id")}) a
    JOIN core.payment y ON y.id = a.payment_id
    JOIN core.bill_line l ON l.bill_id = a.bill_id AND l.line_no = a.line_no
    JOIN core.merchant m ON m.id = l.merchant_id
    LEFT JOIN ({HELD.format(kind="bill", which="p.bill_id = :bill_id")}) h
      ON h.payment_id = a.payment_id AND h.bill_id = a.bill_id AND h.line_no = a.line_no
    WHERE a.fen > coalesce(h.fen, 0) AND {_ONLY}
    ORDER BY y.paid_at DESC, y.id DESC, l.mandatory, a.line_no DESC
""")

_ON_BILLS = text(f"""
    SELECT a.bill_id, a.line_no, sum(a.fen - coalesce(h.fen, 0))::bigint AS amount_fen
    FROM ({_LIES.format(kind="bill", which="a.bill_id = ANY(CAST(:bill_ids AS uuid[]))")}) a
    LEFT JOIN ({HELD.format(kind="bill", which="p.bill_id = ANY(CAST(:bill_ids AS uuid[]))")}) h
      ON h.payment_id = a.payment_id AND h.bill_id = a.bill_id AND h.line_no = a.line_no
    WHERE a.fen > coalesce(h.fen, 0) GROUP BY a.bill_id, a.line_no
""")

_AS_CREDIT = text(f"""
    SELECT a.payment_id, a.party_id, (a.fen - coalesce(h.fen, 0))::bigint AS amount_fen
    FROM ({_LIES.format(kind="credit", which="a.party_id = :party_id")}) a
    JOIN core.payment y ON y.id = a.payment_id
    LEFT JOIN ({HELD.format(kind="credit", which="p.party_id = :party_id")}) h ON h.payment_id = a.payment_id
    WHERE a.fen > coalesce(h.fen, 0) AND {_ONLY}
    ORDER BY y.paid_at DESC, y.id DESC
""")

_IN_SUSPENSE = text(f"""
    SELECT s.payment_id, s.id AS suspense_id, (s.left_fen - coalesce(h.fen, 0))::bigint AS amount_fen
    FROM core.suspense_item s
    LEFT JOIN ({HELD.format(kind="suspense", which="p.suspense_id = :suspense_id")}) h ON h.suspense_id = s.id
    WHERE s.id = :suspense_id AND s.payment_id IS NOT NULL AND s.left_fen > coalesce(h.fen, 0)
""")

_REQUESTED = text("""
    SELECT coalesce(sum(amount_fen), 0)::bigint FROM core.refund
    WHERE status = 'requested' AND id <> :except_id AND (bill_id = :bill_id OR suspense_id = :suspense_id OR (source = 'credit' AND party_id = :party_id))
""")

_PAYMENTS = """
    SELECT y.*, ca.id AS channel_account_id,
           (SELECT count(*) FROM core.refund_item i WHERE i.payment_id = y.id AND i.sent_at IS NOT NULL) AS refunds
    FROM core.payment y LEFT JOIN core.channel_account ca ON ca.channel = y.channel AND ca.mchid = y.mchid
    WHERE {which} ORDER BY y.id
"""
_BY_ID = "y.id = ANY(CAST(:payment_ids AS uuid[]))"
_LOCK_PAYMENTS = text(f"""
    WITH bill AS MATERIALIZED (SELECT id FROM core.bill WHERE id = ANY(CAST(:bill_ids AS uuid[])) ORDER BY id FOR UPDATE),
         suspense AS MATERIALIZED (SELECT id FROM core.suspense_item WHERE id = ANY(CAST(:suspense_ids AS uuid[])) ORDER BY id FOR UPDATE)
    {_PAYMENTS.format(which="(SELECT count(*) FROM bill) + (SELECT count(*) FROM suspense) >= 0 AND " + _BY_ID)} FOR UPDATE OF y
""")
_LIST_PAYMENTS = text(_PAYMENTS.format(which=_BY_ID))
_OF_SOURCE = """
    (CAST(:payment_id AS uuid) IS NULL OR y.id = CAST(:payment_id AS uuid)) AND y.id IN (
        SELECT a.payment_id FROM core.allocation a WHERE a.kind = 'bill' AND a.bill_id = :bill_id
        UNION ALL SELECT a.payment_id FROM core.allocation a WHERE :by_credit AND a.kind = 'credit' AND a.party_id = :party_id
        UNION ALL SELECT s.payment_id FROM core.suspense_item s WHERE s.id = :suspense_id)
"""
_LOCK_OF_SOURCE = text(f"{_PAYMENTS.format(which=_OF_SOURCE)} FOR UPDATE OF y")

_AUTOMATIC = text("""
    SELECT coalesce(sum(amount_fen), 0)::bigint FROM core.refund
    WHERE approved_by = :name AND NOT (status = ANY(:ended)) AND id <> :except_id
      AND (bill_id = :bill_id OR suspense_id = :suspense_id OR (source = 'credit' AND party_id = :party_id))
""")

_HOLD = text("UPDATE core.payment SET held_fen = held_fen + :fen WHERE id = :payment_id")

_ITEMS_HELD = """
    INSERT INTO core.refund_item (id, refund_id, payment_id, attempt, number, channel, amount_fen, state, error, flush_key, next_at)
    SELECT * FROM jsonb_to_recordset(CAST(:held_items AS jsonb))
        AS x(id uuid, refund_id uuid, payment_id uuid, attempt int, number text, channel text, amount_fen bigint, state text, error text,
             flush_key text, next_at timestamptz)
    RETURNING id
"""
_PARTS_HELD = """
    INSERT INTO core.refund_part (item_id, position, kind, bill_id, line_no, party_id, suspense_id, merchant_id, merchant_code, amount_fen)
    SELECT * FROM jsonb_to_recordset(CAST(:held_parts AS jsonb))
        AS x(item_id uuid, position int, kind text, bill_id uuid, line_no int, party_id uuid, suspense_id uuid, merchant_id uuid,
             merchant_code text, amount_fen bigint)
"""
_PAYMENTS_HELD = """
    UPDATE core.payment y SET held_fen = y.held_fen + x.fen
    FROM (SELECT payment_id, sum(amount_fen) AS fen FROM jsonb_to_recordset(CAST(:held_items AS jsonb)) AS x(payment_id uuid, amount_fen bigint)
          GROUP BY payment_id) x
    WHERE CAST(:held_anew AS boolean) AND y.id = x.payment_id
"""
_PULSE_HELD = """
    INSERT INTO core.tenant_due (tenant_id, kind, due_at) VALUES (:held_tenant, 'pulse', CAST(:held_at AS timestamptz)) ON CONFLICT DO NOTHING
"""

_COUNTED = """
    UPDATE core.payment SET refunded_fen = refunded_fen + CAST(:moved_fen AS bigint), held_fen = held_fen - CAST(:unheld_fen AS bigint)
    WHERE id = CAST(:moved_payment AS uuid) RETURNING id
"""
_SUSPENSE_BACK = """
    UPDATE core.suspense_item
    SET left_fen = left_fen - CAST(:moved_fen AS bigint), resolution = 'refund', resolved_by = CAST(:moved_by AS text),
        resolved_at = CAST(:moved_at AS timestamptz),
        status = CASE WHEN left_fen - CAST(:moved_fen AS bigint) = 0 THEN 'resolved' ELSE 'open' END
    WHERE id = CAST(:moved_suspense AS uuid)
"""
_ITEM_MOVED = """
    UPDATE core.refund_item
    SET state = CAST(:moved_state AS text), journal_id = CAST(:moved_journal AS uuid), posts = posts + CAST(:moved_posts AS int),
        sent_at = CASE WHEN CAST(:moved_state AS text) = 'submitted' THEN CAST(:moved_at AS timestamptz) ELSE sent_at END,
        next_at = CAST(:moved_next AS timestamptz), error = NULL
    WHERE id = CAST(:moved_item AS uuid)
"""
_REFUND_MOVED = """
    UPDATE core.refund SET status = CAST(:moved_status AS text), version = version + 1 WHERE id = CAST(:moved_refund AS uuid)
"""
_BILL = text("SELECT id, status, paid_fen, refunded_fen FROM core.bill WHERE id = :bill_id FOR UPDATE")
_SUSPENSE = text("SELECT id FROM core.suspense_item WHERE id = :suspense_id FOR UPDATE")


async def lock_source(session: Session, *, bill_id: UUID | None, suspense_id: UUID | None) -> None:
    """Hold the bill or the suspense item whose money is looked at; credit is held by its account in the books."""
    if bill_id is not None:
        await session.execute(_BILL, {"bill_id": bill_id})
    if suspense_id is not None:
        await session.execute(_SUSPENSE, {"suspense_id": suspense_id})


async def list_on_bill(session: Session, bill_id: UUID, payment_id: UUID | None) -> Sequence[Row]:
    """What lies on a bill and is not held for another refund, newest payment first, last filled line first."""
    return await session.all(_ON_BILL, {"bill_id": bill_id, "payment_id": payment_id})


async def list_on_bills(session: Session, bill_ids: Sequence[UUID]) -> Sequence[Row]:
    """What lies on each line of many bills and is not held for a refund."""
    return await session.all(_ON_BILLS, {"bill_ids": list(bill_ids)})


async def list_as_credit(session: Session, party_id: UUID, payment_id: UUID | None) -> Sequence[Row]:
    """What a person has as credit and is not held, newest payment first."""
    return await session.all(_AS_CREDIT, {"party_id": party_id, "payment_id": payment_id})


async def list_in_suspense(session: Session, suspense_id: UUID) -> Sequence[Row]:
    """What is left of a suspense item and not held."""
    return await session.all(_IN_SUSPENSE, {"suspense_id": suspense_id})


async def sum_requested(
    session: Session, *, bill_id: UUID | None, party_id: UUID | None, suspense_id: UUID | None, but: UUID
) -> int:
    """What other requests for the same money wait for a checker, fen."""
    values = {"bill_id": bill_id, "party_id": party_id, "suspense_id": suspense_id, "except_id": but}
    return int(await session.scalar(_REQUESTED, values) or 0)


async def sum_automatic(
    session: Session, name: str, *, bill_id: UUID | None, party_id: UUID | None, suspense_id: UUID | None, but: UUID
) -> int:
    """What already goes back of the same money without a second person's word, fen."""
    values = {"name": name, "ended": ["failed", "rejected", "cancelled"], "bill_id": bill_id, "party_id": party_id, "suspense_id": suspense_id}
    return int(await session.scalar(_AUTOMATIC, {**values, "except_id": but}) or 0)


async def lock_payments(
    session: Session, payment_ids: Collection[UUID], *, bill_ids: Collection[UUID], suspense_ids: Collection[UUID]
) -> Sequence[Row]:
    """Hold what the money lies on, then the payments, each in a fixed order; answers these with their collecting accounts."""
    values = {"payment_ids": list(payment_ids), "bill_ids": list(bill_ids), "suspense_ids": list(suspense_ids)}
    return await session.all(_LOCK_PAYMENTS, values)


async def list_payments(session: Session, payment_ids: Sequence[UUID]) -> Sequence[Row]:
    """Payments with their collecting account, not held."""
    return await session.all(_LIST_PAYMENTS, {"payment_ids": list(payment_ids)})


async def lock_payments_of(
    session: Session, *, bill_id: UUID | None, party_id: UUID | None, suspense_id: UUID | None, payment_id: UUID | None
) -> Sequence[Row]:
    """Hold every payment with money on a bill, as a person's credit, or in a suspense item, in a fixed order."""
    by_credit = bill_id is None and suspense_id is None
    values = {"bill_id": bill_id, "party_id": party_id, "suspense_id": suspense_id, "payment_id": payment_id, "by_credit": by_credit}
    return await session.all(_LOCK_OF_SOURCE, values)


async def hold(session: Session, payment_id: UUID, amount_fen: int) -> None:
    """Reserve part of a payment for a refund, or give it free again (negative); the database refuses more than was paid."""
    await session.execute(_HOLD, {"payment_id": payment_id, "fen": amount_fen})


def holding(items: list[dict[str, object]], parts: list[dict[str, object]], tenant_id: UUID, now: dt.datetime, *, anew: bool) -> Write:
    """Items with their parts, what they hold reserved on the payments (unless it is reserved already), and a worker that will come."""
    values = {
        "held_items": encode_json(items), "held_parts": encode_json(parts), "held_anew": anew, "held_tenant": tenant_id, "held_at": now,
    }  # fmt: skip
    named = (("items_held", _ITEMS_HELD), ("parts_held", _PARTS_HELD), ("payments_held", _PAYMENTS_HELD), ("pulse_held", _PULSE_HELD))
    return Write(named, values, "items_held")


def moving(values: dict[str, object], *, suspense: bool, status: str | None = None) -> Write:
    """An item's money counted as refunded (or, negative, as held again), with the item's new state, and the refund's if it changes."""
    parts = [("counted", _COUNTED), ("item_moved", _ITEM_MOVED)]
    names = ["moved_fen", "unheld_fen", "moved_payment", "moved_state", "moved_journal", "moved_posts", "moved_at", "moved_next", "moved_item"]
    if suspense:
        parts.append(("suspense_back", _SUSPENSE_BACK))
        names += ["moved_by", "moved_suspense"]
    chosen = {name: values[name] for name in names}
    if status is not None:
        parts.append(("refund_moved", _REFUND_MOVED))
        chosen |= {"moved_refund": values["moved_refund"], "moved_status": status}
    return Write(tuple(parts), chosen, "counted")


_STANDING = text("""
    SELECT coalesce(bool_and(CASE p.kind
        WHEN 'bill' THEN p.amount_fen <= (SELECT coalesce(sum(a.amount_fen), 0) FROM core.allocation a WHERE a.payment_id = i.payment_id
                                          AND a.kind = 'bill' AND a.bill_id = p.bill_id AND a.line_no = p.line_no)
        WHEN 'credit' THEN p.amount_fen <= (SELECT coalesce(sum(a.amount_fen), 0) FROM core.allocation a WHERE a.payment_id = i.payment_id
                                            AND a.kind = 'credit' AND a.party_id = p.party_id)
        ELSE p.amount_fen <= (SELECT s.left_fen FROM core.suspense_item s WHERE s.id = p.suspense_id) END), false) AS there,
        (SELECT jsonb_agg(o.state) FROM core.refund_item o WHERE o.refund_id = i.refund_id AND o.id <> i.id) AS others,
        (SELECT count(*) FROM core.refund_item s WHERE s.payment_id = i.payment_id AND s.sent_at IS NOT NULL) AS refunds,
        (SELECT max(s.sent_at) FROM core.refund_item s WHERE s.payment_id = i.payment_id) AS last_sent_at,
        EXISTS (SELECT FROM core.suspense_item x WHERE x.status = 'open' AND x.reason = 'refund_after_end'
                AND x.facts ->> 'payment_id' = CAST(i.payment_id AS text)) AS disputed, i.id AS item_id
    FROM core.refund_part p JOIN core.refund_item i ON i.id = p.item_id WHERE p.item_id = ANY(CAST(:item_ids AS uuid[]))
    GROUP BY i.id, i.refund_id, i.payment_id
""")


async def standing(session: Session, refund_id: UUID, item_id: UUID, payment_id: UUID) -> Row:
    """What stands against sending an item: whether its money still lies where it is to be taken from (`there`), how the refund's other items
    stand, how many refunds of the payment went to the channel and when the last one did, and whether the channel gave back money of it that we
    had booked back (`disputed`). Ask while refund and payment are held, in a statement of its own: one that waited for a lock sees the past.
    """
    return await session.one(_STANDING, {"item_ids": [item_id]})


async def standing_of(session: Session, item_ids: Collection[UUID]) -> dict[UUID, Row]:
    """The same of many items."""
    return {row.item_id: row for row in await session.all(_STANDING, {"item_ids": list(item_ids)})}
