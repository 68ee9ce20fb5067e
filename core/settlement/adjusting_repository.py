"""Adjustments and partners' shares: every statement."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert, select, text, update

from core.database import Row, Session
from core.settlement.models import adjustment, split_rule

_REMEDIES = text("""
    SELECT j.id AS journal_id, m.id AS merchant_id, -sum(e.amount_fen)::bigint AS amount_fen, j.event, j.memo, y.difference_id,
           y.made_by, coalesce(y.checked_by, y.made_by) AS checked_by, y.reason
    FROM core.recon_remedy y
    JOIN core.ledger_journal j ON j.biz_type = 'remedy' AND j.biz_id = y.id::text
    JOIN core.ledger_entry e ON e.journal_id = j.id
    JOIN core.ledger_account a ON a.id = e.account_id AND a.code LIKE 'L.MER.%'
    JOIN core.merchant m ON m.code = substr(a.code, 7)
    WHERE y.journal_id IS NOT NULL
      AND NOT EXISTS (SELECT FROM core.settlement_adjustment s WHERE s.journal_id = j.id AND s.merchant_id = m.id)
    GROUP BY j.id, m.id, j.event, j.memo, y.difference_id, y.made_by, y.checked_by, y.reason HAVING sum(e.amount_fen) <> 0
    ORDER BY j.id
""")
_PAGE = """
    SELECT a.*, m.code AS merchant_code, m.name AS merchant_name, b.number AS batch_number, b.bill_on
    FROM core.settlement_adjustment a JOIN core.merchant m ON m.id = a.merchant_id LEFT JOIN core.settlement_batch b ON b.id = a.batch_id
"""
_LIST = text(f"""
    {_PAGE} WHERE (:merchant = '' OR m.code = :merchant) AND (:state = '' OR (:state = 'open') = (a.batch_id IS NULL))
      AND (CAST(:before AS uuid) IS NULL OR a.id < :before) ORDER BY a.id DESC LIMIT :limit
""")
_FIND = text(f"{_PAGE} WHERE a.id = :id")
_RULES = text("""
    SELECT s.*, m.code AS merchant_code, m.name AS merchant_name, p.code AS partner_code, p.name AS partner_name
    FROM core.settlement_split s JOIN core.merchant m ON m.id = s.merchant_id JOIN core.merchant p ON p.id = s.partner_merchant_id
    ORDER BY m.code, s.created_at, s.id
""")
_SHARED = text("""
    SELECT coalesce(sum(share_ppm), 0)::bigint FROM core.settlement_split
    WHERE merchant_id = :merchant_id AND (item_code = :item_code OR item_code = '' OR :item_code = '')
      AND (until_on IS NULL OR until_on >= :from_on) AND (CAST(:until_on AS date) IS NULL OR from_on <= :until_on)
""")
_MERCHANT = text("SELECT id, code, name FROM core.merchant WHERE code = :code OR id::text = :code")
_MERCHANTS = text("SELECT id, code, name FROM core.merchant ORDER BY code")
_ITEMS = text("SELECT DISTINCT code, name FROM core.fee_item WHERE merchant_id = :merchant_id ORDER BY code")


async def list_new_remedies(session: Session) -> Sequence[Row]:
    """Journals of reconciliation that moved a merchant's balance and are no adjustment yet."""
    return await session.all(_REMEDIES)


async def add(session: Session, rows: list[dict[str, object]]) -> None:
    """Write adjustments."""
    if rows:
        await session.execute(insert(adjustment), rows)


async def list_page(session: Session, merchant: str, state: str, before: UUID | None, limit: int) -> Sequence[Row]:
    """Adjustments, the newest first; `state` is `open` (in no batch yet), `settled`, or empty."""
    return await session.all(_LIST, {"merchant": merchant, "state": state, "before": before, "limit": limit})


async def find(session: Session, adjustment_id: UUID) -> Row | None:
    """One adjustment."""
    return await session.one_or_none(_FIND, {"id": adjustment_id})


async def list_rules(session: Session) -> Sequence[Row]:
    """Every partner's share ever agreed."""
    return await session.all(_RULES)


async def add_rule(session: Session, row: dict[str, object]) -> None:
    """A partner's share."""
    await session.execute(insert(split_rule), row)


async def find_rule(session: Session, rule_id: UUID) -> Row | None:
    """One partner's share."""
    return await session.one_or_none(select(split_rule).where(split_rule.c.id == rule_id))


async def end_rule(session: Session, rule_id: UUID, until_on: dt.date) -> None:
    """A share's last day."""
    await session.execute(update(split_rule).where(split_rule.c.id == rule_id).values(until_on=until_on))


async def shared_ppm(session: Session, merchant_id: UUID, item_code: str, from_on: dt.date, until_on: dt.date | None) -> int:
    """What is given away already of the same income in the same time."""
    given = {"merchant_id": merchant_id, "item_code": item_code, "from_on": from_on, "until_on": until_on}
    return int(await session.scalar(_SHARED, given) or 0)


async def find_merchant(session: Session, code: str) -> Row | None:
    """A merchant by code or id."""
    return await session.one_or_none(_MERCHANT, {"code": code})


async def list_merchants(session: Session) -> Sequence[Row]:
    """Every merchant, for choosing one."""
    return await session.all(_MERCHANTS)


async def list_items(session: Session, merchant_id: UUID) -> Sequence[Row]:
    """The fee items of a merchant."""
    return await session.all(_ITEMS, {"merchant_id": merchant_id})
