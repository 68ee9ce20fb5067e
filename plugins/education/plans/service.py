"""Fee plans: drafted, tried, approved by a second person, published once however often it is pressed, recalled and corrected."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from uuid import UUID

import msgspec

from core import clock, ids, money
from core.approvals import service as approvals
from core.billing import repository as billing_repository
from core.billing.issuing import issue
from core.billing.schemas import BillDraft, Issued, LineDraft
from core.database import Row, Session
from core.errors import StaleForm
from core.identity import audit, org
from core.identity.actor import Actor, system
from core.jobs import service as jobs
from plugins.education.plans import pricing, repository
from plugins.education.plans.errors import (
    BeyondTheYear,
    PlanCodeTaken,
    PlanEmpty,
    PlanInvalid,
    PlanMoved,
    PlanNotApproved,
    PlanNotFound,
    StandardsUnapproved,
)
from plugins.education.plans.models import PLAN
from plugins.education.plans.schemas import PlanDraft
from plugins.education.pricing.rules import Term
from plugins.education.terms import service as terms

PLUGIN = "education"
PUBLISH = "education.publish"
CLOSES_AFTER = dt.timedelta(days=30)


def source_of(plan_id: UUID) -> str:
    """Under which source a plan's bills are issued."""
    return f"education.plan:{plan_id}"


async def create(session: Session, draft: PlanDraft, by: Actor) -> UUID:
    """Write a new plan as a draft."""
    by.need("education.plan.make")
    values = await _values(session, draft, by)
    plan_id = ids.uuid7()
    row = {"id": plan_id, "status": "draft", "made_by": by.name, "made_by_id": by.id, **values}
    if not await repository.add(session, row):
        raise PlanCodeTaken(code=draft.code)
    await audit.record(session, by, "education.plan.create", "fee_plan", plan_id, after=msgspec.to_builtins(draft, str_keys=True))
    return plan_id


async def correct(session: Session, plan_id: UUID, draft: PlanDraft, version: int, by: Actor) -> None:
    """Change a draft; a plan on its way is taken back to draft first (`reopen`, `recall`)."""
    by.need("education.plan.make")
    held = await _hold(session, plan_id)
    if held.version != version:
        raise StaleForm()
    if held.status != "draft":
        raise PlanInvalid(why="只有草稿可以修改，请先撤回")
    await repository.change(session, plan_id, await _values(session, draft, by))
    await audit.record(session, by, "education.plan.correct", "fee_plan", plan_id, after=msgspec.to_builtins(draft, str_keys=True))


async def try_out(session: Session, plan_id: UUID, *, approved_only: bool = False) -> tuple[pricing.Priced, pricing.Totals]:
    """The trial run of a plan: every bill, and what it comes to. Changes nothing."""
    held = await find(session, plan_id)
    term = await terms.find(session, held.term_code)
    priced = await pricing.trial(session, term, set(held.item_codes), await _classes(session, held), approved_only)
    return priced, pricing.totals(priced)


async def submit(session: Session, plan_id: UUID, reason: str, by: Actor) -> UUID:
    """Freeze the trial run and ask a second person; every price must come from an approved standard."""
    by.need("education.plan.make")
    held = await _hold(session, plan_id)
    PLAN.check(held.status, "standards_checked")
    priced, totals = await try_out(session, plan_id)
    if priced.book.drafts:
        raise StandardsUnapproved(count=priced.book.drafts)
    if not totals.students:
        raise PlanEmpty()
    trial = msgspec.to_builtins(totals)
    await repository.change(session, plan_id, {"status": "standards_checked", "trial": trial})
    return await approvals.propose(
        session, by, kind="education.plan", title=f"收费批次 {held.title}", subject_id=plan_id, reason=reason,
        proposal={"students": totals.students, "net_fen": totals.net_fen, "digest": totals.digest}, amount_fen=totals.mandatory_fen,
    )  # fmt: skip


