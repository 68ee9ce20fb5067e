"""Fee plans in the console: the list, the form, and one plan from its draft to its end."""

from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody

from core import clock, paging
from core.approvals import lists as proposals
from core.database import Row, Session
from core.errors import InvalidRequest, PlatformError
from core.identity import org
from core.identity.actor import Actor
from core.web.error_words import translated
from core.web.i18n import gettext as _
from core.web.i18n import listed
from core.web.templating import redirect, render
from plugins.education.organisation import service as organisation
from plugins.education.organisation.service import SchoolTree
from plugins.education.plans import forms, imported, imported_repository, repository, service, templates
from plugins.education.pricing.rules import USAGE
from plugins.education.standards import items as fee_items
from plugins.education.standards.forms import ReasonForm
from plugins.education.terms import service as terms
from plugins.education.terms.console import suggested

READ = {"permission": service.READ}
MAKE = {"permission": service.MAKE}
PUBLISH = {"permission": service.PUBLISH_RIGHT}
BASE = "/console/education/plans"
PLAN = BASE + "/{plan_id:uuid}"
GRADE_LEVEL = 3
"""A plan's page offers units down to the grade; the API takes any."""
Choice = tuple[str, str]
IN_THE_FORM = ("PLAN_INVALID", "PLAN_CODE_TAKEN", "BEYOND_THE_YEAR", "TERM_UNKNOWN")
FIELDS = {"PLAN_CODE_TAKEN": "code", "BEYOND_THE_YEAR": "term", "TERM_UNKNOWN": "term"}


@get(BASE, opt=READ, include_in_schema=False)
async def plan_list(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[str | None] = None) -> Response:
    """Plans, the newest first."""
    rows = await service.list_page(session, actor, paging.read_id(cursor), paging.PAGE + 1)
    shown, more = paging.cut(rows, paging.PAGE, lambda row: str(row.id))
    return render(request, "education/plans.html", plans=shown, next_cursor=more, may_make=actor.may(service.MAKE))


