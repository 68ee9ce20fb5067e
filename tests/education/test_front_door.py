"""Through the front door: hostile text, wrong shapes, other people's ids, stale forms, a plugin that is off, and every page once."""

import pytest

from plugins.education import faces
from plugins.education.plans import service as plans
from plugins.education.standards import grants
from tests.education import schools
from tests.education.pure.rosters import student

NASTY = "<img src=x onerror=alert(1)>"
PLAN = {"code": "P1", "title": "收费", "term": schools.TERM, "item_codes": ["TUITION"], "due_on": "2099-06-30"}
STANDARD = {"item_code": "MEAL", "price_fen": 200_000, "starts_on": "2026-09-01", "ends_on": "2027-08-31", "campus": "云溪校区"}
PLANS, STANDARDS = "/api/v1/education/plans", "/api/v1/education/fee-standards"


@pytest.fixture
async def everybody(staff, school):
    """Somebody with every right of the plugin."""
    return await staff(school.client, *school.maker.rights, "billing.item.read", "billing.bill.read", "jobs.read", "exports.make")


async def test_mark_up_in_a_plans_title_is_shown_as_text(everybody):
    made = await everybody.post(PLANS, json=PLAN | {"title": NASTY, "notice": NASTY})
    assert made.status_code == 201
    for path in (
        "/console/education/plans",
        f"/console/education/plans/{made.json()['id']}",
        f"/console/education/plans/{made.json()['id']}/edit",
    ):
        page = await everybody.get(path)
        assert page.status_code == 200
        assert NASTY not in page.text
        assert "&lt;img src=x onerror=alert(1)&gt;" in page.text


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", NASTY])
async def test_a_name_that_would_run_somewhere_is_rejected_with_its_row(platform, shared_school, name):
    judged = await schools.check(platform, shared_school, "roster", "a.xlsx", schools.roster_of(student(1, 姓名=name)))
    assert [(v.row, v.column) for v in judged.rows if v.verdict == "reject"] == [(2, "姓名*")]
    assert judged.totals.rejected == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (PLANS, PLAN | {"status": "approved"}),
        (STANDARDS, STANDARD | {"status": "approved"}),
        (STANDARDS, STANDARD | {"price_fen": 2000.5}),
        (STANDARDS, STANDARD | {"price_fen": 2000.0}),
        (STANDARDS, STANDARD | {"price_fen": "200000"}),
        (STANDARDS, STANDARD | {"price_fen": -1}),
        (STANDARDS, STANDARD | {"price_fen": 10**16}),
        (STANDARDS, STANDARD | {"starts_on": "2026-13-01"}),
        (STANDARDS, STANDARD | {"campus": "没有的校区"}),
        (PLANS, PLAN | {"due_on": "昨天"}),
        (PLANS, {key: value for key, value in PLAN.items() if key != "title"}),
        ("/api/v1/education/discount-grants", {"student_id": "x", "discount_code": "A", "evidence": "B"}),
    ],
)
async def test_what_does_not_fit_is_refused_and_nothing_is_written(everybody, path, body):
    refused = await everybody.post(path, json=body)
    assert refused.status_code in (400, 422), refused.text
    assert refused.headers["content-type"].startswith("application/problem+json")
    assert (await everybody.get(PLANS)).json()["items"] == []
    assert all(row["status"] == "approved" for row in (await everybody.get(STANDARDS)).json()["items"])


async def test_a_file_of_fifty_megabytes_is_refused_at_the_door(everybody, staff, school):
    importer = await staff(school.client, "imports.make", "education.roster.import")
    files = {"file": ("名册.xlsx", b"0" * (50 * 1024 * 1024), "application/octet-stream")}
    refused = await importer.post("/api/v1/imports", data={"kind": "education.roster"}, files=files)
    assert refused.status_code == 413


async def test_an_uploaded_roster_is_judged_confirmed_and_written_by_its_jobs(platform, staff, bare_school, settle):
    importer = await staff(bare_school.client, "imports.make", "education.roster.import")
    files = {"file": ("roster-200.csv", schools.samples.education("roster-200.csv"), "text/csv")}
    made = await importer.post("/api/v1/imports", data={"kind": "education.roster"}, files=files)
    assert made.status_code < 300, made.text
    await settle(bare_school.tenant_id)
    batch = (await importer.get(f"/api/v1/imports/{made.json()['id']}")).json()
    assert (batch["status"], batch["totals"]["new"]) == ("checked", 200)
    assert (await importer.post(f"/api/v1/imports/{made.json()['id']}/confirm", json={})).status_code < 300
    await settle(bare_school.tenant_id)
    assert len(await schools.students(platform, bare_school)) == 200


