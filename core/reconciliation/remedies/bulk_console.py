"""Batches of remedies in the console, a remedy's own address, and its undoing."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core import paging
from core.approvals import lists as approvals
from core.billing.filters import word_of
from core.database import Session
from core.errors import PlatformError
from core.identity.actor import Actor
from core.identity.user_pages import timeline
from core.jobs import service as jobs
from core.jobs.errors import JobNotFound
from core.platform import Platform
from core.reconciliation import rights
from core.reconciliation.differences.console import PATH as DIFFERENCES
from core.reconciliation.remedies import bulk, bulk_lists, repository
from core.reconciliation.remedies import service as remedies
from core.reconciliation.remedies.refusals import RemedyNotFound
from core.tenancy.directory import ClientProfile
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

PATH = "/console/remedy-batches"
Position = Annotated[int, msgspec.Meta(ge=0, le=bulk.MOST)]
READ, HANDLE = {"permission": rights.READ}, {"permission": rights.HANDLE}


@get(PATH, opt=READ, include_in_schema=False)
async def batch_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[str | None] = None
) -> Response:
    """Every batch, the newest first."""
    return render(request, "reconciliation/remedy_batches.html", found=await bulk_lists.list_batches(session, actor, cursor))


@get(PATH + "/{batch_id:uuid}", opt=READ, include_in_schema=False)
async def batch_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], batch_id: FromPath[UUID], status: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response:
    """One batch: how far it is, and every difference of it with its own state."""
    batch = await bulk.find(session, batch_id, actor)
    counts = {row.status: row.remedies for row in await repository.count_batch(session, batch_id)}
    place = paging.read_cursor(cursor, tuple[Position])
    rows = await repository.list_batch(session, batch_id, word_of({"s": status}, "s"), place[0] if place else 0, paging.PAGE + 1)
    shown, more = paging.cut(rows, paging.PAGE, lambda row: paging.write_cursor(row.position))
    live = batch.status in ("approved", "running")
    return render(
        request, "reconciliation/remedy_batch.html", refresh_seconds=5 if live else None, batch=batch, counts=counts, items=shown, more=more,
        tab=status, ended=sum(counts.get(code, 0) for code in bulk.ENDED), job=await _job(session, batch.job_id, actor),
        waiting=[row for row in await approvals.about(session, batch_id) if row.status == "waiting"], may_handle=actor.may(rights.HANDLE),
        may_export=actor.may("exports.make"), timeline=await timeline(session, "remedy_batch", batch_id, {}),
    )  # fmt: skip


@post(PATH + "/{batch_id:uuid}/again", opt=HANDLE, include_in_schema=False)
async def run_again(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], batch_id: FromPath[UUID]) -> Response:
    """Only what failed."""
    await bulk.run_again(session, batch_id, actor)
    return redirect(request, f"{PATH}/{batch_id}", success=_("未办成的已重新办理"))


@get("/console/remedies/{remedy_id:uuid}", opt=READ, include_in_schema=False)
async def remedy_page(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], remedy_id: FromPath[UUID]) -> Response:
    """A remedy stands on its difference's page."""
    found = await repository.find(session, remedy_id)
    if found is None:
        raise RemedyNotFound()
    return redirect(request, f"{DIFFERENCES}/{found.difference_id}#remedies")


@post("/console/remedies/{remedy_id:uuid}/undo", opt=HANDLE, include_in_schema=False)
async def undo(
    request: Request, asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform],
    remedy_id: FromPath[UUID],
) -> Response:
    """Ask that a remedy be undone."""
    reason = str((await request.form()).get("reason", ""))
    async with platform.database.tenant(client.id) as session:
        found = await repository.find(session, remedy_id)
    if found is None:
        raise RemedyNotFound()
    back = f"{DIFFERENCES}/{found.difference_id}"
    try:
        async with platform.database.tenant(client.id) as session:
            await remedies.propose_reversal(session, remedy_id, reason, asker)
    except PlatformError as error:
        if error.status >= 500:
            raise
        return redirect(request, back, danger=error.message)
    return redirect(request, back, success=_("撤销申请已提交，等待另一位同事复核"))


async def _job(session: Session, job_id: UUID | None, by: Actor):
    try:
        return await jobs.find(session, job_id, by) if job_id else None
    except JobNotFound:
        return None


ROUTES = [batch_list, batch_page, run_again, remedy_page, undo]
