"""Bills that a school calculated itself: from the file through trial run, second person and publication to what a family reads."""

import pytest

from plugins.education.errors import MovedSince
from plugins.education.people.roles import ROLES
from plugins.education.plans import imported
from plugins.education.plans import service as plans
from plugins.education.plans.errors import ImportedLeftOut, PlanNotDraft
from plugins.education.roster import service as roster
from tests.education import dorms, schools
from tests.education.test_plans import yearly
from tests.imports.workbooks import xlsx

ITEMS = ("TUITION", "DORM", "UNIFORM")
HEAD = ["学号*", "姓名*", "收费批次*", "收费项目编码*", "应收金额*", "减免金额", "减免原因", "备注"]
API = "/api/v1/education/plans"
ROLE = {role.code: role for role in ROLES}


async def look(platform, school, *rows: list, by=None):
    return await schools.check(platform, school, "bills", "账单.xlsx", xlsx([HEAD, *rows]), by)


async def bring(platform, school, *rows: list):
    judged = await look(platform, school, *rows)
    await schools.apply(platform, school, "bills", judged)
    return judged.totals


def row(student, code: str, amount: object, *rest: object) -> list:
    return [student.student_no, student.name, "P1", code, amount, *rest]


@pytest.fixture
async def sheet(platform, school):
    """A draft plan with the bills of two students; answers the plan and the students."""
    plan_id = await schools.make_plan(platform, school, item_codes=ITEMS)
    people = await dorms.boarders(platform, school, 3)
    rows = row(people[0], "TUITION", "12345.67", 1000, "教职工子女"), row(people[0], "UNIFORM", 99), row(people[1], "TUITION", 8000, None, None, "内部备注")
    assert (await bring(platform, school, *rows)).new == 3
    return plan_id, people


async def test_what_the_school_calculated_is_what_families_are_asked_for(platform, school, sheet):
    plan_id, people = sheet
    approval = await schools.submit(platform, school, plan_id)
    told = (await schools.approval(platform, school, approval)).proposal["told"]
    assert ["金额", "", "学校自行核定，按导入的账单收取"] in told
    await schools.agree(platform, school, approval)
    assert (await schools.publish(platform, school, plan_id)).count == 2
    (bill,) = await schools.bills_of(platform, school, people[0].student_no)
    assert [(line.item_code, line.amount_fen, line.discount_fen, line.net_fen) for line in bill.lines] == [
        ("TUITION", 1_234_567, 100_000, 1_134_567), ("UNIFORM", 9900, 0, 9900),
    ]  # fmt: skip
    assert bill.lines[0].explanation == [("学校核定", "12,345.67 元"), ("教职工子女", "-1,000.00 元"), ("应缴", "11,345.67 元")]
    (second,) = await schools.bills_of(platform, school, people[1].student_no)
    assert "内部备注" not in str(second)
    assert await schools.bills_of(platform, school, people[2].student_no) == []
    assert (await schools.publish(platform, school, plan_id)).count == 0


async def test_a_recalled_plan_takes_a_corrected_file_and_the_paid_bill_stays(platform, school, sheet):
    plan_id, people = sheet
    await schools.agree(platform, school, await schools.submit(platform, school, plan_id))
    await schools.publish(platform, school, plan_id)
    (paid,) = await schools.bills_of(platform, school, people[1].student_no)
    await schools.pay(platform, school, paid, paid.amount_fen)
    await schools.do(platform, school, plans.recall, plan_id, "算错了", by=school.checker)
    again = await bring(platform, school, row(people[0], "TUITION", 11_000), row(people[0], "UNIFORM", 99), row(people[1], "TUITION", 7000))
    assert (again.new, again.changed, again.unchanged) == (0, 2, 1)
    await schools.agree(platform, school, await schools.submit(platform, school, plan_id))
    assert (await schools.publish(platform, school, plan_id)).count == 1
    assert await dorms.lines_of(platform, school, people[0].student_no) == [("TUITION", 1_100_000), ("UNIFORM", 9900)]
    assert await dorms.lines_of(platform, school, people[1].student_no) == [("TUITION", 800_000)]


async def test_a_line_that_the_plan_covers_no_more_is_not_dropped_in_silence(platform, school, sheet, staff):
    plan_id, _people = sheet
    version = (await schools.plan(platform, school, plan_id)).version
    await schools.do(platform, school, plans.correct, plan_id, schools.draft(item_codes=("TUITION",)), version)
    with pytest.raises(ImportedLeftOut, match="1 行"):
        await schools.submit(platform, school, plan_id)
    maker = await staff(school.client, *ROLE["edu.campus_finance"].permissions)
    assert "导入的账单里有 1 行不会收取" in (await maker.get(f"/console/education/plans/{plan_id}/trial")).text
    refused = await maker.post(f"{API}/{plan_id}/submit", json={"reason": "收费"})
    assert (refused.status_code, refused.json()["code"]) == (409, "IMPORTED_LEFT_OUT")
    others = await schools.unit(platform, school, "松涛校区")
    await schools.do(platform, school, plans.correct, plan_id, schools.draft(item_codes=ITEMS, org_ids=(others,)), version + 1)
    with pytest.raises(ImportedLeftOut, match="3 行"):
        await schools.submit(platform, school, plan_id)