async def test_other_peoples_ids_are_not_found(platform, everybody, school, staff, shared_school):
    stranger = await staff(shared_school.client, *school.maker.rights, "billing.bill.read")
    child = next(iter((await schools.students(platform, school)).values()))
    plan_id = await schools.make_plan(platform, school)
    standard_id = await schools.new_standard(platform, school, campus="云溪校区")
    applicant = school.person("甲", grants.READ, grants.APPLY)
    async with platform.database.tenant(school.tenant_id) as session:
        grant_id = await grants.apply(session, child.id, "STAFF50", "证明", applicant)
    reason, none = {"reason": "有误"}, schools.ids.uuid7()
    for plan in (plan_id, none):
        for verb, body in (("submit", reason), ("reopen", None), ("publish", None), ("recall", reason), ("close", None)):
            assert (await stranger.post(f"{PLANS}/{plan}/{verb}", json=body)).status_code == 404, verb
        assert (await stranger.put(f"{PLANS}/{plan}?version=1", json=PLAN)).status_code == 404
    for path in (
        f"students/{child.id}",
        f"plans/{plan_id}",
        f"plans/{plan_id}/trial",
        f"plans/{plan_id}/progress",
        f"discount-grants/{grant_id}",
    ):
        assert (await stranger.get(f"/api/v1/education/{path}")).status_code == 404, path
    for path in (
        f"students/{child.id}",
        f"plans/{plan_id}",
        f"plans/{plan_id}/edit",
        f"plans/{plan_id}/trial/students/0126100211",
        f"grants/{grant_id}",
    ):
        assert (await stranger.get(f"/console/education/{path}")).status_code == 404, path
    assert (await stranger.post(f"{STANDARDS}/{standard_id}/retire", json=reason)).status_code == 404
    for verb in ("check", "approve", "carry"):
        assert (await stranger.post(f"/api/v1/education/discount-grants/{grant_id}/{verb}")).status_code == 404, verb


async def test_a_stale_form_is_refused_kindly(platform, everybody, school):
    plan = (await everybody.post(PLANS, json=PLAN)).json()
    assert (await everybody.put(f"{PLANS}/{plan['id']}?version={plan['version']}", json=PLAN | {"title": "改名"})).status_code == 200
    stale = await everybody.put(f"{PLANS}/{plan['id']}?version={plan['version']}", json=PLAN | {"title": "再改"})
    assert (stale.status_code, stale.json()["code"]) == (409, "STALE_FORM")
    child = next(row for row in (await schools.students(platform, school)).values() if row.status == "在读")
    body = {"status": "休学", "reason": "病假", "version": child.version}
    assert (await everybody.post(f"/api/v1/education/students/{child.id}/status", json=body)).status_code == 200
    assert (await everybody.post(f"/api/v1/education/students/{child.id}/status", json=body | {"status": "在读"})).status_code == 409
    form = {"code": "P1", "title": "三改", "term": schools.TERM, "item_codes": "TUITION", "due_on": "2099-06-30", "version": "1"}
    assert (await everybody.post(f"/console/education/plans/{plan['id']}/edit", data=form)).status_code == 409


async def test_a_wrong_form_comes_back_with_what_was_typed_and_what_to_mend(everybody):
    form = {
        "code": "好",
        "title": "收费",
        "term": schools.TERM,
        "item_codes": "TUITION",
        "due_on": "",
        "template": "custom",
        "percents": "100",
    }
    page = await everybody.post("/console/education/plans", data=form)
    assert page.status_code == 422
    assert "请选择日期" in page.text
    assert "请写 2–5 个比例" in page.text
    assert 'value="好"' in page.text
    page = await everybody.post("/console/education/plans", data=form | {"due_on": "2099-06-30", "template": ""})
    assert page.status_code == 422
    assert "批次编码用字母" in page.text
    page = await everybody.post("/console/education/standards", data={"item_code": "MEAL", "price": "一千", "starts_on": "2026-09-01"})
    assert page.status_code == 422
    assert "金额“一千”无效" in page.text
    same = {"item_code": "BOOKS", "price": "268", "starts_on": "2026-09-01", "ends_on": "2027-08-31"}
    page = await everybody.post("/console/education/standards", data=same)
    assert page.status_code == 422
    assert "已有范围相同且有效期重叠的标准" in page.text
    page = await everybody.post(
        "/console/education/terms", data={"code": "2026-2029-1", "starts_on": "2026-09-01", "ends_on": "2027-01-22", "months_counted": "5"}
    )
    assert page.status_code == 422


