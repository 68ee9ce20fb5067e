"""Entries of the clearing accounts and what channels owe them: every statement of matching the two, set by set."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select, text, update

from core.database import Row, Session
from core.settlement.models import arrival, bank_assignment, bank_assignment_part, bank_entry

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('arrivals ' || current_setting('app.tenant_id'), 0))")

# What the channels' files say of each merchant number and day, where the arrival does not say the same yet. What the channel paid on to
# receivers of a shared payment (分账) on that day does not arrive, and no trade bill tells of it.
_STATED = text("""
    WITH told AS (
        SELECT channel, merchant_number, bill_on, sum(pay_amount_fen - refund_amount_fen)::bigint AS gross_fen, sum(fee_fen)::bigint AS fee_fen,
               sum(net_fen)::bigint AS net_fen
        FROM core.statement
        WHERE side = 'channel' AND status = 'loaded' AND channel <> '' AND source <> ALL(CAST(:siblings AS text[])) AND bill_on >= :since
        GROUP BY channel, merchant_number, bill_on),
    gone AS (
        SELECT channel, mchid AS merchant_number, bill_on, sum(fen)::bigint AS shared_fen FROM (
            SELECT y.channel, y.mchid, coalesce(s.proved_on, (s.finished_at AT TIME ZONE 'Asia/Shanghai')::date) AS bill_on, h.amount_fen AS fen
            FROM core.sharing_split s JOIN core.sharing_share h ON h.split_id = s.id JOIN core.payment y ON y.id = s.payment_id
            WHERE h.state = 'succeeded'
            UNION ALL
            SELECT y.channel, y.mchid, coalesce(r.proved_on, (r.finished_at AT TIME ZONE 'Asia/Shanghai')::date), -r.amount_fen
            FROM core.sharing_return r JOIN core.sharing_split s ON s.id = r.split_id JOIN core.payment y ON y.id = s.payment_id
            WHERE r.state = 'succeeded') shares
        WHERE bill_on >= :since GROUP BY channel, mchid, bill_on),
    owed AS (
        SELECT t.channel, t.merchant_number, t.bill_on, t.gross_fen, t.fee_fen, coalesce(g.shared_fen, 0) AS shared_fen,
               t.net_fen - coalesce(g.shared_fen, 0) AS net_fen
        FROM told t LEFT JOIN gone g USING (channel, merchant_number, bill_on))
    SELECT o.* FROM owed o LEFT JOIN core.channel_arrival a USING (channel, merchant_number, bill_on)
    WHERE a.id IS NULL OR NOT a.stated
       OR (a.gross_fen, a.fee_fen, a.shared_fen, a.net_fen) IS DISTINCT FROM (o.gross_fen, o.fee_fen, o.shared_fen, o.net_fen)
    ORDER BY o.bill_on, o.channel, o.merchant_number
""")
_EXPECT = text("""
    INSERT INTO core.channel_arrival (id, channel, merchant_number, bill_on, due_on, gross_fen, fee_fen, shared_fen, net_fen, stated, status)
    VALUES (:id, :channel, :merchant_number, :bill_on, :due_on, :gross_fen, :fee_fen, :shared_fen, :net_fen, :stated, 'expected')
    ON CONFLICT (tenant_id, channel, merchant_number, bill_on) DO UPDATE
    SET gross_fen = excluded.gross_fen, fee_fen = excluded.fee_fen, shared_fen = excluded.shared_fen, net_fen = excluded.net_fen, stated = true
    WHERE excluded.stated
""")

_GONE = text("""
    UPDATE core.bank_entry e SET status = 'withdrawn', arrival_id = NULL, payout_id = NULL
    FROM core.statement old
    WHERE old.id = e.statement_id AND old.status <> 'loaded' AND e.status <> 'withdrawn'
      AND EXISTS (SELECT FROM core.statement s WHERE s.source = 'bank' AND s.status = 'loaded' AND s.merchant_number = e.account_number
                  AND s.bill_on = e.booked_on)
    RETURNING e.id, e.account_number, e.serial, e.amount_fen, e.journal_id, e.difference_id, e.booked_on, e.assignment_id
""")
_TAKE = text("""
    INSERT INTO core.bank_entry (id, account_number, serial, booked_on, booked_at, amount_fen, reference, kind, channel, merchant_number,
                                 bill_on, status, statement_id, row_no)
    SELECT uuidv7(), s.merchant_number, l.channel_number, s.bill_on, l.happened_at, l.net_fen, coalesce(l.bill_number, ''),
           CASE WHEN l.kind IN ('pay', 'refund') THEN 'arrival' WHEN l.kind = 'payout' THEN 'payout' WHEN l.status = 'returned' THEN 'returned'
                ELSE 'other' END,
           CASE WHEN l.kind IN ('pay', 'refund') THEN l.channel ELSE '' END, coalesce(l.order_number, ''), l.settle_on, 'new', s.id, l.row_no
    FROM core.statement s JOIN core.statement_line l ON l.statement_id = s.id
    WHERE s.source = 'bank' AND s.status = 'loaded' AND NOT EXISTS (SELECT FROM core.bank_entry e WHERE e.statement_id = s.id)
    ON CONFLICT (tenant_id, account_number, serial, amount_fen) DO UPDATE
    SET statement_id = excluded.statement_id, row_no = excluded.row_no, booked_on = excluded.booked_on,
        status = CASE WHEN bank_entry.status = 'withdrawn' THEN 'new' ELSE bank_entry.status END,
        journal_id = CASE WHEN bank_entry.status = 'withdrawn' THEN NULL ELSE bank_entry.journal_id END,
        difference_id = CASE WHEN bank_entry.status = 'withdrawn' THEN NULL ELSE bank_entry.difference_id END
