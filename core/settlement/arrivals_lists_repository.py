"""Arrivals and bank entries in lists: every statement."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import text

from core.database import Row, Session

_ASKED = """
    FROM core.channel_arrival a
    WHERE (:channel = '' OR a.channel = :channel)
      AND (:status = '' OR a.status = :status OR (:status = 'open' AND a.status IN ('differs', 'missing')))
      AND a.bill_on >= coalesce(CAST(:start AS date), '-infinity') AND a.bill_on <= coalesce(CAST(:until AS date), 'infinity')
      AND (:typed = '' OR a.merchant_number = :typed OR a.bank_serial = :typed
           OR a.id IN (SELECT e.arrival_id FROM core.bank_entry e WHERE e.serial = :typed AND e.arrival_id IS NOT NULL)
           OR a.id IN (SELECT p.arrival_id FROM core.bank_entry e JOIN core.bank_assignment_part p ON p.assignment_id = e.assignment_id
                       WHERE e.serial = :typed))
"""
_PAGE = text(f"""
    SELECT a.* {_ASKED} AND (CAST(:before_on AS date) IS NULL OR (a.bill_on, a.id) < (CAST(:before_on AS date), CAST(:before_id AS uuid)))
    ORDER BY a.bill_on DESC, a.id DESC LIMIT :limit
""")
_TOTALS = """
    count(*) AS arrivals, coalesce(sum(a.gross_fen), 0)::bigint AS gross_fen, coalesce(sum(a.fee_fen), 0)::bigint AS fee_fen,
    coalesce(sum(a.net_fen), 0)::bigint AS net_fen, coalesce(sum(a.arrived_fen), 0)::bigint AS arrived_fen,
    count(*) FILTER (WHERE a.status = 'expected') AS waiting, count(*) FILTER (WHERE a.status IN ('differs', 'missing')) AS open
"""
_SUMS = text(f"SELECT {_TOTALS} {_ASKED}")
_DAYS = text(f"""
    SELECT a.bill_on, a.channel, max(a.due_on) AS due_on, {_TOTALS} {_ASKED}
      AND (CAST(:before_on AS date) IS NULL OR (a.bill_on, a.channel) < (CAST(:before_on AS date), :before_channel))
    GROUP BY a.bill_on, a.channel ORDER BY a.bill_on DESC, a.channel DESC LIMIT :limit
""")
_ONE = text("SELECT * FROM core.channel_arrival WHERE id = :id")
_ENTRIES_OF = text("""
    SELECT e.* FROM core.bank_entry e WHERE e.arrival_id = :id ORDER BY e.booked_at, e.id
""")
_PARTS_OF = text("""
    SELECT e.*, p.amount_fen AS part_fen FROM core.bank_assignment_part p JOIN core.bank_entry e ON e.assignment_id = p.assignment_id
    WHERE p.arrival_id = :id ORDER BY e.booked_at, e.id
""")
_JOURNALS_OF = text("SELECT id FROM core.ledger_journal WHERE biz_type = 'arrival' AND biz_id = :id ORDER BY posted_at")
_DIFFERENCE_OF = text("""
    SELECT id, code, status FROM core.recon_difference
    WHERE class = 'FE2' AND bill_on = :bill_on AND channel = :channel AND kind = 'arrival' AND number = :number
""")
_COUNT_OPEN = text("SELECT count(*) FROM core.channel_arrival WHERE status IN ('differs', 'missing')")

_COUNT_UNEXPLAINED = text("""
    SELECT count(*) FROM core.bank_entry e JOIN core.recon_difference d ON d.id = e.difference_id
    WHERE e.status = 'suspense' AND d.status IN ('open', 'confirmed', 'rejected')
""")

_ENTRIES_ASKED = """
    FROM core.bank_entry e LEFT JOIN core.payout p ON p.id = e.payout_id
    WHERE (:account = '' OR e.account_number = :account) AND (:kind = '' OR e.kind = :kind) AND (:status = '' OR e.status = :status)
      AND e.booked_on >= coalesce(CAST(:start AS date), '-infinity') AND e.booked_on <= coalesce(CAST(:until AS date), 'infinity')
      AND (:typed = '' OR e.serial = :typed OR e.reference = :typed OR e.merchant_number = :typed)
