"""Whatever is sent to the dormitory's and the canteen's doors, the answer is a refusal in words and never a fault of ours."""

import uuid

import pytest

from tests.education import dorms, schools
from tests.education.test_keepers import ROLE

pytestmark = pytest.mark.slow
PAGES, API = "/console/education", "/api/v1/education"
BAD = ["x", "' OR 1=1 --", "\x00", "9" * 400, "😀" * 50, "<script>", "%", "=1+1", "2026-02-30", "-1", "1e400", "[]", str(uuid.UUID(int=7))]
QUERIES = {
    f"{PAGES}/dormitory": "q campus abnormal cursor", f"{PAGES}/dormitory/residents": "q org placed cursor",
    f"{PAGES}/dormitory/readings": "q status cursor", f"{PAGES}/meals": "item month q org written cursor",
    f"{API}/dorm-rooms": "q campus_id abnormal cursor limit", f"{API}/meter-readings": "q status cursor limit",
    f"{API}/dorm-residents": "q org_id placed cursor limit", f"{API}/meal-days": "item_code month q org_id written cursor limit",
}  # fmt: skip


@pytest.fixture
async def keeper(platform, school, staff):
    await dorms.lived_in(platform, school)
    return await staff(school.client, *ROLE["edu.dorm"].permissions, *ROLE["edu.canteen"].permissions)


async def test_any_word_in_an_address_is_answered(keeper):
    answers = {}
    for path, names in QUERIES.items():
        for name in names.split():
            for bad in BAD:
                answers[path, name, bad] = (await keeper.get(path, params={name: bad})).status_code
    assert {asked: status for asked, status in answers.items() if status not in (200, 404, 422)} == {}


async def test_any_word_in_a_form_is_answered(platform, school, keeper):
    room, meter = await dorms.room(platform, school), str((await dorms.meter(platform, school)).id)
    campus = str(await schools.unit(platform, school, dorms.CAMPUS))
    here = f"{PAGES}/dormitory/rooms"
    forms = {
        here: {"campus_id": campus, "building": "8号楼", "number": "1", "beds": ""},
        f"{here}/{room}/stays": {"student_no": "1", "since": "2026-11-01"},
        f"{here}/{room}/move-out": {"stay_id": str(uuid.UUID(int=7)), "until": "2026-11-01"},
        f"{here}/{room}/meters": {"item_code": "ELEC", "meter_no": "Z9", "opening": "1", "opened_on": "2026-11-01"},
        f"{here}/{room}/readings": {"meter_id": meter, "read_on": "2026-11-02", "value": "1", "remark": "", "closing": ""},
        f"{PAGES}/meals/fill": {"item": "LUNCH", "month": "2026-10", "days": "40", "org": ""},
        f"{PAGES}/meals": {"days:LUNCH:2026-10:1": "1"},
    }  # fmt: skip
    answers = {}
    for path, form in forms.items():
        for name in form:
            for bad in BAD:
                answers[path, name, bad] = (await keeper.post(path, data=form | {name: bad})).status_code
    assert {asked: status for asked, status in answers.items() if status not in (303, 404, 409, 422)} == {}


async def test_any_value_in_a_body_is_answered(platform, school, keeper):
    room, meter = await dorms.room(platform, school), str((await dorms.meter(platform, school)).id)
    bodies = {
        ("POST", "dorm-rooms"): {"campus_id": str(await schools.unit(platform, school, dorms.CAMPUS)), "building": "8号楼", "number": "7", "beds": 2},
        ("POST", f"dorm-rooms/{room}/stays"): {"student_no": "1", "since": "2026-11-01"},
        ("POST", f"dorm-rooms/{room}/meters"): {"item_code": "ELEC", "meter_no": "Y1", "opened_on": "2026-11-01", "opening": "3"},
        ("POST", "meter-readings"): {"meter_id": meter, "read_on": "2026-11-03", "value": "1", "remark": "a"},
        ("PUT", "meal-days"): {"item_code": "LUNCH", "month": "2026-10", "students": [{"student_no": "1", "days": 3}]},
        ("POST", "meal-days/fill"): {"item_code": "LUNCH", "month": "2026-10", "days": 40, "org_id": None},
    }  # fmt: skip
    answers = {}
    for (verb, path), body in bodies.items():
        for name in body:
            for bad in [*BAD, None, 1.5, 10**30, -5, [], {}, True]:
                answers[path, name, str(bad)] = (await keeper.request(verb, f"{API}/{path}", json=body | {name: bad})).status_code
    assert {asked: status for asked, status in answers.items() if status not in (201, 404, 409, 422)} == {}