async def approve(session: Session, plan_id: UUID, proposal: dict, by: Actor) -> None:
    """The second person agreed to exactly the bills of the frozen trial run."""
    held = await _hold(session, plan_id)
    PLAN.check(held.status, "approved")
    if held.trial["digest"] != proposal["digest"]:
        raise StaleForm()
    await repository.change(session, plan_id, {"status": "approved", "approved_by": by.name})
    await audit.record(session, by, "education.plan.approve", "fee_plan", plan_id, after={"students": proposal["students"]})


async def reopen(session: Session, plan_id: UUID, by: Actor) -> None:
    """Take a submitted or approved plan back to draft."""
    by.need("education.plan.make")
    held = await _hold(session, plan_id)
    if held.status == "published":
        raise PlanInvalid(why="已发布的批次请使用“召回”")
    await repository.change(session, plan_id, {"status": PLAN.check(held.status, "draft"), "trial": None, "approved_by": None})
    await audit.record(session, by, "education.plan.reopen", "fee_plan", plan_id, before={"status": held.status})


async def press_publish(session: Session, plan_id: UUID, by: Actor) -> UUID:
    """Start the publication as a job; however often it is pressed, one job at a time does it."""
    by.need("education.plan.publish")
    held = await _hold(session, plan_id)
    if held.status not in ("approved", "published"):
        raise PlanNotApproved(code=held.code)
    if held.job_id is not None:
        last = await jobs.find(session, held.job_id, system(session.tenant_id))
        if last.status in ("queued", "running"):
            return held.job_id
    job_id = await jobs.start(session, PUBLISH, f"发布收费批次 {held.title}", {"plan_id": str(plan_id)}, by=by)
    await repository.change(session, plan_id, {"job_id": job_id})
    return job_id


async def publish(session: Session, plan_id: UUID, by: Actor) -> Issued:
    """Turn an approved plan into bills that parents can see; done again it changes nothing.

    What is issued is what was approved: PlanMoved when roster or standards came to other bills since. The right to publish was
    checked when the button was pressed (`press_publish`).
    """
    held = await _hold(session, plan_id)
    if held.status == "published":
        done = await repository.progress(session, source_of(plan_id))
        return Issued(0, 0, done.bills)
    if held.status != "approved":
        raise PlanNotApproved(code=held.code)
    term = await terms.find(session, held.term_code)
    priced, totals = await try_out(session, plan_id, approved_only=True)
    approved = held.trial
    if totals.digest != approved["digest"]:
        raise PlanMoved(
            approved=approved["students"], approved_yuan=money.format_yuan(approved["net_fen"]), now=totals.students,
            now_yuan=money.format_yuan(totals.net_fen),
        )  # fmt: skip
    now = clock.now()
    issued = await issue(session, [_bill(held, term, priced, bill, now) for bill in priced.billed])
    await repository.change(session, plan_id, {"status": "published", "published_at": now})
    await audit.record(
        session, by, "education.plan.publish", "fee_plan", plan_id, after={"bills": issued.count, "amount_fen": issued.amount_fen}
    )
    return issued


async def recall(session: Session, plan_id: UUID, reason: str, by: Actor) -> tuple[int, int]:
    """Void a published plan's unpaid bills and make it a draft again; answers how many were void and how many stay (paid or being paid)."""
    by.need("education.plan.publish")
    if not reason.strip():
        raise PlanInvalid(why="请填写召回原因，家长会看到账单撤回")
    held = await _hold(session, plan_id)
    if held.status != "published":
        raise PlanInvalid(why="只有已发布的批次可以召回")
    void = await billing_repository.recall(session, source_of(plan_id))
    left = await repository.progress(session, source_of(plan_id))
    cleared = {"status": PLAN.check(held.status, "draft"), "trial": None, "approved_by": None, "published_at": None}
    await repository.change(session, plan_id, cleared)
    await audit.record(
        session, by, "education.plan.recall", "fee_plan", plan_id, after={"void": len(void), "kept": left.bills}, reason=reason
    )
    return len(void), left.bills