"""
_ENTRIES = text(f"""
    SELECT e.*, p.number AS payout_number, p.batch_id {_ENTRIES_ASKED}
      AND (CAST(:before_on AS date) IS NULL OR (e.booked_on, e.id) < (CAST(:before_on AS date), CAST(:before_id AS uuid)))
    ORDER BY e.booked_on DESC, e.id DESC LIMIT :limit
""")
_ENTRY_SUMS = text(f"""
    SELECT count(*) AS entries, coalesce(sum(e.amount_fen) FILTER (WHERE e.amount_fen > 0), 0)::bigint AS in_fen,
           coalesce(-sum(e.amount_fen) FILTER (WHERE e.amount_fen < 0), 0)::bigint AS out_fen {_ENTRIES_ASKED}
""")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What narrows a list of arrivals; days are bill days. `open` is every state that wants a person."""

    typed: str = ""
    channel: str = ""
    status: str = ""
    start: dt.date | None = None
    until: dt.date | None = None


class EntriesAsked(msgspec.Struct, frozen=True, kw_only=True):
    """What narrows a list of bank entries; days are the bank's."""

    typed: str = ""
    account: str = ""
    kind: str = ""
    status: str = ""
    start: dt.date | None = None
    until: dt.date | None = None


async def list_page(session: Session, asked: Asked, before: tuple[dt.date, UUID] | None, limit: int) -> Sequence[Row]:
    """Arrivals, the newest bill day first."""
    on, last = before or (None, None)
    return await session.all(_PAGE, {**msgspec.structs.asdict(asked), "before_on": on, "before_id": last, "limit": limit})


async def sum_page(session: Session, asked: Asked) -> Row:
    """What all that are meant come to."""
    return await session.one(_SUMS, msgspec.structs.asdict(asked))


async def list_days(session: Session, asked: Asked, before: tuple[dt.date, str] | None, limit: int) -> Sequence[Row]:
    """The same by bill day and channel."""
    on, channel = before or (None, "")
    return await session.all(_DAYS, {**msgspec.structs.asdict(asked), "before_on": on, "before_channel": channel, "limit": limit})


async def find(session: Session, arrival_id: UUID) -> Row | None:
    """One arrival."""
    return await session.one_or_none(_ONE, {"id": arrival_id})


async def entries_of(session: Session, arrival_id: UUID) -> Sequence[Row]:
    """The bank entries that belong to one as a whole."""
    return await session.all(_ENTRIES_OF, {"id": arrival_id})


async def parts_of(session: Session, arrival_id: UUID) -> Sequence[Row]:
    """The bank entries that two people assigned to one, with its part of each."""
    return await session.all(_PARTS_OF, {"id": arrival_id})


async def journals_of(session: Session, arrival_id: UUID) -> list[UUID]:
    """The journals of one, the oldest first."""
    return [row.id for row in await session.all(_JOURNALS_OF, {"id": str(arrival_id)})]


async def difference_of(session: Session, row: Row) -> Row | None:
    """The difference of one, if it ever had one."""
    number = f"{row.channel}.{row.merchant_number}.{row.bill_on:%Y%m%d}"
    return await session.one_or_none(_DIFFERENCE_OF, {"bill_on": row.bill_on, "channel": row.channel, "number": number})


async def count_open(session: Session) -> int:
    """How many arrivals differ or are missing."""
    return int(await session.scalar(_COUNT_OPEN) or 0)


async def count_unexplained(session: Session) -> int:
    """How many bank entries wait for somebody to say what they are."""
    return int(await session.scalar(_COUNT_UNEXPLAINED) or 0)


async def list_entries(session: Session, asked: EntriesAsked, before: tuple[dt.date, UUID] | None, limit: int) -> Sequence[Row]:
    """Entries of the clearing accounts, the newest day first."""
    on, last = before or (None, None)
    return await session.all(_ENTRIES, {**msgspec.structs.asdict(asked), "before_on": on, "before_id": last, "limit": limit})


async def sum_entries(session: Session, asked: EntriesAsked) -> Row:
    """What all that are meant come to, in and out."""
    return await session.one(_ENTRY_SUMS, msgspec.structs.asdict(asked))
