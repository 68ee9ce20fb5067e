"""Remedies and their batches: every statement that reads and writes them, and the evidence they rest on."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, insert, select, text, update

from core.database import Row, Session
from core.reconciliation.models import difference, remedy, remedy_batch
from core.reconciliation.remedies.posting import Bearer

LIVE = ("proposed", "approved", "running")
_LEFT = text("""
    SELECT (d.amount_fen - coalesce((SELECT sum(r.amount_fen) FROM core.recon_remedy r WHERE r.difference_id = d.id AND r.status = 'done'
            AND r.kind IN ('book', 'credit', 'refund', 'adjust', 'write_off')), 0))::bigint
    FROM core.recon_difference d WHERE d.id = :difference_id
""")
_MERCHANT = text("""
    WITH found AS (
        SELECT DISTINCT l.merchant_id, 1 AS rank FROM core.allocation a
        JOIN core.bill_line l ON l.bill_id = a.bill_id AND l.line_no = a.line_no WHERE a.payment_id = CAST(:payment_id AS uuid) AND a.kind = 'bill'
        UNION SELECT merchant_id, 2 FROM core.channel_account WHERE channel = :channel AND mchid = :number AND merchant_id IS NOT NULL
        UNION SELECT merchant_id, 2 FROM core.statement_merchant WHERE channel = :channel AND number = :number AND merchant_id IS NOT NULL
        UNION SELECT id, 3 FROM core.merchant)
    SELECT m.id, m.code FROM core.merchant m JOIN found f ON f.merchant_id = m.id WHERE f.rank = (SELECT min(rank) FROM found)
""")
_CHANNEL_LINE = text("""
    SELECT l.*, s.merchant_number, s.bill_on, s.id AS statement_id FROM core.statement_line l JOIN core.statement s ON s.id = l.statement_id
    WHERE l.number = :number AND l.channel = :channel AND l.kind = :kind AND l.counts AND s.side = 'channel' AND s.status = 'loaded'
    ORDER BY s.bill_on DESC LIMIT 1
""")
_PAYMENT = text("""
    SELECT p.* FROM core.payment p
    WHERE p.id = CAST(:payment_id AS uuid) OR (p.channel = :channel AND (p.channel_txn_id = :txn OR p.order_number = :number))
    ORDER BY (p.id = CAST(:payment_id AS uuid)) DESC NULLS LAST, (p.channel_txn_id = :txn) DESC, p.booked_at DESC LIMIT 1
""")
_LIES = text("""
    SELECT 'suspense' AS kind, s.id AS source_id, s.left_fen AS fen, 0 AS rank FROM core.suspense_item s WHERE s.payment_id = :payment_id AND s.left_fen > 0
    UNION ALL SELECT a.kind, coalesce(a.bill_id, a.party_id), sum(a.amount_fen)::bigint, CASE a.kind WHEN 'credit' THEN 1 ELSE 2 END
    FROM core.allocation a WHERE a.payment_id = :payment_id AND a.kind IN ('bill', 'credit')
    GROUP BY a.kind, coalesce(a.bill_id, a.party_id) HAVING sum(a.amount_fen) > 0
    ORDER BY 4, 3 DESC
""")
_JOURNAL = text("SELECT id FROM core.ledger_journal WHERE key = :key")
_PLACED = text("SELECT payment_id, kind, bill_id, line_no, party_id, amount_fen FROM core.allocation WHERE journal_id = :journal_id")
_SUSPENSE = text("""
    UPDATE core.suspense_item SET left_fen = left_fen + :fen, status = CASE WHEN left_fen + :fen = 0 THEN 'resolved' ELSE 'open' END,
           resolution = :resolution, resolved_by = :by, resolved_at = now()
    WHERE id = :item_id AND left_fen + :fen BETWEEN 0 AND amount_fen RETURNING id
""")
_SUSPENSE_OF = text("SELECT * FROM core.suspense_item WHERE payment_id = :payment_id ORDER BY created_at LIMIT 1")
_ORDER = text("SELECT number FROM core.payment_order WHERE number = ANY(:numbers) LIMIT 1")
_REFUND = text("SELECT id, status, refunded_fen, amount_fen, error FROM core.refund WHERE number = :number")
_REFUND_OF_ID = text("SELECT id, status, refunded_fen, amount_fen, error FROM core.refund WHERE id = :id")
_RUNNING = text("""
    SELECT r.*, f.status AS refund_status, f.error AS refund_error FROM core.recon_remedy r JOIN core.refund f ON f.id = r.refund_id
    WHERE r.kind = 'refund' AND r.status = 'running' AND f.status = ANY(:final) ORDER BY r.difference_id, r.id LIMIT 500