async def close(session: Session, plan_id: UUID, by: Actor) -> None:
    """End a plan; what is unpaid stays owed and shows on the arrears list."""
    by.need("education.plan.make")
    held = await _hold(session, plan_id)
    await repository.change(session, plan_id, {"status": PLAN.check(held.status, "closed")})
    await audit.record(session, by, "education.plan.close", "fee_plan", plan_id, before={"status": held.status})


async def find(session: Session, plan_id: UUID) -> Row:
    """One plan; PlanNotFound outside this tenant."""
    row = await repository.find(session, plan_id)
    if row is None:
        raise PlanNotFound()
    return row


async def _hold(session: Session, plan_id: UUID) -> Row:
    held = await repository.get_for_update(session, plan_id)
    if held is None:
        raise PlanNotFound()
    return held


async def _classes(session: Session, held: Row) -> set[UUID] | None:
    """The org units a plan is for, with everything under them; None for the whole school."""
    if not held.org_ids:
        return None
    return {unit for org_id in held.org_ids for unit in await org.subtree_ids(session, UUID(org_id))}


async def _values(session: Session, draft: PlanDraft, by: Actor) -> dict[str, object]:
    term = await terms.find(session, draft.term)
    _check(draft, term)
    return {
        "code": draft.code,
        "title": draft.title,
        "term_id": await terms.kept_id(session, draft.term, by),
        "item_codes": list(draft.item_codes),
        "org_ids": [str(org_id) for org_id in draft.org_ids],
        "due_on": draft.due_on,
        "instalments": [[str(each.due_on), each.percent] for each in draft.instalments],
        "allow_partial": draft.allow_partial,
        "allow_merge": draft.allow_merge,
        "notice": draft.notice,
        "publish_at": draft.publish_at,
    }


def _check(draft: PlanDraft, term: Term) -> None:
    """Never pre-collected across school years (§3.6); instalments add up and end on or before the due date."""
    today = clock.today()
    year_ends = dt.date(today.year + (today.month >= 6), 8, 31)  # from June on, enrolment for the coming school year is open
    if term.starts_on > year_ends:
        raise BeyondTheYear(term=term.code)
    if not draft.item_codes:
        raise PlanInvalid(why="请至少选择一个收费项目")
    days = [each.due_on for each in draft.instalments]
    if days and (days != sorted(set(days)) or days[-1] != draft.due_on):
        raise PlanInvalid(why="分期的截止日应依次递增，最后一期的截止日即批次截止日")
    if draft.instalments:
        _check_percents(draft.instalments)


def _check_percents(instalments: Sequence) -> None:
    try:
        percents = [Decimal(each.percent) for each in instalments]
    except InvalidOperation:
        raise PlanInvalid(why="分期比例应为数字，例如 50") from None
    money.instalments(10_000, percents)


def _bill(held: Row, term: Term, priced: pricing.Priced, bill: object, now: dt.datetime) -> BillDraft:
    lines = tuple(
        LineDraft(
            item_code=line.item_code,
            item_name=line.item_name,
            category=line.category,
            merchant_id=priced.book.merchants[line.item_code],
            unit_price_fen=line.unit_price_fen,
            amount_fen=line.amount_fen,
            discount_fen=line.discount_fen,
            mandatory=line.mandatory,
            rule=pricing.explain(line, term),
        )
        for line in bill.lines
    )
    return BillDraft(
        plugin=PLUGIN,
        source=source_of(held.id),
        party_id=priced.ids[bill.student_no],
        org_id=priced.classes[bill.student_no],
        title=held.title,
        period=term.code,
        due_on=held.due_on,
        visible_from=held.publish_at or now,
        lines=lines,
        allow_partial=held.allow_partial,
        allow_merge=held.allow_merge,
        instalments=tuple((dt.date.fromisoformat(due), percent) for due, percent in held.instalments),
    )
