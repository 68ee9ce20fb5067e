"""Fee plans: drafted, tried, approved by a second person, published once however often it is pressed, recalled and corrected."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import msgspec

from core import clock, ids, money
from core.approvals import lists as proposals
from core.approvals import repository as approvals_repository
from core.approvals import service as approvals
from core.billing import repository as billing_repository
from core.billing.issuing import Progress, issue
from core.billing.schemas import BillDraft, Issued, LineDraft
from core.database import Row, Session
from core.errors import StaleForm
from core.identity import audit, org
from core.identity.actor import Actor, system
from core.imports.schemas import silent
from core.jobs import service as jobs
from plugins.education.organisation import service as organisation
from plugins.education.plans import drafts, imported_repository, repository
from plugins.education.plans.errors import (
    ImportedLeftOut,
    PlanCodeTaken,
    PlanEmpty,
    PlanInvalid,
    PlanMoved,
    PlanNotApproved,
    PlanNotDraft,
    PlanNotFound,
    PlanNotPublished,
    StandardsUnapproved,
)
from plugins.education.plans.models import PLAN
from plugins.education.plans.schemas import PlanDraft
from plugins.education.pricing.bills import PricedBill, PricedLine
from plugins.education.pricing.rules import FeeStandard
from plugins.education.pricing.usage import Used
from plugins.education.standards import pricing
from plugins.education.standards import repository as standards_repository
from plugins.education.standards import service as standards
from plugins.education.terms import service as terms
from plugins.education.usage import measures
from plugins.education.usage import repository as usage_repository
from plugins.education.usage import service as usage

PLUGIN = "education"
PUBLISH = "education.publish"
READ, MAKE, PUBLISH_RIGHT = "education.plan.read", "education.plan.make", "education.plan.publish"
CLOSES_AFTER = dt.timedelta(days=30)


def source_of(plan_id: UUID) -> str:
    """Under which source a plan's bills are issued."""
    return f"education.plan:{plan_id}"


async def create(session: Session, draft: PlanDraft, by: Actor) -> UUID:
    """Write a new plan as a draft, for a part of the school that lies within the maker's reach."""
    await _check_whom(session, draft, by)
    values = await _values(session, draft, by)
    plan_id = ids.uuid7()
    row = {"id": plan_id, "status": "draft", "made_by": by.name, "made_by_id": by.id, **values}
    if not await repository.add(session, row):
        raise PlanCodeTaken(code=draft.code)
    await audit.record(session, by, "education.plan.create", "fee_plan", plan_id, after=msgspec.to_builtins(draft, str_keys=True))
    return plan_id


async def correct(session: Session, plan_id: UUID, draft: PlanDraft, version: int, by: Actor) -> None:
    """Change a draft; a plan on its way is taken back to draft first (`reopen`, `recall`)."""
    held = await hold(session, plan_id, by, MAKE)
    if held.version != version:
        raise StaleForm()
    if held.status != "draft":
        raise PlanNotDraft()
    await _check_whom(session, draft, by)
    values = await _values(session, draft, by)
    if draft.code != held.code and await repository.find_by_code(session, draft.code) is not None:
        raise PlanCodeTaken(code=draft.code)
    await repository.change(session, plan_id, values)
    await audit.record(session, by, "education.plan.correct", "fee_plan", plan_id, after=msgspec.to_builtins(draft, str_keys=True))


async def try_out(session: Session, plan: Row, *, approved_only: bool = False) -> pricing.Priced:
    """The trial run of a plan: every bill that it would issue. Changes nothing."""
    return await pricing.trial(
        session, await terms.find(session, plan.term_code), set(plan.item_codes), await classes_of(session, plan), approved_only, plan.usage_until,
        source=source_of(plan.id), published=plan.id if plan.status in ("published", "closed") else None,
        given=await imported_repository.list_lines(session, plan.id),
    )


async def submit(session: Session, plan_id: UUID, reason: str, by: Actor) -> UUID:
    """Freeze the trial run and ask a second person; every price must come from an approved standard."""
    held = await hold(session, plan_id, by, MAKE)
    PLAN.check(held.status, "standards_checked")
    priced = await try_out(session, held)
    totals = pricing.totals(priced)
    if priced.book.drafts:
        raise StandardsUnapproved(count=priced.book.drafts)
    if priced.left_out:
        raise ImportedLeftOut(count=priced.left_out)
    if not totals.students:
        raise PlanEmpty()
    trial = msgspec.to_builtins(totals)
    await repository.change(session, plan_id, {"status": "standards_checked", "trial": trial})
    proposal = {"students": totals.students, "net_fen": totals.net_fen, "digest": totals.digest, "told": await _told(session, held, priced, totals)}
    return await approvals.propose(
        session,
        by,
        kind="education.plan",
        title=f"收费批次 {held.title}",
        subject_id=plan_id,
        reason=reason,
        proposal=proposal,
        amount_fen=totals.mandatory_fen,
    )