""")
_HEALED = text("""
    SELECT r.id, r.difference_id FROM core.recon_remedy r JOIN core.recon_difference d ON d.id = r.difference_id
    WHERE d.status IN ('auto_resolved', 'resolved')
      AND ((r.kind = 'chase' AND r.status = 'done' AND r.journal_id IS NOT NULL AND r.reversal_id IS NULL
            AND NOT EXISTS (SELECT FROM core.recon_remedy w WHERE w.difference_id = d.id AND w.kind = 'write_off' AND w.status = 'done'))
           OR r.status = 'proposed' OR (r.kind = 'repost' AND r.status = 'running'))
    ORDER BY r.difference_id, r.id LIMIT 500
""")
_EVIDENCE = text("""
    SELECT DISTINCT ON (i.id) r.id AS remedy_id, r.difference_id, i.id AS item_id, l.channel_number, l.number, l.happened_at
    FROM core.recon_remedy r JOIN core.refund f ON f.id = r.refund_id
    JOIN core.refund_item i ON i.refund_id = f.id AND i.state IN ('held', 'manual_transfer') AND i.sent_at IS NULL
    JOIN core.payment p ON p.id = i.payment_id
    JOIN core.statement_line l ON l.kind = 'refund' AND l.order_number = p.order_number AND l.channel = p.channel AND l.amount_fen = i.amount_fen
    JOIN core.statement s ON s.id = l.statement_id AND s.side = 'channel' AND s.status = 'loaded'
    WHERE r.kind = 'refund' AND r.status = 'running' AND l.counts
      AND NOT EXISTS (SELECT FROM core.refund_item o WHERE o.id <> i.id AND (o.number = l.number OR o.reference = l.channel_number))
    ORDER BY i.id, l.happened_at LIMIT 500
""")
_REPOSTS = text("""
    SELECT r.*, d.code, d.class AS klass, d.channel, d.kind AS trade, d.number, d.order_number, d.channel_number, d.bill_number, d.serial, d.bill_on,
           d.business_fen, d.platform_fen, d.channel_fen, coalesce(d.platform_at, d.channel_at) AS paid_at
    FROM core.recon_remedy r JOIN core.recon_difference d ON d.id = r.difference_id
    WHERE r.kind = 'repost' AND r.status = 'running' AND (CAST(:after AS uuid) IS NULL OR r.id > CAST(:after AS uuid)) ORDER BY r.id LIMIT :limit
""")
_BATCH_COUNTS = text("SELECT status, count(*) AS remedies, sum(amount_fen)::bigint AS amount_fen FROM core.recon_remedy WHERE batch_id = :id GROUP BY status")
_BATCH_ITEMS = text("""
    SELECT r.*, d.code, d.class AS klass, d.channel, d.number, d.bill_on, d.status AS difference_status, f.number AS refund_number, f.status AS refund_status
    FROM core.recon_remedy r JOIN core.recon_difference d ON d.id = r.difference_id LEFT JOIN core.refund f ON f.id = r.refund_id
    WHERE r.batch_id = :id AND r.position > :after AND (:status = '' OR r.status = :status) ORDER BY r.position LIMIT :limit
""")
_OF_DIFFERENCE = text("""
    SELECT r.*, f.number AS refund_number, f.status AS refund_status, b.code AS batch_code
    FROM core.recon_remedy r LEFT JOIN core.refund f ON f.id = r.refund_id LEFT JOIN core.recon_remedy_batch b ON b.id = r.batch_id
    WHERE r.difference_id = :difference_id ORDER BY r.id DESC
