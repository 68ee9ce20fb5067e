"""Exports in the API: start one, then ask the job and fetch its file."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Struct

from core.database import Session
from core.exports import service
from core.identity.actor import Actor
from core.platform import Platform
from core.tenancy.directory import ClientProfile

MAKE = {"permission": "exports.make"}


class ExportCreate(Struct, frozen=True, forbid_unknown_fields=True):
    """`filters` are those of the list's page."""

    code: str
    filters: dict[str, str] = {}


class ExportStarted(Struct, frozen=True):
    """Watch `/api/v1/jobs/{job_id}`; at its end `result_url` is the file."""

    job_id: UUID


class ExportKind(Struct, frozen=True):
    """Something that can be exported."""

    code: str
    title: str
    columns: list[str]


@get("/api/v1/exports/kinds", opt=MAKE)
async def list_kinds(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
) -> list[ExportKind]:
    """What the asker may export."""
    found = service.exports(platform, client, actor).values()
    return [ExportKind(export.code, export.title, [title for title, _ in export.columns]) for export in found]


@post("/api/v1/exports", opt=MAKE, status_code=202)
async def start_export(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    data: JSONBody[ExportCreate],
) -> ExportStarted:
    """Have a list exported to Excel."""
    return ExportStarted(await service.start_export(session, platform, client, data.code, data.filters, by=actor))


ROUTES = [list_kinds, start_export]