async def _told(session: Session, held: Row, priced: pricing.Priced, totals: pricing.Totals) -> list[list[str]]:
    """A plan in words, for the second person."""
    units = {unit.id: unit.name for unit in await org.list_units(session)}
    names = {item.code: item.name for item in (await standards.load(session, approved_only=True)).items}
    whom = "、".join(units[UUID(org_id)] for org_id in held.org_ids) or "全校"
    rows = [["学期", "", held.term_code], ["对象", "", f"{whom}，{totals.students} 名学生"], ["截止日", "", str(held.due_on)]]
    if priced.given is not None:
        rows.append(["金额", "", "学校自行核定，按导入的账单收取"])
    if held.usage_until:
        rows.append(["用量截至", "", str(held.usage_until)])
    if held.instalments:
        rows.append(["分期", "", "；".join(f"{due} {shown_percent(percent)}%" for due, percent in held.instalments)])
    for code, (lines, _, discount, net) in totals.by_item.items():
        if lines:
            told = f"{lines} 笔，{money.format_yuan(net)} 元" + (f"（已减 {money.format_yuan(discount)} 元）" if discount else "")
            rows.append([names[code], "", told])
    return [*rows, ["必缴合计", "", f"{money.format_yuan(totals.mandatory_fen)} 元"]]


def describe(proposal: dict) -> list[tuple[str, str, str]]:
    """What a plan would bill, for the second person."""
    return [tuple(each) for each in proposal["told"]]


def shown_percent(percent: str) -> str:
    """A percentage as people read it: a third is kept as 33.3333333333 and shown as 33.33."""
    return f"{Decimal(percent).quantize(Decimal('0.01')).normalize():f}"


async def approve(session: Session, plan_id: UUID, proposal: dict, by: Actor) -> None:
    """The second person agreed to exactly the bills of the frozen trial run."""
    held = await hold(session, plan_id)
    PLAN.check(held.status, "approved")
    if held.trial["digest"] != proposal["digest"]:
        raise StaleForm()
    await repository.change(session, plan_id, {"status": "approved", "approved_by": by.name})
    await audit.record(session, by, "education.plan.approve", "fee_plan", plan_id, after={"students": proposal["students"]})


async def reopen(session: Session, plan_id: UUID, by: Actor) -> None:
    """Take a submitted or approved plan back to draft; what waits for the second person is taken back with it."""
    held = await hold(session, plan_id, by, MAKE)
    if held.status == "published":
        raise PlanInvalid(field="status", why="已发布的批次请使用“召回”")
    status = PLAN.check(held.status, "draft")
    for row in await proposals.about(session, plan_id):
        if row.status == "waiting":
            await approvals_repository.decide(session, row.id, "withdrawn", by.name, "批次已退回草稿", clock.now())
    await repository.change(session, plan_id, {"status": status, "trial": None, "approved_by": None})
    await audit.record(session, by, "education.plan.reopen", "fee_plan", plan_id, before={"status": held.status})


async def press_publish(session: Session, plan_id: UUID, by: Actor) -> UUID | None:
    """Start the publication as a job; however often it is pressed, one job at a time does it. None when it was published without one."""
    held = await hold(session, plan_id, by, PUBLISH_RIGHT)
    if held.status == "published":
        return held.job_id
    if held.status != "approved":
        raise PlanNotApproved(code=held.code)
    if held.job_id is not None:
        last = await jobs.find(session, held.job_id, system(session.tenant_id))
        if last.status in ("queued", "running"):
            return held.job_id
    job_id = await jobs.start(session, PUBLISH, f"发布收费批次 {held.title}", {"plan_id": str(plan_id)}, by=by)
    await repository.change(session, plan_id, {"job_id": job_id})
    return job_id


