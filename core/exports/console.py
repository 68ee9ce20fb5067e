"""The export button of every list."""

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.database import Session
from core.exports import service
from core.identity.actor import Actor
from core.lists import service as lists
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.templating import CSRF_FIELD, redirect

PAGE = "_page"
"""The list's address, whose columns somebody may have chosen."""


@post("/console/exports/{code:str}", opt={"permission": "exports.make"}, include_in_schema=False)
async def export_list(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    code: FromPath[str],
) -> Response:
    """Export what the list shows: its present filters, the columns that are chosen; and watch the job."""
    form = await request.form()
    filters = {name: str(value) for name, value in form.items() if name not in (CSRF_FIELD, PAGE)}
    left_out = await lists.left_out(session, str(form.get(PAGE, "")), actor)
    job_id = await service.start_export(session, platform, client, code, filters, by=actor, left_out=left_out)
    return redirect(request, f"/console/jobs/{job_id}")


ROUTES = [export_list]
