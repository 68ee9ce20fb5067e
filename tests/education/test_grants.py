"""Discounts for single students: three people, priced before the bill, adjusted after it, taken back again."""

import msgspec
import pytest

from core.errors import IllegalTransition, NotPermitted, SelfApproval
from plugins.education.roster.errors import StudentNotFound
from plugins.education.standards import grants, pricing, repository
from plugins.education.standards.errors import GrantNotFound, GrantTaken, GrantWrong, NothingToCarry
from plugins.education.standards.grants import APPLY, APPROVE, CARRY, CHECK, READ
from plugins.education.terms import service as terms
from tests import trade
from tests.education import schools
from tests.education.pure.rosters import student

EVIDENCE = "低保证 2026-08-20，复印件存教务处"


async def do(platform, school, verb, *given):
    async with platform.database.tenant(school.tenant_id) as session:
        return await verb(session, *given)


@pytest.fixture
def people(school):
    """The applicant, who sees evidence too; another who sees evidence; and who approves."""
    return school.person("甲", READ, APPLY, CHECK, APPROVE), school.person("乙", READ, CHECK, APPROVE), school.person("丙", READ, APPROVE)


async def somebody(platform, school):
    return next(row for row in (await schools.students(platform, school)).values() if row.status == "在读" and row.student_type == "普通")


async def granted(platform, school, people, student_id, code="STAFF50"):
    applicant, checker, approver = people
    grant_id = await do(platform, school, grants.apply, student_id, code, EVIDENCE, applicant)
    await do(platform, school, grants.check_evidence, grant_id, checker)
    await do(platform, school, grants.approve, grant_id, approver)
    return grant_id


async def status_of(platform, school, grant_id):
    return (await do(platform, school, repository.find_grant, grant_id)).status


async def trial(platform, school):
    async with platform.database.tenant(school.tenant_id) as session:
        priced = await pricing.trial(session, await terms.find(session, schools.TERM), approved_only=True)
    return {bill.student_no: bill for bill in priced.bills}


async def test_an_application_takes_three_different_people(platform, school, people):
    applicant, checker, approver = people
    child = await somebody(platform, school)
    grant_id = await do(platform, school, grants.apply, child.id, "STAFF50", EVIDENCE, applicant)
    with pytest.raises(SelfApproval):
        await do(platform, school, grants.check_evidence, grant_id, applicant)
    with pytest.raises(IllegalTransition):
        await do(platform, school, grants.approve, grant_id, approver)
    await do(platform, school, grants.check_evidence, grant_id, checker)
    for insider in (applicant, checker):
        with pytest.raises(SelfApproval):
            await do(platform, school, grants.approve, grant_id, insider)
    await do(platform, school, grants.approve, grant_id, approver)
    assert await status_of(platform, school, grant_id) == "approved"


async def test_a_granted_discount_prices_that_student_and_changes_nobody_else(platform, school, people):
    before = await trial(platform, school)
    child = await somebody(platform, school)
    await granted(platform, school, people, child.id, "SIB05")
    after = await trial(platform, school)
    assert [n for n in before if before[n] != after[n]] == [child.student_no]
    tuition = after[child.student_no].lines[0]
    assert [d.code for d in tuition.discounts] == ["SIB05"]


async def test_until_it_is_approved_an_application_prices_nothing(platform, school, people):
    before = await trial(platform, school)
    child = await somebody(platform, school)
    grant_id = await do(platform, school, grants.apply, child.id, "STAFF50", EVIDENCE, people[0])
    await do(platform, school, grants.check_evidence, grant_id, people[1])
    assert await trial(platform, school) == before
    await do(platform, school, grants.reject, grant_id, "材料过期", people[2])
    assert await trial(platform, school) == before
    assert await status_of(platform, school, grant_id) == "rejected"


async def test_a_discount_by_application_is_given_to_nobody_by_itself(platform, bare_school):
    school = bare_school
    await schools.load(platform, school, "roster", "a.xlsx", schools.roster_of(student(1), student(2, 家长1手机号="15400743708")))
    content = schools.fee_file(
        [["TUITION", "学费", "学费", "学期", "是", "是"]],
        [["TUITION", "学费", "小学部", 18000, "样例〔2026〕1号", "2026-09-01", "2027-08-31"]],
        [["AID", "助学减免", "定额", None, 500, "TUITION", "凭申请", "是"]],
    )
    await schools.load(platform, school, "standards", "a.xlsx", content)
    await schools.approve_standards(platform, school)
    assert all(not line.discounts for bill in (await trial(platform, school)).values() for line in bill.lines)
    child = await somebody(platform, school)
    people = school.person("甲", READ, APPLY), school.person("乙", READ, CHECK), school.person("丙", READ, APPROVE)
    await granted(platform, school, people, child.id, "AID")
    given = {n: sum(line.discount_fen for line in bill.lines) for n, bill in (await trial(platform, school)).items()}
    assert given == {n: 50_000 if n == child.student_no else 0 for n in given}


