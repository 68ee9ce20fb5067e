"""Who may do what: three roles build, import and approve; another campus is not found; a class teacher sees nothing of it."""

import pytest

from core.errors import NotFound
from core.identity import grants as role_grants
from core.identity.actor import system
from core.identity.errors import RolesConflict
from core.identity.sessions import roles_for
from core.imports.schemas import ImportContext
from plugins.education import faces
from plugins.education.people.roles import ROLES
from plugins.education.plans import service as plans
from plugins.education.plans.errors import PlanInvalid, PlanNotFound
from plugins.education.roster import service as roster
from plugins.education.roster.errors import StudentNotFound
from plugins.education.standards import importing, items
from plugins.education.standards import lists as standards_lists
from plugins.education.standards import service as standards
from plugins.education.standards.errors import BeyondYourCampus, NothingToSubmit, StandardNotFound, StandardWrong
from tests.conftest import log_in
from tests.education import schools
from tests.education.pure.rosters import student

ROLE = {role.code: role for role in ROLES}
KEY = {"idempotency-key": "approve-once"}


async def works_as(staff, school, code, *place, platform=None, **given):
    """Somebody logged in with a role of the plugin, there."""
    org_id = await schools.unit(platform, school, *place) if place else None
    return await staff(school.client, *ROLE[code].permissions, org_id=org_id, **given)


async def test_nobody_approves_their_own_plan(platform, school, staff):
    both = await staff(school.client, *ROLE["edu.campus_finance"].permissions, *ROLE["edu.group_finance"].permissions)
    body = {"code": "P1", "title": "收费", "term": schools.TERM, "item_codes": ["TUITION"], "due_on": "2099-06-30"}
    plan = (await both.post("/api/v1/education/plans", json=body)).json()
    asked = (await both.post(f"/api/v1/education/plans/{plan['id']}/submit", json={"reason": "新学期"})).json()["approval_ids"][0]
    refused = await both.post(f"/api/v1/approvals/{asked}/approve", json={}, headers=KEY)
    assert (refused.status_code, refused.json()["code"]) == (409, "SELF_APPROVAL")
    assert (await schools.plan(platform, school, plan["id"])).status == "standards_checked"
    other = await works_as(staff, school, "edu.group_finance")
    assert (await other.post(f"/api/v1/approvals/{asked}/approve", json={}, headers=KEY)).status_code == 200
    assert (await schools.plan(platform, school, plan["id"])).status == "approved"


@pytest.mark.parametrize(("held", "wanted"), [("edu.campus_finance", "edu.group_finance"), ("edu.division_admin", "edu.group_finance")])
async def test_building_or_importing_and_approving_are_not_given_to_one_person(platform, shared_school, held, wanted):
    school = shared_school
    place = await schools.unit(platform, school, "云溪校区")
    person, _ = await log_in(platform, school.tenant_id, held, place)
    admin = school.person("管理员", "identity.role.grant")
    async with platform.database.tenant(school.tenant_id) as session:
        with pytest.raises(RolesConflict):
            await role_grants.grant(session, roles_for(platform.plugins, "client", {"education"}), admin, person.id, wanted, None)


async def test_three_roles_are_needed_from_standards_to_bills(platform, school, staff):
    builds = await works_as(staff, school, "edu.campus_finance")
    imports = await works_as(staff, school, "edu.division_admin")
    approves = await works_as(staff, school, "edu.group_finance")
    new = "/api/v1/education/plans"
    for person, allowed in ((builds, 201), (imports, 403), (approves, 403)):
        body = {"code": f"P{allowed}", "title": "收费", "term": schools.TERM, "item_codes": ["TUITION"], "due_on": "2099-06-30"}
        assert (await person.post(new, json=body)).status_code == allowed
    child = next(iter((await schools.students(platform, school)).values()))
    for person, allowed in ((builds, 403), (imports, 200), (approves, 403)):
        body = {"status": "休学" if child.status == "在读" else "在读", "reason": "家长申请", "version": child.version}
        assert (await person.post(f"/api/v1/education/students/{child.id}/status", json=body)).status_code == allowed
    for person, allowed in ((builds, 403), (imports, 403)):
        assert (await person.post(f"{new}/{child.id}/publish")).status_code == allowed
    assert (await approves.post(f"{new}/{child.id}/publish")).status_code == 404


@pytest.fixture
async def one_campus(platform, school):
    """Somebody who does everything, on one campus only."""
    reach = await schools.below(platform, school, "云溪校区")
    return school.person("云溪", *school.maker.rights, reach=reach)


