"""Fee plans in the API: write, correct, try, submit, publish, recall, close."""

import datetime as dt
from uuid import UUID

from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core import paging
from core.database import Row, Session
from core.identity.actor import Actor
from plugins.education.plans import repository, service, trial
from plugins.education.plans.schemas import InstalmentDraft, PlanDraft, PlanPage, PlanProgress, PlanRead, Recalled, Started
from plugins.education.standards.schemas import Proposed, Reason

TAGS = ["教育 education"]
READ = {"permission": service.READ}
MAKE = {"permission": service.MAKE}
PUBLISH = {"permission": service.PUBLISH_RIGHT}
BASE = "/api/v1/education/plans"
PLAN = BASE + "/{plan_id:uuid}"


def read(row: Row) -> PlanRead:
    """A plan as the API tells it."""
    return PlanRead(
        id=row.id,
        code=row.code,
        title=row.title,
        term=row.term_code,
        item_codes=row.item_codes,
        org_ids=[UUID(org_id) for org_id in row.org_ids],
        due_on=row.due_on,
        usage_until=row.usage_until,
        instalments=[InstalmentDraft(dt.date.fromisoformat(due), percent) for due, percent in row.instalments],
        allow_partial=row.allow_partial,
        allow_merge=row.allow_merge,
        notice=row.notice,
        publish_at=row.publish_at,
        status=row.status,
        made_by=row.made_by,
        approved_by=row.approved_by,
        published_at=row.published_at,
        job_id=row.job_id,
        version=row.version,
    )


@get(BASE, opt=READ, tags=TAGS)
async def list_plans(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> PlanPage:
    """Plans within reach, the newest first."""
    size = paging.page_size(limit)
    rows = await service.list_page(session, actor, paging.read_id(cursor), size + 1)
    shown, more = paging.cut(rows, size, lambda row: str(row.id))
    return PlanPage([read(row) for row in shown], more)


@post(BASE, opt=MAKE, tags=TAGS)
async def create_plan(session: NamedDependency[Session], actor: NamedDependency[Actor], data: JSONBody[PlanDraft]) -> PlanRead:
    """Write a new plan as a draft."""
    return read(await service.find(session, await service.create(session, data, actor)))


@get(PLAN, opt=READ, tags=TAGS)
async def get_plan(session: NamedDependency[Session], actor: NamedDependency[Actor], plan_id: FromPath[UUID]) -> PlanRead:
    """One plan."""
    return read(await service.find(session, plan_id, actor))


@put(PLAN, opt=MAKE, tags=TAGS)
async def correct_plan(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    plan_id: FromPath[UUID],
    version: FromQuery[int],
    data: JSONBody[PlanDraft],
) -> PlanRead:
    """Change a draft, as read in this version; a stale one is refused."""
    await service.correct(session, plan_id, data, version, actor)
    return read(await service.find(session, plan_id))


@get(PLAN + "/trial", opt=READ, tags=TAGS)
async def try_plan(session: NamedDependency[Session], actor: NamedDependency[Actor], plan_id: FromPath[UUID]) -> trial.Trial:
    """What the plan would bill today: sums in fen, by item, campus and grade."""
    return trial.summed(await trial.run(session, plan_id, actor))


@get(PLAN + "/trial/students", opt=READ, tags=TAGS)
async def try_students(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    plan_id: FromPath[UUID],
    q: FromQuery[str] = "",
    only: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> trial.BillPage:
    """Every student of the plan with what they would be billed, or why not."""
    found = await trial.run(session, plan_id, actor)
    return trial.rows(found, actor, words=q, only=only, cursor=cursor, limit=paging.page_size(limit))


@get(PLAN + "/progress", opt=READ, tags=TAGS)
async def plan_progress(session: NamedDependency[Session], actor: NamedDependency[Actor], plan_id: FromPath[UUID]) -> PlanProgress:
    """How far a published plan is collected."""
    await service.find(session, plan_id, actor)
    row = await repository.progress(session, service.source_of(plan_id))
    return PlanProgress(bills=row.bills, paid=row.paid, amount_fen=row.amount_fen, paid_fen=row.paid_fen)


@post(PLAN + "/submit", opt=MAKE, status_code=200, tags=TAGS)
async def submit_plan(session: NamedDependency[Session], actor: NamedDependency[Actor], plan_id: FromPath[UUID], data: JSONBody[Reason]) -> Proposed:
    """Freeze the trial run and ask a second person (see /api/v1/approvals)."""
    return Proposed([await service.submit(session, plan_id, data.reason, actor)])


@post(PLAN + "/reopen", opt=MAKE, status_code=200, tags=TAGS)
async def reopen_plan(session: NamedDependency[Session], actor: NamedDependency[Actor], plan_id: FromPath[UUID]) -> PlanRead:
    """Take a submitted or approved plan back to draft."""
    await service.reopen(session, plan_id, actor)
    return read(await service.find(session, plan_id))


@post(PLAN + "/publish", opt=PUBLISH, status_code=202, tags=TAGS)
async def publish_plan(session: NamedDependency[Session], actor: NamedDependency[Actor], plan_id: FromPath[UUID]) -> Started:
    """Start the publication; asked again it answers the same job (see /api/v1/jobs)."""
    return Started(await service.press_publish(session, plan_id, actor))


@post(PLAN + "/recall", opt=PUBLISH, status_code=200, tags=TAGS)
async def recall_plan(session: NamedDependency[Session], actor: NamedDependency[Actor], plan_id: FromPath[UUID], data: JSONBody[Reason]) -> Recalled:
    """Void what nobody paid and make the plan a draft again."""
    return Recalled(*await service.recall(session, plan_id, data.reason, actor))


@post(PLAN + "/close", opt=MAKE, status_code=200, tags=TAGS)
async def close_plan(session: NamedDependency[Session], actor: NamedDependency[Actor], plan_id: FromPath[UUID]) -> PlanRead:
    """End a plan; what is unpaid stays owed."""
    await service.close(session, plan_id, actor)
    return read(await service.find(session, plan_id))


ROUTES = [
    list_plans, create_plan, get_plan, correct_plan, try_plan, try_students, plan_progress, submit_plan, reopen_plan, publish_plan,
    recall_plan, close_plan,
]  # fmt: skip
