"""Bills: every statement that reads and writes them (issuing is in `issuing_repository`)."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert, select, text, update

from core import ids
from core.billing.models import allocation, bill, bill_line, bill_version, fee_item
from core.billing.schemas import Placement
from core.billing.states import OPEN
from core.database import Row, Session, Write
from core.payers.models import party

_BILL = select(bill, party.c.name.label("party_name"), party.c.number.label("party_number")).join(
    party, (party.c.tenant_id == bill.c.tenant_id) & (party.c.id == bill.c.party_id)
)

LOCK_OPEN_LINES = text("""
    WITH held AS MATERIALIZED (
        SELECT id, status FROM core.bill WHERE id = ANY(CAST(:bill_ids AS uuid[])) ORDER BY id FOR UPDATE)
    SELECT l.bill_id, l.line_no, l.merchant_id, m.code AS merchant_code, l.mandatory, l.net_fen - l.paid_fen AS open_fen
    FROM held JOIN core.bill_line l ON l.bill_id = held.id JOIN core.merchant m ON m.id = l.merchant_id
    WHERE held.status = ANY(:open) AND l.chosen AND l.net_fen > l.paid_fen
    ORDER BY l.bill_id, l.line_no FOR UPDATE OF l
""")

_SHARE = """
    SELECT * FROM unnest(CAST(:place_ids AS uuid[]), CAST(:place_payments AS uuid[]), CAST(:place_kinds AS text[]),
                         CAST(:place_bills AS uuid[]), CAST(:place_lines AS int[]), CAST(:place_parties AS uuid[]),
                         CAST(:place_amounts AS bigint[]))
             AS s(id, payment_id, kind, bill_id, line_no, party_id, amount_fen)
"""
_PLACED = """
    INSERT INTO core.allocation (id, payment_id, kind, bill_id, line_no, party_id, amount_fen, journal_id, allocated_at)
    SELECT id, payment_id, kind, bill_id, line_no, party_id, amount_fen, CAST(:place_journal AS uuid), CAST(:placed_at AS timestamptz)
    FROM share RETURNING id
"""
_LINES_PLACED = """
    UPDATE core.bill_line l SET paid_fen = l.paid_fen + part.fen
    FROM (SELECT bill_id, line_no, sum(amount_fen) AS fen FROM share WHERE kind = 'bill' GROUP BY 1, 2) part
    WHERE l.bill_id = part.bill_id AND l.line_no = part.line_no
"""
_BILLS_PLACED = """
    UPDATE core.bill b
    SET paid_fen = b.paid_fen + total.fen,
        status = CASE WHEN b.status IN ('void', 'written_off') THEN b.status
                      WHEN b.refunded_fen > 0 AND b.refunded_fen = b.paid_fen + total.fen THEN 'refunded'
                      WHEN b.refunded_fen > 0 THEN 'partially_refunded'
                      WHEN b.paid_fen + total.fen >= b.amount_fen THEN 'paid'
                      WHEN b.paid_fen + total.fen = 0 THEN 'issued'
                      ELSE 'partially_paid' END
    FROM (SELECT bill_id, sum(amount_fen) AS fen FROM share WHERE kind = 'bill' GROUP BY bill_id) total
    WHERE b.id = total.bill_id
"""

_CHOOSE = text("""
    WITH ticked AS (
        UPDATE core.bill_line SET chosen = mandatory OR line_no = ANY(CAST(:line_nos AS int[])) WHERE bill_id = :bill_id
        RETURNING net_fen, discount_fen, chosen)
    UPDATE core.bill SET amount_fen = t.amount_fen, discount_fen = t.discount_fen, version = version + 1,
           status = CASE WHEN refunded_fen > 0 THEN status
                         WHEN paid_fen >= t.amount_fen AND paid_fen > 0 THEN 'paid' WHEN paid_fen > 0 THEN 'partially_paid' ELSE 'issued' END
    FROM (SELECT coalesce(sum(net_fen) FILTER (WHERE chosen), 0) AS amount_fen,
                 coalesce(sum(discount_fen) FILTER (WHERE chosen), 0) AS discount_fen FROM ticked) t
    WHERE core.bill.id = :bill_id AND version = :version
""")

_RECALL = text("""
    UPDATE core.bill SET status = 'void', version = version + 1
    WHERE source = :source AND status = 'issued' AND paid_fen = 0
      AND NOT EXISTS (SELECT FROM core.payment_order_item i JOIN core.payment_order o ON o.id = i.order_id
                      WHERE i.bill_id = core.bill.id AND o.status IN ('created', 'pending'))
    RETURNING id
""")

_REPRICE = text("""
    WITH changed AS (
        SELECT * FROM unnest(CAST(:line_nos AS int[]), CAST(:nets AS bigint[])) AS c(line_no, net_fen)),
    lines AS (
        UPDATE core.bill_line l SET discount_fen = l.amount_fen - changed.net_fen, net_fen = changed.net_fen
        FROM changed WHERE l.bill_id = :bill_id AND l.line_no = changed.line_no)
    UPDATE core.bill SET version = version + 1,
        (amount_fen, discount_fen) = (
            SELECT sum(coalesce(c.net_fen, l.net_fen)), sum(l.amount_fen - coalesce(c.net_fen, l.net_fen))
            FROM core.bill_line l LEFT JOIN changed c USING (line_no) WHERE l.bill_id = :bill_id AND l.chosen)
    WHERE id = :bill_id
