"""The same money as others tell it: lines of their files, differences, settlement, the bank. One statement, index look-ups only."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import text

from core.database import Session
from core.trace.following_repository import as_json, decoded
from core.trace.told_schemas import (
    Arrival,
    Batch,
    Day,
    Difference,
    Line,
    LoadedFile,
    Payout,
    Settled,
)

SHARES = 50
"""Shares of a batch that its trace shows; the batch's own page has all of them."""

_LINE = """
    SELECT l.statement_id, l.row_no, l.line_no, s.source, s.side, s.file_name, s.bill_on, s.merchant_number, l.channel, l.kind, l.counts,
           l.number, l.order_number, l.channel_number, l.serial, l.bill_number, l.amount_fen, l.fee_fen, l.net_fen, l.happened_at,
           l.settle_on, l.status, s.made_by AS loaded_by, s.created_at AS loaded_at
    FROM ({found}) l JOIN core.statement s ON s.id = l.statement_id
    WHERE s.status = 'loaded' {and_more}
    ORDER BY s.bill_on, s.side, l.statement_id, l.row_no"""
_LINES = _LINE.format(
    found="""
        SELECT * FROM core.statement_line f WHERE f.number = ANY(CAST(:numbers AS text[]))
        UNION SELECT * FROM core.statement_line f WHERE f.channel_number = ANY(CAST(:channel_numbers AS text[]))
        UNION SELECT f.* FROM unnest(CAST(:line_statements AS uuid[]), CAST(:line_rows AS int[])) AS w(statement_id, row_no)
              CROSS JOIN LATERAL (SELECT * FROM core.statement_line g WHERE g.statement_id = w.statement_id AND g.row_no = w.row_no) f""",
    and_more="AND s.side <> 'funds'",
)
_BANK_LINES = _LINE.format(
    found="""
        SELECT f.* FROM unnest(CAST(:line_statements AS uuid[]), CAST(:line_rows AS int[])) AS w(statement_id, row_no)
        CROSS JOIN LATERAL (SELECT * FROM core.statement_line g WHERE g.statement_id = w.statement_id AND g.row_no = w.row_no) f
        UNION SELECT f.* FROM (
                  SELECT a.statement_id, a.row_no FROM arrived a
                  UNION SELECT e.statement_id, e.row_no FROM arrived a CROSS JOIN LATERAL (
                      SELECT * FROM core.bank_entry g WHERE g.arrival_id = a.id LIMIT 20) e
                  UNION SELECT e.statement_id, e.row_no FROM arrived a JOIN core.bank_assignment_part g ON g.arrival_id = a.id
                      JOIN core.bank_assignment n ON n.id = g.assignment_id AND n.status = 'standing' JOIN core.bank_entry e ON e.id = n.entry_id
                  UNION SELECT e.statement_id, e.row_no FROM paid p CROSS JOIN LATERAL (
                      SELECT * FROM core.bank_entry g WHERE g.payout_id = p.id LIMIT 20) e) w
              CROSS JOIN LATERAL (SELECT * FROM core.statement_line g WHERE g.statement_id = w.statement_id AND g.row_no = w.row_no) f
        UNION SELECT f.* FROM (SELECT bank_serial AS serial FROM paid UNION SELECT bank_serial FROM arrived) w
              CROSS JOIN LATERAL (SELECT * FROM core.statement_line g WHERE g.channel_number = w.serial LIMIT 5) f WHERE w.serial IS NOT NULL
        UNION SELECT f.* FROM paid p CROSS JOIN LATERAL (SELECT * FROM core.statement_line g WHERE g.number = p.number LIMIT 5) f""",
    and_more="AND s.side = 'funds'",
)

