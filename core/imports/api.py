"""Imports in the API: upload, ask for the verdict, confirm."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery, JSONBody
from msgspec import Struct

from core.database import Row, Session
from core.exports.workbook import MEDIA_TYPE
from core.files.answers import attachment
from core.identity.actor import Actor
from core.imports import service
from core.imports.schemas import ImportAnswer
from core.platform import Platform
from core.tenancy.directory import ClientProfile

ANYBODY = {"permission": "any"}
Open = NamedDependency[Session]
Who = NamedDependency[Actor]
Whose = NamedDependency[ClientProfile]
Running = NamedDependency[Platform]


class ImportUpload(Struct, kw_only=True):
    """A file and what it is (`GET /api/v1/imports/kinds` lists the kinds)."""

    kind: str
    file: UploadFile


class ImportConfirm(Struct, frozen=True, forbid_unknown_fields=True):
    """`whole`: import nothing if any row is rejected."""

    whole: bool = False


class ImportKind(Struct, frozen=True):
    """Something that can be imported."""

    code: str
    title: str
    suffixes: tuple[str, ...]


class ImportRead(Struct, frozen=True):
    """An import; `status` is checking, checked, refused, applying, applied, failed or cancelled."""

    id: UUID
    kind: str
    filename: str
    status: str
    totals: Any
    applied_totals: Any
    error_code: str | None
    error: str | None
    job_id: UUID | None
    created_at: dt.datetime
    applied_at: dt.datetime | None


class ImportPage(Struct, frozen=True):
    """A page of imports, newest first."""

    items: list[ImportRead]
    next_cursor: str | None


@get("/api/v1/imports/kinds", opt=ANYBODY)
async def list_kinds(session: Open, actor: Who, client: Whose, platform: Running) -> list[ImportKind]:
    """What the asker may import."""
    return [ImportKind(i.code, i.title, i.suffixes) for i in service.importers(platform, client, actor).values()]


@get("/api/v1/imports", opt=ANYBODY)
async def list_imports(
    session: Open, actor: Who, client: Whose, platform: Running, cursor: FromQuery[UUID | None] = None, limit: FromQuery[int] = 50
) -> ImportPage:
    """Imports, newest first."""
    limit = min(max(limit, 1), 200)
    found = await service.list_recent(session, platform, client, by=actor, limit=limit + 1, before=cursor)
    return ImportPage([_read(batch) for batch in found[:limit]], str(found[limit - 1].id) if len(found) > limit else None)


@post("/api/v1/imports", opt=ANYBODY, status_code=202)
async def upload(
    session: Open,
    actor: Who,
    client: Whose,
    platform: Running,
    data: Annotated[ImportUpload, Body(media_type=RequestEncodingType.MULTI_PART)],
) -> ImportRead:
    """Upload a file; it is checked behind this answer. Nothing is written before it is confirmed."""
    content = await data.file.read()
    batch_id = await service.upload(session, platform, client, data.kind, data.file.filename or "", content, by=actor)
    return _read(await service.find(session, platform, client, batch_id, by=actor))


@get("/api/v1/imports/{batch_id:uuid}", opt=ANYBODY)
async def get_import(session: Open, actor: Who, client: Whose, platform: Running, batch_id: FromPath[UUID]) -> ImportRead:
    """How far an import is."""
    return _read(await service.find(session, platform, client, batch_id, by=actor))


@get("/api/v1/imports/{batch_id:uuid}/verdicts", opt=ANYBODY)
async def get_verdicts(session: Open, actor: Who, client: Whose, platform: Running, batch_id: FromPath[UUID]) -> ImportAnswer:
    """What was said of the rows: the same answer as `banyan import --json`."""
    return await service.answer(session, platform, await service.find(session, platform, client, batch_id, by=actor))


@get("/api/v1/imports/{batch_id:uuid}/rejected", opt=ANYBODY)
async def get_rejected(session: Open, actor: Who, client: Whose, platform: Running, batch_id: FromPath[UUID]) -> Response[bytes]:
    """The rejected rows as Excel, with reasons."""
    batch = await service.find(session, platform, client, batch_id, by=actor)
    return attachment("rejected.xlsx", await service.rejected(session, platform, batch, by=actor), MEDIA_TYPE)


@post("/api/v1/imports/{batch_id:uuid}/confirm", opt=ANYBODY, status_code=202)
async def confirm(
    session: Open, actor: Who, client: Whose, platform: Running, batch_id: FromPath[UUID], data: JSONBody[ImportConfirm | None] = None
) -> ImportRead:
    """Write the good rows; safe to repeat."""
    await service.confirm(session, platform, client, batch_id, by=actor, whole=bool(data and data.whole))
    return _read(await service.find(session, platform, client, batch_id, by=actor))


@post("/api/v1/imports/{batch_id:uuid}/cancel", opt=ANYBODY, status_code=200)
async def cancel(session: Open, actor: Who, client: Whose, platform: Running, batch_id: FromPath[UUID]) -> ImportRead:
    """Let a checked file go; nothing of it was written. 409 once it is being written."""
    await service.cancel(session, platform, client, batch_id, by=actor)
    return _read(await service.find(session, platform, client, batch_id, by=actor))


def _read(batch: Row) -> ImportRead:
    return ImportRead(*(getattr(batch, name) for name in ImportRead.__struct_fields__))


ROUTES = [list_kinds, list_imports, upload, get_import, get_verdicts, get_rejected, confirm, cancel]