""")

_SETTLE_STATUS = text("""
    UPDATE core.bill SET status = CASE WHEN refunded_fen > 0 THEN status WHEN paid_fen = 0 AND amount_fen > 0 THEN 'issued'
                                       WHEN paid_fen >= amount_fen THEN 'paid' ELSE 'partially_paid' END
    WHERE id = :bill_id AND status <> 'void'
""")

_OVERPAID = text("""
    SELECT line_no, merchant_id, m.code AS merchant_code,
           l.paid_fen - l.refunded_fen - CASE WHEN l.chosen THEN l.net_fen ELSE 0 END AS over_fen
    FROM core.bill_line l JOIN core.merchant m ON m.id = l.merchant_id
    WHERE l.bill_id = :bill_id AND l.paid_fen - l.refunded_fen > CASE WHEN l.chosen THEN l.net_fen ELSE 0 END ORDER BY line_no
""")

HELD = """
    SELECT i.payment_id, p.bill_id, p.line_no, p.party_id, p.suspense_id, sum(p.amount_fen) AS fen
    FROM core.refund_part p JOIN core.refund_item i ON i.id = p.item_id
    WHERE i.journal_id IS NULL AND i.state NOT IN ('success', 'closed', 'cancelled') AND p.kind = '{kind}' AND {which}
    GROUP BY i.payment_id, p.bill_id, p.line_no, p.party_id, p.suspense_id
"""
"""Money that a refund holds and that has not gone yet counts as spent: nobody else uses or moves it (architecture §6)."""
_ON_LINES = text(f"""
    SELECT a.payment_id, a.bill_id, a.line_no, a.merchant_id, a.merchant_code, (a.fen - coalesce(h.fen, 0))::bigint AS amount_fen FROM (
        SELECT a.payment_id, a.bill_id, a.line_no, l.merchant_id, m.code AS merchant_code, sum(a.amount_fen) AS fen, max(a.allocated_at) AS last_at
        FROM core.allocation a JOIN core.bill_line l ON l.bill_id = a.bill_id AND l.line_no = a.line_no
        JOIN core.merchant m ON m.id = l.merchant_id
        WHERE a.bill_id = :bill_id GROUP BY a.payment_id, a.bill_id, a.line_no, l.merchant_id, m.code) a
    LEFT JOIN ({HELD.format(kind="bill", which="p.bill_id = :bill_id")}) h ON h.payment_id = a.payment_id AND h.line_no = a.line_no
    WHERE a.fen > coalesce(h.fen, 0) ORDER BY a.last_at DESC, a.payment_id, a.line_no
""")

_CREDIT = text(f"""
    SELECT a.payment_id, a.party_id, (a.fen - coalesce(h.fen, 0))::bigint AS amount_fen FROM (
        SELECT payment_id, party_id, sum(amount_fen) AS fen, min(allocated_at) AS first_at FROM core.allocation
        WHERE kind = 'credit' AND party_id = ANY(CAST(:party_ids AS uuid[])) GROUP BY payment_id, party_id) a
    LEFT JOIN ({HELD.format(kind="credit", which="p.party_id = ANY(CAST(:party_ids AS uuid[]))")}) h
      ON h.payment_id = a.payment_id AND h.party_id = a.party_id
    WHERE a.fen > coalesce(h.fen, 0) ORDER BY a.first_at, a.payment_id
""")
_LOCK_CREDIT = text("""
    SELECT y.id FROM core.payment y WHERE y.id IN (
        SELECT payment_id FROM core.allocation WHERE kind = 'credit' AND party_id = ANY(CAST(:party_ids AS uuid[]))) ORDER BY y.id FOR UPDATE OF y
""")
_LOCK_ON_BILL = text("""
    SELECT y.id FROM core.payment y WHERE y.id IN (
        SELECT payment_id FROM core.allocation WHERE kind = 'bill' AND bill_id = :bill_id) ORDER BY y.id FOR UPDATE OF y
