"""The list of students as Excel: what the page shows, within reach, names masked unless a second person agreed, no ids and no phones."""

from core.imports import sheets
from core.masking import mask_name
from tests.education import schools

RIGHTS = ("education.student.read", "exports.make", "jobs.read")


async def rows_of(http, settle, school, filters=None, job_id: str = "") -> list[list[str]]:
    if not job_id:
        started = await http.post("/api/v1/exports", json={"code": "education.students", "filters": filters or {}})
        assert started.status_code == 202, started.text
        job_id = started.json()["job_id"]
    await settle(school.client)
    job = (await http.get(f"/api/v1/jobs/{job_id}")).json()
    assert job["status"] == "done", job
    found = sheets.read((await http.get(job["result_url"])).content, "x.xlsx").rows[1 : job["result"]["rows"] + 1]
    return [[str(cell) for cell in row] for row in found]


async def test_students_leave_as_the_page_shows_them(platform, school, staff, settle):
    there = await schools.students(platform, school)
    clerk = await staff(school.client, *RIGHTS)
    assert "/console/exports/education.students" in (await clerk.get("/console/education/students")).text
    rows = await rows_of(clerk, settle, school)
    assert [row[4] for row in rows] == sorted(there)
    assert {(row[4], row[5], row[9]) for row in rows} == {(number, mask_name(row.name), row.status) for number, row in there.items()}
    assert rows[0][:4] == list(await place_of(platform, school, there[rows[0][4]].class_id))
    paused = await rows_of(clerk, settle, school, {"status": "休学"})
    assert {row[4] for row in paused} == {number for number, row in there.items() if row.status == "休学"}
    here = await schools.unit(platform, school, "云溪校区")
    below = await schools.below(platform, school, "云溪校区")
    mine = await staff(school.client, *RIGHTS, org_id=here)
    assert {row[4] for row in await rows_of(mine, settle, school)} == {number for number, row in there.items() if row.class_id in below}
    assert (await (await staff(school.client, "exports.make")).post("/api/v1/exports", json={"code": "education.students"})).status_code == 403


async def place_of(platform, school, class_id):
    async with platform.database.tenant(school.tenant_id) as session:
        return (await schools.organisation.load(session)).place(class_id)


async def test_names_of_students_are_readable_once_another_person_agreed(platform, school, staff, settle):
    there = await schools.students(platform, school)
    clerk, other = await staff(school.client, *RIGHTS, "exports.clear.make"), await staff(school.client, "exports.clear.check")
    body = {"code": "education.students", "filters": {"status": "在读"}, "reason": "与学籍系统核对"}
    asked = (await clerk.post("/api/v1/unmasked-exports", json=body, headers={"idempotency-key": "students-clear"})).json()
    agreed = await other.post(f"/api/v1/approvals/{asked['approval_id']}/approve", json={}, headers={"idempotency-key": "students-agree"})
    assert agreed.status_code == 200, agreed.text
    rows = await rows_of(clerk, settle, school, job_id=asked["job_id"])
    assert {(row[4], row[5]) for row in rows} == {(number, row.name) for number, row in there.items() if row.status == "在读"}
