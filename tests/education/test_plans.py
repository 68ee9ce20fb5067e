"""The life of a fee plan: tried, submitted, approved, published, recalled, corrected, issued again, closed."""

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import update

from core import clock, money
from core.approvals.errors import AlreadyDecided
from core.errors import IllegalTransition, NotPermitted, StaleForm
from core.identity.actor import system
from core.jobs import service as jobs
from plugins.education.plans import repository, service, tasks
from plugins.education.plans.drafts import equal_parts
from plugins.education.plans.errors import (
    BeyondTheYear,
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
from plugins.education.plans.models import plan as plan_table
from plugins.education.pricing.errors import StandardsTied
from plugins.education.standards import service as standards
from plugins.education.standards.errors import ApprovalDocMissing
from tests import trade
from tests.education import dorms, schools
from tests.education.pure.rosters import student


async def test_a_plan_goes_from_draft_to_bills_through_two_people(platform, school):
    plan_id = await schools.make_plan(platform, school)
    asked = await schools.submit(platform, school, plan_id)
    assert (await schools.plan(platform, school, plan_id)).status == "standards_checked"
    await schools.agree(platform, school, asked)
    held = await schools.plan(platform, school, plan_id)
    assert (held.status, held.approved_by) == ("approved", "复核")
    issued = await schools.publish(platform, school, plan_id)
    held = await schools.plan(platform, school, plan_id)
    assert (held.status, issued.count, issued.amount_fen) == ("published", held.trial["students"], held.trial["mandatory_fen"])


async def test_the_publish_button_pressed_twice_is_one_job_and_one_set_of_bills(platform, school, settle):
    plan_id = await schools.approved_plan(platform, school)
    first = await schools.do(platform, school, service.press_publish, plan_id)
    assert await schools.do(platform, school, service.press_publish, plan_id) == first
    await settle(school.tenant_id)
    async with platform.database.tenant(school.tenant_id) as session:
        job, held = await jobs.find(session, first, system(school.tenant_id)), await service.find(session, plan_id)
    assert (job.status, job.done, job.total) == ("done", held.trial["students"], held.trial["students"])
    assert await schools.do(platform, school, service.press_publish, plan_id) == first
    assert (await schools.publish(platform, school, plan_id)).count == 0


async def test_a_plan_is_not_published_before_it_is_approved(platform, school):
    plan_id = await schools.make_plan(platform, school)
    with pytest.raises(PlanNotApproved):
        await schools.do(platform, school, service.press_publish, plan_id)
    with pytest.raises(PlanNotApproved):
        await schools.publish(platform, school, plan_id)


async def test_a_roster_that_changed_after_approval_stops_the_publication(platform, school):
    plan_id = await schools.approved_plan(platform, school)
    newcomer = schools.roster_of(student(1))
    await schools.load(platform, school, "roster", "a.xlsx", newcomer)
    with pytest.raises(PlanMoved, match="重新试算"):
        await schools.publish(platform, school, plan_id)
    await schools.do(platform, school, service.reopen, plan_id)
    await schools.agree(platform, school, await schools.submit(platform, school, plan_id))
    issued = await schools.publish(platform, school, plan_id)
    assert issued.count == (await schools.plan(platform, school, plan_id)).trial["students"]


async def test_a_recall_keeps_the_paid_bill_and_the_corrected_plan_bills_the_others_anew(platform, school):
    plan_id = await schools.approved_plan(platform, school, item_codes=("TUITION",))
    issued = await schools.publish(platform, school, plan_id)
    number = next(iter(n for n, row in (await schools.students(platform, school)).items() if row.status == "在读"))
    (bill,) = await schools.bills_of(platform, school, number)
    await schools.pay(platform, school, bill, bill.amount_fen)
    async with platform.database.tenant(school.tenant_id) as session:
        before = await repository.recallable(session, service.source_of(plan_id))
        void, kept = await service.recall(session, plan_id, "漏了住宿费", school.checker)
    assert (before.void, before.with_money, before.underway) == (void, kept, 0) == (issued.count - 1, 1, 0)
    held = await schools.plan(platform, school, plan_id)
    assert (held.status, held.trial, held.approved_by) == ("draft", None, None)
    await schools.do(platform, school, service.correct, plan_id, schools.draft(item_codes=("TUITION", "DORM")), held.version)
    await schools.agree(platform, school, await schools.submit(platform, school, plan_id))
    again = await schools.publish(platform, school, plan_id)
    assert (again.count, again.existing) == (issued.count - 1, 1)
    (still,) = await schools.bills_of(platform, school, number)
    assert (still.id, still.status, still.paid_fen) == (bill.id, "paid", bill.amount_fen)
    assert await trade.faults(platform, school.tenant_id) == {}


async def test_a_bill_that_is_being_paid_is_not_recalled(platform, school):
    plan_id = await schools.approved_plan(platform, school, item_codes=("TUITION",))
    await schools.publish(platform, school, plan_id)
    number = next(iter(n for n, row in (await schools.students(platform, school)).items() if row.status == "在读"))
    (bill,) = await schools.bills_of(platform, school, number)
    await trade.order(platform, trade.Trade(school.tenant_id, school.merchants, [], school.account_id), [(bill.id, bill.amount_fen)])
    async with platform.database.tenant(school.tenant_id) as session:
        seen = await repository.recallable(session, service.source_of(plan_id))
        assert (seen.with_money, seen.underway) == (0, 1)
        assert (await service.recall(session, plan_id, "有误", school.checker))[1] == 1
    assert [b.id for b in await schools.bills_of(platform, school, number)] == [bill.id]


async def test_a_recall_says_why_and_only_of_a_published_plan(platform, school):
    plan_id = await schools.approved_plan(platform, school)
    with pytest.raises(PlanNotPublished):
        await schools.do(platform, school, service.recall, plan_id, "有误")
    await schools.publish(platform, school, plan_id)
    with pytest.raises(PlanInvalid):
        await schools.do(platform, school, service.recall, plan_id, "  ")
    with pytest.raises(NotPermitted):
        await schools.do(platform, school, service.recall, plan_id, "有误", by=school.person("无权", service.READ))


async def test_taking_a_plan_back_takes_its_proposal_back(platform, school):
    plan_id = await schools.make_plan(platform, school)
    asked = await schools.submit(platform, school, plan_id)
    await schools.do(platform, school, service.reopen, plan_id)
    assert (await schools.approval(platform, school, asked)).status == "withdrawn"
    with pytest.raises(AlreadyDecided):
        await schools.agree(platform, school, asked)
    again = await schools.submit(platform, school, plan_id)
    await schools.agree(platform, school, again)
    assert (await schools.plan(platform, school, plan_id)).status == "approved"


async def test_a_refused_plan_goes_back_to_draft_and_is_submitted_again(platform, school):
    plan_id = await schools.make_plan(platform, school)
    await schools.refuse(platform, school, await schools.submit(platform, school, plan_id), "截止日太早")
    with pytest.raises(IllegalTransition):
        await schools.submit(platform, school, plan_id)
    await schools.do(platform, school, service.reopen, plan_id)
    await schools.agree(platform, school, await schools.submit(platform, school, plan_id))
    assert (await schools.plan(platform, school, plan_id)).status == "approved"


async def test_only_a_draft_is_changed_and_only_in_the_version_that_was_read(platform, school):
    plan_id = await schools.make_plan(platform, school)
    version = (await schools.plan(platform, school, plan_id)).version
    await schools.do(platform, school, service.correct, plan_id, schools.draft(title="改名"), version)
    with pytest.raises(StaleForm):
        await schools.do(platform, school, service.correct, plan_id, schools.draft(title="再改"), version)
    await schools.submit(platform, school, plan_id)
    version = (await schools.plan(platform, school, plan_id)).version
    with pytest.raises(PlanNotDraft):
        await schools.do(platform, school, service.correct, plan_id, schools.draft(title="再改"), version)
    other = await schools.make_plan(platform, school, code="P2")
    with pytest.raises(PlanCodeTaken):
        await schools.do(platform, school, service.correct, other, schools.draft(code="P1"), (await schools.plan(platform, school, other)).version)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"code": "空 格"}, "code"),
        ({"title": " "}, "title"),
        ({"item_codes": ()}, "item_codes"),
        ({"item_codes": ("NONE",)}, "item_codes"),
        ({"due_on": dt.date(2020, 1, 1)}, "due_on"),
        ({"instalments": schools.in_parts("50", "30", "10")}, "instalments"),
        ({"instalments": schools.in_parts("120", "-20")}, "instalments"),
        ({"instalments": schools.in_parts("半", "半")}, "instalments"),
        ({"instalments": schools.in_parts("50", "50")[::-1]}, "instalments"),
        ({"notice": "长" * 501}, "notice"),
        ({"org_ids": (schools.ids.uuid7(),)}, "org_ids"),
    ],
)
async def test_a_plan_that_makes_no_sense_is_refused_naming_the_field(platform, shared_school, given, field):
    with pytest.raises(PlanInvalid) as refused:
        await schools.make_plan(platform, shared_school, **given)
    assert refused.value.facts["field"] == field


