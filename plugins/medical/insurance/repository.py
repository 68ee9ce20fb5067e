"""Every query about insurance settlements."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert

from core.database import Row, Session
from plugins.medical.insurance.models import AMOUNTS, clearing, settlement

_MOVE = text("""
    UPDATE medical.insurance_settlement SET status = :to, settled_on = coalesce(settled_on, :day)
    WHERE order_id = ANY(CAST(:ids AS uuid[])) AND status = :source
""")
_COLUMNS = ("id", "setl_id", "order_id", "visit_id", "patient_id", "clr_type", "settled_on", "status", *(f"{name}_fen" for name in AMOUNTS))
_ADD = text(f"""
    INSERT INTO medical.insurance_settlement ({", ".join(_COLUMNS)}) VALUES ({", ".join(f":{name}" for name in _COLUMNS)})
    ON CONFLICT DO NOTHING RETURNING id
""")
_RECEIVABLE = "(s.fund_pay_sumamt_fen + s.acct_pay_fen + s.acct_mulaid_pay_fen)"
_WHERE = """
    FROM medical.insurance_settlement s
    LEFT JOIN medical.med_order o ON o.tenant_id = s.tenant_id AND o.id = s.order_id
    LEFT JOIN medical.visit v ON v.tenant_id = s.tenant_id AND v.id = coalesce(s.visit_id, o.visit_id)
    WHERE (CAST(:status AS text) = '' OR s.status = :status) AND (CAST(:clr_type AS text) = '' OR s.clr_type = :clr_type)
      AND (CAST(:start AS date) IS NULL OR s.settled_on >= :start) AND (CAST(:until AS date) IS NULL OR s.settled_on < :until)
      AND (CAST(:typed AS text) = '' OR s.setl_id = :typed OR o.number = :typed OR o.his_bill_no = :typed OR v.visit_no = :typed)
"""
_PAGE = text(f"""
    SELECT s.*, {_RECEIVABLE}::bigint AS receivable_fen, o.number AS order_number, v.visit_no {_WHERE}
      AND (CAST(:before AS uuid) IS NULL OR s.id < :before)
    ORDER BY s.id DESC LIMIT :limit
""")
_SUMS = text(f"""
    SELECT count(*) AS settlements,
           coalesce(sum({_RECEIVABLE}) FILTER (WHERE s.status IN ('settled', 'reversing', 'cleared')), 0)::bigint AS receivable_fen,
           coalesce(sum(s.medfee_sumamt_fen), 0)::bigint AS total_fen {_WHERE}
""")
_TYPES = text("SELECT DISTINCT clr_type FROM medical.insurance_settlement ORDER BY clr_type LIMIT 100")

_COUNTS = """EXISTS (SELECT FROM medical.insurance_clearing k WHERE k.tenant_id = l.tenant_id AND k.id = l.clearing_id AND k.taken_back_at IS NULL)"""
"""A line counts unless its file was taken back."""

_COMPARED = f"""
    WITH ours AS (
        SELECT s.setl_id, s.clr_type, s.settled_on, s.medfee_sumamt_fen AS total_fen,
               (s.fund_pay_sumamt_fen + s.acct_pay_fen + s.acct_mulaid_pay_fen)::bigint AS fen
        FROM medical.insurance_settlement s
        WHERE s.status IN ('settled', 'reversing', 'cleared') AND s.settled_on >= :start AND s.settled_on < :until),
    theirs AS (
        SELECT l.setl_id, min(l.clr_type) AS clr_type, min(l.settled_on) AS settled_on, max(l.total_fen) AS total_fen,
               sum(l.paid_fen)::bigint AS paid_fen, sum(l.refused_fen)::bigint AS refused_fen, string_agg(DISTINCT l.reason, '；') AS reason
        FROM medical.insurance_clearing_line l
        WHERE {_COUNTS} AND (l.setl_id IN (SELECT setl_id FROM ours) OR (l.settled_on >= :start AND l.settled_on < :until AND NOT EXISTS (
            SELECT FROM medical.insurance_settlement s WHERE s.setl_id = l.setl_id AND s.status IN ('settled', 'reversing', 'cleared'))))
        GROUP BY l.setl_id),
    both_sides AS (
        SELECT coalesce(o.setl_id, t.setl_id) AS setl_id, coalesce(o.clr_type, t.clr_type) AS clr_type,
               coalesce(o.settled_on, t.settled_on) AS settled_on, coalesce(o.total_fen, t.total_fen) AS total_fen, o.fen AS ours_fen,
               t.paid_fen + t.refused_fen AS theirs_fen, t.paid_fen, t.refused_fen, t.reason,
               coalesce(o.fen, 0) - coalesce(t.paid_fen, 0) AS difference_fen,
               CASE WHEN t.setl_id IS NULL THEN 'ours_only' WHEN o.setl_id IS NULL THEN 'insurer_only'
                    WHEN o.fen <> t.paid_fen + t.refused_fen OR o.total_fen <> t.total_fen THEN 'differs'
                    WHEN t.refused_fen > 0 THEN 'refused' ELSE 'matched' END AS verdict
        FROM ours o FULL JOIN theirs t ON t.setl_id = o.setl_id)
