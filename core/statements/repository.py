"""Statements, their lines and pieces: every query of receiving and reading them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import column, func, insert, select, table, text, update

from core.database import Row, Session
from core.payments.models import channel_account
from core.statements.models import merchant_number, piece, refused_row, statement
from core.statements.protocol import COLUMNS, Line, RowFault

_RUN = table("recon_run", column("bill_on"), column("status"), schema="core")
"""A day's run, seen from below: statements must not know reconciliation, and only ask whether the day is closed."""

_STAGE = """
    CREATE TEMPORARY TABLE statement_stage (
        row_no integer, line_no integer, channel text, kind text, counts boolean, number text, order_number text, channel_number text,
        channel_order_number text, amount_fen bigint, fee_fen bigint, net_fen bigint, happened_at timestamptz, settle_on date, status text,
        bill_number text, serial text
    ) ON COMMIT DROP
"""
_LISTED = ", ".join(COLUMNS)
# The tenant is asked for once a chunk: the column's default would ask once a line.
_MOVE = f"""
    INSERT INTO core.statement_line (tenant_id, statement_id, {_LISTED})
    SELECT (SELECT current_setting('app.tenant_id')::uuid), '{{statement_id}}', {_LISTED} FROM statement_stage;
    TRUNCATE statement_stage
"""

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")


async def lock(session: Session, source: str, day: dt.date) -> None:
    """One file at a time of a client's source and day: the second of two equal files finds the first."""
    await session.execute(_LOCK, {"key": f"statement:{session.tenant_id}:{source}:{day}"})


async def known_numbers(session: Session, channel: str) -> frozenset[str]:
    """The client's merchant numbers at a channel: those of its collecting accounts and those that were named or learned."""
    accounts = select(channel_account.c.mchid).where(channel_account.c.channel == channel)
    named = select(merchant_number.c.number).where(merchant_number.c.channel == channel)
    return frozenset(row[0] for row in await session.all(accounts.union(named)))


async def add_number(session: Session, row: Mapping[str, object]) -> None:
    """Remember a merchant number whose files are the client's."""
    await session.execute(insert(merchant_number), row)


_AFTER_LAST = text("""
    SELECT count(*) FROM core.payment y
    CROSS JOIN (SELECT max(happened_at) AS at FROM core.statement_line WHERE statement_id = :statement_id AND counts AND kind = 'pay') last
    WHERE y.paid_at > last.at + interval '10 minutes' AND y.paid_at < :until AND y.channel <> 'counter'
      AND (:channel = '' OR y.channel = :channel) AND (:merchant = '' OR y.mchid = :merchant)
      AND NOT EXISTS (SELECT FROM core.ledger_journal v WHERE v.reverses_id = y.journal_id)
""")


async def count_after_last(session: Session, statement_id: UUID, channel: str, merchant: str, until: dt.datetime) -> int:
    """Payments of ours between a file's last payment and a moment: what a file that was cut short lacks."""
    given = {"statement_id": statement_id, "channel": channel, "merchant": merchant if channel else "", "until": until}
    return int(await session.scalar(_AFTER_LAST, given) or 0)


async def is_closed(session: Session, day: dt.date) -> bool:
    """Whether the day's books are closed: no file changes them any more."""
    return await session.scalar(select(_RUN.c.bill_on).where(_RUN.c.bill_on == day, _RUN.c.status == "closed")) is not None


async def find_same(session: Session, source: str, day: dt.date, sha256: bytes) -> Row | None:
    """The live file with the same content of the source and day. One that was superseded comes back as a new version."""
    same = (statement.c.sha256 == sha256, statement.c.source == source, statement.c.bill_on == day, statement.c.status == "loaded")
    return await session.one_or_none(select(statement).where(*same).limit(1))


async def find_refused(session: Session, source: str, day: dt.date, sha256: bytes, reason_code: str) -> Row | None:
    """The same file refused for the same reason before."""
    same = (statement.c.sha256 == sha256, statement.c.source == source, statement.c.bill_on == day, statement.c.reason_code == reason_code)
    return await session.one_or_none(select(statement).where(*same, statement.c.status == "refused").limit(1))


async def find_live(session: Session, source: str, merchant: str, day: dt.date) -> Row | None:
    """The file that counts for a source, merchant number and day."""
    of = (statement.c.source == source, statement.c.merchant_number == merchant, statement.c.bill_on == day)
    return await session.one_or_none(select(statement).where(*of, statement.c.status == "loaded").with_for_update())


async def next_version(session: Session, source: str, merchant: str, day: dt.date) -> int:
    """How many files of a source, merchant number and day there were, and one."""
    of = (statement.c.source == source, statement.c.merchant_number == merchant, statement.c.bill_on == day)
    return await session.scalar(select(func.coalesce(func.max(statement.c.version), 0) + 1).where(*of, statement.c.status != "refused"))


async def supersede(session: Session, statement_id: UUID) -> None:
    """A newer file takes its place."""
    await session.execute(update(statement).where(statement.c.id == statement_id).values(status="superseded"))


async def add(session: Session, row: Mapping[str, object]) -> None:
    """Keep a statement."""
    await session.execute(insert(statement), row)


async def settle(session: Session, row: Mapping[str, object]) -> None:
    """What a statement came to, once it is read."""
    await session.execute(update(statement).where(statement.c.id == row["id"]).values(**{key: row[key] for key in row if key != "id"}))


async def get(session: Session, statement_id: UUID) -> Row | None:
    """One statement."""
    return await session.one_or_none(select(statement).where(statement.c.id == statement_id))


async def begin(session: Session) -> None:
    """From here on a file can be put back as if it had never come."""
    await session.simple(f"SAVEPOINT statement; {_STAGE}")


async def keep(session: Session) -> None:
    """The file stays."""
    await session.simple("RELEASE SAVEPOINT statement")


async def put_back(session: Session) -> None:
    """Nothing of the file stays."""
    await session.simple("ROLLBACK TO SAVEPOINT statement")


async def add_lines(session: Session, statement_id: UUID, lines: Sequence[Line]) -> None:
    """Lines of a statement: COPY into a temporary table, then one INSERT (COPY into a table under row-level security is refused)."""
    await session.copy_rows("statement_stage", COLUMNS, lines)
    await session.simple(_MOVE.format(statement_id=UUID(str(statement_id))))


async def add_faults(session: Session, statement_id: UUID, faults: Sequence[RowFault]) -> None:
    """The rows that were left out."""
    rows = [
        {
            "statement_id": statement_id, "row_no": each.row, "line_no": each.line, "number": each.number, "column_name": each.column,
            "value": each.value, "code": each.code, "message": each.message,
        }
        for each in faults
    ]  # fmt: skip
    await session.execute(insert(refused_row), rows)


async def list_faults(session: Session, statement_id: UUID) -> Sequence[Row]:
    """The rows that were left out of a statement, in its order."""
    return await session.all(select(refused_row).where(refused_row.c.statement_id == statement_id).order_by(refused_row.c.row_no))


async def add_pieces(session: Session, statement_id: UUID, pieces: Sequence[tuple[int, bytes]]) -> None:
    """Sealed pieces of the original."""
    rows = [{"statement_id": statement_id, "piece_no": number, "sealed": sealed} for number, sealed in pieces]
    await session.execute(insert(piece), rows)


async def find_piece(session: Session, statement_id: UUID, piece_no: int) -> bytes | None:
    """One sealed piece of the original."""
    return await session.scalar(select(piece.c.sealed).where(piece.c.statement_id == statement_id, piece.c.piece_no == piece_no))