async def test_publication_marks_the_discounts_that_the_bills_carry(platform, school, people):
    child = await somebody(platform, school)
    grant_id = await granted(platform, school, people, child.id)
    plan_id = await schools.approved_plan(platform, school, item_codes=("TUITION",))
    await schools.publish(platform, school, plan_id)
    assert await status_of(platform, school, grant_id) == "applied_to_bill"
    (bill,) = await schools.bills_of(platform, school, child.student_no)
    assert ("教工子女学费减半（50%）", f"-{bill.lines[0].discount_fen / 100:,.2f} 元") in bill.lines[0].explanation


async def test_after_the_bill_the_discount_is_an_adjustment_by_two_people_and_the_excess_is_credit(platform, school, people):
    child = await somebody(platform, school)
    plan_id = await schools.approved_plan(platform, school, item_codes=("TUITION",))
    await schools.publish(platform, school, plan_id)
    (bill,) = await schools.bills_of(platform, school, child.student_no)
    await schools.pay(platform, school, bill, bill.amount_fen)
    grant_id = await granted(platform, school, people, child.id)
    maker = school.person("校区财务", READ, CARRY)
    (asked,) = await do(platform, school, grants.carry, grant_id, maker)
    assert (await schools.bills_of(platform, school, child.student_no))[0].amount_fen == bill.amount_fen
    with pytest.raises(SelfApproval):
        await schools.agree(platform, school, asked, msgspec.structs.replace(maker, rights={"billing.bill.check": None}))
    await schools.agree(platform, school, asked)
    (adjusted,) = await schools.bills_of(platform, school, child.student_no)
    assert (adjusted.amount_fen, adjusted.paid_fen, adjusted.status) == (bill.amount_fen // 2, bill.amount_fen // 2, "paid")
    with pytest.raises(NothingToCarry):
        await do(platform, school, grants.carry, grant_id, maker)
    assert await trade.faults(platform, school.tenant_id) == {}


async def test_revoking_one_raises_a_supplementary_amount_through_an_adjustment(platform, school, people):
    child = await somebody(platform, school)
    grant_id = await granted(platform, school, people, child.id)
    await schools.publish(platform, school, await schools.approved_plan(platform, school, item_codes=("TUITION",)))
    (bill,) = await schools.bills_of(platform, school, child.student_no)
    await do(platform, school, grants.revoke, grant_id, "证明有误", people[2])
    (asked,) = await do(platform, school, grants.carry, grant_id, school.person("校区财务", READ, CARRY))
    await schools.agree(platform, school, asked)
    (raised,) = await schools.bills_of(platform, school, child.student_no)
    assert raised.amount_fen == bill.amount_fen * 2
    assert await status_of(platform, school, grant_id) == "revoked"


async def test_what_is_wrong_with_an_application_is_said_at_once(platform, school, people):
    applicant = people[0]
    child = await somebody(platform, school)
    for code, evidence, field in (("NONE", EVIDENCE, "discount_code"), ("STAFF50", "  ", "evidence")):
        with pytest.raises(GrantWrong) as wrong:
            await do(platform, school, grants.apply, child.id, code, evidence, applicant)
        assert wrong.value.facts["field"] == field
    await do(platform, school, grants.apply, child.id, "STAFF50", EVIDENCE, applicant)
    with pytest.raises(GrantTaken):
        await do(platform, school, grants.apply, child.id, "STAFF50", EVIDENCE, applicant)


async def test_other_campuses_applications_are_not_found(platform, school, people):
    reach = await schools.below(platform, school, "云溪校区")
    here = school.person("云溪", READ, APPLY, CHECK, APPROVE, CARRY, reach=reach)
    child = next(row for row in (await schools.students(platform, school)).values() if row.class_id not in reach and row.status == "在读")
    with pytest.raises(StudentNotFound):
        await do(platform, school, grants.apply, child.id, "STAFF50", EVIDENCE, here)
    grant_id = await do(platform, school, grants.apply, child.id, "STAFF50", EVIDENCE, people[0])
    for verb in (grants.find, grants.check_evidence, grants.approve, grants.carry):
        with pytest.raises(GrantNotFound):
            await do(platform, school, verb, grant_id, here)
    assert await do(platform, school, repository.list_grants, None, here.reach(READ), None, 10) == []
    assert await do(platform, school, repository.count_grants, "applied", here.reach(READ), here.id) == 0
    assert await do(platform, school, repository.count_grants, "applied", None, people[1].id) == 1
    with pytest.raises(NotPermitted):
        await do(platform, school, grants.approve, grant_id, school.person("无权", READ))
