"""Reading the books: accounts, journals and their entries, and who stands behind an account."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, text

from core.database import Session

_ACCOUNT = text("""
    SELECT a.id, a.code, a.kind, coalesce(sum(e.amount_fen), 0) AS debit_fen, count(e.journal_id) AS entries
    FROM core.ledger_account a
    LEFT JOIN core.ledger_entry e ON e.account_id = a.id AND e.posted_at <= coalesce(CAST(:moment AS timestamptz), 'infinity')
    WHERE a.code = :code GROUP BY a.id, a.code, a.kind
""")

_ACCOUNTS = text("""
    SELECT a.code, a.kind, coalesce(s.balance_fen, 0) + n.fen AS debit_fen, coalesce(s.entries, 0) + n.entries AS entries
    FROM (SELECT id, code, kind FROM core.ledger_account
          WHERE code > :after AND (:prefix = '' OR code = :prefix OR starts_with(code, :prefix || '.'))
          ORDER BY code LIMIT :limit) a
    LEFT JOIN LATERAL (SELECT horizon, balance_fen, entries FROM core.ledger_snapshot
                       WHERE account_id = a.id ORDER BY horizon DESC LIMIT 1) s ON true
    CROSS JOIN LATERAL (SELECT coalesce(sum(e.amount_fen), 0) AS fen, count(*) AS entries
                        FROM core.ledger_entry e WHERE e.account_id = a.id AND e.xid >= coalesce(s.horizon, 0)) n
    ORDER BY a.code
""")

_ENTRIES = text("""
    SELECT e.journal_id, e.line_no, e.amount_fen, e.posted_at, j.event, j.biz_type, j.biz_id, j.memo, j.posted_by
    FROM core.ledger_entry e JOIN core.ledger_journal j ON j.id = e.journal_id
    WHERE e.account_id = :account
      AND (CAST(:at AS timestamptz) IS NULL
           OR (e.posted_at, e.journal_id, e.line_no) < (:at, CAST(:journal AS uuid), CAST(:line AS bigint)))
    ORDER BY e.posted_at DESC, e.journal_id DESC, e.line_no DESC LIMIT :limit
""")

_JOURNALS = """
    SELECT j.*, r.id AS reversed_by_id FROM core.ledger_journal j LEFT JOIN core.ledger_journal r ON r.reverses_id = j.id
"""
_BY_IDS = text(_JOURNALS + "WHERE j.id = ANY(CAST(:ids AS uuid[])) ORDER BY j.posted_at, j.id")
_NEWEST = text(
    _JOURNALS
    + """
    WHERE (CAST(:before AS uuid) IS NULL OR j.id < :before) AND (:event = '' OR j.event = :event)
      AND (:biz_id = '' OR (j.biz_type = :biz_type AND j.biz_id = :biz_id))
      AND j.accounting_on BETWEEN coalesce(CAST(:start AS date), '-infinity') AND coalesce(CAST(:until AS date), 'infinity')
    ORDER BY j.id DESC LIMIT :limit
"""
)

_OWNERS = text("""
    SELECT 'L.MER.' || code AS account, name, '' AS number FROM core.merchant WHERE code = ANY(CAST(:merchants AS text[]))
    UNION ALL
    SELECT 'L.PREPAY.' || id, name, number FROM core.party WHERE id = ANY(CAST(:parties AS uuid[]))
""")


async def find_account(session: Session, code: str, moment: dt.datetime | None) -> Row | None:
    """One account with its debit-positive sum, now or at a past moment."""
    return await session.one_or_none(_ACCOUNT, {"code": code, "moment": moment})


async def list_accounts(session: Session, prefix: str, after: str, limit: int) -> Sequence[Row]:
    """Accounts of a class by code, each with its sum."""
    return await session.all(_ACCOUNTS, {"prefix": prefix, "after": after, "limit": limit})


async def list_entries(session: Session, account: UUID, before: tuple[dt.datetime, UUID, int] | None, limit: int) -> Sequence[Row]:
    """What was written on an account, the newest first."""
    at, journal, line = before or (None, None, None)
    return await session.all(_ENTRIES, {"account": account, "at": at, "journal": journal, "line": line, "limit": limit})


async def find_journals(session: Session, ids: Sequence[UUID]) -> Sequence[Row]:
    """Some journals, the oldest first, each with the journal that reversed it."""
    return await session.all(_BY_IDS, {"ids": list(ids)})


async def list_journals(session: Session, asked: dict[str, object], before: UUID | None, limit: int) -> Sequence[Row]:
    """Journals, the newest first; `asked` holds event, biz_type, biz_id, start and until."""
    return await session.all(_NEWEST, {**asked, "before": before, "limit": limit})


async def list_owners(session: Session, merchants: list[str], parties: list[UUID]) -> Sequence[Row]:
    """The names of the merchants and people behind accounts."""
    return await session.all(_OWNERS, {"merchants": merchants, "parties": parties})