"""
_COMPARED_PAGE = text(f"""{_COMPARED}
    SELECT * FROM both_sides WHERE (CAST(:verdict AS text) = '' OR verdict = :verdict) AND setl_id > :after ORDER BY setl_id LIMIT :limit
""")
_COMPARED_SUMS = text(f"{_COMPARED} SELECT verdict, count(*) AS n, sum(difference_fen)::bigint AS fen FROM both_sides GROUP BY verdict")
_KNOWN_LINES = text("""
    SELECT l.setl_id, l.paid_fen, l.refused_fen, c.file_name, c.sha256, l.row_no
    FROM medical.insurance_clearing_line l JOIN medical.insurance_clearing c ON c.tenant_id = l.tenant_id AND c.id = l.clearing_id
    WHERE l.setl_id = ANY(CAST(:ids AS text[])) AND c.taken_back_at IS NULL ORDER BY c.id
""")
LINE = ("row_no", "setl_id", "settled_on", "clr_type", "total_fen", "fund_fen", "account_fen", "paid_fen", "refused_fen", "reason")
_TYPES_OF = {"row_no": "int", "settled_on": "date"}
_UNNEST = ", ".join(f"CAST(:{name} AS {_TYPES_OF.get(name, 'bigint' if name.endswith('_fen') else 'text')}[])" for name in LINE)
_ADD_LINES = text(f"""
    INSERT INTO medical.insurance_clearing_line (clearing_id, {", ".join(LINE)})
    SELECT CAST(:clearing_id AS uuid), n.* FROM unnest({_UNNEST}) n ON CONFLICT DO NOTHING
""")
_CLEARED = text(f"""
    UPDATE medical.insurance_settlement s SET status = 'cleared', clearing_id = l.last
    FROM (SELECT l.setl_id, sum(l.paid_fen + l.refused_fen) AS fen, max(l.total_fen) AS total_fen,
                 (array_agg(l.clearing_id ORDER BY l.clearing_id DESC))[1] AS last
          FROM medical.insurance_clearing_line l
          WHERE l.setl_id IN (SELECT setl_id FROM medical.insurance_clearing_line WHERE clearing_id = :clearing_id) AND {_COUNTS}
          GROUP BY l.setl_id) l
    WHERE s.setl_id = l.setl_id AND s.status = 'settled' AND coalesce(l.total_fen, s.medfee_sumamt_fen) = s.medfee_sumamt_fen
      AND l.fen = s.fund_pay_sumamt_fen + s.acct_pay_fen + s.acct_mulaid_pay_fen
""")
_REOPENED = text("""
    UPDATE medical.insurance_settlement s SET status = 'settled', clearing_id = NULL
    WHERE s.status = 'cleared' AND s.setl_id IN (SELECT setl_id FROM medical.insurance_clearing_line WHERE clearing_id = :clearing_id)
