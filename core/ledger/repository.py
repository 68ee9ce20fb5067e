"""Every statement the ledger makes. Journals and entries are inserted; nothing here updates or deletes them."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session, Write

_OPEN_ACCOUNTS = text("""
    INSERT INTO core.ledger_account (id, code, kind, floor_fen)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:codes AS text[]), CAST(:kinds AS text[]), CAST(:floors AS bigint[]))
    ON CONFLICT DO NOTHING
""")

_POSTED = """
    INSERT INTO core.ledger_journal (id, key, event, biz_type, biz_id, accounting_on, memo, reverses_id, posted_by, posted_at)
    VALUES (:journal_id, :journal_key, :journal_event, :biz_type, :biz_id, :accounting_on, :memo, :reverses_id, :posted_by, :posted_at)
    ON CONFLICT DO NOTHING RETURNING id
"""
_ENTRIES_POSTED = """
    INSERT INTO core.ledger_entry (journal_id, line_no, account_id, merchant_id, amount_fen, accounting_on, settle_on, posted_at)
    SELECT posted.id, line.no, line.account_id, line.merchant_id, line.amount_fen, :accounting_on, :settle_on, :posted_at
    FROM posted, unnest(CAST(:entry_accounts AS uuid[]), CAST(:entry_merchants AS uuid[]), CAST(:entry_amounts AS bigint[]))
                 WITH ORDINALITY AS line(account_id, merchant_id, amount_fen, no)
"""

_BALANCE = text("""
    SELECT a.id, coalesce(s.balance_fen, 0) + coalesce(
             (SELECT sum(e.amount_fen) FROM core.ledger_entry e WHERE e.account_id = a.id AND e.xid >= coalesce(s.horizon, 0)), 0) AS fen
    FROM core.ledger_account a
    LEFT JOIN LATERAL (SELECT horizon, balance_fen FROM core.ledger_snapshot
                       WHERE account_id = a.id ORDER BY horizon DESC LIMIT 1) s ON true
    WHERE a.id = ANY(CAST(:accounts AS uuid[]))
""")

_BALANCE_AT = text("""
    SELECT coalesce(sum(amount_fen), 0) FROM core.ledger_entry WHERE account_id = :account AND posted_at <= :moment
""")

_TRIAL = """
    SELECT a.code, a.kind, coalesce(e.fen, 0) AS debit_fen, coalesce(e.entries, 0) AS entries
    FROM core.ledger_account a
    LEFT JOIN (SELECT account_id, sum(amount_fen) AS fen, count(*) AS entries FROM core.ledger_entry {until} GROUP BY account_id) e ON e.account_id = a.id
    ORDER BY a.code
