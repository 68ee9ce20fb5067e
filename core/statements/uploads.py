"""A large file is taken at once and judged by a worker: its bytes lie sealed, its page shows how far the judgement is.

The statement gets the upload's identifier, so that its address is known before it exists. Judging is one transaction; a worker that dies leaves
nothing half applied, and the next one begins again or finds it done.
"""

import asyncio
import hashlib
import tempfile
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import msgspec

from core import ids
from core.database import Row, Session
from core.errors import NotFound
from core.identity.actor import Actor
from core.identity.vault import TenantKeys
from core.imports.limits import MEGABYTE
from core.jobs import service as jobs
from core.jobs.context import JobContext
from core.platform import Platform
from core.statements import receiving
from core.statements import uploads_repository as repository
from core.statements.packing import pack, unpack
from core.statements.protocol import StatementSource
from core.statements.schemas import Delivered
from core.statements.unpacking import size_of

JOB = "statements.judge"
AT_ONCE = 2 * MEGABYTE
"""Files up to this size are judged while somebody waits; packed ones up to an eighth of it, because they are longer than they look."""
PACKED = (".gz", ".zip", ".xlsx")
PIECES_AT_ONCE = 8


class Uploading(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was taken and is not judged yet, or what became of it; `done` of `total` kilobytes are read."""

    id: UUID
    source: str
    file_name: str
    status: str
    job_id: UUID | None
    done: int
    total: int
    error: str | None
    statement_id: UUID | None
    verdict: dict[str, object] | None
    href: str


class UploadNotFound(NotFound):
    code = "STATEMENT_UPLOAD_NOT_FOUND"
    message = "没有找到这个上传的文件"


def is_large(content: BinaryIO, name: str) -> bool:
    """Whether a file is so much that a worker judges it."""
    return size_of(content) > (AT_ONCE // 8 if name.lower().endswith(PACKED) else AT_ONCE)


async def take(
    platform: Platform, by: Actor, source: StatementSource, told: Delivered, name: str, content: BinaryIO, origin: str
) -> Uploading:
    """Keep a file and let a worker judge it; the same file, while the first waits, is the first."""
    sha256 = await asyncio.to_thread(_hash, content)
    upload_id = ids.uuid7()
    async with platform.database.tenant(by.tenant_id) as session:
        row = {
            "id": upload_id, "source": source.code, "bill_on": told.day, "merchant_number": told.merchant, "announced_sha1": told.sha1,
            "file_name": name, "size": size_of(content), "sha256": sha256, "status": "waiting", "origin": origin, "made_by": by.name,
        }  # fmt: skip
        if not await repository.add(session, row):
            same = await repository.find_waiting(session, source.code, told.day, told.merchant, sha256)
            if same is not None:
                return await find(session, same.id)
            raise UploadNotFound()
        await _keep(session, await platform.vault.keys(session), upload_id, content)
        job_id = await jobs.start(session, JOB, f"核对对账文件 {name}"[:120], {"upload_id": str(upload_id)}, by=by)
        await repository.set_job(session, upload_id, job_id)
        return await find(session, upload_id)


async def find(session: Session, upload_id: UUID) -> Uploading:
    """How far it is."""
    row = await repository.find(session, upload_id)
    if row is None:
        raise UploadNotFound()
    return _read(row)


async def judge(context: JobContext, params: dict[str, object]) -> dict[str, object]:
    """Judge a file that was taken: the worker's part."""
    upload_id = UUID(str(params["upload_id"]))
    async with context.session() as session:
        row = await repository.find(session, upload_id)
    if row.status == "judged":
        return _result(row.statement_id, row.verdict)
    with tempfile.TemporaryDirectory(prefix="banyan-statement-") as folder:
        path = Path(folder) / "content"
        await _put_down(context, upload_id, path)
        verdict = await receiving.receive(
            context.platform, context.tenant_id, source=row.source, day=row.bill_on, file_name=row.file_name, path_or_stream=path, by=context.by,
            origin=row.origin, sha1=row.announced_sha1, merchant=row.merchant_number, statement_id=upload_id, progress=context.progress,
        )  # fmt: skip
    said = msgspec.to_builtins(verdict)
    async with context.session() as session:
        await repository.judged(session, upload_id, verdict.statement_id, said)
    return _result(verdict.statement_id, said)


def _result(statement_id: UUID, verdict: dict[str, object]) -> dict[str, object]:
    href = f"/console/statements/{statement_id}"
    return {"counts": [("载入行数", verdict["rows_loaded"], f"{href}/lines", "good")], "href": href, "label": "查看对账文件"}


def _read(row: Row) -> Uploading:
    running = row.job_status if row.status == "waiting" else "judged"
    facts = {name: getattr(row, name) for name in ("id", "source", "file_name", "job_id", "error", "statement_id", "verdict")}
    return Uploading(**facts, status=running or "queued", done=row.done or 0, total=row.total or 0, href=f"/api/v1/statement-uploads/{row.id}")


def _hash(content: BinaryIO) -> bytes:
    content.seek(0)
    digest = hashlib.sha256()
    while piece := content.read(MEGABYTE):
        digest.update(piece)
    content.seek(0)
    return digest.digest()


async def _keep(session: Session, keys: TenantKeys, upload_id: UUID, content: BinaryIO) -> None:
    content.seek(0)
    number = 0
    while sealed := await asyncio.to_thread(_seal, keys, content, number):
        await repository.add_pieces(session, upload_id, sealed)
        number += len(sealed)


def _seal(keys: TenantKeys, content: BinaryIO, first: int) -> list[tuple[int, bytes]]:
    sealed: list[tuple[int, bytes]] = []
    while len(sealed) < PIECES_AT_ONCE and (piece := content.read(MEGABYTE)):
        sealed.append((first + len(sealed), keys.seal(pack(piece))))
    return sealed


async def _put_down(context: JobContext, upload_id: UUID, path: Path) -> None:
    """The bytes again, in a file of the worker's own that is gone with it."""
    number = 0
    with path.open("wb") as file:
        async with context.session() as session:
            keys = await context.platform.vault.keys(session)
            while (sealed := await repository.find_piece(session, upload_id, number)) is not None:
                await asyncio.to_thread(lambda piece=sealed: file.write(unpack(keys.open_bytes(piece))))
                number += 1