async def test_a_plan_written_on_the_page_reads_as_it_was_meant(platform, everybody, school):
    campus = await schools.unit(platform, school, "云溪校区")
    form = {
        "code": "2026Q1", "title": "第一学期收费", "term": schools.TERM, "item_codes": ["TUITION", "DORM"], "org_ids": str(campus),
        "due_on": "2099-06-30", "template": "3", "date_1": "2099-04-30", "date_2": "2099-05-31", "allow_partial": "1",
        "publish_on": "2099-03-01", "notice": "谢谢",
    }  # fmt: skip
    made = await everybody.post("/console/education/plans", data=form)
    assert made.status_code == 303, made.text
    (plan,) = (await everybody.get(PLANS)).json()["items"]
    assert (plan["org_ids"], plan["allow_merge"], plan["publish_at"][:10]) == ([str(campus)], False, "2099-02-28")
    assert [each["due_on"] for each in plan["instalments"]] == ["2099-04-30", "2099-05-31", "2099-06-30"]
    page = await everybody.get(f"/console/education/plans/{plan['id']}")
    assert "33.33%" in page.text
    edit = await everybody.get(f"/console/education/plans/{plan['id']}/edit")
    assert '<option value="3" selected>' in edit.text


async def test_the_whole_walk_on_the_pages(platform, everybody, school, staff, settle):
    made = await everybody.post("/console/education/plans", data=PLAN | {"allow_partial": "1", "allow_merge": "1"})
    plan_path = made.headers["location"].removesuffix("/trial")
    trial = await everybody.get(made.headers["location"])
    assert trial.status_code == 200
    assert "必缴合计" in trial.text
    assert (await everybody.get(f"{plan_path}/trial/students?only=unbilled")).status_code == 200
    assert (await everybody.post(f"{plan_path}/submit", data={"reason": "新学期"})).status_code == 303
    checker = await staff(school.client, "education.plan.check", "education.plan.publish", "education.plan.read", name="复核员")
    waiting = (await checker.get("/api/v1/approvals")).json()["items"]
    told = {change["what"]: change["after"] for change in waiting[0]["changes"]}
    assert told["学期"] == schools.TERM
    assert "学费" in told
    assert (await checker.post(f"/console/approvals/{waiting[0]['id']}/approve", data={})).status_code == 303
    first = await checker.post(f"{plan_path}/publish")
    assert first.headers["location"] == (await checker.post(f"{plan_path}/publish")).headers["location"]
    await settle(school.tenant_id)
    page = await everybody.get(plan_path)
    assert "已发布" in page.text
    assert "张未缴账单将作废" in (await checker.get(plan_path)).text
    recalled = await checker.post(f"{plan_path}/recall", data={"reason": "有误"})
    assert recalled.status_code == 303
    assert "已召回，正在修正" not in (await everybody.get(plan_path)).text
    assert (await everybody.post(f"{plan_path}/close")).status_code == 303


async def test_the_trial_run_leaves_as_excel(platform, everybody, school, settle):
    plan_id = await schools.make_plan(platform, school)
    started = await everybody.post("/console/exports/education.trial", data={"plan": str(plan_id)})
    assert started.status_code == 303
    await settle(school.tenant_id)
    job = await everybody.get(started.headers["location"])
    assert "/console/files/" in job.text
    from core.imports.sheets import read as read_sheet

    href = job.text.split('href="/console/files/')[1].split('"')[0]
    file = await everybody.get(f"/console/files/{href}")
    assert file.status_code == 200
    rows = read_sheet(file.content, "a.xlsx").rows
    assert "学号" in str(rows[0])


async def test_a_school_without_the_plugin_has_no_education_anywhere(platform, client, staff):
    off = await client(kind="school_group", plugins=())
    rights = [*dict.fromkeys(p for role in schools.ROLES for p in role.permissions)]
    somebody = await staff(off, *rights)
    paths = {path for route in faces.ROUTES for path in route.paths if "{" not in path and "GET" in route.http_methods}
    assert len(paths) > 15
    for path in sorted(paths):
        assert (await somebody.get(path)).status_code == 404, path
    home = (await somebody.get("/console")).text
    assert "/console/education" not in home
    upload = await somebody.post("/api/v1/imports", data={"kind": "education.roster"}, files={"file": ("a.csv", b"x", "text/csv")})
    assert upload.status_code == 404


async def test_every_page_opens_and_every_empty_list_says_what_to_do_next(platform, client, staff):
    empty = await schools.found(platform, await client(kind="school_group"))
    somebody = await staff(empty.client, *empty.maker.rights, "billing.item.read")
    for path, hint in {
        "organisation": "先导入组织架构",
        "students": "导入学生名册后会显示在这里",
        "standards": "下载模板",
        "standards/check": "名册里还没有在读学生",
        "standards/new": "收费项目随表格导入",
        "standards/discounts": "优惠规则",
        "standards/items": "随收费标准表格导入",
        "grants": "申请优惠",
        "terms": "不登记也能出账",
        "plans": "新建一个批次",
        "plans/new": "先导入收费标准表格",
    }.items():
        page = await somebody.get(f"/console/education/{path}")
        assert page.status_code == 200, path
        assert hint in page.text, path


async def test_a_form_without_its_token_is_refused(everybody):
    del everybody.headers["x-csrf-token"]
    refused = await everybody.post("/console/education/plans", data=PLAN)
    assert refused.status_code == 403
    assert plans.MAKE in everybody.actor.rights
