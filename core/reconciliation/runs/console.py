"""Reconciliation in the console: the days with their state, one day with its sums, and the buttons that run, close and open it."""

import datetime as dt

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core.billing.filters import day_of
from core.database import Session
from core.errors import PlatformError
from core.identity.actor import Actor
from core.identity.user_pages import timeline
from core.platform import Platform
from core.reconciliation import rights
from core.reconciliation.matching import found_repository as repository
from core.reconciliation.runs import closing
from core.reconciliation.runs import lists as runs_lists
from core.reconciliation.runs import tasks as runs_tasks
from core.reconciliation.runs import words as runs_words
from core.statements.registry import sources_of
from core.statements.rights import MAKE as HAND_IN
from core.tenancy.directory import ClientProfile
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

PATH = "/console/reconciliation"
READ, RUN, CLOSE = {"permission": rights.READ}, {"permission": rights.RUN}, {"permission": rights.CLOSE}


@get(PATH, opt=READ, include_in_schema=False)
async def run_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[str | None] = None
) -> Response:
    """Every day with its state and its differences by class."""
    asked = runs_lists.asked_of(request.query_params)
    found = await runs_lists.list_runs(session, asked, cursor)
    states = [(code, _(label)) for code, (label, _tone) in runs_words.RUN_WORDS.items()]
    facts = {"last_day": runs_lists.last_day(), "may_run": actor.may(rights.RUN)}
    return render(request, "reconciliation/runs.html", found=found, asked=asked, states=states, **facts)


@get(PATH + "/{day:date}", opt=READ, include_in_schema=False)
async def run_page(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    day: FromPath[dt.date],
) -> Response:
    """One day: sums of each side and channel, what agrees, differences by class."""
    run = await runs_lists.find_run(session, day, client.settings)
    row = await repository.find_run(session, day)
    return render(
        request,
        "reconciliation/run.html",
        refresh_seconds=3 if run.status == "matching" else None,
        run=run,
        titles=await source_titles(platform, client) if run.missing else {},
        sides=run.totals.get("sides", {}),
        timeline=await timeline(session, "recon_run", row.id, {}),
        may_run=actor.may(rights.RUN) and run.status != "closed" and day <= runs_lists.last_day(),
        may_close=actor.may(rights.CLOSE) and run.status in ("balanced", "diff_open"),
        may_reopen=actor.may(rights.CLOSE) and run.status == "closed",
        own_run=run.made_by_id == actor.id,
        may_hand_in=actor.may(HAND_IN) and run.status != "closed",
    )


@post(PATH, opt=RUN, include_in_schema=False)
async def run_typed_day(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Run the day that was typed."""
    form = await request.form()
    try:
        day = day_of(str(form.get("day", ""))) or runs_lists.last_day()
        job_id = await runs_tasks.start(session, day, actor)
    except PlatformError as error:
        return redirect(request, PATH, danger=error.message)
    return redirect(request, f"/console/jobs/{job_id}", success=_("对账已开始"))


@post(PATH + "/{day:date}/run", opt=RUN, include_in_schema=False)
async def run_day(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], day: FromPath[dt.date]) -> Response:
    """Run a day, or run it again."""
    try:
        job_id = await runs_tasks.start(session, day, actor)
    except PlatformError as error:
        return redirect(request, f"{PATH}/{day.isoformat()}", danger=error.message)
    return redirect(request, f"/console/jobs/{job_id}", success=_("对账已开始"))


@post(PATH + "/{day:date}/close", opt=CLOSE, include_in_schema=False)
async def close_day(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    day: FromPath[dt.date],
) -> Response:
    """Close a day."""
    here = f"{PATH}/{day.isoformat()}"
    try:
        await closing.close(session, day, actor, client.settings)
    except PlatformError as error:
        return redirect(request, here, danger=error.message)
    return redirect(request, here, success=_("已关账，这一天不再变动"))


@post(PATH + "/{day:date}/reopen", opt=CLOSE, include_in_schema=False)
async def reopen_day(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], day: FromPath[dt.date]
) -> Response:
    """Open a closed day again."""
    here, form = f"{PATH}/{day.isoformat()}", await request.form()
    try:
        await closing.reopen(session, day, actor, str(form.get("reason", "")))
    except PlatformError as error:
        return redirect(request, here, danger=error.message)
    return redirect(request, here, success=_("已重新打开，可以更正文件并重新对账"))


async def source_titles(platform: Platform, client: ClientProfile) -> dict[str, str]:
    """What people call the sources of a client's files."""
    return {code: _(each.title) for code, each in (await sources_of(platform, client.id)).items()}


ROUTES = [run_list, run_page, run_typed_day, run_day, close_day, reopen_day]