""")

_KNOWN = """
    (SELECT channel, mchid AS number FROM core.channel_account UNION SELECT channel, number FROM core.statement_merchant)
"""
_UNSTATED = text(f"""
    SELECT DISTINCT e.channel, e.merchant_number, e.bill_on FROM core.bank_entry e
    JOIN {_KNOWN} k ON (k.channel, k.number) = (e.channel, e.merchant_number)
    WHERE e.kind = 'arrival' AND e.status = 'new' AND e.bill_on IS NOT NULL
      AND NOT EXISTS (SELECT FROM core.channel_arrival a WHERE (a.channel, a.merchant_number, a.bill_on) = (e.channel, e.merchant_number, e.bill_on))
""")
_BY_REFERENCE = text("""
    UPDATE core.bank_entry e SET arrival_id = a.id, status = 'matched', matched_by = 'reference'
    FROM core.channel_arrival a
    WHERE e.kind = 'arrival' AND e.status = 'new' AND (a.channel, a.merchant_number, a.bill_on) = (e.channel, e.merchant_number, e.bill_on)
""")
_BY_AMOUNT = text("""
    WITH fits AS (
        SELECT e.id AS entry_id, a.id AS arrival_id, a.channel, a.merchant_number, a.bill_on,
               count(*) OVER (PARTITION BY e.id) AS arrivals, count(*) OVER (PARTITION BY a.id) AS entries
        FROM core.bank_entry e JOIN core.channel_arrival a ON a.net_fen = e.amount_fen
        WHERE e.kind = 'other' AND e.status = 'new' AND a.stated AND a.arrived_fen = 0 AND a.status IN ('expected', 'missing')
          AND e.booked_on BETWEEN a.bill_on AND a.due_on + 7
          AND NOT EXISTS (SELECT FROM core.bank_entry o WHERE o.arrival_id = a.id))
    UPDATE core.bank_entry e SET arrival_id = f.arrival_id, status = 'matched', matched_by = 'amount', kind = 'arrival', channel = f.channel,
        merchant_number = f.merchant_number, bill_on = f.bill_on
    FROM fits f WHERE f.entry_id = e.id AND f.arrivals = 1 AND f.entries = 1
""")
# One entry of each kind for a payout: a second debit under the same number is money that left twice.
_PAYOUTS = text("""
    WITH fits AS (
        SELECT e.id AS entry_id, p.id AS payout_id, p.number, row_number() OVER (PARTITION BY p.id, e.kind ORDER BY e.booked_at, e.id) AS place
        FROM core.bank_entry e JOIN core.payout p ON p.number = e.reference AND p.amount_fen = abs(e.amount_fen)
        WHERE e.kind IN ('payout', 'returned') AND e.status = 'new'
          AND NOT EXISTS (SELECT FROM core.bank_entry o WHERE o.payout_id = p.id AND o.kind = e.kind AND o.status = 'matched'))
    UPDATE core.bank_entry e SET payout_id = f.payout_id, status = 'matched', matched_by = 'number'
    FROM fits f WHERE f.entry_id = e.id AND f.place = 1
    RETURNING e.id, e.kind, e.serial, e.booked_at, f.payout_id, f.number
""")
_DENIED = text("""
    UPDATE core.bank_entry e SET payout_id = NULL, status = 'new', matched_by = ''
    FROM core.payout p
    WHERE e.id = ANY(CAST(:ids AS uuid[])) AND p.id = e.payout_id
      AND NOT (p.status = 'returned' OR (e.kind = 'payout' AND p.status = 'paid'))
""")
_UNEXPLAINED = text("SELECT * FROM core.bank_entry WHERE status = 'new' ORDER BY booked_at, id FOR UPDATE")

# What belongs to an arrival: entries that name it, and its parts of entries that two people assigned to it.
ENTRIES_OF = """
    SELECT b.id, b.account_number, b.serial, b.booked_on, b.booked_at, b.statement_id, b.row_no, b.amount_fen, 0::bigint AS assigned_fen
    FROM core.bank_entry b WHERE b.arrival_id = {arrival} AND b.status = 'matched'
    UNION ALL
    SELECT b.id, b.account_number, b.serial, b.booked_on, b.booked_at, b.statement_id, b.row_no, p.amount_fen, p.amount_fen
    FROM core.bank_assignment_part p JOIN core.bank_entry b ON b.assignment_id = p.assignment_id AND b.status = 'matched'
    WHERE p.arrival_id = {arrival}