async def publish(session: Session, plan_id: UUID, by: Actor, progress: Progress = silent) -> Issued:
    """Turn an approved plan into bills that parents can see; done again it changes nothing.

    What is issued is what was approved: PlanMoved when roster or standards came to other bills since. The right to publish was
    checked when the button was pressed (`press_publish`). `progress` counts bills.
    """
    held = await hold(session, plan_id)
    if held.status in ("published", "closed"):
        done = await repository.progress(session, source_of(plan_id))
        return Issued(0, 0, done.bills)
    if held.status != "approved":
        raise PlanNotApproved(code=held.code)
    approved = held.trial
    await progress(0, approved["students"])
    if not set(held.item_codes).isdisjoint(await measures.load(session)):
        await usage_repository.hold(session)
    priced = await try_out(session, held, approved_only=True)
    totals = pricing.totals(priced)
    if totals.digest != approved["digest"]:
        raise PlanMoved(
            approved=approved["students"], approved_yuan=money.format_yuan(approved["net_fen"]), now=totals.students,
            now_yuan=money.format_yuan(totals.net_fen),
        )  # fmt: skip
    now = clock.now()
    already = await usage_repository.list_with_bill(session, source_of(plan_id)) if priced.used else set()
    issued = await issue(session, _bills(held, priced, now), progress)
    await usage.mark(session, plan_id, source_of(plan_id), _used(priced), already)
    if priced.given is None:
        granted = {(priced.ids[bill.student_no], each.code) for bill in priced.billed for line in bill.lines for each in line.discounts}
        await standards_repository.mark_applied(session, granted)
    await repository.change(session, plan_id, {"status": "published", "published_at": now})
    await audit.record(session, by, "education.plan.publish", "fee_plan", plan_id, after={"bills": issued.count, "amount_fen": issued.amount_fen})
    return issued


async def recall(session: Session, plan_id: UUID, reason: str, by: Actor) -> tuple[int, int]:
    """Void a published plan's unpaid bills and make it a draft again; answers how many were void and how many stay (paid or being paid)."""
    held = await hold(session, plan_id, by, PUBLISH_RIGHT)
    if not reason.strip():
        raise PlanInvalid(field="reason", why="请填写召回原因，操作记录里会留下")
    if held.status != "published":
        raise PlanNotPublished()
    void = await billing_repository.recall(session, source_of(plan_id))
    left = await repository.progress(session, source_of(plan_id))
    cleared = {"status": PLAN.check(held.status, "draft"), "trial": None, "approved_by": None, "published_at": None}
    await repository.change(session, plan_id, cleared)
    await audit.record(session, by, "education.plan.recall", "fee_plan", plan_id, after={"void": len(void), "kept": left.bills}, reason=reason)
    return len(void), left.bills


async def close(session: Session, plan_id: UUID, by: Actor) -> None:
    """End a plan; what is unpaid stays owed and shows on the arrears list."""
    held = await hold(session, plan_id, by, None if by.kind == "system" else MAKE)
    await repository.change(session, plan_id, {"status": PLAN.check(held.status, "closed")})
    await audit.record(session, by, "education.plan.close", "fee_plan", plan_id, before={"status": held.status})


async def close_due(session: Session) -> int:
    """Close the published plans whose due date is a month past (annex A.2); answers how many."""
    over = await repository.list_over(session, clock.today() - CLOSES_AFTER)
    for plan_id in over:
        await close(session, plan_id, system(session.tenant_id))
    return len(over)


async def find(session: Session, plan_id: UUID, by: Actor | None = None) -> Row:
    """One plan; PlanNotFound outside this tenant or, for a person, outside their part of the school."""
    row = await repository.find(session, plan_id)
    if row is None or (by is not None and not await _reaches(session, row, by, READ)):
        raise PlanNotFound()
    return row


async def hold(session: Session, plan_id: UUID, by: Actor | None = None, permission: str | None = None) -> Row:
    """A plan, held; for a person with the right to it and within their reach."""
    if by is not None and permission is not None:
        by.need(permission)
    held = await repository.get_for_update(session, plan_id)
    if held is None or (by is not None and permission is not None and not await _reaches(session, held, by, permission)):
        raise PlanNotFound()
    return held


async def _reaches(session: Session, held: Row, by: Actor, permission: str) -> bool:
    if not by.may(permission):
        return False
    reach = by.reach(permission)
    if reach is None:
        return True
    if held.org_ids:
        return set(map(UUID, held.org_ids)) <= set(reach)
    return (await organisation.load(session)).whole(reach)