""")


async def add(session: Session, rows: Sequence[dict[str, object]]) -> None:
    """Write proposals."""
    await session.execute(insert(remedy), list(rows))


async def find(session: Session, remedy_id: UUID) -> Row | None:
    """One remedy."""
    return await session.one_or_none(select(remedy).where(remedy.c.id == remedy_id))


async def lock(session: Session, remedy_id: UUID) -> Row | None:
    """One remedy, held; its difference is held before it."""
    return await session.one_or_none(select(remedy).where(remedy.c.id == remedy_id).with_for_update())


async def change(session: Session, remedy_id: UUID, **values: object) -> None:
    """Write new facts of a remedy."""
    await session.execute(update(remedy).where(remedy.c.id == remedy_id).values(**values))


async def list_of(session: Session, difference_id: UUID) -> Sequence[Row]:
    """Everything that was tried for a difference, the newest first."""
    return await session.all(_OF_DIFFERENCE, {"difference_id": difference_id})


async def list_page(session: Session, status: str, kind: str, before: UUID | None, limit: int) -> Sequence[Row]:
    """Remedies, the newest first."""
    query = select(remedy).order_by(remedy.c.id.desc()).limit(limit)
    for column, value in ((remedy.c.status, status), (remedy.c.kind, kind)):
        query = query.where(column == value) if value else query
    return await session.all(query.where(remedy.c.id < before) if before else query)


async def list_live(session: Session, difference_ids: Sequence[UUID]) -> set[UUID]:
    """Which of some differences have a remedy under way."""
    which = remedy.c.difference_id.in_(list(difference_ids)) & remedy.c.status.in_(LIVE)
    return {row.difference_id for row in await session.all(select(remedy.c.difference_id).where(which))}


async def left(session: Session, difference_id: UUID) -> int:
    """What no remedy has dealt with yet, fen."""
    return int(await session.scalar(_LEFT, {"difference_id": difference_id}))


async def standing_chase(session: Session, difference_id: UUID) -> Row | None:
    """The chase whose money lies in suspense now."""
    which = (remedy.c.difference_id == difference_id) & (remedy.c.kind == "chase") & (remedy.c.status == "done")
    return await session.one_or_none(select(remedy).where(which & remedy.c.journal_id.is_not(None) & remedy.c.reversal_id.is_(None)).limit(1))


async def merchant_of(session: Session, row: Row) -> Bearer | None:
    """The one merchant a difference concerns: its bill's, else its merchant number's, else the client's only one; None when it is not told."""
    found = await session.all(_MERCHANT, {"payment_id": row.payment_id, "channel": row.channel, "number": row.merchant_number})
    return Bearer(found[0].id, found[0].code) if len(found) == 1 else None


async def channel_line(session: Session, channel: str, kind: str, number: str) -> Row | None:
    """The line of the channel's own file about a payment or refund."""
    return await session.one_or_none(_CHANNEL_LINE, {"channel": channel, "kind": kind, "number": number})


async def payment_behind(session: Session, payment_id: UUID | None, channel: str, txn: str, number: str) -> Row | None:
    """The payment in our books, by our id, the channel's number, or our order's."""
    return await session.one_or_none(_PAYMENT, {"payment_id": payment_id, "channel": channel, "txn": txn, "number": number})


async def where_it_lies(session: Session, payment_id: UUID) -> Sequence[Row]:
    """Where a payment's money lies: suspense first, then credit, then bills."""
    return await session.all(_LIES, {"payment_id": payment_id})


async def suspense_of(session: Session, payment_id: UUID) -> Row | None:
    """The suspense item of a payment."""
    return await session.one_or_none(_SUSPENSE_OF, {"payment_id": payment_id})


async def our_order(session: Session, numbers: Sequence[str]) -> str | None:
    """The number of an order of ours among some numbers."""
    return await session.scalar(_ORDER, {"numbers": list(numbers)})


async def refund_of_number(session: Session, number: str) -> Row | None:
    """The refund that has a number."""
    return await session.one_or_none(_REFUND, {"number": number})


async def refund_of_id(session: Session, refund_id: UUID) -> Row:
    """How a refund stands."""
    return await session.one(_REFUND_OF_ID, {"id": refund_id})


async def journal_of_key(session: Session, key: str) -> UUID | None:
    """A journal by its key."""
    return await session.scalar(_JOURNAL, {"key": key})


async def list_placed(session: Session, journal_id: UUID) -> Sequence[Row]:
    """What a journal placed where."""
    return await session.all(_PLACED, {"journal_id": journal_id})


async def move_suspense(session: Session, item_id: UUID, fen: int, resolution: str | None, by: str) -> bool:
    """More or less lies in a suspense item; False when it does not hold that."""
    return (await session.execute(_SUSPENSE, {"item_id": item_id, "fen": fen, "resolution": resolution, "by": by})).rowcount == 1


