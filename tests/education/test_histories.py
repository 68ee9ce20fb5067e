"""Fee standards and plans tell who wrote, imported, submitted and agreed to them."""

from tests.education import schools

HTMX = {"HX-Request": "true"}


async def test_an_imported_standard_tells_of_its_sheet_and_of_its_approval(platform, shared_school, staff):
    row = next(one for one in await schools.standards(platform, shared_school) if one.sheet_row)
    reader = await staff(shared_school.client, "education.standard.read")
    panel = (await reader.get(f"/console/history/fee_standard/{row.id}", headers=HTMX)).text
    assert "随表格导入" in panel
    assert "同意复核" in panel
    assert f'href="/console/history/fee_standard/{row.id}"' in (await reader.get("/console/education/standards")).text


async def test_a_plan_tells_its_life(platform, school, staff):
    plan_id = await schools.approved_plan(platform, school)
    reader = await staff(school.client, "education.plan.read")
    panel = (await reader.get(f"/console/history/fee_plan/{plan_id}", headers=HTMX)).text
    assert "同意复核" in panel
    assert f'hx-get="/console/history/fee_plan/{plan_id}"' in (await reader.get(f"/console/education/plans/{plan_id}")).text
