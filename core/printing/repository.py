"""Bills to be printed: every statement."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session

_WHICH = """
    FROM core.bill b JOIN core.party p ON p.id = b.party_id
    WHERE b.status IN ('issued', 'partially_paid', 'partially_refunded') AND b.amount_fen > b.paid_fen AND b.visible_from <= now()
      AND (CAST(:org_ids AS uuid[]) IS NULL OR coalesce(p.org_id, b.org_id) = ANY(CAST(:org_ids AS uuid[])))
      AND (CAST(:source AS text) IS NULL OR b.source = :source)
      AND (CAST(:bill_id AS uuid) IS NULL OR b.id = :bill_id)
      AND (CAST(:party_id AS uuid) IS NULL OR b.party_id = :party_id)
      AND (NOT :overdue OR b.due_on < CURRENT_DATE)
      AND (NOT :unbound OR NOT EXISTS (SELECT FROM core.binding g WHERE g.party_id = b.party_id AND g.status = 'bound'))
"""
_COUNT = text(f"SELECT count(*) {_WHICH}")
_LIST = text(f"""
    SELECT b.id, p.name, p.number, coalesce(p.org_id, b.org_id) AS org_id, b.number AS bill_number, b.title, b.period, b.due_on, b.pay_code,
           b.amount_fen, b.paid_fen,
           (SELECT jsonb_agg(jsonb_build_array(l.item_name, l.net_fen) ORDER BY l.line_no) FROM core.bill_line l
            WHERE l.bill_id = b.id AND l.chosen) AS lines
    {_WHICH}
    ORDER BY coalesce(p.org_id, b.org_id), p.number, b.id LIMIT :limit
""")


async def count_bills(session: Session, asked: dict[str, object]) -> int:
    """How many open bills fit."""
    return int(await session.scalar(_COUNT, asked) or 0)


async def list_bills(session: Session, asked: dict[str, object], limit: int) -> Sequence[Row]:
    """Open bills that fit, by unit and person's number, with their chosen lines."""
    return await session.all(_LIST, {**asked, "limit": limit})


def asked(
    org_ids: list[UUID] | None, source: str | None, bill_id: UUID | None, party_id: UUID | None, overdue: bool, unbound: bool
) -> dict[str, object]:
    """The conditions as the statements take them."""
    return {"org_ids": org_ids, "source": source, "bill_id": bill_id, "party_id": party_id, "overdue": overdue, "unbound": unbound}
