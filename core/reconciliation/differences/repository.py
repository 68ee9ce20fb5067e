"""Differences as people work through them: lists, sums, one with its history, and every change of state."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import insert, select, text, update

from core.database import Row, Session
from core.reconciliation.models import difference, event
from core.reconciliation.states import OPEN

_NUMBERS = ("number", "order_number", "channel_number", "channel_order_number", "bill_number", "serial", "code")
_WHICH = f"""
    (:q = '' OR {" OR ".join(f"d.{name} = :q" for name in _NUMBERS)})
    AND (:klass = '' OR d.class = :klass) AND (:channel = '' OR d.channel = :channel) AND (:severity = '' OR d.severity = :severity)
    AND CASE :state WHEN 'live' THEN d.status = ANY(:open) WHEN 'all' THEN true ELSE d.status = :state END
    AND (:owner = '' OR (:owner = 'none' AND d.owner_id IS NULL) OR d.owner_id = :owner)
    AND (CAST(:start AS date) IS NULL OR d.bill_on >= CAST(:start AS date)) AND (CAST(:until AS date) IS NULL OR d.bill_on <= CAST(:until AS date))
    AND (CAST(:least_fen AS bigint) IS NULL OR d.amount_fen >= :least_fen) AND (CAST(:most_fen AS bigint) IS NULL OR d.amount_fen <= :most_fen)
    AND (NOT :overdue OR (d.due_at < :now AND d.status = ANY(:open)))
    AND (NOT :free OR d.status IN ('open', 'confirmed', 'rejected'))
    AND (NOT :longs OR (d.class IN ('LG1', 'DP1') OR (d.class = 'LG2' AND EXISTS (
        SELECT FROM core.recon_remedy r WHERE r.difference_id = d.id AND r.kind = 'repost' AND r.status = 'failed'))))
"""
_PAGE = text(f"""
    SELECT d.*, d.class AS klass FROM core.recon_difference d
    WHERE {_WHICH} AND (CAST(:before_on AS date) IS NULL OR (d.bill_on, d.id) < (CAST(:before_on AS date), CAST(:before_id AS uuid)))
    ORDER BY d.bill_on DESC, d.id DESC LIMIT :limit
""")
_SUMS = text(f"""
    SELECT count(*) AS differences, coalesce(sum(d.amount_fen), 0)::bigint AS amount_fen, min(d.bill_on) AS oldest_on
    FROM core.recon_difference d WHERE {_WHICH}
""")
_STATES = text(f"""
    SELECT d.status, count(*) AS differences, coalesce(sum(d.amount_fen), 0)::bigint AS amount_fen
    FROM core.recon_difference d WHERE {_WHICH} GROUP BY d.status
""")
_OWNERS = text("SELECT id::text AS id, name FROM core.user WHERE status = 'active' ORDER BY name, id LIMIT 500")
_JOURNALS = text("""
    SELECT j.id FROM core.ledger_journal j
    WHERE j.id IN (SELECT unnest(ARRAY[journal_id, reversal_id]) FROM core.recon_remedy WHERE difference_id = :difference_id)
       OR (j.biz_type = 'payment' AND j.biz_id = CAST(:payment_id AS text))
       OR (j.biz_type = 'refund' AND j.biz_id IN (SELECT refund_id::text FROM core.recon_remedy WHERE difference_id = :difference_id))
    ORDER BY j.posted_at, j.id
""")
_LINES = text("""
    SELECT l.*, s.source, s.side, s.merchant_number, s.bill_on, s.file_name, s.id AS statement_id
    FROM core.statement_line l JOIN core.statement s ON s.id = l.statement_id
    WHERE s.status = 'loaded' AND l.number = ANY(:numbers) AND l.kind = :kind ORDER BY s.bill_on, s.side, l.row_no LIMIT 40
""")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which differences are meant: by any of their numbers, class, channel, state (`live`: the open ones, `all`), owner, days, amount."""

    q: str = ""
    klass: str = ""
    channel: str = ""
    state: str = "live"
    severity: str = ""
    owner: str = ""
    start: dt.date | None = None
    until: dt.date | None = None
    least_fen: int | None = None
    most_fen: int | None = None
    overdue: bool = False
    longs: bool = False
    free: bool = False
    """Nobody is handling it."""

    def values(self, now: dt.datetime) -> dict[str, object]:
        """The parameters of a statement."""
        return {**msgspec.structs.asdict(self), "open": list(OPEN), "now": now}


async def list_page(session: Session, asked: Asked, now: dt.datetime, before: tuple[dt.date, UUID] | None, limit: int) -> Sequence[Row]:
    """Differences, the newest day first."""
    place = {"before_on": before and before[0], "before_id": before and before[1]}
    return await session.all(_PAGE, {**asked.values(now), **place, "limit": limit})


async def sum_page(session: Session, asked: Asked, now: dt.datetime) -> Row:
    """How many are meant, and what they come to."""
    return await session.one(_SUMS, asked.values(now))


async def sum_states(session: Session, asked: Asked, now: dt.datetime) -> Sequence[Row]:
    """How many of those meant stand in which state."""
    return await session.all(_STATES, asked.values(now))


async def find(session: Session, difference_id: UUID) -> Row | None:
    """One difference."""
    return await session.one_or_none(select(difference).where(difference.c.id == difference_id))


async def find_by_codes(session: Session, codes: Sequence[str]) -> Sequence[Row]:
    """Differences by the number people know them by."""
    return await session.all(select(difference).where(difference.c.code.in_(list(codes))))


async def lock(session: Session, difference_id: UUID) -> Row | None:
    """One difference, held until the transaction ends; it is always held before its remedies."""
    return await session.one_or_none(select(difference).where(difference.c.id == difference_id).with_for_update())


async def lock_many(session: Session, ids: Sequence[UUID]) -> Sequence[Row]:
    """Several, held in a fixed order."""
    return await session.all(select(difference).where(difference.c.id.in_(list(ids))).order_by(difference.c.id).with_for_update())


async def change(session: Session, difference_id: UUID, **values: object) -> None:
    """Write new facts of a difference."""
    await session.execute(update(difference).where(difference.c.id == difference_id).values(version=difference.c.version + 1, **values))


async def add_events(session: Session, rows: Sequence[dict[str, object]]) -> None:
    """Write down what happened to differences."""
    if rows:
        await session.execute(insert(event), list(rows))


async def list_events(session: Session, difference_id: UUID) -> Sequence[Row]:
    """Everything that happened to one, the oldest first."""
    return await session.all(select(event).where(event.c.difference_id == difference_id).order_by(event.c.at, event.c.id))


async def find_event(session: Session, event_id: UUID) -> Row | None:
    """One thing that happened, with its file."""
    return await session.one_or_none(select(event).where(event.c.id == event_id))


async def list_owners(session: Session) -> Sequence[Row]:
    """Who could look after a difference: the client's people, by name."""
    return await session.all(_OWNERS)


async def list_journals(session: Session, difference_id: UUID, payment_id: UUID | None) -> list[UUID]:
    """The journals of the money behind a difference: what its remedies posted, its payment's, its refunds'."""
    rows = await session.all(_JOURNALS, {"difference_id": difference_id, "payment_id": payment_id and str(payment_id)})
    return [row.id for row in rows]


async def list_lines(session: Session, kind: str, numbers: Sequence[str]) -> Sequence[Row]:
    """The lines of loaded files that carry one of the numbers."""
    return await session.all(_LINES, {"kind": kind, "numbers": [number for number in numbers if number]})
