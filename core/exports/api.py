"""Exports in the API: start one, then ask the job and fetch its file."""

from typing import Annotated
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta, Struct

from core.database import Session
from core.exports import agreement, clear, personal, service
from core.identity.actor import Actor
from core.once import once
from core.platform import Platform
from core.tenancy.directory import ClientProfile

MAKE, CLEAR = {"permission": "exports.make"}, {"permission": agreement.MAKE}


class ExportCreate(Struct, frozen=True, forbid_unknown_fields=True):
    """`filters` are those of the list's page."""

    code: str
    filters: dict[str, str] = {}


class ExportStarted(Struct, frozen=True):
    """Watch `/api/v1/jobs/{job_id}`; at its end `result_url` is the file."""

    job_id: UUID


class UnmaskedAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """A list with names in clear, and why: the other person decides by it."""

    code: str
    reason: Annotated[str, Meta(min_length=1, max_length=200)]
    filters: dict[str, str] = {}


class UnmaskedAsked(Struct, frozen=True, kw_only=True):
    """What waits under `/api/v1/approvals/{approval_id}`; once agreed to, the job is at `/api/v1/jobs/{job_id}` (404 before)."""

    approval_id: UUID
    job_id: UUID


class ExportKind(Struct, frozen=True):
    """Something that can be exported."""

    code: str
    title: str
    columns: list[str]
    masked: list[str]
    """Those that name people: masked, unless asked for at `/api/v1/unmasked-exports`."""


@get("/api/v1/exports/kinds", opt=MAKE)
async def list_kinds(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
) -> list[ExportKind]:
    """What the asker may export."""
    found = service.exports(platform, client, actor).values()
    return [ExportKind(export.code, export.title, [title for title, _ in export.columns], personal.titles(export)) for export in found]


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


@post("/api/v1/unmasked-exports", opt=CLEAR, status_code=201)
async def ask_unmasked(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    data: JSONBody[UnmaskedAsk],
) -> Response[UnmaskedAsked]:
    """Ask another person for a list with names in clear; needs an `Idempotency-Key`. 422 EXPORT_NOTHING_MASKED where nothing is masked,
    409 ALREADY_WAITING for the same asked twice."""

    async def work() -> UnmaskedAsked:
        asked = await clear.ask(session, platform, client, data.code, data.filters, data.reason, by=actor)
        return UnmaskedAsked(approval_id=asked, job_id=asked)

    return await once(request, session, actor, 201, work)


ROUTES = [list_kinds, start_export, ask_unmasked]
