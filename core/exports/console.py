"""The export button of every list."""

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.approvals.errors import AlreadyWaiting
from core.database import Session
from core.errors import InvalidRequest
from core.exports import agreement, clear, personal, service
from core.identity.actor import Actor
from core.lists import service as lists
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.error_words import translated
from core.web.i18n import gettext as _
from core.web.templating import CSRF_FIELD, redirect, render

PAGE, REASON = "_page", "_reason"
"""The list's address, whose columns somebody may have chosen; why names should be readable."""
CLEAR = {"permission": agreement.MAKE}
CLEAR_PATH = "/console/exports/{code:str}/clear"


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


@get(CLEAR_PATH, opt=CLEAR, include_in_schema=False)
async def clear_form(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    code: FromPath[str],
) -> Response:
    """What would be readable, of which rows, and the reason to give."""
    return _form(request, platform, client, actor, code, dict(request.query_params))


@post(CLEAR_PATH, opt=CLEAR, include_in_schema=False)
async def ask_clear(
    request: Request,
    asker: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    code: FromPath[str],
) -> Response:
    """Ask another person for the list with names in clear; what is refused is said beside the field."""
    typed = {name: str(value) for name, value in (await request.form()).items() if name != CSRF_FIELD}
    filters = {name: value for name, value in typed.items() if name not in (PAGE, REASON)}
    try:
        async with platform.database.tenant(client.id) as session:
            left_out = await lists.left_out(session, typed.get(PAGE, ""), asker)
            asked = await clear.ask(session, platform, client, code, filters, typed.get(REASON, "")[:200], by=asker, left_out=left_out)
    except (InvalidRequest, AlreadyWaiting) as error:
        return _form(request, platform, client, asker, code, typed, {REASON: translated(error)})
    return redirect(request, f"/console/approvals/{asked}", success=_("已提交，等待另一位同事复核；同意后在“任务”里下载文件"))


def _form(
    request: Request, platform: Platform, client: ClientProfile, by: Actor, code: str, typed: dict[str, str], errors: dict[str, str] | None = None
) -> Response:
    export = service.find_export(platform, client, code)
    by.need(service.PERMISSION)
    by.need(export.permission)
    filters = {name: value for name, value in typed.items() if value and name not in (PAGE, REASON, "cursor", "lang")}
    page = typed.get(PAGE, "")
    return render(
        request, "exports/clear.html", status=422 if errors else 200, export=export, columns=[_(title) for title in personal.titles(export)],
        filters=filters, page_field=PAGE, back=page if page.startswith("/console/") else "/console", reason=typed.get(REASON, ""), errors=errors or {},
    )  # fmt: skip


ROUTES = [export_list, clear_form, ask_clear]