async def test_nothing_is_collected_across_school_years(platform, shared_school):
    year = clock.today().year + 2
    with pytest.raises(BeyondTheYear):
        await schools.make_plan(platform, shared_school, term=f"{year}-{year + 1}-1")


async def test_a_plan_for_part_of_the_school_bills_only_that_part(platform, school):
    unit = await schools.unit(platform, school, "云溪校区", "小学部")
    plan_id = await schools.approved_plan(platform, school, org_ids=(unit,))
    issued = await schools.publish(platform, school, plan_id)
    classes = await schools.below(platform, school, "云溪校区", "小学部")
    present = [row for row in (await schools.students(platform, school)).values() if row.class_id in classes and row.status == "在读"]
    assert 0 < issued.count == len(present) < 200


async def test_two_standards_that_fit_equally_well_are_refused_with_both_rows(platform, school):
    await schools.new_standard(platform, school, campus="云溪校区")
    plan_id = await schools.make_plan(platform, school)
    with pytest.raises(StandardsTied) as tied:
        await schools.submit(platform, school, plan_id)
    told = [text for tie in tied.value.facts["ties"] for text in tie["standards"]]
    assert any("云溪校区，2,000.00" in text for text in told)
    assert any("第 20 行（走读，1,800.00 元）" in text for text in told)
    assert "第" in tied.value.message


