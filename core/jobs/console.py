"""Pages on which long work shows itself: the list, and one job with its progress."""

import contextlib
from collections.abc import AsyncIterator
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import ServerSentEvent

from core.database import Session
from core.identity.actor import Actor
from core.jobs import service
from core.jobs.live import Streams
from core.platform import Platform
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

ANYBODY = {"permission": "any"}
PAGE = 30
STREAMS = Streams()
encode = msgspec.json.encode


@get("/console/jobs", opt=ANYBODY, include_in_schema=False)
async def job_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[UUID | None] = None
) -> Response:
    """Long work, newest first."""
    jobs = await service.list_recent(session, actor, limit=PAGE + 1, before=cursor)
    more = str(jobs[PAGE - 1].id) if len(jobs) > PAGE else None
    return render(request, "jobs/list.html", jobs=jobs[:PAGE], next_cursor=more)


@get("/console/jobs/{job_id:uuid}", opt=ANYBODY, include_in_schema=False)
async def job_page(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    job_id: FromPath[UUID],
) -> Response:
    """One job: how far it is, what came out, how to go on."""
    job = await service.find(session, job_id, actor)
    live = job.status in ("queued", "running")
    shown = service.shown_result(job)
    return render(request, "jobs/job.html", refresh_seconds=3 if live else None, job=job, shown=shown, unit=_unit(platform, job.kind))


@get("/console/jobs/{job_id:uuid}/events", opt={"permission": "any", "side": "both"}, include_in_schema=False)
async def job_events(request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], job_id: FromPath[UUID]) -> Response:
    """How far one job is, told as it changes (server-sent events); 204 where there is no room for another stream."""
    client = request.scope["state"].get("client_profile")
    tenant_id = client.id if client else asker.tenant_id
    async with platform.database.tenant(tenant_id) as session:
        await service.find(session, job_id, asker)
    if not STREAMS.has_room():
        return Response(None, status_code=204)

    async def told() -> AsyncIterator[dict[str, object]]:
        async with contextlib.aclosing(STREAMS.follow(platform, tenant_id, job_id, asker.session_id)) as news:
            async for progress in news:
                yield {"comment": "still here"} if progress is None else {"event": "end" if progress.over else "progress", "data": encode(progress).decode()}

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return ServerSentEvent(told(), headers=headers, retry_duration=2000)


def _unit(platform: Platform, kind: str) -> str:
    """What a kind of work counts."""
    return next((found.unit for _, found in platform.plugins.collect_all("register_jobs") if found.code == kind), "")


@post("/console/jobs/{job_id:uuid}/resume", opt=ANYBODY, include_in_schema=False)
async def resume(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], job_id: FromPath[UUID]) -> Response:
    """Go on from where it broke off."""
    await service.resume(session, job_id, by=actor)
    return redirect(request, f"/console/jobs/{job_id}", success=_("任务已重新排队，从中断处继续"))


@post("/console/jobs/{job_id:uuid}/cancel", opt=ANYBODY, include_in_schema=False)
async def cancel(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], job_id: FromPath[UUID]) -> Response:
    """Stop it."""
    await service.cancel(session, job_id, by=actor)
    return redirect(request, f"/console/jobs/{job_id}", info=_("任务会在下一步停止"))


ROUTES = [job_list, job_page, job_events, resume, cancel]
