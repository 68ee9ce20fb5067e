"""The way in the bank's house: a branch's clients with how far each is and who is late, one client's steps, and the list as Excel."""

from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody

from core import clock, paging
from core.billing.filters import uuid_of, word_of
from core.database import Row, Session
from core.errors import PlatformError
from core.exports import workbook
from core.files.answers import attachment
from core.golive import progress
from core.golive import progress_repository as repository
from core.golive.errors import StepNotFound
from core.golive.forms import StepForm, field_of
from core.golive.schemas import ProgressRead
from core.golive.states import BANK, CHANNEL, CLIENT, SECOND, WAYS
from core.identity import audit
from core.identity.actor import Actor
from core.platform import Platform
from core.tenancy import branches
from core.tenancy.branches_repository import branch_subtree
from core.web.error_words import translated
from core.web.filters import status_label
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

PATH = "/bank/go-live"
ONE = PATH + "/{client_id:uuid}"
LOOK, ACT = ({"permission": permission, "side": "bank"} for permission in (progress.LOOK, progress.ACT))
MOST = 5_000
"""Clients in one Excel file."""


async def _listed(session: Session, by: Actor, asked: object, after: str, limit: int) -> list[Row]:
    status, owes, branch = word_of(asked, "status"), word_of(asked, "owes"), uuid_of(asked.get("branch", ""))
    return list(
        await repository.list_clients(
            session, by.reach(progress.LOOK), clock.today(), q=word_of(asked, "q"), status=status if status in (*WAYS, "open") else "",
            waiting_for=owes if owes in (CLIENT, BANK, CHANNEL, SECOND) else "", late=asked.get("late") == "1",
            branch_ids=await branch_subtree(session, branch) if branch else None, after=after, limit=limit,
        )
    )  # fmt: skip


@get(PATH, opt=LOOK, include_in_schema=False)
async def client_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform],
    cursor: FromQuery[str] = "",
) -> Response:
    """Clients on their way, those that are late marked."""
    place = paging.read_cursor(cursor, tuple[str])
    rows = await _listed(session, actor, request.query_params, place[0] if place else "", paging.PAGE + 1)
    shown, more = paging.cut(rows, paging.PAGE, lambda row: paging.write_cursor(row.code))
    reach = actor.reach(progress.LOOK)
    return render(
        request, "golive/clients.html", rows=[progress.told(platform, row) for row in shown], next_cursor=more,
        sums=await repository.sum_clients(session, reach, clock.today()), owers=_owers(), ways=_ways(),
        places=[(row.id, row.name) for row in await branches.within(session, reach)],
    )  # fmt: skip


def _owers() -> list[tuple[str, str]]:
    return [(code, status_label(code, "go_live_owner")) for code in (CLIENT, BANK, CHANNEL, SECOND)]


def _ways() -> list[tuple[str, str]]:
    return [("open", _("未上线")), *((code, status_label(code, "go_live")) for code in WAYS)]


@post(PATH + "/export", opt=LOOK, status_code=200, include_in_schema=False)
async def client_export(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform]
) -> Response[bytes]:
    """What the list shows, as Excel."""
    form = await request.form()
    asked = {name: str(form.get(name, "")) for name in ("q", "status", "owes", "late", "branch")}
    rows = [progress.told(platform, row) for row in await _listed(session, actor, asked, "", MOST)]
    columns = (
        (_("客户"), "text"), (_("编码"), "text"), (_("机构"), "text"), (_("状态"), "text"), (_("已完成"), "number"), (_("共"), "number"),
        (_("当前步骤"), "text"), (_("等谁"), "text"), (_("负责人"), "text"), (_("应完成"), "date"), (_("逾期"), "text"), (_("开始"), "date"),
        (_("没有完成的步骤"), "text"),
    )  # fmt: skip
    at = clock.now().astimezone(clock.SHANGHAI)
    remarks = [_("导出人：%(name)s · %(at)s", name=actor.name, at=f"{at:%Y-%m-%d %H:%M:%S}")]
    content = workbook.write(_("上线进度"), columns, [_told(row) for row in rows], remarks)
    kept = {name: value for name, value in asked.items() if value}
    await audit.record(session, actor, "golive.progress.export", "go_live", "clients", after={"rows": len(rows), "filters": kept})
    return attachment(f"{_('上线进度')}-{at:%Y%m%d}.xlsx", content, workbook.MEDIA_TYPE)


def _told(row: ProgressRead) -> tuple[object, ...]:
    return (
        row.name, row.code, row.branch, status_label(row.status, "go_live"), row.done, row.total, row.current_title,
        status_label(row.waiting_for, "go_live_owner") if row.waiting_for else "", row.owner_name, row.due_on,
        _("逾期") if row.overdue else "", row.started_on, "、".join(row.lacking),
    )  # fmt: skip


@get(ONE, opt=LOOK, include_in_schema=False)
async def client_way(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID]
) -> Response:
    """One client's steps, as the client sees them."""
    row, found, trial = await progress.of_client(platform, asker, client_id)
    return render(
        request, "golive/client.html", row=row, way=found, trial=trial, may_act=asker.may(progress.ACT), home=f"{PATH}/{client_id}"
    )


@get(ONE + "/steps/{code:str}", opt=ACT, include_in_schema=False)
async def step_form(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID], code: FromPath[str]
) -> Response:
    """Who takes a step on?"""
    return await _step(request, asker, platform, client_id, code)


@post(ONE + "/steps/{code:str}", opt=ACT, include_in_schema=False)
async def step_take_on(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID], code: FromPath[str],
    data: URLEncodedBody[StepForm],
) -> Response:
    """The branch says who, and until when."""
    try:
        await progress.take_on(platform, asker, client_id, code, data.patch())
    except StepNotFound:
        raise
    except PlatformError as error:
        return await _step(request, asker, platform, client_id, code, data, error)
    return redirect(request, f"{PATH}/{client_id}#step-{code}", success=_("已保存"))


async def _step(
    request: Request, by: Actor, platform: Platform, client_id: UUID, code: str, data: StepForm | None = None,
    error: PlatformError | None = None,
) -> Response:
    row, found, _trial = await progress.of_client(platform, by, client_id)
    step = next((step for step in found.steps if step.code == code), None)
    if step is None:
        raise StepNotFound()
    owners = [("client", _("客户")), ("bank", _("开户网点")), ("channel", _("支付渠道")), (by.id, _("%(name)s（我）", name=by.name))]
    shown = data or StepForm(owner=step.owner_id if step.owner_id == by.id else step.owner, due_on=step.due_on.isoformat(), note=step.note)
    errors = {field_of(error): translated(error)} if error else {}
    back = f"{PATH}/{client_id}"
    return render(
        request, "golive/step.html", status=error.status if error else 200, step=step, owners=owners, data=shown, errors=errors, back=back,
        action=f"{back}/steps/{code}", shell="layouts/bank.html", crumbs=[(_("上线进度"), PATH), (row.name, back), (step.title, None)],
    )  # fmt: skip


ROUTES = [client_list, client_export, client_way, step_form, step_take_on]
