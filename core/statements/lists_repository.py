"""Statements in lists: what came in, its lines, what was refused of it. Every query of the pages and the API."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import text

from core.database import Row, Session

_ASKED = """
    FROM core.statement s
    WHERE (CAST(:start AS date) IS NULL OR s.bill_on >= CAST(:start AS date))
      AND (CAST(:until AS date) IS NULL OR s.bill_on <= CAST(:until AS date))
      AND (:source = '' OR s.source = :source) AND (:side = '' OR s.side = :side)
      AND (:verdict = '' OR s.verdict = :verdict) AND (:status = '' OR s.status = :status) AND (:origin = '' OR s.origin = :origin)
      AND (:typed = '' OR s.merchant_number = :typed OR strpos(lower(s.file_name), lower(:typed)) > 0)
"""
_PAGE = text(f"""
    SELECT s.* {_ASKED}
      AND (CAST(:before_at AS timestamptz) IS NULL OR (s.created_at, s.id) < (CAST(:before_at AS timestamptz), CAST(:before_id AS uuid)))
    ORDER BY s.created_at DESC, s.id DESC LIMIT :limit
""")
_COUNT = text(f"SELECT count(*) {_ASKED}")
_VERSIONS = text("""
    SELECT id, version, status, verdict, file_name, origin, made_by, created_at, rows_loaded FROM core.statement
    WHERE source = :source AND bill_on = :bill_on AND merchant_number IN (:merchant_number, '') ORDER BY created_at DESC, id DESC LIMIT 50
""")
_LINES_ASKED = """
    FROM core.statement_line l WHERE l.statement_id = :statement_id
      AND (:kind = '' OR l.kind = :kind) AND (:channel = '' OR l.channel = :channel)
      AND (:typed = '' OR :typed IN (l.number, l.order_number, l.channel_number, l.channel_order_number, l.bill_number, l.serial))
"""
_LINES = text(f"SELECT l.* {_LINES_ASKED} AND l.row_no > :after ORDER BY l.row_no LIMIT :limit")
_LINE = text("SELECT * FROM core.statement_line WHERE statement_id = :statement_id AND row_no = :row_no")
_REFUSALS = text("SELECT * FROM core.statement_refusal WHERE statement_id = :statement_id AND row_no > :after ORDER BY row_no LIMIT :limit")
_COUNT_REFUSED = text("""
    SELECT count(*) FROM core.statement s WHERE s.status = 'refused' AND s.created_at >= :since AND NOT EXISTS (
        SELECT 1 FROM core.statement n WHERE n.source = s.source AND n.bill_on = s.bill_on AND n.status = 'loaded')
""")
_COUNT_ROWS = text("SELECT count(*) FROM core.statement WHERE status = 'loaded' AND verdict = 'reject_rows' AND created_at >= :since")
_LATEST = text("""
    SELECT DISTINCT ON (source, merchant_number, bill_on) source, merchant_number, bill_on, id, status, verdict, lines, rejected_rows
    FROM core.statement WHERE bill_on BETWEEN :start AND :until
    ORDER BY source, merchant_number, bill_on, (status = 'loaded') DESC, created_at DESC
""")
_KNOWN = text("SELECT DISTINCT source, merchant_number FROM core.statement WHERE status = 'loaded' AND bill_on >= :since")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What narrows a list of statements; days are bill days."""

    typed: str = ""
    source: str = ""
    side: str = ""
    verdict: str = ""
    status: str = ""
    origin: str = ""
    start: dt.date | None = None
    until: dt.date | None = None


class LinesAsked(msgspec.Struct, frozen=True, kw_only=True):
    """What narrows a statement's lines; `typed` is any number on them, whole."""

    typed: str = ""
    kind: str = ""
    channel: str = ""


async def list_page(session: Session, asked: Asked, before: tuple[dt.datetime, UUID] | None, limit: int) -> Sequence[Row]:
    """Statements, the last to come first."""
    at, statement_id = before or (None, None)
    return await session.all(_PAGE, {**msgspec.structs.asdict(asked), "before_at": at, "before_id": statement_id, "limit": limit})


async def count(session: Session, asked: Asked) -> int:
    """How many are meant."""
    return int(await session.scalar(_COUNT, msgspec.structs.asdict(asked)) or 0)


async def find(session: Session, statement_id: UUID) -> Row | None:
    """One statement."""
    return await session.one_or_none(text("SELECT * FROM core.statement WHERE id = :id"), {"id": statement_id})


async def list_versions(session: Session, source: str, merchant_number: str, bill_on: dt.date) -> Sequence[Row]:
    """Every file that came for the same source, number and day."""
    return await session.all(_VERSIONS, {"source": source, "merchant_number": merchant_number, "bill_on": bill_on})


async def list_lines(session: Session, statement_id: UUID, asked: LinesAsked, after: int, limit: int) -> Sequence[Row]:
    """Lines in the order of the file."""
    values = {"statement_id": statement_id, **msgspec.structs.asdict(asked), "after": after, "limit": limit}
    return await session.all(_LINES, values)


async def find_line(session: Session, statement_id: UUID, row_no: int) -> Row | None:
    """One line."""
    return await session.one_or_none(_LINE, {"statement_id": statement_id, "row_no": row_no})


async def list_refusals(session: Session, statement_id: UUID, after: int, limit: int) -> Sequence[Row]:
    """Rows that were left out, in the order of the file."""
    return await session.all(_REFUSALS, {"statement_id": statement_id, "after": after, "limit": limit})


async def count_refused(session: Session, since: dt.datetime) -> int:
    """Refused files for whose day and source nothing good has come yet."""
    return int(await session.scalar(_COUNT_REFUSED, {"since": since}) or 0)


async def count_with_refused_rows(session: Session, since: dt.datetime) -> int:
    """Loaded files of which rows were left out."""
    return int(await session.scalar(_COUNT_ROWS, {"since": since}) or 0)


async def list_latest(session: Session, start: dt.date, until: dt.date) -> Sequence[Row]:
    """What there is for each source, number and day: the loaded file, or the last refused one."""
    return await session.all(_LATEST, {"start": start, "until": until})


async def list_known(session: Session, since: dt.date) -> Sequence[Row]:
    """Sources and numbers whose files have come lately, so that a missing day shows."""
    return await session.all(_KNOWN, {"since": since})
