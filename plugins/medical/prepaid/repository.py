"""Balances of former years in the database, and the credit that patients have in our own books."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select, text

from core.database import Row, Session
from core.refunds.states import OPEN as ITEMS_OPEN
from plugins.medical.prepaid.models import balance

COLUMNS = ("id", "source", "card_no", "patient_id", "patient_no", "name", "phone_sealed", "last_used_on", "amount_fen")
_TYPES = {"id": "uuid", "patient_id": "uuid", "phone_sealed": "bytea", "last_used_on": "date", "amount_fen": "bigint"}
_UNNEST = ", ".join(f"CAST(:{name} AS {_TYPES.get(name, 'text')}[])" for name in COLUMNS)
_WRITE = text(f"""
    INSERT INTO medical.legacy_balance AS old ({", ".join(COLUMNS)}, status)
    SELECT n.*, 'listed' FROM unnest({_UNNEST}) n
    ON CONFLICT (tenant_id, source, card_no) DO UPDATE SET patient_id = excluded.patient_id, patient_no = excluded.patient_no, name = excluded.name,
        phone_sealed = coalesce(excluded.phone_sealed, old.phone_sealed), last_used_on = excluded.last_used_on, amount_fen = excluded.amount_fen
    WHERE old.status = 'listed'
""")
_KNOWN = text("""
    SELECT b.* FROM medical.legacy_balance b
    WHERE b.card_no = ANY(CAST(:cards AS text[])) OR b.patient_no = ANY(CAST(:patients AS text[]))
""")
_TOTALS = text("SELECT status, count(*) AS cards, sum(amount_fen)::bigint AS fen FROM medical.legacy_balance GROUP BY status")
_TO_TELL = text("""
    SELECT b.id, b.patient_id, b.name, b.phone_sealed, b.amount_fen,
           EXISTS (SELECT FROM core.binding g WHERE g.party_id = b.patient_id AND g.status = 'bound') AS bound
    FROM medical.legacy_balance b
    WHERE b.status = 'listed' AND b.patient_id IS NOT NULL AND (b.told_at IS NULL OR b.told_at < :before)
    ORDER BY b.id LIMIT :limit
""")
_TOLD = text("UPDATE medical.legacy_balance SET told_at = :now WHERE id = ANY(CAST(:ids AS uuid[]))")
_CREDIT = text("""
    SELECT q.party_id, q.fen FROM (
        SELECT a.party_id, (sum(a.amount_fen)
            - coalesce((SELECT sum(t.amount_fen) FROM core.refund_part t JOIN core.refund_item i ON i.id = t.item_id
                        WHERE t.kind = 'credit' AND t.party_id = a.party_id AND i.journal_id IS NULL AND i.state = ANY(CAST(:open AS text[]))), 0)
            - coalesce((SELECT sum(r.amount_fen) FROM core.refund r
                        WHERE r.source = 'credit' AND r.party_id = a.party_id AND r.status = 'requested'), 0))::bigint AS fen
        FROM core.allocation a JOIN core.party p ON p.tenant_id = a.tenant_id AND p.id = a.party_id
        WHERE a.kind = 'credit' AND p.plugin = 'medical' GROUP BY a.party_id) q
    WHERE q.fen > 0 ORDER BY q.party_id LIMIT :limit
""")
_PAGE = text("""
    SELECT b.* FROM medical.legacy_balance b
    WHERE (:status = '' OR b.status = :status) AND (:source = '' OR b.source = :source)
      AND (:search = '' OR b.card_no = :search OR b.patient_no = :search OR b.evidence = :search OR b.name LIKE :like)
      AND (CAST(:after AS uuid) IS NULL OR b.id > CAST(:after AS uuid))
    ORDER BY b.id LIMIT :limit
""")
_SOURCES = text("SELECT DISTINCT source FROM medical.legacy_balance ORDER BY source")


async def write(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Write balances, new or changed, in one statement; one that is claimed, frozen or paid stays as it is."""
    await session.execute(_WRITE, {name: [row[name] for row in rows] for name in COLUMNS})


async def list_known(session: Session, cards: Sequence[str], patients: Sequence[str]) -> Sequence[Row]:
    """Balances that have one of these cards or patients."""
    return await session.all(_KNOWN, {"cards": list(cards), "patients": list(patients)})


async def find(session: Session, balance_id: UUID) -> Row | None:
    """One balance."""
    return await session.one_or_none(select(balance).where(balance.c.id == balance_id))


async def lock(session: Session, balance_id: UUID) -> Row | None:
    """One balance, held."""
    return await session.one_or_none(select(balance).where(balance.c.id == balance_id).with_for_update())


async def find_by_evidence(session: Session, evidence: str) -> Row | None:
    """The balance that a transfer was registered for."""
    return await session.one_or_none(select(balance).where(balance.c.evidence == evidence))


async def change(session: Session, balance_id: UUID, **values: object) -> None:
    """Write columns of a balance (the caller checked the step)."""
    await session.execute(balance.update().where(balance.c.id == balance_id).values(**values))


async def totals(session: Session) -> dict[str, tuple[int, int]]:
    """Cards and fen by state."""
    return {row.status: (row.cards, row.fen) for row in await session.all(_TOTALS)}


async def list_to_tell(session: Session, before: dt.datetime, limit: int) -> Sequence[Row]:
    """Listed balances whose patients were not told since an instant."""
    return await session.all(_TO_TELL, {"before": before, "limit": limit})


async def set_told(session: Session, balance_ids: Sequence[UUID], now: dt.datetime) -> None:
    """Their patients have been told."""
    await session.execute(_TOLD, {"ids": list(balance_ids), "now": now})


async def list_credit(session: Session, limit: int) -> Sequence[Row]:
    """Patients with credit in our books that no refund holds or asks for, and how much."""
    return await session.all(_CREDIT, {"open": list(ITEMS_OPEN), "limit": limit})


async def list_page(session: Session, *, status: str, source: str, search: str, after: UUID | None, limit: int) -> Sequence[Row]:
    """Balances in the order in which they came, a page after a key."""
    like = "%" + search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return await session.all(_PAGE, {"status": status, "source": source, "search": search, "like": like, "after": after, "limit": limit})


async def list_sources(session: Session) -> list[str]:
    """The systems that balances came from."""
    return [row.source for row in await session.all(_SOURCES)]
