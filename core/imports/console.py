"""The import pages: choose, upload, read the verdict, confirm, mend what was rejected."""

from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core.database import Session
from core.exports.workbook import MEDIA_TYPE
from core.files.answers import attachment
from core.identity import audit_words
from core.identity.actor import Actor
from core.imports import service
from core.imports.errors import FileMissing, FileRefused
from core.jobs import repository as jobs
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web import statuses
from core.web.i18n import N_
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

ANYBODY = {"permission": "any"}
"""Each importer asks for its own right; the service checks it."""
PAGE = 30
Open = NamedDependency[Session]
Who = NamedDependency[Actor]
Whose = NamedDependency[ClientProfile]
Running = NamedDependency[Platform]

statuses.register(
    "import",
    {
        "checking": (N_("检查中"), statuses.INFO),
        "checked": (N_("待确认"), statuses.WAIT),
        "refused": (N_("文件无法读取"), statuses.BAD),
        "applying": (N_("导入中"), statuses.INFO),
        "applied": (N_("已导入"), statuses.GOOD),
        "failed": (N_("已中断"), statuses.BAD),
        "cancelled": (N_("已放弃"), statuses.QUIET),
    },
)
statuses.register(
    "verdict",
    {
        "new": (N_("新增"), statuses.GOOD),
        "changed": (N_("变更"), statuses.INFO),
        "unchanged": (N_("无变化"), statuses.QUIET),
        "rejected": (N_("未通过"), statuses.BAD),
        "reject": (N_("未通过"), statuses.BAD),
        "accept": (N_("通过"), statuses.GOOD),
        "accept_normalised": (N_("通过，已规范"), statuses.INFO),
        "ignore": (N_("已跳过"), statuses.QUIET),
    },
)
audit_words.register(
    {
        "imports.batch.upload": N_("上传导入文件"),
        "imports.batch.confirm": N_("确认导入"),
        "imports.batch.apply": N_("写入导入数据"),
        "imports.batch.cancel": N_("放弃导入"),
        "imports.batch.download": N_("下载未通过的行"),
        "exports.export.start": N_("导出"),
        "exports.export.made": N_("导出完成"),
        "files.file.download": N_("下载文件"),
        "jobs.job.cancel": N_("停止任务"),
        "jobs.job.resume": N_("继续任务"),
    }
)


@get("/console/imports", opt=ANYBODY, include_in_schema=False)
async def import_list(
    request: Request, session: Open, actor: Who, client: Whose, platform: Running, cursor: FromQuery[UUID | None] = None
) -> Response:
    """What may be imported, and what was."""
    batches = await service.list_recent(session, platform, client, by=actor, limit=PAGE + 1, before=cursor)
    more = str(batches[PAGE - 1].id) if len(batches) > PAGE else None
    offered = service.importers(platform, client, actor)
    return render(
        request,
        "imports/list.html",
        offered=list(offered.values()),
        titles=_titles(platform, client),
        batches=batches[:PAGE],
        next_cursor=more,
    )


@get("/console/imports/new", opt=ANYBODY, include_in_schema=False)
async def new_import(request: Request, session: Open, actor: Who, client: Whose, platform: Running, kind: FromQuery[str]) -> Response:
    """Where a file is dropped."""
    importer = service.find_importer(platform, client, kind, actor)
    return render(request, "imports/new.html", importer=importer, errors={})


@post("/console/imports", opt=ANYBODY, include_in_schema=False)
async def upload(request: Request, session: Open, actor: Who, client: Whose, platform: Running) -> Response:
    """A file came in."""
    form = await request.form()
    importer = service.find_importer(platform, client, str(form.get("kind", "")), actor)
    file = form.get("file")
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            raise FileMissing()
        content = await file.read()
        batch_id = await service.upload(session, platform, client, importer.code, _plain(file.filename), content, by=actor)
    except FileRefused as refusal:
        return render(request, "imports/new.html", status=422, importer=importer, errors={"file": refusal.message})
    return redirect(request, f"/console/imports/{batch_id}")


@get("/console/imports/template", opt=ANYBODY, include_in_schema=False)
async def template(session: Open, actor: Who, client: Whose, platform: Running, kind: FromQuery[str]) -> Response:
    """The empty file to fill in."""
    importer = service.find_importer(platform, client, kind, actor)
    if importer.template is None:
        raise FileMissing()
    return attachment(importer.template_name or "模板.xlsx", importer.template(), MEDIA_TYPE)


@get("/console/imports/{batch_id:uuid}", opt=ANYBODY, include_in_schema=False)
async def import_page(
    request: Request, session: Open, actor: Who, client: Whose, platform: Running, batch_id: FromPath[UUID], verdict: FromQuery[str] = ""
) -> Response:
    """How far an import is, and what was said of its rows."""
    batch = await service.find(session, platform, client, batch_id, by=actor)
    job = await jobs.find(session, batch.job_id) if batch.job_id else None
    said = await service.answer(session, platform, batch)
    rows = sorted(said.rows, key=lambda row: row.verdict != "reject")  # what has to be mended stands first
    if verdict == "rejected":
        rows = [row for row in rows if row.verdict == "reject"]
    live = batch.status in ("checking", "applying")
    if not live and request.headers.get("HX-Request"):
        return redirect(request, f"/console/imports/{batch_id}")  # the progress that asked is over: show the whole page
    return render(
        request, "imports/import.html", refresh_seconds=3 if live else None, batch=batch, job=job, live=live, rows=rows, totals=said.totals,
        titles=_titles(platform, client),
    )  # fmt: skip


@post("/console/imports/{batch_id:uuid}/confirm", opt=ANYBODY, include_in_schema=False)
async def confirm(request: Request, session: Open, actor: Who, client: Whose, platform: Running, batch_id: FromPath[UUID]) -> Response:
    """Write the good rows."""
    whole = (await request.form()).get("whole") == "1"
    await service.confirm(session, platform, client, batch_id, by=actor, whole=whole)
    return redirect(request, f"/console/imports/{batch_id}")


@post("/console/imports/{batch_id:uuid}/cancel", opt=ANYBODY, include_in_schema=False)
async def cancel(request: Request, session: Open, actor: Who, client: Whose, platform: Running, batch_id: FromPath[UUID]) -> Response:
    """Let it go."""
    await service.cancel(session, platform, client, batch_id, by=actor)
    return redirect(request, "/console/imports", info=_("已放弃这次导入，没有写入任何数据"))


@get("/console/imports/{batch_id:uuid}/rejected", opt=ANYBODY, include_in_schema=False)
async def rejected(session: Open, actor: Who, client: Whose, platform: Running, batch_id: FromPath[UUID]) -> Response:
    """The rows to mend."""
    batch = await service.find(session, platform, client, batch_id, by=actor)
    content = await service.rejected(session, platform, batch, by=actor)
    return attachment(f"未通过的行-{batch.filename.rsplit('.', 1)[0]}.xlsx", content, MEDIA_TYPE)


def _titles(platform: Platform, client: ClientProfile) -> dict[str, str]:
    return {code: importer.title for code, importer in service.importers(platform, client).items()}


def _plain(filename: str) -> str:
    """The file's own name, without the folders some browsers send along."""
    return filename.replace("\\", "/").rsplit("/", 1)[-1][:200]


ROUTES = [import_list, new_import, upload, template, import_page, confirm, cancel, rejected]
