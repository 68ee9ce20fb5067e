"""Standards as their makers keep them: submitted together, approved as they were, retired and brought back, checked on the real roster."""

import json

import pytest

from core.identity import org
from plugins.education.organisation.service import ClassMisplaced
from plugins.education.pricing import conditions
from plugins.education.standards import items, lists, pricing, repository, service
from plugins.education.standards.errors import NothingToApprove, NothingToSubmit, StandardOverlaps
from plugins.education.terms import service as terms
from tests.education import schools
from tests.samples import education


async def by_id(platform, school, standard_id):
    async with platform.database.tenant(school.tenant_id) as session:
        return next(row for row in await repository.list_standards(session, retired=True) if row.id == standard_id)


async def test_a_new_standard_is_a_draft_until_a_second_person_agrees(platform, school):
    made = await schools.new_standard(platform, school, campus="云溪校区", division="小学部", grade="一年级")
    assert (await by_id(platform, school, made)).status == "draft"
    asked = await schools.do(platform, school, service.submit, "校务会纪要")
    assert (await by_id(platform, school, made)).status == "checked"
    told = (await schools.approval(platform, school, asked)).proposal["told"]
    assert told == [["餐费（云溪校区 小学部 一年级）", "", "2,000.00 元，2026-09-01 至 2027-08-31，无批准文号"]]
    await schools.agree(platform, school, asked)
    row = await by_id(platform, school, made)
    assert (row.status, row.checked_by) == ("approved", "复核")
    with pytest.raises(NothingToSubmit):
        await schools.do(platform, school, service.submit, "再来")


async def test_a_second_submission_takes_the_first_along(platform, school):
    one = await schools.new_standard(platform, school, campus="云溪校区", division="小学部", grade="一年级")
    first = await schools.do(platform, school, service.submit, "第一次")
    two = await schools.new_standard(platform, school, campus="云溪校区", division="小学部", grade="二年级")
    second = await schools.do(platform, school, service.submit, "第二次")
    assert (await schools.approval(platform, school, first)).status == "withdrawn"
    await schools.agree(platform, school, second)
    assert {(await by_id(platform, school, each)).status for each in (one, two)} == {"approved"}


async def test_what_changed_after_submission_is_not_approved_with_the_rest(platform, school):
    await schools.load(platform, school, "standards", "a.xlsx", primary_tuition(18_888))
    asked = await schools.do(platform, school, service.submit, "调价")
    await schools.load(platform, school, "standards", "a.xlsx", primary_tuition(19_999))
    with pytest.raises(NothingToApprove):
        await schools.agree(platform, school, asked)


def primary_tuition(yuan: int) -> bytes:
    """A fee file that says what primary school tuition costs."""
    return schools.fee_file(
        [["TUITION", "学费", "学费", "学期", "是", "是"]],
        [["TUITION", "学费", "小学部", yuan, "样例收费〔2026〕101号", "2026-09-01", "2027-08-31"]],
        [],
    )


async def test_a_refused_batch_is_mended_and_submitted_again(platform, school):
    await schools.new_standard(platform, school, campus="云溪校区", division="小学部", grade="一年级")
    await schools.refuse(platform, school, await schools.do(platform, school, service.submit, "新价"))
    await schools.agree(platform, school, await schools.do(platform, school, service.submit, "已核对"))
    async with platform.database.tenant(school.tenant_id) as session:
        approved = await repository.list_standards(session, approved_only=True)
    assert [row.division for row in approved if (row.campus, row.grade) == ("云溪校区", "一年级")] == ["小学部"]


async def test_a_retired_standard_prices_no_more_and_comes_back_with_the_file(platform, school):
    async with platform.database.tenant(school.tenant_id) as session:
        books = next(row for row in await repository.list_standards(session) if row.item_code == "BOOKS" and row.division is None)
        await service.retire(session, books.id, "改由书店代收", school.maker)
    async with platform.database.tenant(school.tenant_id) as session:
        priced = await pricing.trial(session, await terms.find(session, schools.TERM))
        assert "BOOKS" not in {line.item_code for bill in priced.bills if bill.division == "小学部" for line in bill.lines}
    assert (await schools.load(platform, school, "standards", "fee-standards.xlsx")).changed == 1
    row = await by_id(platform, school, books.id)
    assert (row.status, row.price_fen) == ("draft", 26_800)


