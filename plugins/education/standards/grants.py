"""Discounts for single students on application: applied, evidence checked, approved — by three different people (domain book §3.5).

Before the bill exists an approved application prices it. Afterwards a job carries the reduction to the open bills by itself: three people
have agreed to it. What is left (bills already paid, a discount taken back) is proposed with `carry` and, as every adjustment, waits for a
second person.
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from core import clock, ids
from core.billing import corrections
from core.billing import service as billing
from core.billing.schemas import BillRead, LineChange
from core.billing.states import OPEN
from core.database import Row, Session
from core.errors import SelfApproval, StaleForm
from core.identity import audit
from core.identity.actor import Actor
from core.jobs import service as jobs
from plugins.education.pricing.bills import PricedBill
from plugins.education.roster import service as roster
from plugins.education.roster.errors import StudentNotFound
from plugins.education.standards import pricing, repository
from plugins.education.standards.errors import GrantNotFound, GrantTaken, GrantWrong, NothingToCarry
from plugins.education.standards.models import GRANT, GRANTED
from plugins.education.terms import service as terms

READ, APPLY, CHECK, APPROVE = (
    "education.student.read", "education.discount.apply", "education.discount.check", "education.discount.approve",
)  # fmt: skip
CARRY = "billing.bill.adjust"
CARRY_OUT = "education.carry_grant"


async def apply(session: Session, student_id: UUID, discount_code: str, evidence: str, by: Actor) -> UUID:
    """Ask for a discount for one student, naming the evidence; GrantTaken while another application of the same runs."""
    student = await roster.find(session, student_id, by)
    if not by.reaches(APPLY, student.class_id):
        raise StudentNotFound()
    discount = await repository.find_discount(session, discount_code)
    if discount is None or discount.status == "retired":
        raise GrantWrong(field="discount_code", why="没有这项优惠，或它已停用")
    if not evidence.strip():
        raise GrantWrong(field="evidence", why="请写明证明材料，例如“教职工在职证明 2026-08-20，存校办”")
    grant_id = ids.uuid7()
    row = {
        "id": grant_id, "student_id": student_id, "discount_id": discount.id, "evidence": evidence.strip(), "status": "applied",
        "applied_by": by.name, "applied_by_id": by.id,
    }  # fmt: skip
    if not await repository.insert_grant(session, row):
        raise GrantTaken()
    await _record(session, by, "apply", grant_id, {"student_no": student.student_no, "discount": discount_code}, evidence.strip())
    return grant_id


async def check_evidence(session: Session, grant_id: UUID, by: Actor) -> None:
    """Somebody other than the applicant has seen the evidence."""
    held = await _hold(session, grant_id, by, CHECK)
    _check_others(by, held.applied_by_id)
    await _move(session, held, "evidence_checked", {"checked_by": by.name, "checked_by_id": by.id})
    await _record(session, by, "check", grant_id, {"status": "evidence_checked"})


async def approve(session: Session, grant_id: UUID, by: Actor) -> UUID | None:
    """A third person agrees: from now on the discount prices this student's bills.

    Answers the job that carries it to the student's open bills, if there are any.
    """
    held = await _hold(session, grant_id, by, APPROVE)
    _check_others(by, held.applied_by_id, held.checked_by_id)
    await _move(session, held, "approved", {"approved_by": by.name, "approved_by_id": by.id})
    await _record(session, by, "approve", grant_id, {"status": "approved"})
    if not await billing.open_bills(session, [held.student_id]):
        return None
    return await jobs.start(session, CARRY_OUT, f"优惠计入账单 {held.discount_name}（{held.student_no}）", {"grant_id": str(grant_id)}, by=by)


async def reject(session: Session, grant_id: UUID, reason: str, by: Actor) -> None:
    """Refuse at whichever step it is; the person of that step says why."""
    held = await find(session, grant_id, by)
    held = await _hold(session, grant_id, by, CHECK if held.status == "applied" else APPROVE)
    _check_others(by, held.applied_by_id)
    _need_reason(reason)
    await _move(session, held, "rejected", {})
    await _record(session, by, "reject", grant_id, {"status": "rejected"}, reason)


async def revoke(session: Session, grant_id: UUID, reason: str, by: Actor) -> None:
    """Take a granted discount back; bills that carry it are then brought in step with `carry`."""
    held = await _hold(session, grant_id, by, APPROVE)
    _need_reason(reason)
    await _move(session, held, "revoked", {})
    await _record(session, by, "revoke", grant_id, {"status": "revoked"}, reason)


async def carry(session: Session, grant_id: UUID, by: Actor) -> list[UUID]:
    """Propose the adjustments that bring the student's bills of running terms in step with the discount, granted or revoked."""
    held = await _hold(session, grant_id, by, CARRY)
    if held.status not in (*GRANTED, "revoked"):
        raise GrantWrong(field="status", why="只有已批准或已撤销的优惠可以据此调整账单")
    asked = [await corrections.propose_adjust(session, bill, changes, _why(held), by) for bill, changes in await differences(session, held)]
    if not asked:
        raise NothingToCarry()
    if held.status == "approved":
        await _move(session, held, "applied_to_bill", {})
    await _record(session, by, "carry", grant_id, {"bills": len(asked)})
    return asked