async def test_another_campus_is_not_found_on_any_page(platform, school, staff):
    here = await staff(school.client, *school.maker.rights, org_id=await schools.unit(platform, school, "云溪校区"))
    classes = await schools.below(platform, school, "云溪校区")
    rows = (await schools.students(platform, school)).values()
    mine, other = (next(row for row in rows if (row.class_id in classes) is there) for there in (True, False))
    plan_id = await schools.make_plan(platform, school)
    their = await schools.make_plan(platform, school, code="P2", org_ids=(await schools.unit(platform, school, "松涛校区"),))
    for base in ("/console/education", "/api/v1/education"):
        assert (await here.get(f"{base}/students/{mine.id}")).status_code == 200
        assert (await here.get(f"{base}/students/{other.id}")).status_code == 404
        for plan in (plan_id, their):
            assert (await here.get(f"{base}/plans/{plan}")).status_code == 404
            assert (await here.get(f"{base}/plans/{plan}/trial")).status_code == 404
    assert (await here.get(f"/console/education/students?org={await schools.unit(platform, school, '松涛校区')}")).status_code == 404
    listed = (await here.get("/api/v1/education/students?limit=200")).json()["items"]
    assert {row["student_no"] for row in listed} == {row.student_no for row in rows if row.class_id in classes}
    assert (await here.get("/api/v1/education/plans")).json()["items"] == []
    assert "松涛校区" not in (await here.get("/console/education/organisation")).text
    body = {"status": "休学", "reason": "家长申请", "version": other.version}
    assert (await here.post(f"/api/v1/education/students/{other.id}/status", json=body)).status_code == 404


async def test_a_campus_plans_and_prices_for_itself_only(platform, school, one_campus):
    async with platform.database.tenant(school.tenant_id) as session:
        for org_ids in ((), (await schools.unit(platform, school, "松涛校区"),)):
            with pytest.raises(PlanInvalid):
                await plans.create(session, schools.draft(org_ids=org_ids), one_campus)
        own = await plans.create(session, schools.draft(org_ids=(await schools.unit(platform, school, "云溪校区", "小学部"),)), one_campus)
        assert [row.id for row in await plans.list_page(session, one_campus, None, 10)] == [own]
    everybody = await schools.make_plan(platform, school, code="P2")
    async with platform.database.tenant(school.tenant_id) as session:
        for verb in (plans.reopen, plans.close, plans.press_publish):
            with pytest.raises(PlanNotFound):
                await verb(session, everybody, one_campus)


async def test_a_campus_changes_only_its_own_standards(platform, school, one_campus):
    theirs = await schools.new_standard(platform, school, campus="松涛校区", division="小学部", grade="二年级")
    async with platform.database.tenant(school.tenant_id) as session:
        with pytest.raises(StandardNotFound):
            await standards.retire(session, theirs, "不用了", one_campus)
        with pytest.raises(StandardWrong):
            await standards.create(session, schools.standard_draft(campus="松涛校区"), one_campus)
        with pytest.raises(StandardWrong):
            await standards.create(session, schools.standard_draft(division="小学部"), one_campus)
        with pytest.raises(NothingToSubmit):
            await standards.submit(session, "本校区", one_campus)
        own = await standards.create(session, schools.standard_draft(campus="云溪校区", grade="二年级", division="小学部"), one_campus)
        assert await standards.submit(session, "本校区", one_campus)
        seen = {row.id: row.status for row in await standards_lists.list_standards(session, one_campus)}
        assert seen[own] == "checked"
        assert theirs not in seen
        item = (await items.list_items(session))[0]
        with pytest.raises(NotFound):
            await items.assign_merchant(session, item.id, school.merchants["SERVICE"], item.version, one_campus)


async def test_a_fee_file_beyond_ones_campus_is_refused_whole(platform, school, one_campus):
    rows = [["TUITION", "学费", "学费", "学期", "是", "是"]]
    change = schools.fee_file(rows, [["TUITION", "学费", "小学部", 99000, "样例〔2026〕9号", "2026-09-01", "2027-08-31"]], [])
    with pytest.raises(BeyondYourCampus, match="第 2 行"):
        await schools.check(platform, school, "standards", "a.xlsx", change, one_campus)
    with pytest.raises(BeyondYourCampus, match="收费项目"):
        await schools.check(platform, school, "standards", "a.xlsx", schools.fee_file([["NEW", "新", "学费", "学期", "是", "是"]], [], []), one_campus)
    same = await schools.check(platform, school, "standards", "fee-standards.xlsx", by=one_campus)
    assert (same.totals.new, same.totals.changed) == (0, 0)