async def list_page(session: Session, by: Actor, before: UUID | None, limit: int) -> Sequence[Row]:
    """The plans within reach, the newest first."""
    reach = by.reach(READ)
    if reach is not None and (await organisation.load(session)).whole(reach):
        reach = None
    return await repository.list_page(session, before, limit, reach)


async def classes_of(session: Session, held: Row) -> set[UUID] | None:
    """The org units a plan is for, with everything under them; None for the whole school."""
    if not held.org_ids:
        return None
    return {unit for org_id in held.org_ids for unit in await org.subtree_ids(session, UUID(org_id))}


async def _check_whom(session: Session, draft: PlanDraft, by: Actor) -> None:
    """A plan is for units that exist and that the maker reaches."""
    by.need(MAKE)
    tree, reach = await organisation.load(session), by.reach(MAKE)
    if any(org_id not in tree.paths for org_id in draft.org_ids):
        raise PlanInvalid(field="org_ids", why="有选定的单位已不在组织架构中，请重新选择")
    if not tree.whole(reach) and not (draft.org_ids and set(draft.org_ids) <= set(reach)):
        raise PlanInvalid(field="org_ids", why="请选择您负责的校区或其下的单位")


async def _values(session: Session, draft: PlanDraft, by: Actor) -> dict[str, object]:
    term = await terms.find(session, draft.term)
    known = {item.code for item in (await standards.load(session, approved_only=False)).items}
    drafts.check(draft, term, known, clock.today())
    return {
        "code": draft.code.strip(),
        "title": draft.title.strip(),
        "term_id": await terms.kept_id(session, draft.term, by),
        "item_codes": list(dict.fromkeys(draft.item_codes)),
        "org_ids": [str(org_id) for org_id in dict.fromkeys(draft.org_ids)],
        "due_on": draft.due_on,
        "usage_until": draft.usage_until,
        "instalments": [[str(each.due_on), each.percent] for each in draft.instalments],
        "allow_partial": draft.allow_partial or bool(draft.instalments),
        "allow_merge": draft.allow_merge,
        "notice": draft.notice.strip(),
        "publish_at": draft.publish_at,
    }


def _bills(held: Row, priced: pricing.Priced, now: dt.datetime) -> list[BillDraft]:
    """A bill for every student who has lines; equal lines of many students are one object, so that they travel once."""
    known: dict[tuple, LineDraft] = {}

    def lines(bill: PricedBill) -> tuple[LineDraft, ...]:
        standards_of = priced.standards_of(bill)
        return tuple(line(each, standards_of.get(each.item_code)) for each in bill.lines)

    def line(each: PricedLine, standard: FeeStandard | None) -> LineDraft:
        if each.usage is not msgspec.UNSET:
            return _line(each, standard, priced)
        taken = tuple((off.code, off.amount_fen) for off in each.discounts)
        key = (each.item_code, id(standard), each.amount_fen, taken)
        if key not in known:
            known[key] = _line(each, standard, priced)
        return known[key]

    shared = {
        "plugin": PLUGIN,
        "source": source_of(held.id),
        "title": held.title,
        "period": priced.term.code,
        "due_on": held.due_on,
        "visible_from": held.publish_at or now,
        "allow_partial": held.allow_partial,
        "allow_merge": held.allow_merge,
        "instalments": tuple((dt.date.fromisoformat(due), percent) for due, percent in held.instalments),
    }
    return [
        BillDraft(
            party_id=priced.ids[bill.student_no], org_id=priced.classes[bill.student_no], lines=lines(bill), **shared
        )
        for bill in priced.billed
    ]


def _used(priced: pricing.Priced) -> list[tuple[UUID, str, Used]]:
    """What the bills carry of what was used: student, item and part."""
    return [
        (priced.ids[student_no], code, part)
        for student_no, items in priced.used.items()
        for code, each in items.items()
        for part in each.parts
    ]  # fmt: skip


def _line(line: PricedLine, standard: FeeStandard | None, priced: pricing.Priced) -> LineDraft:
    return LineDraft(
        item_code=line.item_code,
        item_name=line.item_name,
        category=line.category,
        merchant_id=priced.book.merchants[line.item_code],
        unit_price_fen=line.unit_price_fen if line.usage is msgspec.UNSET else line.amount_fen,
        amount_fen=line.amount_fen,
        discount_fen=line.discount_fen,
        mandatory=line.mandatory,
        rule=pricing.explain(line, standard, priced),
    )