async def carry_out(session: Session, grant_id: UUID, by: Actor) -> list[str]:
    """Take an approved discount off the student's open bills; answers their numbers. Again it changes nothing.

    The applicant counts as maker and `by`, who approved, as checker. Amounts only go down here: what else has changed since is not this discount's.
    """
    if await repository.lock_grant(session, grant_id) is None:
        raise GrantNotFound()
    held = await repository.find_grant(session, grant_id)
    if held.status not in GRANTED:
        return []
    done = []
    for bill, changes in await differences(session, held):
        nets = {line.line_no: line.net_fen for line in bill.lines}
        lower = [msgspec.to_builtins(change) for change in changes if change.net_fen < nets[change.line_no]]
        if bill.status not in OPEN or not lower:
            continue
        told = {"made_by": held.applied_by, "reason": _why(held), "approval_id": f"{grant_id}:{bill.id}:{bill.version}"}
        await corrections.adjust(session, bill.id, {"changes": lower, "version": bill.version, **told}, by)
        done.append(bill.number)
    if done:
        if held.status == "approved":
            await _move(session, held, "applied_to_bill", {})
        await _record(session, by, "carry", grant_id, {"bills": len(done)})
    return done


def _why(held: Row) -> str:
    return f"优惠 {held.discount_name}（{held.code}）{'撤销' if held.status == 'revoked' else '批准'}：{held.evidence}"


async def differences(session: Session, grant: Row) -> list[tuple[BillRead, list[LineChange]]]:
    """The student's bills of terms that are not over, with the lines that would cost something else today because of the discount."""
    discount = await repository.find_discount(session, grant.code)
    found = []
    for bill in await billing.bills_of(session, [grant.student_id]):
        if bill.plugin != roster.PLUGIN or bill.status not in (*OPEN, "paid"):
            continue
        term = await terms.find(session, bill.period)
        if term.ends_on < clock.today():
            continue
        priced = await pricing.trial(session, term, approved_only=True, org_ids={grant.class_id}, with_usage=False)
        today = next(each for each in priced.bills if each.student_no == grant.student_no)
        if changes := _changes(bill, today, discount.item_codes):
            found.append((bill, changes))
    return found


def _changes(bill: BillRead, today: PricedBill, item_codes: Sequence[str]) -> list[LineChange]:
    nets = {line.item_code: line.net_fen for line in today.lines if not item_codes or line.item_code in item_codes}
    return [
        LineChange(line.line_no, min(nets[line.item_code], line.amount_fen))
        for line in bill.lines
        if line.item_code in nets and min(nets[line.item_code], line.amount_fen) != line.net_fen
    ]


async def find(session: Session, grant_id: UUID, by: Actor) -> Row:
    """One application within reach; GrantNotFound otherwise."""
    row = await repository.find_grant(session, grant_id)
    if row is None or not any(by.reaches(permission, row.class_id) for permission in (READ, APPLY, CHECK, APPROVE)):
        raise GrantNotFound()
    return row


async def _hold(session: Session, grant_id: UUID, by: Actor, permission: str) -> Row:
    by.need(permission)
    if await repository.lock_grant(session, grant_id) is None:
        raise GrantNotFound()
    row = await repository.find_grant(session, grant_id)
    if not by.reaches(permission, row.class_id):
        raise GrantNotFound()
    return row


def _check_others(by: Actor, *before: str | None) -> None:
    if by.id in before:
        raise SelfApproval()


def _need_reason(reason: str) -> None:
    if not reason.strip():
        raise GrantWrong(field="reason", why="请填写原因，申请人会看到")


async def _move(session: Session, held: Row, status: str, values: dict[str, object]) -> None:
    if held.status == status:
        raise StaleForm()
    await repository.set_grant(session, held.id, {"status": GRANT.check(held.status, status), **values})


async def _record(session: Session, by: Actor, verb: str, grant_id: UUID, after: dict[str, object], reason: str | None = None) -> None:
    await audit.record(session, by, f"education.grant.{verb}", "discount_grant", grant_id, after=after, reason=reason)