""")


async def find_bill(session: Session, bill_id: UUID) -> Row | None:
    """One bill with its party."""
    return await session.one_or_none(_BILL.where(bill.c.id == bill_id))


async def find_by_pay_code(session: Session, pay_code: str) -> Row | None:
    """The bill that a pay code opens."""
    return await session.one_or_none(_BILL.where(bill.c.pay_code == pay_code, bill.c.status != "void"))


async def list_bills_of(session: Session, party_ids: list[UUID], *, only_open: bool, now: dt.datetime) -> Sequence[Row]:
    """The visible bills of some people, the first due first."""
    query = _BILL.where(bill.c.party_id.in_(party_ids), bill.c.visible_from <= now, bill.c.status != "void")
    if only_open:
        query = query.where(bill.c.status.in_(OPEN))
    return await session.all(query.order_by(bill.c.due_on, bill.c.id))


async def list_lines(session: Session, bill_ids: list[UUID]) -> Sequence[Row]:
    """The lines of some bills, in order."""
    query = select(bill_line).where(bill_line.c.bill_id.in_(bill_ids)).order_by(bill_line.c.bill_id, bill_line.c.line_no)
    return await session.all(query)


async def lock_bill(session: Session, bill_id: UUID) -> Row | None:
    """Hold one bill against every other change."""
    return await session.one_or_none(select(bill).where(bill.c.id == bill_id).with_for_update())


async def lock_open_lines(session: Session, bill_ids: list[UUID]) -> Sequence[Row]:
    """Hold the bills of a charge, in a fixed order, and read what their chosen lines still owe."""
    return await session.all(LOCK_OPEN_LINES, {"bill_ids": bill_ids, "open": list(OPEN)})


def placing(journal_id: UUID, placements: Sequence[Placement], now: dt.datetime) -> Write:
    """Allocations, with lines and bills brought in step; negative ones take money away again."""
    values = {
        "place_ids": [ids.uuid7() for _ in placements],
        "place_payments": [each.payment_id for each in placements],
        "place_kinds": [each.kind for each in placements],
        "place_bills": [each.bill_id for each in placements],
        "place_lines": [each.line_no for each in placements],
        "place_parties": [each.party_id for each in placements],
        "place_amounts": [each.amount_fen for each in placements],
        "place_journal": journal_id,
        "placed_at": now,
    }
    parts = (("share", _SHARE), ("placed", _PLACED), ("lines_placed", _LINES_PLACED), ("bills_placed", _BILLS_PLACED))
    return Write(parts, values, "placed")


async def choose_lines(session: Session, bill_id: UUID, line_nos: list[int], version: int) -> int:
    """Tick exactly these optional lines; 0 when the bill changed meanwhile."""
    return (await session.execute(_CHOOSE, {"bill_id": bill_id, "line_nos": line_nos, "version": version})).rowcount


async def recall(session: Session, source: str) -> list[UUID]:
    """Void every bill of a source that holds no money and has no payment under way (held first, so that none can begin)."""
    await session.execute(select(bill.c.id).where(bill.c.source == source, bill.c.status == "issued").order_by(bill.c.id).with_for_update())
    return [row.id for row in await session.all(_RECALL, {"source": source})]


async def set_status(session: Session, bill_id: UUID, status: str) -> None:
    """Move a bill to another state (the caller checked the step)."""
    await session.execute(update(bill).where(bill.c.id == bill_id).values(status=status, version=bill.c.version + 1))


async def settle_status(session: Session, bill_id: UUID) -> None:
    """Let the state follow from what is owed and paid."""
    await session.execute(_SETTLE_STATUS, {"bill_id": bill_id})


async def reprice(session: Session, bill_id: UUID, changes: dict[int, int]) -> None:
    """Give lines a new net amount and the bill its new sum."""
    await session.execute(_REPRICE, {"bill_id": bill_id, "line_nos": list(changes), "nets": list(changes.values())})


async def list_overpaid(session: Session, bill_id: UUID) -> Sequence[Row]:
    """Lines that hold more money than they ask for."""
    return await session.all(_OVERPAID, {"bill_id": bill_id})


async def list_money_on(session: Session, bill_id: UUID) -> Sequence[Row]:
    """What each payment has lying free on a bill, by line, the newest money first; the payments are held, so that no refund begins meanwhile."""
    await session.execute(_LOCK_ON_BILL, {"bill_id": bill_id})
    return await session.all(_ON_LINES, {"bill_id": bill_id})


async def list_credit(session: Session, party_ids: list[UUID]) -> Sequence[Row]:
    """What of each payment is free credit of these people, the oldest money first."""
    return await session.all(_CREDIT, {"party_ids": party_ids})


async def hold_credit(session: Session, party_ids: list[UUID]) -> Sequence[Row]:
    """The same, with its payments held, so that no refund begins meanwhile."""
    await session.execute(_LOCK_CREDIT, {"party_ids": party_ids})
    return await list_credit(session, party_ids)


async def list_allocations(session: Session, bill_id: UUID) -> Sequence[Row]:
    """Every allocation of a bill, oldest first."""
    return await session.all(select(allocation).where(allocation.c.bill_id == bill_id).order_by(allocation.c.allocated_at, allocation.c.id))


async def add_version(session: Session, row: dict[str, object]) -> None:
    """Keep what a bill said before an adjustment."""
    await session.execute(insert(bill_version), row)


async def list_versions(session: Session, bill_id: UUID) -> Sequence[Row]:
    """What the bill said before each adjustment."""
    return await session.all(select(bill_version).where(bill_version.c.bill_id == bill_id).order_by(bill_version.c.version))


async def list_items(session: Session, plugin: str | None = None) -> Sequence[Row]:
    """Fee items in their order."""
    query = select(fee_item).order_by(fee_item.c.position, fee_item.c.code)
    return await session.all(query.where(fee_item.c.plugin == plugin) if plugin else query)
