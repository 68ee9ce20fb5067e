"""A new school's first day: everybody sees the next step, and no step that is done."""

import httpx
import pytest

from tests.conftest import log_in
from tests.education import schools


@pytest.fixture
async def new_school(platform, bank, open_client):
    """A school handed over this morning: no tree, no people."""
    return await schools.found(platform, await open_client(platform, bank, kind="school_group", settings=schools.SETTINGS))


async def told(platform, web, school, role: str) -> str:
    _, token = await log_in(platform, school.tenant_id, role)
    return (await web.get("/console", headers={"cookie": f"banyan_session={token}"})).text


async def test_an_administrator_of_a_new_school_sees_what_comes_next(platform, web, new_school, staff):
    page = await told(platform, web, new_school, "edu.group_admin")
    assert "导入校区、学部、年级与班级" in page
    assert "为同事建立账号并授予角色" in page
    await schools.load(platform, new_school, "org", "org-tree.json")
    page = await told(platform, web, new_school, "edu.group_admin")
    assert "导入校区、学部、年级与班级" not in page
    assert "为同事建立账号并授予角色" not in page, "there is a colleague by now"


async def test_each_step_shows_when_the_one_before_is_done(platform, new_school, staff):
    clerk = await staff(new_school.client, "education.roster.import", "imports.make")
    finance = await staff(new_school.client, "education.standards.import", "education.plan.make", "education.plan.read", "imports.make")
    assert "导入学生名册" not in (await clerk.get("/console")).text
    await schools.load(platform, new_school, "org", "org-tree.json")
    assert "导入学生名册" in (await clerk.get("/console")).text
    assert "导入收费项目与标准" in (await finance.get("/console")).text
    await schools.load(platform, new_school, "roster", "roster-200.csv")
    assert "导入学生名册" not in (await clerk.get("/console")).text
    await schools.load(platform, new_school, "standards", "fee-standards.xlsx")
    page = (await finance.get("/console")).text
    assert ("导入收费项目与标准" in page, "制定第一个收费批次" in page) == (False, True)
    await schools.approve_standards(platform, new_school)
    await schools.make_plan(platform, new_school)
    assert "制定第一个收费批次" not in (await finance.get("/console")).text


async def test_a_key_of_one_campus_imports_into_that_campus_only(platform, school, app, staff, settle):
    """The job that writes comes without rights; the key's own reach holds there too."""
    unit = await schools.unit(platform, school, "云溪校区")
    reach = await schools.below(platform, school, "云溪校区")
    admin = await staff(school.client, "identity.key.manage")
    body = {"name": "教务系统", "grants": [{"role": "edu.division_admin", "place_id": str(unit)}]}
    key = (await admin.post("/api/v1/api-keys", json=body)).json()["key"]
    rows = list((await schools.students(platform, school)).values())
    assert any(row.class_id not in reach for row in rows)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://banyan.test", headers={"authorization": f"Bearer {key}"}) as system:
        files = {"file": ("roster-8000.xlsx", schools.samples.education("roster-8000.xlsx"), "application/octet-stream")}
        made = await system.post("/api/v1/imports", data={"kind": "education.roster"}, files=files)
        assert made.status_code == 202, made.text
        await settle(school.tenant_id)
        batch = (await system.get(f"/api/v1/imports/{made.json()['id']}")).json()
        assert batch["totals"]["rejected"] > 0
        seen = (await system.get("/api/v1/education/students?limit=200")).json()["items"]
        assert all(row["place"].startswith("云溪校区") for row in seen)