async def test_a_draft_price_of_another_item_does_not_hold_a_plan_up(platform, school):
    await schools.new_standard(platform, school, campus="云溪校区", division="小学部", grade="一年级", boarding="寄宿")
    tuition = await schools.make_plan(platform, school, item_codes=("TUITION",))
    await schools.submit(platform, school, tuition)
    meals = await schools.make_plan(platform, school, code="P2", item_codes=("MEAL",))
    with pytest.raises(StandardsUnapproved):
        await schools.submit(platform, school, meals)


async def test_tuition_without_an_approval_document_is_not_submitted(platform, school):
    scope = {"campus": "云溪校区", "division": "小学部", "grade": "二年级"}
    await schools.new_standard(platform, school, item_code="TUITION", **scope)
    with pytest.raises(ApprovalDocMissing, match="云溪校区 小学部 二年级"):
        await schools.do(platform, school, standards.submit, "新标准")
    meal = await schools.new_standard(platform, school, **scope)
    assert meal


async def test_a_plan_without_students_is_refused(platform, bare_school):
    await schools.load(platform, bare_school, "standards", "fee-standards.xlsx")
    await schools.approve_standards(platform, bare_school)
    plan_id = await schools.make_plan(platform, bare_school)
    with pytest.raises(PlanEmpty):
        await schools.submit(platform, bare_school, plan_id)


async def test_a_late_entrant_pays_the_started_months_and_one_after_the_term_nothing(platform, bare_school):
    school = bare_school
    days = ("2026-09-01", "2026-09-30", "2026-10-12", "2026-11-30", "2027-01-22", "2027-02-22")
    entries = [dt.date.fromisoformat(day) for day in days]
    rows = [student(n, 学生类型="插班", 入学日期=entry, 家长1手机号=f"154007437{n:02d}") for n, entry in enumerate(entries, 1)]
    await schools.load(platform, school, "roster", "a.xlsx", schools.roster_of(*rows))
    await schools.load(platform, school, "standards", "fee-standards.xlsx")
    await schools.approve_standards(platform, school)
    plan_id = await schools.approved_plan(platform, school, item_codes=("TUITION", "BOOKS"))
    assert (await schools.publish(platform, school, plan_id)).count == 5
    numbers = sorted(await schools.students(platform, school))
    tuition = [line.net_fen for number in numbers for bill in await schools.bills_of(platform, school, number) for line in bill.lines[:1]]
    assert tuition == [1_800_000, 1_800_000, 1_440_000, 1_080_000, 360_000]
    (late,) = await schools.bills_of(platform, school, numbers[3])
    assert ("插班按月折算", "3/5 个月，10,800.00 元") in late.lines[0].explanation
    assert late.lines[1].net_fen == 26_800