async def list_refunds_ended(session: Session, final: Sequence[str]) -> Sequence[Row]:
    """Remedies whose refund came to its end."""
    return await session.all(_RUNNING, {"final": list(final)})


async def count_running(session: Session) -> int:
    """How many refunds of remedies are under way."""
    which = (remedy.c.kind == "refund") & (remedy.c.status == "running")
    return int(await session.scalar(select(func.count()).select_from(remedy).where(which)) or 0)


async def list_healed(session: Session) -> Sequence[Row]:
    """Remedies that a healed difference makes needless: chases to book back, proposals to end, reposts that were answered."""
    return await session.all(_HEALED)


async def list_evidence(session: Session) -> Sequence[Row]:
    """Refunds nobody has sent yet that a channel's file shows as done."""
    return await session.all(_EVIDENCE)


async def list_reposts(session: Session, after: UUID | None, limit: int) -> Sequence[Row]:
    """What the business system is asked to post, the oldest first."""
    return await session.all(_REPOSTS, {"after": after, "limit": limit})


async def add_batch(session: Session, row: dict[str, object]) -> None:
    """Write a batch."""
    await session.execute(insert(remedy_batch), row)


async def find_batch(session: Session, batch_id: UUID) -> Row | None:
    """One batch."""
    return await session.one_or_none(select(remedy_batch).where(remedy_batch.c.id == batch_id))


async def lock_batch(session: Session, batch_id: UUID) -> Row | None:
    """One batch, held; always after its differences and remedies."""
    return await session.one_or_none(select(remedy_batch).where(remedy_batch.c.id == batch_id).with_for_update())


async def change_batch(session: Session, batch_id: UUID, **values: object) -> None:
    """Write new facts of a batch."""
    await session.execute(update(remedy_batch).where(remedy_batch.c.id == batch_id).values(**values))


async def list_batches(session: Session, before: UUID | None, limit: int) -> Sequence[Row]:
    """Batches, the newest first."""
    query = select(remedy_batch).order_by(remedy_batch.c.id.desc()).limit(limit)
    return await session.all(query.where(remedy_batch.c.id < before) if before else query)


async def count_batch(session: Session, batch_id: UUID) -> Sequence[Row]:
    """How many remedies of a batch stand where."""
    return await session.all(_BATCH_COUNTS, {"id": batch_id})


async def list_batch(session: Session, batch_id: UUID, status: str, after: int, limit: int) -> Sequence[Row]:
    """The remedies of a batch with their differences, in their order."""
    return await session.all(_BATCH_ITEMS, {"id": batch_id, "status": status, "after": after, "limit": limit})


async def list_batch_ids(session: Session, batch_id: UUID, statuses: Sequence[str]) -> list[tuple[UUID, UUID]]:
    """Difference and remedy of each item of a batch in some states, in order."""
    which = (remedy.c.batch_id == batch_id) & remedy.c.status.in_(list(statuses))
    rows = await session.all(select(remedy.c.difference_id, remedy.c.id).where(which).order_by(remedy.c.position))
    return [(row.difference_id, row.id) for row in rows]


async def move_batch_items(session: Session, batch_id: UUID, source: str, **values: object) -> int:
    """Take every remedy of a batch that stands in one state on."""
    which = (remedy.c.batch_id == batch_id) & (remedy.c.status == source)
    return (await session.execute(update(remedy).where(which).values(**values))).rowcount


async def move_differences(session: Session, batch_id: UUID, source: str, target: str) -> None:
    """Every difference of a batch that stands in one state goes to another."""
    mine = select(remedy.c.difference_id).where(remedy.c.batch_id == batch_id)
    which = difference.c.id.in_(mine) & (difference.c.status == source)
    await session.execute(update(difference).where(which).values(status=target, version=difference.c.version + 1))


async def write_on(session: Session, difference_ids: Sequence[UUID], **values: object) -> None:
    """The same facts on several held differences."""
    which = difference.c.id.in_(list(difference_ids))
    await session.execute(update(difference).where(which).values(version=difference.c.version + 1, **values))


async def take(session: Session, difference_ids: Sequence[UUID], status: str) -> None:
    """Several held differences go to a state together."""
    which = difference.c.id.in_(list(difference_ids))
    await session.execute(update(difference).where(which).values(status=status, version=difference.c.version + 1))
