"""What of the payments can go back, and the holds: every statement that counts money for refunds."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session, Write
from core.refunds.states import OPEN

_HELD = """
    SELECT i.payment_id, p.bill_id, p.line_no, p.party_id, p.suspense_id, sum(p.amount_fen) AS fen
    FROM core.refund_part p JOIN core.refund_item i ON i.id = p.item_id
    WHERE i.journal_id IS NULL AND i.state = ANY(:open) AND p.kind = '{kind}' AND {which}
    GROUP BY i.payment_id, p.bill_id, p.line_no, p.party_id, p.suspense_id
"""
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
    LEFT JOIN ({_HELD.format(kind="bill", which="p.bill_id = :bill_id")}) h
      ON h.payment_id = a.payment_id AND h.bill_id = a.bill_id AND h.line_no = a.line_no
    WHERE a.fen > coalesce(h.fen, 0) AND {_ONLY}
    ORDER BY y.paid_at DESC, y.id DESC, l.mandatory, a.line_no DESC
""")

_AS_CREDIT = text(f"""
    SELECT a.payment_id, a.party_id, (a.fen - coalesce(h.fen, 0))::bigint AS amount_fen
    FROM ({_LIES.format(kind="credit", which="a.party_id = :party_id")}) a
    JOIN core.payment y ON y.id = a.payment_id
    LEFT JOIN ({_HELD.format(kind="credit", which="p.party_id = :party_id")}) h ON h.payment_id = a.payment_id
    WHERE a.fen > coalesce(h.fen, 0) AND {_ONLY}
    ORDER BY y.paid_at DESC, y.id DESC
""")

_IN_SUSPENSE = text(f"""
    SELECT s.payment_id, s.id AS suspense_id, (s.left_fen - coalesce(h.fen, 0))::bigint AS amount_fen
    FROM core.suspense_item s
    LEFT JOIN ({_HELD.format(kind="suspense", which="p.suspense_id = :suspense_id")}) h ON h.suspense_id = s.id
    WHERE s.id = :suspense_id AND s.payment_id IS NOT NULL AND s.left_fen > coalesce(h.fen, 0)
""")

_REQUESTED = text("""
    SELECT coalesce(sum(amount_fen), 0)::bigint FROM core.refund
    WHERE status = 'requested' AND id <> :except_id AND (bill_id = :bill_id OR suspense_id = :suspense_id OR (source = 'credit' AND party_id = :party_id))
""")

_PAYMENTS = """
    SELECT y.*, ca.id AS channel_account_id
    FROM core.payment y LEFT JOIN core.channel_account ca ON ca.channel = y.channel AND ca.mchid = y.mchid
    WHERE y.id = ANY(CAST(:payment_ids AS uuid[])) ORDER BY y.id
"""
_LOCK_PAYMENTS = text(f"{_PAYMENTS} FOR UPDATE OF y")
_LIST_PAYMENTS = text(_PAYMENTS)

_SENT = text("""
    SELECT payment_id, count(*) AS refunds, max(sent_at) AS last_sent_at FROM core.refund_item
    WHERE payment_id = ANY(CAST(:payment_ids AS uuid[])) AND sent_at IS NOT NULL GROUP BY payment_id
""")

_HOLD = text("UPDATE core.payment SET held_fen = held_fen + :fen WHERE id = :payment_id")

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
    return await session.all(_ON_BILL, {"bill_id": bill_id, "payment_id": payment_id, "open": list(OPEN)})


async def list_as_credit(session: Session, party_id: UUID, payment_id: UUID | None) -> Sequence[Row]:
    """What a person has as credit and is not held, newest payment first."""
    return await session.all(_AS_CREDIT, {"party_id": party_id, "payment_id": payment_id, "open": list(OPEN)})


async def list_in_suspense(session: Session, suspense_id: UUID) -> Sequence[Row]:
    """What is left of a suspense item and not held."""
    return await session.all(_IN_SUSPENSE, {"suspense_id": suspense_id, "open": list(OPEN)})


async def sum_requested(
    session: Session, *, bill_id: UUID | None, party_id: UUID | None, suspense_id: UUID | None, but: UUID
) -> int:
    """What other requests for the same money wait for a checker, fen."""
    values = {"bill_id": bill_id, "party_id": party_id, "suspense_id": suspense_id, "except_id": but}
    return int(await session.scalar(_REQUESTED, values) or 0)


async def lock_payments(session: Session, payment_ids: Sequence[UUID]) -> Sequence[Row]:
    """Hold payments, in a fixed order, with their collecting account."""
    return await session.all(_LOCK_PAYMENTS, {"payment_ids": list(payment_ids)})


async def list_payments(session: Session, payment_ids: Sequence[UUID]) -> Sequence[Row]:
    """Payments with their collecting account, not held."""
    return await session.all(_LIST_PAYMENTS, {"payment_ids": list(payment_ids)})


async def list_sent(session: Session, payment_ids: Sequence[UUID]) -> Sequence[Row]:
    """How many refunds of these payments went to the channel, and when the last one did; ask while the payments are held."""
    return await session.all(_SENT, {"payment_ids": list(payment_ids)})


async def hold(session: Session, payment_id: UUID, amount_fen: int) -> None:
    """Reserve part of a payment for a refund, or give it free again (negative); the database refuses more than was paid."""
    await session.execute(_HOLD, {"payment_id": payment_id, "fen": amount_fen})


def moving(values: dict[str, object], *, suspense: bool) -> Write:
    """An item's money counted as refunded (or, negative, as held again), with the item's new state."""
    parts = [("counted", _COUNTED), ("item_moved", _ITEM_MOVED)]
    if suspense:
        parts.append(("suspense_back", _SUSPENSE_BACK))
    names = ["moved_fen", "unheld_fen", "moved_payment", "moved_state", "moved_journal", "moved_posts", "moved_at", "moved_next", "moved_item"]
    names += ["moved_by", "moved_suspense"] if suspense else []
    return Write(tuple(parts), {name: values[name] for name in names}, "counted")


_LIES_THERE = text("""
    SELECT coalesce(bool_and(CASE p.kind
        WHEN 'bill' THEN p.amount_fen <= (SELECT coalesce(sum(a.amount_fen), 0) FROM core.allocation a WHERE a.payment_id = i.payment_id
                                          AND a.kind = 'bill' AND a.bill_id = p.bill_id AND a.line_no = p.line_no)
        WHEN 'credit' THEN p.amount_fen <= (SELECT coalesce(sum(a.amount_fen), 0) FROM core.allocation a WHERE a.payment_id = i.payment_id
                                            AND a.kind = 'credit' AND a.party_id = p.party_id)
        ELSE p.amount_fen <= (SELECT s.left_fen FROM core.suspense_item s WHERE s.id = p.suspense_id) END), false)
    FROM core.refund_part p JOIN core.refund_item i ON i.id = p.item_id WHERE p.item_id = :item_id
""")


async def lies_there(session: Session, item_id: UUID) -> bool:
    """Whether an item's money still lies where it is to be taken from; ask while the source is held."""
    return bool(await session.scalar(_LIES_THERE, {"item_id": item_id}))