"""
_UNSETTLED = text(f"""
    SELECT a.*, coalesce(e.arrived_fen, 0)::bigint AS came_fen, coalesce(e.assigned_fen, 0)::bigint AS came_assigned_fen, e.account, e.came_on,
           e.last_serial, e.last_statement_id, e.last_row_no
    FROM core.channel_arrival a
    LEFT JOIN LATERAL (
        SELECT sum(amount_fen) AS arrived_fen, sum(m.assigned_fen) AS assigned_fen, max(account_number) AS account, max(booked_on) AS came_on,
               (array_agg(serial ORDER BY booked_at DESC, id DESC))[1] AS last_serial,
               (array_agg(statement_id ORDER BY booked_at DESC, id DESC))[1] AS last_statement_id,
               (array_agg(row_no ORDER BY booked_at DESC, id DESC))[1] AS last_row_no
        FROM ({ENTRIES_OF.format(arrival="a.id")}) m) e ON true
    WHERE a.status <> 'arrived' OR a.arrived_fen IS DISTINCT FROM coalesce(e.arrived_fen, 0)
       OR a.assigned_fen IS DISTINCT FROM coalesce(e.assigned_fen, 0) OR (a.stated AND a.arrived_fen <> a.net_fen)
       OR (a.stated AND a.fee_posted_fen <> a.fee_fen)
    ORDER BY a.bill_on, a.channel, a.merchant_number FOR UPDATE OF a
""")


async def lock(session: Session) -> None:
    """One matching of a client's clearing account at a time."""
    await session.execute(_LOCK)


async def list_stated(session: Session, siblings: Sequence[str], since: dt.date) -> Sequence[Row]:
    """Days of merchant numbers of which the channels' files say something new."""
    return await session.all(_STATED, {"siblings": list(siblings), "since": since})


async def list_unstated(session: Session) -> Sequence[Row]:
    """Days that the bank names and no channel's file has told of yet."""
    return await session.all(_UNSTATED)


async def expect(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Write down what is owed; what a file says replaces what was known without one."""
    if rows:
        await session.execute(_EXPECT, list(rows))


async def withdraw(session: Session) -> Sequence[Row]:
    """Entries that the bank's newer statement of their day does not have any more."""
    return await session.all(_GONE)


async def take(session: Session) -> None:
    """Every line of the bank's statements as an entry, once; an entry of an older version stands in the newer one now."""
    await session.execute(_TAKE)


async def match_arrivals(session: Session) -> None:
    """Give entries to the arrivals they name; those that name none by an amount that fits exactly one, both ways."""
    await session.execute(_BY_REFERENCE)
    await session.execute(_BY_AMOUNT)


async def match_payouts(session: Session) -> Sequence[Row]:
    """Give entries to the payouts whose number and amount they carry; answers what was found."""
    return await session.all(_PAYOUTS)


async def deny_payouts(session: Session, entry_ids: Sequence[UUID]) -> None:
    """Take entries back from payouts that, as far as we know, never were paid or never came back: a person has to look."""
    await session.execute(_DENIED, {"ids": list(entry_ids)})


async def list_unexplained(session: Session) -> Sequence[Row]:
    """Entries that nothing of ours explains, held."""
    return await session.all(_UNEXPLAINED)


async def list_unsettled(session: Session) -> Sequence[Row]:
    """Arrivals that are not done, or not in the books as they should be, with what came; held."""
    return await session.all(_UNSETTLED)


async def set_arrival(session: Session, arrival_id: UUID, values: Mapping[str, object]) -> None:
    """How an arrival stands now."""
    await session.execute(update(arrival).where(arrival.c.id == arrival_id).values(**values))


async def set_entry(session: Session, entry_id: UUID, values: Mapping[str, object]) -> None:
    """What became of an entry."""
    await session.execute(update(bank_entry).where(bank_entry.c.id == entry_id).values(**values))


async def parts_of(session: Session, assignment_id: UUID) -> Sequence[Row]:
    """What an assignment gave to which arrival."""
    part = bank_assignment_part
    return await session.all(select(part).where(part.c.assignment_id == assignment_id).order_by(part.c.arrival_id))


async def set_part(session: Session, assignment_id: UUID, arrival_id: UUID, values: Mapping[str, object]) -> None:
    """What became of a part of an assignment."""
    part = bank_assignment_part
    await session.execute(update(part).where(part.c.assignment_id == assignment_id, part.c.arrival_id == arrival_id).values(**values))


async def set_assignment(session: Session, assignment_id: UUID, values: Mapping[str, object]) -> None:
    """What became of an assignment."""
    await session.execute(update(bank_assignment).where(bank_assignment.c.id == assignment_id).values(**values))