@get(BASE + "/new", opt=MAKE, include_in_schema=False)
async def plan_new(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """The form of a new plan."""
    known = {row.code: row.name for row in await fee_items.list_items(session) if row.period != USAGE}
    return await _form(request, session, actor, forms.first_values(suggested(set()).code, known), {}, None)


@post(BASE, opt=MAKE, include_in_schema=False)
async def plan_create(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Write a new plan; what is wrong is said beside the field."""
    typed = forms.read(await request.form())
    draft, errors = forms.to_draft(typed, await _own(session))
    if draft is not None:
        try:
            plan_id = await service.create(session, draft, actor)
            return redirect(request, f"{BASE}/{plan_id}/trial", success=_("已保存草稿。请先看试算，再提交复核"))
        except PlatformError as error:
            errors = _field_errors(error)
    return await _form(request, session, actor, typed, errors, None)


@get(PLAN + "/edit", opt=MAKE, include_in_schema=False)
async def plan_edit(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], plan_id: FromPath[UUID]) -> Response:
    """The form of a draft."""
    plan = await service.find(session, plan_id, actor)
    if plan.status != "draft":
        return redirect(request, f"{BASE}/{plan_id}", warning=_("只有草稿可以修改，请先退回草稿"))
    return await _form(request, session, actor, forms.of_plan(plan), {}, plan)


@post(PLAN + "/edit", opt=MAKE, include_in_schema=False)
async def plan_correct(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], plan_id: FromPath[UUID]) -> Response:
    """Change a draft."""
    form = await request.form()
    typed = forms.read(form)
    draft, errors = forms.to_draft(typed, await _own(session))
    version = str(form.get("version") or "")
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        raise InvalidRequest("页面不完整，请刷新后重新填写")
    if draft is not None:
        try:
            await service.correct(session, plan_id, draft, int(version), actor)
            return redirect(request, f"{BASE}/{plan_id}", success=_("已保存"))
        except PlatformError as error:
            errors = _field_errors(error)
    return await _form(request, session, actor, typed, errors, await service.find(session, plan_id, actor), int(version))


def _field_errors(error: PlatformError) -> dict[str, str]:
    if error.code not in IN_THE_FORM:
        raise error
    return {str(error.facts.get("field") or FIELDS.get(error.code, "code")): translated(error)}


async def _own(session: Session) -> forms.Own:
    return forms.own_templates(await templates.list_templates(session, active_only=True))


async def _form(
    request: Request,
    session: Session,
    actor: Actor,
    typed: forms.Typed,
    errors: dict[str, str],
    plan: Row | None,
    version: int | None = None,
) -> Response:
    choices = _whom(await organisation.load(session), actor.reach(service.MAKE))
    offered_items = await fee_items.list_items(session)
    known = [(row.code, row.name, _("必缴") if row.mandatory else _("家长自愿选择")) for row in offered_items]
    registered = {term.code for term in await terms.list_terms(session)}
    offered = sorted(registered | {suggested(set()).code, suggested(registered).code}, reverse=True)
    return render(
        request, "education/plan_form.html", status=422 if errors else 200, typed=typed, errors=errors, plan=plan,
        version=version or (plan.version if plan else 0), items=known, units=choices, templates=forms.template_choices(await _own(session)),
        by_use=any(row.period == USAGE for row in offered_items), term_options=[(code, code) for code in offered], dates=forms.MOST_DATES,
    )  # fmt: skip


def _whom(tree: SchoolTree, reach: list[UUID] | None) -> list[tuple[str, list[Choice], list[Choice]]]:
    """Whom a plan may be for, campus by campus: the campus and its divisions, and its grades."""
    found: dict[str, tuple[list[Choice], list[Choice]]] = {}
    for unit_id, path in tree.paths.items():
        if 1 <= len(path) <= GRADE_LEVEL and (reach is None or unit_id in reach):
            wide, grades = found.setdefault(path[0], ([], []))
            label = " ".join(path[1:]) or _("整个校区")
            (grades if len(path) == GRADE_LEVEL else wide).append((str(unit_id), label))
    return [(campus, wide, grades) for campus, (wide, grades) in found.items()]


@get(PLAN, opt=READ, include_in_schema=False)
async def plan_page(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], plan_id: FromPath[UUID]) -> Response:
    """One plan: what it says, where it stands, what may be done next."""
    return await _page(request, session, actor, plan_id, {})


async def _page(request: Request, session: Session, actor: Actor, plan_id: UUID, errors: dict[str, str]) -> Response:
    plan = await service.find(session, plan_id, actor)
    names = {str(unit.id): unit.name for unit in await org.list_units(session)}
    item_names = {row.code: row.name for row in await fee_items.list_items(session)}
    source = service.source_of(plan_id)
    return render(
        request, "education/plan.html", status=422 if errors else 200, plan=plan, errors=errors,
        whom=listed(names.get(org_id, "") for org_id in plan.org_ids), items=listed(item_names.get(c, c) for c in plan.item_codes),
        instalments=[(due, service.shown_percent(percent)) for due, percent in plan.instalments],
        approvals=await proposals.about(session, plan_id), progress=await repository.progress(session, source), source=source,
        recallable=await repository.recallable(session, source), imported=await imported_repository.sums(session, plan_id), overdue=plan.due_on < clock.today(),
        may_make=actor.may(service.MAKE), may_publish=actor.may(service.PUBLISH_RIGHT), may_check=actor.may("education.plan.check"),
        may_see_bills=actor.may("billing.bill.read"), may_see_notices=actor.may("notices.read"), may_print=actor.may("printing.sheet.make"),
        may_import=actor.may(service.MAKE) and actor.may("imports.make"),
    )  # fmt: skip


@post(PLAN + "/submit", opt=MAKE, include_in_schema=False)
async def plan_submit(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    plan_id: FromPath[UUID],
    data: URLEncodedBody[ReasonForm],
) -> Response:
    """Freeze the trial run and ask a second person."""
    try:
        await service.submit(session, plan_id, data.reason, actor)
    except PlatformError as error:
        if error.code not in ("STANDARDS_UNAPPROVED", "PLAN_EMPTY", "STANDARDS_TIED", "USAGE_UNPRICED", "IMPORTED_LEFT_OUT"):
            raise
        return await _page(request, session, actor, plan_id, {"submit": translated(error)})
    return redirect(request, f"{BASE}/{plan_id}", success=_("已提交，等待另一位同事复核"))


@post(PLAN + "/reopen", opt=MAKE, include_in_schema=False)
async def plan_reopen(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], plan_id: FromPath[UUID]) -> Response:
    """Back to draft."""
    await service.reopen(session, plan_id, actor)
    return redirect(request, f"{BASE}/{plan_id}", info=_("已退回草稿，可以修改"))


@post(PLAN + "/publish", opt=PUBLISH, include_in_schema=False)
async def plan_publish(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], plan_id: FromPath[UUID]) -> Response:
    """Start the publication and watch it; pressed again it shows the same job."""
    job_id = await service.press_publish(session, plan_id, actor)
    return redirect(request, f"/console/jobs/{job_id}" if job_id else f"{BASE}/{plan_id}")


@post(PLAN + "/recall", opt=PUBLISH, include_in_schema=False)
async def plan_recall(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    plan_id: FromPath[UUID],
    data: URLEncodedBody[ReasonForm],
) -> Response:
    """Void what nobody paid and make the plan a draft again."""
    void, left = await service.recall(session, plan_id, data.reason, actor)
    told = _("已召回：作废 %(void)s 张未缴账单，保留 %(left)s 张已缴或正在支付的账单", void=void, left=left)
    return redirect(request, f"{BASE}/{plan_id}", success=told)


@post(PLAN + "/imported-bills/clear", opt=MAKE, include_in_schema=False)
async def plan_clear(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], plan_id: FromPath[UUID]) -> Response:
    """Take the imported bills out of a draft."""
    lines = await imported.clear(session, plan_id, actor)
    return redirect(request, f"{BASE}/{plan_id}", info=_("已清空导入的 %(n)s 行，批次改按收费标准计算", n=lines))


@post(PLAN + "/close", opt=MAKE, include_in_schema=False)
async def plan_close(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], plan_id: FromPath[UUID]) -> Response:
    """End a plan."""
    await service.close(session, plan_id, actor)
    return redirect(request, f"{BASE}/{plan_id}", info=_("批次已关闭，未缴的账单仍可缴费"))


ROUTES = [
    plan_list, plan_new, plan_create, plan_edit, plan_correct, plan_page, plan_submit, plan_reopen, plan_publish, plan_recall, plan_clear, plan_close,
]  # fmt: skip
