"""Large files that wait to be judged: every statement."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from core.database import Row, Session
from core.statements.models import upload, upload_piece

_WAITING = text("""
    SELECT u.*, j.status AS job_status, j.done, j.total, j.error FROM core.statement_upload u LEFT JOIN core.job j ON j.id = u.job_id
    WHERE u.id = :id
""")


async def add(session: Session, row: Mapping[str, object]) -> bool:
    """Keep a file that waits; False where the same one waits already."""
    return (await session.execute(upsert(upload).values(row).on_conflict_do_nothing())).rowcount == 1


async def find_waiting(session: Session, source: str, day: dt.date, merchant: str, sha256: bytes) -> Row | None:
    """The same file, waiting for its judgement."""
    same = (upload.c.source == source, upload.c.bill_on == day, upload.c.merchant_number == merchant, upload.c.sha256 == sha256)
    return await session.one_or_none(select(upload).where(*same, upload.c.status == "waiting"))


async def find(session: Session, upload_id: UUID) -> Row | None:
    """One of them with how far its judgement is."""
    return await session.one_or_none(_WAITING, {"id": upload_id})


async def add_pieces(session: Session, upload_id: UUID, pieces: Sequence[tuple[int, bytes]]) -> None:
    """Sealed pieces of the file as it came."""
    await session.execute(insert(upload_piece), [{"upload_id": upload_id, "piece_no": number, "sealed": sealed} for number, sealed in pieces])


async def find_piece(session: Session, upload_id: UUID, piece_no: int) -> bytes | None:
    """One sealed piece."""
    return await session.scalar(select(upload_piece.c.sealed).where(upload_piece.c.upload_id == upload_id, upload_piece.c.piece_no == piece_no))


async def set_job(session: Session, upload_id: UUID, job_id: UUID) -> None:
    """Which job judges it."""
    await session.execute(update(upload).where(upload.c.id == upload_id).values(job_id=job_id))


async def judged(session: Session, upload_id: UUID, statement_id: UUID, verdict: Mapping[str, object]) -> None:
    """What became of it; the statement keeps the original from now on."""
    said = {"status": "judged", "statement_id": statement_id, "verdict": dict(verdict)}
    await session.execute(update(upload).where(upload.c.id == upload_id).values(**said))
    await session.execute(delete(upload_piece).where(upload_piece.c.upload_id == upload_id))
