"""Runs and store days in the console: what came, what did not and why, and what a person does about it."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody

from core import paging
from core.approvals import lists as proposals
from core.database import Session
from core.errors import PlatformError
from core.files.answers import attachment
from core.identity import audit
from core.identity.actor import Actor
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.error_words import translated
from core.web.filters import status_label
from core.web.i18n import N_
from core.web.i18n import gettext as _
from core.web.templating import redirect, render
from plugins.medical.robots import days, lists, repository, running, service, tills
from plugins.medical.robots.console import platforms
from plugins.medical.robots.endings import NO_ORDERS
from plugins.medical.robots.errors import RunNotFound
from plugins.medical.robots.files import Brought
from plugins.medical.robots.states import FAILED, STORE_DAY, TASK

RUNS = "/console/medical/robots/runs"
DAYS = "/console/medical/store-days"
RUN = RUNS + "/{task_id:uuid}"
DAY = DAYS + "/{day_id:uuid}"
READ, OPERATE, MAKE = {"permission": service.READ}, {"permission": service.OPERATE}, {"permission": days.MAKE}
AGAIN = ("scheduled", "unauthorised", "login_failed", "captcha_required", "no_data", "format_changed", "unreachable", "refused", "dead")
"""States that a person may end: by another try, or with a file of their own."""
FILTERS = ("platform", "status", "typed", "bill_on", "since", "until")
UNITS = {"normalised": N_("%(n)s 单"), "uploaded": N_("%(n)s 元")}
TONES = {**dict.fromkeys((*FAILED, "dead", "different", "not_kept"), "bad"), "uploaded": "good", "reconciled": "good"}


class WhyForm(msgspec.Struct):
    """Why."""

    reason: Annotated[str, msgspec.Meta(max_length=200)] = ""


@get(RUNS, opt=READ, include_in_schema=False)
async def run_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[str | None] = None
) -> Response:
    """Every run, with how many brought their file."""
    asked = lists.asked_of(request.query_params, actor.reach(service.READ))
    shown, more = await lists.read_runs(session, asked, cursor, paging.PAGE)
    states = [(state, status_label(state, "medical.robot_run")) for state in TASK.states if state not in ("downloaded", "normalised", "cancelled")]
    states = [(lists.FOR_PEOPLE, _("需人工处理")), *states]
    return render(
        request, "medical/robot_runs.html", runs=shown, next_cursor=more, sums=await lists.sum_runs(session, asked), asked=asked, states=states,
        platforms=platforms(), may_export=actor.may("exports.make"), filtered=any(asked[name] for name in FILTERS),
    )  # fmt: skip


@get(RUN, opt=READ, include_in_schema=False)
async def run_page(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], task_id: FromPath[UUID]) -> Response:
    """One run: its log, its files, and what can be done."""
    found = await lists.find_run(session, task_id, actor.reach(service.READ))
    log = [
        {"at": line.at, "title": status_label(line.step, "medical.robot_step"), "text": _told(line.step, line.told), "tone": TONES.get(line.step, "")}
        for line in await repository.list_log(session, task_id)
    ]
    live = found.status in ("scheduled", "running") and found.tries < running.MOST_TRIES
    return render(
        request, "medical/robot_run.html", refresh_seconds=5 if live else None, run=found, log=log, artefacts=await repository.list_artefacts(session, task_id),
        may_operate=actor.may(service.OPERATE), again=found.status in AGAIN, for_people=found.status in lists.WAITING, may_import=_may_import(actor),
        empty=found.error in NO_ORDERS and found.status != "scheduled", most_tries=running.MOST_TRIES,
        may_look=await _reaches_all(session, actor, found.robot_id),
    )  # fmt: skip


@get(RUN + "/files/{artefact_id:uuid}", opt=READ, include_in_schema=False)
async def artefact(
    session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform], task_id: FromPath[UUID],
    artefact_id: FromPath[UUID],
) -> Response:
    """One file of a run, as a download; who took it is written down. It holds every store's orders: only who reaches them all may have it."""
    found = await lists.find_run(session, task_id, actor.reach(service.READ))
    row = await repository.find_artefact(session, task_id, artefact_id)
    if row is None or not await _reaches_all(session, actor, found.robot_id):
        raise RunNotFound()
    keys = await platform.vault.keys(session)
    await audit.record(session, actor, "medical.robot.look", running.OBJECT, task_id, after={"file": row.file_name, "sha256": row.sha256})
    return attachment(row.file_name, keys.open_bytes(row.content_sealed), "application/octet-stream")


@post(RUN + "/retry", opt=OPERATE, include_in_schema=False)
async def retry(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], task_id: FromPath[UUID]) -> Response:
    """Send the robot again."""
    await lists.find_run(session, task_id, actor.reach(service.OPERATE))
    try:
        await running.retry(session, task_id, actor)
    except PlatformError as error:
        return redirect(request, f"{RUNS}/{task_id}", warning=translated(error))
    return redirect(request, f"{RUNS}/{task_id}", success=_("已重新发起，几秒后开始运行"))