async def test_a_roster_row_beyond_ones_campus_is_rejected_and_the_others_go_in(platform, school, one_campus):
    content = schools.roster_of(student(1), student(2, 校区="松涛校区", 班级="1班"))
    judged = await schools.check(platform, school, "roster", "a.xlsx", content, one_campus)
    assert (judged.totals.new, judged.totals.rejected) == (1, 1)
    assert [(v.row, v.column, v.code) for v in judged.rows if v.verdict == "reject"] == [(3, "班级*", "beyond_your_scope")]
    await schools.load(platform, school, "roster", "a.xlsx", schools.roster_of(student(2, 校区="松涛校区", 班级="1班")))
    taken = await schools.check(platform, school, "roster", "a.xlsx", schools.roster_of(student(2)), one_campus)
    assert [(v.column, v.code) for v in taken.rows if v.verdict == "reject"] == [("学号*", "beyond_your_scope")]


async def test_in_a_job_the_reach_is_that_of_the_persons_roles_at_that_moment(platform, school, one_campus):
    place = await schools.unit(platform, school, "云溪校区")
    person, _ = await log_in(platform, school.tenant_id, "edu.division_admin", place)
    content = schools.roster_of(student(1), student(2, 校区="松涛校区", 班级="1班"))
    assert person.rights == {}
    judged = await schools.check(platform, school, "roster", "a.xlsx", content, person)
    assert (judged.totals.new, judged.totals.rejected) == (1, 1)
    stranger, _ = await log_in(platform, school.tenant_id, "edu.teacher", place)
    judged = await schools.check(platform, school, "roster", "a.xlsx", content, stranger)
    assert (judged.totals.new, judged.totals.rejected) == (0, 2)
    judged = await schools.check(platform, school, "roster", "a.xlsx", content, system(school.tenant_id))
    assert judged.totals.new == 2
    context = ImportContext(platform=platform, client=school.client, by=person)
    with pytest.raises(BeyondYourCampus):
        await importing.check(context, schools.fee_file([["NEW", "新", "学费", "学期", "是", "是"]], [], []), "a.xlsx")


async def test_a_class_teacher_sees_nothing_of_it(platform, shared_school, staff):
    place = ("云溪校区", "小学部", "一年级", "1班")
    teacher = await works_as(staff, shared_school, "edu.teacher", *place, platform=platform)
    for path in ("students", "organisation", "standards", "standards/discounts", "standards/items", "grants", "terms", "plans", "plans/new"):
        answer = await teacher.get(f"/console/education/{path}")
        assert answer.status_code == 403, path
    for path in ("students", "fee-standards", "discounts", "discount-grants", "terms", "plans"):
        assert (await teacher.get(f"/api/v1/education/{path}")).status_code == 403, path
    home = await teacher.get("/console")
    assert home.status_code == 200
    assert not [item.path for item in faces.MENU if item.path in home.text]


async def test_names_are_clear_only_for_those_who_keep_the_roster(platform, shared_school, staff):
    row = next(iter((await schools.students(platform, shared_school)).values()))
    keeper = await works_as(staff, shared_school, "edu.division_admin")
    finance = await works_as(staff, shared_school, "edu.group_finance")
    path = f"/console/education/students/{row.id}"
    assert row.name in (await keeper.get(path)).text
    masked = (await finance.get(path)).text
    assert row.name not in masked
    assert row.name[0] + "*" in masked
    async with platform.database.tenant(shared_school.tenant_id) as session:
        keys = await platform.vault.keys(session)
    for page in ((await keeper.get(path)).text, masked):
        assert keys.open(row.guardian1_phone_sealed) not in page
        assert keys.open(row.id_sealed) not in page


async def test_a_change_of_status_follows_the_machine_and_the_party_with_it(platform, school):
    row = next(row for row in (await schools.students(platform, school)).values() if row.status == "在读")
    async with platform.database.tenant(school.tenant_id) as session:
        await roster.change_status(session, row.id, "转学", "随父母迁居", school.maker, row.version)
        from core.payers import service as payers

        assert (await payers.find_party(session, row.id)).active is False
        with pytest.raises(StudentNotFound):
            await roster.change_status(session, schools.ids.uuid7(), "在读", "回来", school.maker)