async def test_what_does_not_fit_stays_out_and_the_cell_is_named(platform, school, sheet):
    _plan_id, people = sheet
    there = (await dorms.boarders(platform, school, 1, "松涛校区"))[0]
    await schools.make_plan(platform, school, code="P2", item_codes=("TUITION",), org_ids=(people[0].class_id,))
    await dorms.furnish(platform, school)
    await schools.make_plan(platform, school, code="P3", item_codes=("ELEC",))
    mine = [people[2].student_no, people[2].name]
    wrong = {
        ("学号*", "unknown_student"): ["0000000000", "无名", "P1", "TUITION", 1],
        ("姓名*", "name_differs"): [people[2].student_no, "别人", "P1", "UNIFORM", 1],
        ("收费批次*", "unknown_plan"): [*mine, "P9", "TUITION", 1],
        ("学号*", "not_in_plan"): [there.student_no, there.name, "P2", "TUITION", 1],
        ("收费项目编码*", "item_not_in_plan"): [*mine, "P1", "MEAL", 1],
        ("收费项目编码*", "item_metered"): [*mine, "P3", "ELEC", 1],
        ("应收金额*", "zero_amount"): [*mine, "P1", "DORM", 0],
        ("应收金额*", "negative_amount"): [*mine, "P1", "DORM", -5],
        ("应收金额*", "bad_amount"): [*mine, "P1", "DORM", "一千"],
        ("应收金额*", "amount_too_precise"): [*mine, "P1", "DORM", "1.005"],
        ("减免金额", "discount_too_large"): [*mine, "P1", "DORM", 5, 6, "困难"],
        ("减免金额", "item_not_discountable"): [*mine, "P1", "DORM", 5, 1, "困难"],
        ("减免原因", "missing_required"): [*mine, "P1", "DORM", 5, 1],
        ("应收金额*", "missing_required"): [*mine, "P1", "DORM", None],
    }
    good = row(people[2], "TUITION", 10)
    judged = await look(platform, school, *wrong.values(), good, good)
    assert [(v.row, (v.column, v.code)) for v in judged.rows if v.verdict == "reject"] == [
        *enumerate(wrong, 2), (17, ("收费项目编码*", "duplicate_line")),
    ]  # fmt: skip
    assert (judged.totals.new, judged.totals.rejected) == (1, 15)


async def test_who_left_and_who_pays_elsewhere_are_not_asked(platform, school, sheet):
    _plan_id, people = sheet
    away = (await dorms.boarders(platform, school, 1, "松涛校区"))[0]
    async with platform.database.tenant(school.tenant_id) as session:
        await roster.change_status(session, away.id, "休学", "养病", school.maker)
    await yearly(platform, school)
    await dorms.bill(platform, school, "A1", "BADGE")
    await schools.make_plan(platform, school, code="P2", item_codes=("BADGE",))
    judged = await look(platform, school, row(away, "TUITION", 1), [people[0].student_no, people[0].name, "P2", "BADGE", 20])
    assert [(v.row, v.column, v.code) for v in judged.rows] == [(2, "学号*", "not_at_school"), (3, "收费项目编码*", "charged_already")]


async def test_a_plan_on_its_way_takes_no_file_and_a_file_that_was_overtaken_writes_nothing(platform, school, sheet):
    plan_id, people = sheet
    judged = await look(platform, school, row(people[2], "TUITION", 10))
    await schools.submit(platform, school, plan_id)
    with pytest.raises(MovedSince, match="P1"):
        await schools.apply(platform, school, "bills", judged)
    late = await look(platform, school, row(people[2], "TUITION", 10))
    assert [(v.column, v.code) for v in late.rows] == [("收费批次*", "plan_not_draft")]
    with pytest.raises(PlanNotDraft):
        await schools.do(platform, school, imported.clear, plan_id)


async def test_the_plans_page_tells_of_the_file_and_empties_it(platform, school, sheet, staff):
    plan_id, people = sheet
    maker = await staff(school.client, *ROLE["edu.campus_finance"].permissions)
    page = f"/console/education/plans/{plan_id}"
    told = (await maker.get(page)).text
    assert all(word in told for word in ("学校自行核定", "20,444.67", "1,000.00", "清空"))
    shown = (await maker.get(f"{page}/trial/students?q={people[0].student_no}")).text
    assert "11,444.67" in shown
    assert "不在导入的账单里" in (await maker.get(f"{page}/trial/students?only=unbilled")).text
    assert "学校核定" in (await maker.get(f"{page}/trial/students/{people[0].student_no}")).text
    sums = (await maker.get(f"{API}/{plan_id}/imported-bills")).json()
    assert sums == {"lines": 3, "students": 2, "amount_fen": 2_044_467, "discount_fen": 100_000}
    assert (await maker.delete(f"{API}/{plan_id}/imported-bills")).json() == {"lines": 3}
    assert "学校自行核定" not in (await maker.get(page)).text
    assert (await maker.get(f"{API}/{plan_id}/imported-bills")).json()["lines"] == 0


async def test_a_campus_brings_bills_of_its_own_plans_and_students_only(platform, school, sheet, staff):
    plan_id, people = sheet
    campus = await schools.unit(platform, school, dorms.CAMPUS)
    below = await schools.below(platform, school, dorms.CAMPUS)
    there = (await dorms.boarders(platform, school, 1, "松涛校区"))[0]
    await schools.make_plan(platform, school, code="P2", item_codes=ITEMS, org_ids=(campus,))
    mine = school.person("校区财务", plans.MAKE, plans.READ, reach=below | {campus})
    judged = await look(
        platform, school, row(people[0], "DORM", 1), [people[0].student_no, people[0].name, "P2", "DORM", 1],
        [there.student_no, there.name, "P2", "DORM", 1], by=mine,
    )  # fmt: skip
    assert [(v.row, v.column, v.code) for v in judged.rows] == [(2, "收费批次*", "unknown_plan"), (4, "学号*", "unknown_student")]
    assert judged.totals.new == 1
    keeper = await staff(school.client, *ROLE["edu.dorm"].permissions, org_id=campus)
    assert {(await keeper.get(f"{API}/{plan_id}/imported-bills")).status_code, (await keeper.delete(f"{API}/{plan_id}/imported-bills")).status_code} == {403}