async def test_a_closed_plan_stays_closed_and_its_bills_stay_owed(platform, school):
    plan_id = await schools.approved_plan(platform, school, item_codes=("TUITION",))
    await schools.publish(platform, school, plan_id)
    await schools.do(platform, school, service.close, plan_id)
    with pytest.raises(PlanNotPublished):
        await schools.do(platform, school, service.recall, plan_id, "晚了")
    with pytest.raises(IllegalTransition):
        await schools.do(platform, school, service.close, plan_id)
    async with platform.database.tenant(school.tenant_id) as session:
        assert (await repository.progress(session, service.source_of(plan_id))).bills > 0


async def test_the_night_closes_plans_a_month_past_their_due_date(platform, school):
    over, running = [await schools.approved_plan(platform, school, code=code, item_codes=("TUITION",)) for code in ("P1", "P2")]
    for plan_id in (over, running):
        await schools.publish(platform, school, plan_id)
    async with platform.database.tenant(school.tenant_id) as session:
        due_on = clock.today() - dt.timedelta(days=31)
        await session.execute(update(plan_table).where(plan_table.c.id == over).values(due_on=due_on))
    assert await tasks.close_due(platform, school.tenant_id) is None
    assert (await schools.plan(platform, school, over)).status == "closed"
    assert (await schools.plan(platform, school, running)).status == "published"


def test_equal_instalments_are_those_of_vector_e1():
    for total, count in ((4_118_000, 3), (99_999_999, 3), (100, 3), (4_118_000, 6), (1, 2)):
        assert money.instalments(total, [Decimal(part) for part in equal_parts(count)]) == money.equal_instalments(total, count)


async def test_another_schools_plan_is_not_found(platform, school, shared_school):
    plan_id = await schools.make_plan(platform, school)
    with pytest.raises(PlanNotFound):
        await schools.plan(platform, shared_school, plan_id)


SPRING_TERM = "2026-2027-2"


async def yearly(platform, school) -> None:
    """A boarding fee for the year and a badge that is paid once, beside the sample's items."""
    items = [["YEARLY", "全年住宿费", "住宿费", "学年", "是", "否"], ["BADGE", "校徽", "代收费", "一次性", "是", "否"]]
    days = ["样例〔2026〕9号", "2026-09-01", "2027-08-31"]
    prices = [["YEARLY", "全年住宿费", "高中部", 6000, *days], ["BADGE", "校徽", "高中部", 20, *days]]
    await schools.load(platform, school, "standards", "全年.xlsx", schools.fee_file(items, prices, []))
    await schools.approve_standards(platform, school)


async def test_a_year_is_charged_once_in_whichever_term(platform, school):
    await yearly(platform, school)
    senior = next(row for row in await dorms.boarders(platform, school, 1))
    autumn = await dorms.bill(platform, school, "A1", "YEARLY", "BADGE")
    assert await dorms.lines_of(platform, school, senior.student_no) == [("YEARLY", 600_000), ("BADGE", 2000)]
    spring = await schools.make_plan(platform, school, code="S1", term=SPRING_TERM, item_codes=("YEARLY", "BADGE", "TUITION"))
    priced = await schools.do(platform, school, tried, spring)
    mine = next(bill for bill in priced.bills if bill.student_no == senior.student_no)
    assert [line.item_code for line in mine.lines] == ["TUITION"]
    await schools.do(platform, school, service.recall, autumn, "收错了", by=school.checker)
    priced = await schools.do(platform, school, tried, spring)
    mine = next(bill for bill in priced.bills if bill.student_no == senior.student_no)
    assert sorted(line.item_code for line in mine.lines) == ["BADGE", "TUITION", "YEARLY"], "a recalled bill charges nothing"


async def tried(session, plan_id, _by):
    return await service.try_out(session, await service.find(session, plan_id))


async def test_who_was_charged_by_another_plan_is_told_so(platform, school, staff):
    await yearly(platform, school)
    senior = next(row for row in await dorms.boarders(platform, school, 1))
    await dorms.bill(platform, school, "A1", "BADGE")
    again = await schools.make_plan(platform, school, code="A2", item_codes=("BADGE",))
    maker = await staff(school.client, "education.plan.read", "education.plan.make", "education.student.manage")
    page = await maker.get(f"/console/education/plans/{again}/trial/students?only=unbilled&q={senior.student_no}")
    assert "已由其他批次收取" in page.text
