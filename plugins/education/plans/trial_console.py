"""The trial run of a plan in the console: its sums, its students, one student's bill explained."""

from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core.database import Session
from core.identity.actor import Actor
from core.web.error_words import translated
from core.web.templating import render
from plugins.education.plans import service, trial
from plugins.education.pricing.errors import StandardsTied, UsageUnpriced

READ = {"permission": service.READ}
TRIAL = "/console/education/plans/{plan_id:uuid}/trial"


@get(TRIAL, opt=READ, include_in_schema=False)
async def trial_page(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], plan_id: FromPath[UUID]) -> Response:
    """What the plan would bill today, by item, campus and grade; ties between standards and use without a price are shown instead."""
    try:
        found = await trial.run(session, plan_id, actor)
    except (StandardsTied, UsageUnpriced) as fault:
        plan = await service.find(session, plan_id, actor)
        return render(request, "education/trial.html", status=409, plan=plan, told=translated(fault), ties=fault.facts.get("ties", ()), summed=None)
    return render(request, "education/trial.html", plan=found.plan, summed=trial.summed(found), ties=[], told="", may_export=actor.may("exports.make"))


@get(TRIAL + "/students", opt=READ, include_in_schema=False)
async def trial_students(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    plan_id: FromPath[UUID],
    q: FromQuery[str] = "",
    only: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response:
    """Every student of the plan with what they would be billed, or why not."""
    found = await trial.run(session, plan_id, actor)
    rows = trial.rows(found, actor, words=q, only=only, cursor=cursor)
    return render(request, "education/trial_students.html", plan=found.plan, rows=rows, only=only)


@get(TRIAL + "/students/{student_no:str}", opt=READ, include_in_schema=False)
async def trial_student(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    plan_id: FromPath[UUID],
    student_no: FromPath[str],
) -> Response:
    """One student's bill, every line explained."""
    found = await trial.run(session, plan_id, actor)
    row, bill, explained = trial.one(found, student_no, actor)
    lines = list(zip(bill.lines, explained, strict=True))
    return render(request, "education/trial_student.html", plan=found.plan, row=row, bill=bill, lines=lines, term=found.priced.term)


ROUTES = [trial_page, trial_students, trial_student]