_DIFFERENCES = """
    SELECT d.id, d.code, d.class AS klass, d.bill_on, d.channel, d.kind, d.number, d.differs, d.missing_in, d.business_fen, d.platform_fen,
           d.channel_fen, d.platform_fee_fen, d.channel_fee_fen, d.amount_fen, d.status, d.severity, d.owner_name, d.due_at, d.resolution,
           d.settle_on, d.resolved_at, d.created_at,
           coalesce((SELECT jsonb_agg(to_jsonb(m) ORDER BY m.created_at) FROM (
               SELECT r.kind, r.status, r.amount_fen, r.reason, r.made_by, r.checked_by, r.journal_id, r.reversal_id, r.refund_id,
                      r.created_at, r.finished_at
               FROM core.recon_remedy r WHERE r.difference_id = d.id) m), '[]') AS remedies,
           coalesce((SELECT jsonb_agg(to_jsonb(v) ORDER BY v.at) FROM (
               SELECT e.what, e.by_name, e.remark, e.at FROM core.recon_event e WHERE e.difference_id = d.id) v), '[]') AS events
    FROM (SELECT f.id FROM core.recon_difference f WHERE f.number = ANY(CAST(:numbers AS text[]))
          UNION SELECT f.id FROM core.recon_difference f WHERE f.channel_number = ANY(CAST(:channel_numbers AS text[]))
          UNION SELECT f.id FROM core.recon_difference f WHERE f.payment_id = ANY(CAST(:payment_ids AS uuid[]))
          UNION SELECT unnest(CAST(:difference_ids AS uuid[]))) w
    CROSS JOIN LATERAL (SELECT * FROM core.recon_difference g WHERE g.id = w.id OFFSET 0) d
    ORDER BY d.bill_on, d.code"""

_WITH = """
    WITH shares AS MATERIALIZED (
        SELECT i.* FROM core.settlement_item i WHERE i.ref_id = ANY(CAST(:ref_ids AS uuid[]))),
    wanted AS MATERIALIZED (SELECT batch_id AS id FROM shares UNION SELECT unnest(CAST(:batch_ids AS uuid[]))),
    batches AS MATERIALIZED (SELECT b.* FROM wanted w CROSS JOIN LATERAL (SELECT * FROM core.settlement_batch g WHERE g.id = w.id) b),
    paid AS MATERIALIZED (SELECT p.* FROM wanted w CROSS JOIN LATERAL (SELECT * FROM core.payout g WHERE g.batch_id = w.id) p),
    places AS MATERIALIZED (
        SELECT * FROM unnest(CAST(:place_channels AS text[]), CAST(:place_merchants AS text[]), CAST(:place_days AS date[]))
                 AS k(channel, merchant_number, bill_on)),
    arrived AS MATERIALIZED (
        SELECT a.* FROM places k CROSS JOIN LATERAL (
            SELECT * FROM core.channel_arrival g
            WHERE g.channel = k.channel AND g.merchant_number = k.merchant_number AND g.bill_on = k.bill_on) a
        UNION SELECT a.* FROM core.channel_arrival a WHERE a.id = ANY(CAST(:arrival_ids AS uuid[])))
"""
_SHARES = """
    SELECT i.batch_id, b.number AS batch_number, b.merchant_code, i.kind, i.ref_id, i.channel, i.number, i.amount_fen, i.fee_fen
    FROM shares i JOIN batches b ON b.id = i.batch_id ORDER BY b.number, i.kind, i.number"""
_BATCHES = """
    SELECT b.id, b.number, b.merchant_id, b.merchant_code, b.bill_on, b.settle_on, b.status, b.pay_count, b.gross_fen, b.refund_count,
           b.refund_fen, b.fee_fen, b.fee_refund_fen, b.adjust_fen, b.brought_fen, b.net_fen, b.pay_fen, b.fee_journal_id, b.made_by,
           b.checked_by, b.created_at, b.checked_at, b.finished_at
    FROM batches b ORDER BY b.number"""
_PAYOUTS = """
    SELECT p.id, p.number, p.batch_id, p.attempt, p.amount_fen, p.account_name, p.account_masked, p.status, p.journal_id, p.bank_reference,
           p.bank_serial, p.error, p.created_at, p.sent_at, p.finished_at
    FROM paid p ORDER BY p.batch_id, p.attempt"""
_ARRIVALS = """
    SELECT a.id, a.channel, a.merchant_number, a.bill_on, a.due_on, a.gross_fen, a.fee_fen, a.net_fen, a.arrived_fen, a.status, a.journal_id,
           a.bank_serial, a.arrived_on, a.created_at
    FROM arrived a ORDER BY a.bill_on, a.channel"""
_DAYS = """
    SELECT r.bill_on, r.status, r.closed_at, r.closed_by, r.finished_at FROM core.recon_run r
    WHERE r.bill_on = ANY(CAST(:place_days AS date[])) ORDER BY r.bill_on"""
_FILES = """
    SELECT s.id, s.channel, s.merchant_number, s.bill_on, s.file_name FROM core.statement s
    WHERE s.bill_on = ANY(CAST(:place_days AS date[])) AND s.status = 'loaded' AND s.side = 'channel'
      AND s.channel = ANY(CAST(:place_channels AS text[])) ORDER BY s.bill_on"""

