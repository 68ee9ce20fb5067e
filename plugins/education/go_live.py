"""A school's own steps on its way to collecting, in place of core's: classes, students, approved prices, a published plan."""

from core.golive import facts_repository as facts
from core.golive.house_steps import posted
from core.golive.states import CLIENT, SECOND
from core.golive.steps import Evidence, Ground, Seen, Step, doing, done, todo, waiting
from core.identity import org
from core.web.i18n import N_
from core.web.i18n import gettext as _
from plugins.education.plans import repository as plans
from plugins.education.plans.service import MAKE
from plugins.education.roster import repository as roster
from plugins.education.standards import repository as standards

IMPORT = "/console/imports/new?kind=education."
STANDARDS, PLANS = "/console/education/standards", "/console/education/plans"


async def _tree(ground: Ground) -> Seen:
    """There are classes to put students into."""
    classes = [unit for unit in await org.list_units(ground.session) if unit.kind == "class"]
    if not classes:
        return await _half_way(ground, "education.org") or todo(_("还没有班级：导入校区、学部、年级与班级"))
    return done(await _by_import(ground, "education.org", _("%(n)s 个班级", n=len(classes)), "/console/org"))


async def _students(ground: Ground) -> Seen:
    """There are students on the roll."""
    count = sum(row.students for row in await roster.count_by_class(ground.session))
    if not count:
        return await _half_way(ground, "education.roster") or todo(_("还没有学生名册"))
    return done(await _by_import(ground, "education.roster", _("%(n)s 名学生", n=count), "/console/education/students"))


async def _prices(ground: Ground) -> Seen:
    """Every standard was approved by a second person."""
    rows = await standards.list_standards(ground.session)
    if not rows:
        return await _half_way(ground, "education.standards") or todo(_("还没有收费项目与标准"))
    by_state = {state: sum(row.status == state for row in rows) for state in ("draft", "checked", "approved")}
    if by_state["draft"]:
        return doing(_("%(n)s 条收费标准是草稿，请提交复核", n=by_state["draft"]), path=STANDARDS, task=_("提交复核"))
    if by_state["checked"]:
        return waiting(_("%(n)s 条收费标准等另一位同事复核", n=by_state["checked"]), SECOND, path=STANDARDS, task=_("查看收费标准"))
    return done(Evidence(text=_("%(n)s 条收费标准已复核", n=by_state["approved"]), path=STANDARDS, at=max(row.checked_at for row in rows)))


async def _plan(ground: Ground) -> Seen:
    """A plan was published, and parents find their way to its bills."""
    found = await plans.furthest(ground.session)
    if found is None:
        return todo(_("还没有收费批次"))
    here = {"path": f"{PLANS}/{found.id}", "task": _("打开收费批次")}
    if found.status == "draft":
        return doing(_("收费批次“%(title)s”是草稿：试算后提交复核", title=found.title), **here)
    if found.status == "standards_checked":
        return waiting(_("收费批次“%(title)s”等另一位同事复核", title=found.title), SECOND, **here)
    if found.status == "approved":
        return doing(_("收费批次“%(title)s”已复核，可以发布", title=found.title), **here)
    return await posted(ground, Evidence(text=_("收费批次“%(title)s”已发布", title=found.title), path=f"{PLANS}/{found.id}", at=found.published_at))


async def _half_way(ground: Ground, kind: str) -> Seen | None:
    """A file that came and was not written yet."""
    file = await facts.last_import(ground.session, kind)
    if file is None or file.status == "applied":
        return None
    here = {"path": f"/console/imports/{file.id}", "task": _("继续导入")}
    if file.status == "checked":
        return doing(_("“%(file)s”已检查，等确认导入", file=file.filename), **here)
    return doing(_("“%(file)s”正在处理", file=file.filename), **here)


async def _by_import(ground: Ground, kind: str, text: str, otherwise: str) -> Evidence:
    """The import that brought it, or the page where it stands."""
    file = await facts.last_import(ground.session, kind)
    if file is None or file.status != "applied":
        return Evidence(text=text, path=otherwise)
    return Evidence(text=_("%(what)s，来自“%(file)s”", what=text, file=file.filename), path=f"/console/imports/{file.id}", at=file.at)


STEPS = (
    Step(
        code="org", title=N_("校区与班级"), task=N_("导入校区、学部、年级与班级"), owner=CLIENT, within_days=3, position=30, look=_tree,
        path=IMPORT + "org", permission="education.org.import", hint=N_("第一步：其余资料都要归到班级"),
    ),
    Step(
        code="people", title=N_("学生名册"), task=N_("导入学生名册"), owner=CLIENT, within_days=4, position=50, look=_students,
        path=IMPORT + "roster", permission="education.roster.import", hint=N_("家长绑定与账单都以名册为准"), after=("org",),
    ),
    Step(
        code="prices", title=N_("收费项目与标准"), task=N_("导入收费项目与标准"), owner=CLIENT, within_days=5, position=60, look=_prices,
        path=IMPORT + "standards", permission="education.standards.import", hint=N_("导入后提交另一位同事复核"), after=("org",),
    ),
    Step(
        code="publish", title=N_("收费批次与海报"), task=N_("制定第一个收费批次"), owner=CLIENT, within_days=7, position=80, look=_plan,
        path=PLANS + "/new", permission=MAKE, hint=N_("先试算，再提交复核、发布"), after=("people", "prices"), needed=False,
    ),
)  # fmt: skip
"""The work list shows the same steps to each role until they are begun."""