""")
_CLEARINGS = text("SELECT * FROM medical.insurance_clearing WHERE CAST(:before AS uuid) IS NULL OR id < :before ORDER BY id DESC LIMIT :limit")
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('insurance clearing ' || current_setting('app.tenant_id'), 0))")


async def list_compared(session: Session, start: dt.date, until: dt.date, verdict: str, after: str, limit: int) -> Sequence[Row]:
    """A period's settlements as we and the insurer know them, by settlement number; the day is ours, or the insurer's where we have none."""
    return await session.all(_COMPARED_PAGE, {"start": start, "until": until, "verdict": verdict, "after": after, "limit": limit})


async def compared_sums(session: Session, start: dt.date, until: dt.date) -> Sequence[Row]:
    """How many of each verdict, and what is missing."""
    return await session.all(_COMPARED_SUMS, {"start": start, "until": until})


async def list_known_lines(session: Session, setl_ids: Sequence[str]) -> Sequence[Row]:
    """Where some settlement numbers stand in files that were loaded before."""
    return await session.all(_KNOWN_LINES, {"ids": list(setl_ids)})


async def add_clearing(session: Session, row: Mapping[str, object]) -> UUID:
    """Write a file of the insurer down; the same file again is the same one, and a new one where it was taken back before."""
    await session.execute(insert(clearing).values(**row).on_conflict_do_nothing())
    return await session.scalar(select(clearing.c.id).where(clearing.c.sha256 == row["sha256"], clearing.c.taken_back_at.is_(None)))


async def find_clearing(session: Session, clearing_id: UUID) -> Row | None:
    """A file of the insurer."""
    return await session.one_or_none(select(clearing).where(clearing.c.id == clearing_id))


async def take_back(session: Session, clearing_id: UUID, at: dt.datetime, by: str) -> None:
    """A file counts no more."""
    await session.execute(update(clearing).where(clearing.c.id == clearing_id).values(taken_back_at=at, taken_back_by=by))


async def hold(session: Session) -> None:
    """One at a time says what is cleared."""
    await session.execute(_LOCK)


async def add_lines(session: Session, clearing_id: UUID, rows: Sequence[Mapping[str, object]]) -> None:
    """Write lines of a file; those that are there stay."""
    await session.execute(_ADD_LINES, {"clearing_id": clearing_id, **{name: [row[name] for row in rows] for name in LINE}})


async def mark_cleared(session: Session, clearing_id: UUID) -> int:
    """Settlements of a file whose money the insurer's files account for in full are cleared; answers how many."""
    return (await session.execute(_CLEARED, {"clearing_id": clearing_id})).rowcount


async def reopen(session: Session, clearing_id: UUID) -> int:
    """Settlements of a file that were cleared wait again; answers how many."""
    return (await session.execute(_REOPENED, {"clearing_id": clearing_id})).rowcount


async def list_clearings(session: Session, before: UUID | None, limit: int) -> Sequence[Row]:
    """The insurer's files, the newest first."""
    return await session.all(_CLEARINGS, {"before": before, "limit": limit})


async def add(session: Session, row: Mapping[str, object]) -> bool:
    """Write a settlement; False when its number is there."""
    return await session.one_or_none(_ADD, row) is not None


async def find_by_setl_id(session: Session, setl_id: str) -> Row:
    """One settlement by the insurer's number."""
    return await session.one(select(settlement).where(settlement.c.setl_id == setl_id))


async def find_of_order(session: Session, order_id: UUID) -> Row | None:
    """The settlement of an order."""
    return await session.one_or_none(select(settlement).where(settlement.c.order_id == order_id))


async def move_of_orders(session: Session, order_ids: Sequence[UUID], source: str, to: str, day: dt.date | None) -> None:
    """Another state for the settlements of some orders."""
    await session.execute(_MOVE, {"ids": list(order_ids), "source": source, "to": to, "day": day})


async def list_page(session: Session, asked: Mapping[str, object], before: UUID | None, limit: int) -> Sequence[Row]:
    """Settlements, the newest first."""
    return await session.all(_PAGE, {**asked, "before": before, "limit": limit})


async def sums(session: Session, asked: Mapping[str, object]) -> Row:
    """How many, and how much is to come, of everything the filter means."""
    return await session.one(_SUMS, dict(asked))


async def list_types(session: Session) -> list[str]:
    """The clearing types there are."""
    return [row.clr_type for row in await session.all(_TYPES)]
