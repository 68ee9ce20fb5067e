"""What people said unexplained bank entries are: every statement."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import insert, select, text

from core.database import Row, Session
from core.settlement.models import bank_assignment, bank_assignment_part

_ENTRY = text("""
    SELECT e.*, p.number AS payout_number, p.batch_id, d.status AS difference_status, d.code AS difference_code, l.line_no
    FROM core.bank_entry e LEFT JOIN core.payout p ON p.id = e.payout_id LEFT JOIN core.recon_difference d ON d.id = e.difference_id
    LEFT JOIN core.statement_line l ON l.statement_id = e.statement_id AND l.row_no = e.row_no
    WHERE e.id = :id
""")
_LOCK_ENTRY = text("SELECT * FROM core.bank_entry WHERE id = :id FOR UPDATE")
_ARRIVALS = text("SELECT * FROM core.channel_arrival WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY bill_on, channel, merchant_number, id")

# Arrivals that still wait for money, the likeliest for an entry first: the very amount, then the nearest amount, then the nearest day.
_ARRIVALS_FOR = text("""
    SELECT a.*, a.net_fen - a.arrived_fen AS owed_fen FROM core.channel_arrival a
    WHERE a.status <> 'arrived' AND sign(a.net_fen - a.arrived_fen) = sign(CAST(:fen AS bigint))
      AND a.bill_on BETWEEN CAST(:day AS date) - 62 AND CAST(:day AS date) + 7
    ORDER BY a.net_fen - a.arrived_fen <> :fen, abs(a.net_fen - a.arrived_fen - :fen), abs(a.due_on - CAST(:day AS date)), a.id LIMIT :limit
""")
# The reverse: entries that nothing explains, the likeliest for an arrival first.
_ENTRIES_FOR = text("""
    SELECT e.*, l.line_no FROM core.bank_entry e
    JOIN core.recon_difference d ON d.id = e.difference_id AND d.status IN ('open', 'confirmed', 'rejected')
    LEFT JOIN core.statement_line l ON l.statement_id = e.statement_id AND l.row_no = e.row_no
    WHERE e.status = 'suspense' AND sign(e.amount_fen) = sign(CAST(:fen AS bigint))
      AND e.booked_on BETWEEN CAST(:day AS date) - 7 AND CAST(:day AS date) + 62
    ORDER BY e.amount_fen <> :fen, abs(e.amount_fen - :fen), abs(e.booked_on - CAST(:day AS date)), e.id LIMIT :limit
""")
_OF_ENTRY = text("""
    SELECT g.id, g.status, g.reason, g.made_by, g.checked_by, g.created_at, g.undone_by, g.undone_at, g.undone_because, p.arrival_id,
           p.amount_fen, a.channel, a.merchant_number, a.bill_on
    FROM core.bank_assignment g JOIN core.bank_assignment_part p ON p.assignment_id = g.id JOIN core.channel_arrival a ON a.id = p.arrival_id
    WHERE g.entry_id = :id ORDER BY g.created_at DESC, g.id, a.bill_on, a.channel, a.merchant_number
""")


async def find_entry(session: Session, entry_id: UUID) -> Row | None:
    """One bank entry with its payout, its difference and where it stands in the bank's file."""
    return await session.one_or_none(_ENTRY, {"id": entry_id})


async def lock_entry(session: Session, entry_id: UUID) -> Row | None:
    """One bank entry, held."""
    return await session.one_or_none(_LOCK_ENTRY, {"id": entry_id})


async def list_arrivals(session: Session, arrival_ids: Sequence[UUID]) -> Sequence[Row]:
    """Some arrivals."""
    return await session.all(_ARRIVALS, {"ids": list(arrival_ids)})


async def arrivals_for(session: Session, fen: int, day: dt.date, limit: int) -> Sequence[Row]:
    """Arrivals that an entry of so much may be, the likeliest first."""
    return await session.all(_ARRIVALS_FOR, {"fen": fen, "day": day, "limit": limit})


async def entries_for(session: Session, fen: int, day: dt.date, limit: int) -> Sequence[Row]:
    """Unexplained entries that may be what an arrival still waits for, the likeliest first."""
    return await session.all(_ENTRIES_FOR, {"fen": fen, "day": day, "limit": limit})


async def list_of(session: Session, entry_id: UUID) -> Sequence[Row]:
    """Everything that was ever said of an entry, a row for each part, the newest first."""
    return await session.all(_OF_ENTRY, {"id": entry_id})


async def standing(session: Session, entry_id: UUID) -> Row | None:
    """What an entry is said to be now, held."""
    query = select(bank_assignment).where(bank_assignment.c.entry_id == entry_id, bank_assignment.c.status == "standing")
    return await session.one_or_none(query.with_for_update())


async def add(session: Session, row: Mapping[str, object], parts: Sequence[Mapping[str, object]]) -> None:
    """Write down what an entry is."""
    await session.execute(insert(bank_assignment), dict(row))
    await session.execute(insert(bank_assignment_part), [dict(part) for part in parts])
