"""An approved discount reaches open bills by itself; a line says which standard priced it; a publication counts its bills."""

from core.billing import issuing
from core.billing import repository as billing_repository
from core.jobs import repository as jobs
from plugins.education.plans import service as plans
from plugins.education.standards import grants
from plugins.education.standards.grants import APPLY, APPROVE, CARRY, CHECK, READ
from tests import trade
from tests.education import schools
from tests.education.pure.rosters import student

EVIDENCE = "在职证明 2026-08-20，存校办"


async def somebody(platform, school):
    return next(row for row in (await schools.students(platform, school)).values() if row.status == "在读" and row.student_type == "普通")


async def granted(platform, school, student_id, code="STAFF50"):
    applicant, checker, approver = (school.person(name, READ, APPLY, CHECK, APPROVE) for name in "甲乙丙")
    grant_id = await schools.do(platform, school, grants.apply, student_id, code, EVIDENCE, by=applicant)
    await schools.do(platform, school, grants.check_evidence, grant_id, by=checker)
    return grant_id, await schools.do(platform, school, grants.approve, grant_id, by=approver)


async def published(platform, school):
    await schools.publish(platform, school, await schools.approved_plan(platform, school, item_codes=("TUITION",)))


async def test_the_reduction_reaches_an_open_bill_without_anybody_pressing_a_button(platform, school, settle):
    child = await somebody(platform, school)
    await published(platform, school)
    (bill,) = await schools.bills_of(platform, school, child.student_no)
    await schools.pay(platform, school, bill, 10_000)
    _, job_id = await granted(platform, school, child.id)
    await settle(school.tenant_id)
    (halved,) = await schools.bills_of(platform, school, child.student_no)
    assert (halved.amount_fen, halved.paid_fen, halved.version > bill.version) == (bill.amount_fen // 2, 10_000, True)
    async with platform.database.tenant(school.tenant_id) as session:
        kept = await billing_repository.list_versions(session, bill.id)
        job = await jobs.find(session, job_id)
    assert [(row.made_by, row.checked_by) for row in kept] == [("甲", "丙")]
    assert (job.status, job.result["counts"][0][1]) == ("done", 1)
    assert await trade.faults(platform, school.tenant_id) == {}


async def test_carried_again_it_changes_nothing(platform, school, settle):
    child = await somebody(platform, school)
    await published(platform, school)
    grant_id, _ = await granted(platform, school, child.id)
    await settle(school.tenant_id)
    (once,) = await schools.bills_of(platform, school, child.student_no)
    assert await schools.do(platform, school, grants.carry_out, grant_id) == []
    assert await schools.bills_of(platform, school, child.student_no) == [once]
    async with platform.database.tenant(school.tenant_id) as session:
        assert (await grants.find(session, grant_id, school.maker)).status == "applied_to_bill"


async def test_without_an_open_bill_there_is_nothing_to_carry_and_a_paid_one_waits_for_the_button(platform, school, settle):
    child = await somebody(platform, school)
    assert (await granted(platform, school, child.id, "SIB05"))[1] is None
    await published(platform, school)
    (bill,) = await schools.bills_of(platform, school, child.student_no)
    await schools.pay(platform, school, bill, bill.amount_fen)
    grant_id, job_id = await granted(platform, school, child.id)
    await settle(school.tenant_id)
    assert job_id is None
    assert (await schools.bills_of(platform, school, child.student_no))[0].amount_fen == bill.amount_fen
    maker = school.person("校区财务", READ, CARRY)
    assert len(await schools.do(platform, school, grants.carry, grant_id, by=maker)) == 1


async def test_a_line_names_the_standard_that_priced_it(platform, school, staff):
    child = await somebody(platform, school)
    await published(platform, school)
    (bill,) = await schools.bills_of(platform, school, child.student_no)
    told = dict(bill.lines[0].explanation)
    standard = next(
        row for row in await schools.standards(platform, school) if row.item_code == "TUITION" and row.price_fen == bill.lines[0].unit_price_fen
    )
    assert told["批准文号"] in {row.approval_doc_no for row in await schools.standards(platform, school) if row.price_fen == standard.price_fen}
    assert told["适用范围"]
    reader = await staff(school.client, "billing.bill.read", "education.plan.read")
    assert ["批准文号", told["批准文号"]] in (await reader.get(f"/api/v1/bills/{bill.id}")).json()["bill"]["lines"][0]["explanation"]
    page = (await reader.get(f"/console/bills/{bill.id}")).text
    assert told["批准文号"] in page
    assert told["适用范围"] in page


async def test_lines_of_equal_price_under_two_standards_name_each_their_own(platform, bare_school):
    school = bare_school
    await schools.load(platform, school, "roster", "a.xlsx", schools.roster_of(student(1), student(2, 学部="初中部", 年级="七年级")))
    fees = schools.fee_file(
        [["TUITION", "学费", "学费", "学期", "是", "是"]],
        [
            ["TUITION", "学费", "小学部", 18000, "小学〔2026〕1号", "2026-09-01", "2027-08-31"],
            ["TUITION", "学费", "初中部", 18000, "初中〔2026〕2号", "2026-09-01", "2027-08-31"],
        ],
        [],
    )
    await schools.load(platform, school, "standards", "a.xlsx", fees)
    await schools.approve_standards(platform, school)
    await published(platform, school)
    named = {}
    for number in await schools.students(platform, school):
        (bill,) = await schools.bills_of(platform, school, number)
        told = dict(bill.lines[0].explanation)
        named[told["适用范围"]] = told["批准文号"]
    assert named == {"小学部": "小学〔2026〕1号", "初中部": "初中〔2026〕2号"}


async def test_a_publication_counts_its_bills(platform, school, monkeypatch):
    monkeypatch.setattr(issuing, "AT_ONCE", 50)
    plan_id = await schools.approved_plan(platform, school, item_codes=("TUITION",))
    told: list[tuple[int, int]] = []

    async def progress(done: int, total: int) -> None:
        told.append((done, total))

    async with platform.database.tenant(school.tenant_id) as session:
        issued = await plans.publish(session, plan_id, school.checker, progress)
    bills = issued.count
    assert told == [(0, bills), *((min(done, bills), bills) for done in range(50, bills + 50, 50))]
    async with platform.database.tenant(school.tenant_id) as session:
        assert (await plans.publish(session, plan_id, school.checker)).existing == bills


async def test_the_jobs_page_says_what_it_counts(platform, school, staff, settle):
    plan_id = await schools.approved_plan(platform, school, item_codes=("TUITION",))
    job_id = await schools.do(platform, school, plans.press_publish, plan_id)
    await settle(school.tenant_id)
    watcher = await staff(school.client, "jobs.read")
    page = (await watcher.get(f"/console/jobs/{job_id}")).text
    done = (await watcher.get(f"/api/v1/jobs/{job_id}")).json()["done"]
    assert f"{done} / {done} 张账单 ·" in page
    assert f"{done} / {done} bills ·" in (await watcher.get(f"/console/jobs/{job_id}?lang=en")).text