async def test_a_retired_discount_is_given_no_more(platform, school):
    async with platform.database.tenant(school.tenant_id) as session:
        sibling = await repository.find_discount(session, "SIB05")
        await service.retire_discount(session, sibling.id, "取消", school.maker)
        priced = await pricing.trial(session, await terms.find(session, schools.TERM))
    assert "SIB05" not in {each.code for bill in priced.bills for line in bill.lines for each in line.discounts}


async def test_the_same_scope_twice_at_the_same_time_is_refused(platform, school):
    with pytest.raises(StandardOverlaps, match=r"第 32 行（全部学生，268\.00 元）"):
        await schools.new_standard(platform, school, item_code="BOOKS")


async def test_the_check_tells_ties_by_both_standards_and_students_without_a_price(platform, school):
    async with platform.database.tenant(school.tenant_id) as session:
        fine = await lists.look_for_conflicts(session, schools.TERM)
    assert (fine.ties, fine.unpriced_count) == ([], 0)
    assert fine.students == fine.billed > 0
    async with platform.database.tenant(school.tenant_id) as session:
        none = await lists.look_for_conflicts(session, "2030-2031-1")
    assert none.unpriced_count == none.students > 0
    await schools.new_standard(platform, school, campus="云溪校区")
    async with platform.database.tenant(school.tenant_id) as session:
        tied = await lists.look_for_conflicts(session, schools.TERM)
    assert {tie["item_code"] for tie in tied.ties} == {"MEAL"}
    assert all(len(tie["standards"]) == 2 for tie in tied.ties)


async def test_an_item_settles_to_the_merchant_of_its_category_until_somebody_changes_it(platform, school):
    async with platform.database.tenant(school.tenant_id) as session:
        known = {row.code: row for row in await items.list_items(session)}
        assert {code: row.merchant_id for code, row in known.items()} == {
            **dict.fromkeys(("TUITION", "DORM"), school.merchants["TUITION"]),
            **dict.fromkeys(("MEAL", "UNIFORM", "BOOKS"), school.merchants["SERVICE"]),
        }
        dorm = known["DORM"]
        await items.assign_merchant(session, dorm.id, school.merchants["SERVICE"], dorm.version, school.maker)
    assert (await schools.load(platform, school, "standards", "fee-standards.xlsx")).changed == 0
    plan_id = await schools.approved_plan(platform, school, item_codes=("DORM",))
    await schools.publish(platform, school, plan_id)
    number = next(n for n, row in (await schools.students(platform, school)).items() if row.boarding == "寄宿" and row.status == "在读")
    (bill,) = await schools.bills_of(platform, school, number)
    assert bill.lines[0].merchant_id == school.merchants["SERVICE"]


async def test_an_org_file_with_another_code_counts_as_changed_and_is_written(platform, bare_school):
    tree = json.loads(education("org-tree.json"))
    tree["campuses"][0]["code"] = "YX-NEW"
    content = json.dumps(tree).encode()
    first = await schools.load(platform, bare_school, "org", "a.json", content)
    assert (first.new, first.changed, first.unchanged) == (0, 1, 256)
    again = await schools.load(platform, bare_school, "org", "a.json", content)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 257)


async def test_a_class_moved_out_of_its_grade_is_named_instead_of_breaking_the_prices(platform, school):
    child = next(iter((await schools.students(platform, school)).values()))
    admin = school.person("管理员", "identity.org.manage")
    async with platform.database.tenant(school.tenant_id) as session:
        units = await org.list_units(session)
        campus = next(unit for unit in units if unit.kind == "campus")
        await org.move(session, admin, child.class_id, campus.id)
    async with platform.database.tenant(school.tenant_id) as session:
        with pytest.raises(ClassMisplaced):
            await pricing.trial(session, await terms.find(session, schools.TERM))


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("学生类型=教工子女", "学生类型为教工子女"),
        ("同一家长1手机号的第二个及以后子女(按入学日期、学号排序)", "同一家长1手机号的第 2 个及以后子女"),
        ("学部=小学部、初中部且第二个子女", "学部为小学部或初中部，且同一家长1手机号的第 2 个子女"),
        ("凭申请", "凭申请，逐人批准"),
        ("学部=高中部且凭申请", "学部为高中部，且凭申请，逐人批准"),
        ("学号=1、2", "名单内的 2 名学生"),
        ("全体", "全体学生"),
    ],
)
def test_a_condition_is_told_in_words(written, told):
    assert conditions.told(conditions.parse(written)) == told
