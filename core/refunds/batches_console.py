"""Batches of refunds in the console: made from suspense or from a list, watched, taken up again, with a result file."""

from collections.abc import Mapping
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core.approvals import lists as approvals
from core.billing.filters import uuid_of, word_of
from core.database import Session
from core.errors import PlatformError
from core.exports.workbook import MEDIA_TYPE
from core.files.answers import attachment
from core.identity.actor import Actor
from core.identity.user_pages import timeline
from core.jobs import service as jobs
from core.jobs.errors import JobNotFound
from core.payments import lists as payments
from core.platform import Platform
from core.refunds import batches, desk, lists, service, sheet
from core.refunds.lists_repository import Asked
from core.refunds.schemas import RefundAsk
from core.refunds.states import UNDONE
from core.tenancy.directory import ClientProfile
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

PATH = "/console/refund-batches"
READ, MAKE = {"permission": service.READ}, {"permission": service.MAKE}
TEMPLATE_NAME = "批量退款模板.xlsx"


@get(PATH, opt=READ, include_in_schema=False)
async def batch_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[str | None] = None
) -> Response:
    """Every batch."""
    found = await lists.list_batches(session, actor, cursor)
    return render(request, "refunds/batches.html", found=found, may_make=actor.may(service.MAKE))


@get(PATH + "/new", opt=MAKE, include_in_schema=False)
async def batch_form(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Choose what lies in suspense, or upload a list of bills."""
    return await _form(request, session, actor, {}, set(), {})


@get(PATH + "/template", opt=MAKE, include_in_schema=False)
async def batch_template(session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response[bytes]:
    """An empty list to fill in."""
    return attachment(TEMPLATE_NAME, sheet.template(), MEDIA_TYPE)


@post(PATH + "/new", opt=MAKE, include_in_schema=False)
async def make_batch(
    request: Request, asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform]
) -> Response:
    """Freeze the batch and ask a second person; what is wrong is said beside the field, and then nothing is written."""
    form = await request.form()
    typed = {name: str(value) for name, value in form.items() if not isinstance(value, UploadFile)}
    ticked = {str(value) for value in form.getall("item", [])}
    errors = {name: _("请填写这一项") for name in ("title", "reason") if not word_of(typed, name)}
    if not errors:
        try:
            async with platform.database.tenant(client.id) as session:
                asks = await _asks(session, asker, form.get("file"), ticked, typed)
                batch_id = await desk.create_batch(session, client, asks, asker, title=word_of(typed, "title"), reason=word_of(typed, "reason"))
            return redirect(request, f"{PATH}/{batch_id}", success=_("批次已冻结并提交，等待另一位同事复核"))
        except PlatformError as error:
            if error.status >= 500:
                raise
            errors["file"] = error.message
    async with platform.database.tenant(client.id) as session:
        return await _form(request, session, asker, typed, ticked, errors, status=422)


@get(PATH + "/{batch_id:uuid}", opt=READ, include_in_schema=False)
async def batch_page(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    batch_id: FromPath[UUID],
    status: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response:
    """One batch: how far it is, and every refund of it with its own state."""
    batch = await lists.find_batch(session, batch_id, actor)
    page = await lists.list_refunds(session, Asked(batch_id=batch_id, status=word_of({"s": status}, "s")), actor, cursor)
    live = batch.status in ("approved", "running")
    return render(
        request,
        "refunds/batch.html",
        refresh_seconds=5 if live else None,
        batch=batch,
        found=page,
        tab=status,
        job=await _job(session, batch.job_id, actor),
        ended=sum(batch.statuses.get(code, 0) for code in ("success", "failed", "partial", "rejected", "cancelled")),
        undone=sum(batch.statuses.get(code, 0) for code in UNDONE),
        waiting=[row for row in await approvals.about(session, batch_id) if row.status == "waiting"],
        may_make=actor.may(service.MAKE),
        may_export=actor.may("exports.make"),
        timeline=await timeline(session, "refund_batch", batch_id, {}),
    )


@post(PATH + "/{batch_id:uuid}/again", opt=MAKE, include_in_schema=False)
async def run_again(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], batch_id: FromPath[UUID]
) -> Response:
    """Take up what did not succeed."""
    await lists.find_batch(session, batch_id, actor, service.MAKE)
    await batches.run_again(session, batch_id, actor)
    return redirect(request, f"{PATH}/{batch_id}", success=_("未成功的退款已重新办理"))


async def _job(session: Session, job_id: UUID | None, by: Actor):
    """The batch's job, for those who may look at it."""
    try:
        return await jobs.find(session, job_id, by) if job_id else None
    except JobNotFound:
        return None


async def _asks(session: Session, by: Actor, file: object, ticked: set[str], typed: Mapping[str, str]) -> list[RefundAsk]:
    reason = word_of(typed, "reason")
    if isinstance(file, UploadFile) and file.filename:
        return await sheet.read(session, await file.read(), file.filename, reason, by)
    wanted = {uuid_of(value) for value in ticked}
    return [ask for ask in await desk.longs_within_reach(session, "", reason, by) if ask.suspense_id in wanted]


async def _form(
    request: Request, session: Session, actor: Actor, typed: Mapping[str, str], ticked: set[str], errors: dict[str, str], status: int = 200
) -> Response:
    asks = await desk.longs_within_reach(session, "", "-", actor)
    longs = [await payments.suspense_item(session, ask.suspense_id, actor, service.MAKE) for ask in asks[:200]]
    return render(
        request, "refunds/batch_new.html", status=status, longs=longs, typed=typed, ticked=ticked, errors=errors, more=len(asks) - len(longs),
        template_href=f"{PATH}/template",
    )  # fmt: skip


ROUTES = [batch_list, batch_form, batch_template, make_batch, batch_page, run_again]