@post(RUN + "/no-orders", opt=OPERATE, include_in_schema=False)
async def no_orders(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], task_id: FromPath[UUID], data: URLEncodedBody[WhyForm]
) -> Response:
    """A person has seen that the day had no orders."""
    await lists.find_run(session, task_id, actor.reach(service.OPERATE))
    try:
        await running.confirm_no_orders(session, task_id, data.reason, actor)
    except PlatformError as error:
        return redirect(request, f"{RUNS}/{task_id}", warning=translated(error))
    return redirect(request, f"{RUNS}/{task_id}", success=_("已确认当日无单"))


@post(RUN + "/upload", opt=OPERATE, include_in_schema=False)
async def upload(
    request: Request, asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform], task_id: FromPath[UUID]
) -> Response:
    """A person brings the file."""
    async with platform.database.tenant(client.id) as session:
        await lists.find_run(session, task_id, asker.reach(service.OPERATE))
    file = (await request.form()).get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return redirect(request, f"{RUNS}/{task_id}", warning=_("请先选择账单文件"))
    brought = Brought(file.filename.replace("\\", "/").rsplit("/", 1)[-1][:120], await file.read())
    try:
        await running.upload(platform, client.id, task_id, brought, asker)
    except PlatformError as error:
        if error.status >= 500:
            raise
        why = error.facts.get("why")
        said = _("文件没有收下：%(why)s %(told)s", why=status_label(str(why), "medical.robot_why"), told=str(error.facts.get("told", ""))) if why else ""
        return redirect(request, f"{RUNS}/{task_id}", danger=said or translated(error))
    return redirect(request, f"{RUNS}/{task_id}", success=_("文件已入库，并与门店订单核对"))


@get(DAYS, opt=READ, include_in_schema=False)
async def day_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[str | None] = None
) -> Response:
    """Every store's days, both sides beside each other."""
    asked = lists.asked_of(request.query_params, actor.reach(service.READ))
    found = await lists.list_days(session, asked, cursor)
    states = [(state, status_label(state, "medical.store_day")) for state in STORE_DAY.states]
    return render(
        request, "medical/store_days.html", found=found, asked=asked, states=states, platforms=platforms(), may_export=actor.may("exports.make"),
        may_import=_may_import(actor), filtered=any(asked[name] for name in FILTERS),
    )  # fmt: skip


@get(DAY, opt=READ, include_in_schema=False)
async def day_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], day_id: FromPath[UUID], cursor: FromQuery[str] = ""
) -> Response:
    """One store's day with the orders in which both sides differ."""
    row = await days.find(session, day_id, actor.reach(service.READ))
    found = await lists.list_differences(session, row, cursor)
    waiting = [one for one in await proposals.about(session, day_id) if one.status == "waiting"]
    return render(
        request, "medical/store_day.html", day=lists.read_day(row), found=found, proposal=waiting[0] if waiting else None,
        may_propose=actor.reaches(days.MAKE, row.store_id) and row.status == "different" and not waiting, may_import=_may_import(actor),
    )  # fmt: skip


@post(DAY + "/accept", opt=MAKE, include_in_schema=False)
async def propose(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], day_id: FromPath[UUID], data: URLEncodedBody[WhyForm]
) -> Response:
    """Ask a second person to accept the differences."""
    try:
        await days.propose(session, day_id, data.reason, actor)
    except PlatformError as error:
        if error.status == 404:
            raise
        return redirect(request, f"{DAYS}/{day_id}", danger=translated(error))
    return redirect(request, f"{DAYS}/{day_id}", success=_("已提交，等待另一位同事复核"))


async def _reaches_all(session: Session, actor: Actor, robot_id: UUID) -> bool:
    """Whether somebody's reach holds every store of a robot."""
    return actor.reach(service.READ) is None or all(
        actor.reaches(service.READ, store.store_id) for store in await repository.list_stores(session, robot_id)
    )


def _may_import(actor: Actor) -> bool:
    return actor.may(tills.IMPORT) and actor.may("imports.make")


def _told(step: str, text: str) -> str:
    """A log line's facts; a reason's code in words, of a hash the beginning."""
    if step in UNITS and text:
        return _(UNITS[step], n=text)
    if step in ("downloaded", "not_kept"):
        return " ".join(f"{word[:12]}…" if len(word) == 64 else word for word in text.split(" "))
    code, _space, rest = text.partition(" ")
    word = status_label(code, "medical.robot_why")
    return f"{word} {rest}".strip() if word != code else text


ROUTES = [run_list, run_page, artefact, retry, no_orders, upload, day_list, day_page, propose]