"""
_TRIAL_NOW, _TRIAL_AT = text(_TRIAL.format(until="")), text(_TRIAL.format(until="WHERE posted_at <= :moment"))

_SNAPSHOT = text("""
    WITH horizon AS (SELECT (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint AS xid),
    latest AS (SELECT DISTINCT ON (account_id) account_id, horizon, balance_fen, entries
               FROM core.ledger_snapshot ORDER BY account_id, horizon DESC),
    fresh AS (SELECT e.account_id, sum(e.amount_fen) AS amount_fen, count(*) AS entries
              FROM core.ledger_entry e CROSS JOIN horizon LEFT JOIN latest l ON l.account_id = e.account_id
              WHERE e.xid < horizon.xid AND e.xid >= coalesce(l.horizon, 0)
              GROUP BY e.account_id)
    INSERT INTO core.ledger_snapshot (account_id, horizon, balance_fen, entries)
    SELECT f.account_id, horizon.xid, coalesce(l.balance_fen, 0) + f.amount_fen, coalesce(l.entries, 0) + f.entries
    FROM fresh f CROSS JOIN horizon LEFT JOIN latest l ON l.account_id = f.account_id
    ON CONFLICT DO NOTHING
""")

_JOURNAL = text("SELECT * FROM core.ledger_journal WHERE id = :id")

_IS_POSTED = text("SELECT EXISTS (SELECT FROM core.ledger_journal WHERE key = :key)")

_ENTRIES = text("""
    SELECT e.*, a.code, a.kind FROM core.ledger_entry e JOIN core.ledger_account a ON a.id = e.account_id
    WHERE e.journal_id = ANY(CAST(:journals AS uuid[])) ORDER BY e.journal_id, e.line_no
""")

_JOURNALS_OF = text("SELECT * FROM core.ledger_journal WHERE biz_type = :biz_type AND biz_id = :biz_id ORDER BY posted_at, id")

_LOCK = text("SELECT id, floor_fen FROM core.ledger_account WHERE id = ANY(CAST(:accounts AS uuid[])) ORDER BY id FOR UPDATE")

_UNBALANCED = text("""
    SELECT j.id, j.key, coalesce(sum(e.amount_fen), 0) AS difference_fen, count(e.journal_id) AS entries
    FROM core.ledger_journal j LEFT JOIN core.ledger_entry e ON e.journal_id = j.id
    GROUP BY j.id, j.key HAVING coalesce(sum(e.amount_fen), 0) <> 0 OR count(e.journal_id) < 2
""")

_ORPHANS = text("""
    SELECT e.journal_id, e.line_no FROM core.ledger_entry e
    WHERE NOT EXISTS (SELECT FROM core.ledger_account a WHERE a.id = e.account_id)
""")

_BELOW_FLOOR = text("""
    SELECT a.code, sum(e.amount_fen) AS debit_fen
    FROM core.ledger_account a JOIN core.ledger_entry e ON e.account_id = a.id
    WHERE a.floor_fen IS NOT NULL GROUP BY a.id, a.code, a.floor_fen HAVING -sum(e.amount_fen) < a.floor_fen
""")

_WRONG_SNAPSHOTS = text("""
    SELECT a.code, s.horizon, s.balance_fen,
           coalesce((SELECT sum(e.amount_fen) FROM core.ledger_entry e WHERE e.account_id = s.account_id AND e.xid < s.horizon), 0) AS real_fen
    FROM core.ledger_snapshot s JOIN core.ledger_account a ON a.id = s.account_id
    WHERE s.balance_fen <> coalesce(
        (SELECT sum(e.amount_fen) FROM core.ledger_entry e WHERE e.account_id = s.account_id AND e.xid < s.horizon), 0)
""")


async def open_accounts(session: Session, accounts: Sequence[tuple[UUID, str, str, int | None]]) -> None:
    """Open accounts that are not there yet."""
    ids, codes, kinds, floors = (list(column) for column in zip(*accounts, strict=True))
    await session.execute(_OPEN_ACCOUNTS, {"ids": ids, "codes": codes, "kinds": kinds, "floors": floors})


def posting(values: dict[str, object]) -> Write:
    """A journal with its entries; none is written when its key stands in the books already."""
    return Write((("posted", _POSTED), ("entries_posted", _ENTRIES_POSTED)), values, "posted")


async def lock_accounts(session: Session, accounts: list[UUID]) -> Sequence[Row]:
    """Hold the floor accounts that money is about to leave, in a fixed order."""
    return await session.all(_LOCK, {"accounts": accounts})


async def balance(session: Session, account: UUID) -> int:
    """Debit-positive balance now: the newest snapshot plus every entry it does not cover."""
    return (await balances(session, [account])).get(account, 0)


async def balances(session: Session, accounts: Sequence[UUID]) -> dict[UUID, int]:
    """The same of several accounts."""
    return {row.id: int(row.fen) for row in await session.all(_BALANCE, {"accounts": list(accounts)})}


async def balance_at(session: Session, account: UUID, moment: dt.datetime) -> int:
    """Debit-positive balance at a past moment."""
    return int(await session.scalar(_BALANCE_AT, {"account": account, "moment": moment}) or 0)


async def trial_balance(session: Session, moment: dt.datetime | None) -> Sequence[Row]:
    """Every account's debit-positive sum, counted from the entries themselves."""
    return await session.all(_TRIAL_AT, {"moment": moment}) if moment else await session.all(_TRIAL_NOW)


async def take_snapshots(session: Session) -> int:
    """Write a snapshot for every account with new entries below the horizon of still-open transactions."""
    return (await session.execute(_SNAPSHOT)).rowcount


async def find_journal(session: Session, journal_id: UUID) -> Row | None:
    """One journal."""
    return await session.one_or_none(_JOURNAL, {"id": journal_id})


async def is_posted(session: Session, key: str) -> bool:
    """Whether a journal with this key stands in the books."""
    return bool(await session.scalar(_IS_POSTED, {"key": key}))


async def list_entries(session: Session, journals: list[UUID]) -> Sequence[Row]:
    """The entries of some journals with their account codes."""
    return await session.all(_ENTRIES, {"journals": journals})


async def list_journals_of(session: Session, biz_type: str, biz_id: str) -> Sequence[Row]:
    """The journals behind a business object, oldest first."""
    return await session.all(_JOURNALS_OF, {"biz_type": biz_type, "biz_id": biz_id})


async def list_faults(session: Session) -> dict[str, Sequence[Row]]:
    """What breaks an invariant of the books, by invariant; every list is empty in a sound ledger."""
    return {
        "journals_balance": await session.all(_UNBALANCED),
        "entries_have_accounts": await session.all(_ORPHANS),
        "floors_hold": await session.all(_BELOW_FLOOR),
        "snapshots_agree": await session.all(_WRONG_SNAPSHOTS),
    }