_SHAPES = {
    "lines": Line, "bank_lines": Line, "differences": Difference, "settled": Settled, "batches": Batch, "payouts": Payout,
    "arrivals": Arrival, "days": Day, "files": LoadedFile,
}  # fmt: skip
_LISTS = {
    "lines": _LINES, "bank_lines": _BANK_LINES, "differences": _DIFFERENCES, "settled": _SHARES, "batches": _BATCHES, "payouts": _PAYOUTS,
    "arrivals": _ARRIVALS, "days": _DAYS, "files": _FILES,
}  # fmt: skip
_OUTSIDE = text(_WITH + "SELECT " + ",\n".join(f"{as_json(sql)} AS {name}" for name, sql in _LISTS.items()))

_OF_BATCH = text(f"""
    SELECT (SELECT coalesce(jsonb_agg(to_jsonb(x)), '[]'::jsonb)::text FROM (
                SELECT i.batch_id, b.number AS batch_number, b.merchant_code, i.kind, i.ref_id, i.channel, i.number, i.amount_fen, i.fee_fen
                FROM core.settlement_item i JOIN core.settlement_batch b ON b.id = i.batch_id
                WHERE i.batch_id = ANY(CAST(:batch_ids AS uuid[])) ORDER BY i.batch_id, i.kind, i.ref_id LIMIT {SHARES}) x) AS settled,
           (SELECT coalesce(sum(b.pay_count + b.refund_count), 0)::bigint FROM core.settlement_batch b
            WHERE b.id = ANY(CAST(:batch_ids AS uuid[]))) AS shares,
           (SELECT coalesce(jsonb_agg(jsonb_build_array(a.channel, a.merchant_number, a.bill_on)), '[]')::text
            FROM core.settlement_batch b JOIN core.channel_arrival a ON a.bill_on = b.bill_on
            WHERE b.id = ANY(CAST(:batch_ids AS uuid[]))) AS places
""")

_OF_REMEDIES = text("""
    SELECT d.id, d.kind, d.number FROM core.recon_remedy r JOIN core.recon_difference d ON d.id = r.difference_id
    WHERE r.id = ANY(CAST(:remedy_ids AS uuid[]))
""")

Place = tuple[str, str, dt.date]


class Wanted(msgspec.Struct, kw_only=True):
    """By which numbers, ids, merchant numbers and days others may tell of the money."""

    numbers: list[str] = []
    channel_numbers: list[str] = []
    payment_ids: list[UUID] = []
    difference_ids: list[UUID] = []
    ref_ids: list[UUID] = []
    batch_ids: list[UUID] = []
    arrival_ids: list[UUID] = []
    lines: list[tuple[UUID, int]] = []
    places: list[Place] = []


async def outside(session: Session, wanted: Wanted) -> dict[str, list]:
    """Statement lines, differences, settlement shares and batches, payouts, arrivals, bank lines, runs and files, by name."""
    values = {
        "numbers": wanted.numbers, "channel_numbers": wanted.channel_numbers, "payment_ids": wanted.payment_ids,
        "difference_ids": wanted.difference_ids, "ref_ids": wanted.ref_ids, "batch_ids": wanted.batch_ids, "arrival_ids": wanted.arrival_ids,
        "line_statements": [statement_id for statement_id, _ in wanted.lines], "line_rows": [row_no for _, row_no in wanted.lines],
        "place_channels": [channel for channel, _, _ in wanted.places], "place_merchants": [number for _, number, _ in wanted.places],
        "place_days": [day for _, _, day in wanted.places],
    }  # fmt: skip
    return decoded(await session.one(_OUTSIDE, values), _SHAPES)


async def of_batches(session: Session, batch_ids: Sequence[UUID]) -> tuple[list[Settled], int, list[Place]]:
    """What batches consist of: the first shares, how many there are, and where their money came from."""
    row = await session.one(_OF_BATCH, {"batch_ids": list(batch_ids)})
    return decoded(row, {"settled": Settled})["settled"], row.shares, msgspec.json.decode(row.places, type=list[Place])


async def of_remedies(session: Session, remedy_ids: Sequence[UUID]) -> list[tuple[UUID, str, str]]:
    """What remedies are about: difference, pay or refund, number."""
    return [(row.id, row.kind, row.number) for row in await session.all(_OF_REMEDIES, {"remedy_ids": list(remedy_ids)})]
