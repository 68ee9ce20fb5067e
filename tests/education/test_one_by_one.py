"""Standards, discounts and instalment templates one by one through the API."""

import pytest

from plugins.education.standards import repository
from tests.education import schools

BASE = "/api/v1/education"
STANDARD = {"item_code": "MEAL", "price_fen": 210_000, "starts_on": "2026-09-01", "ends_on": "2027-08-31", "campus": "云溪校区", "grade": "一年级"}
AID = {"code": "AID1", "name": "助学减免", "kind": "fixed", "amount_fen": 50_000, "item_codes": ["TUITION"], "condition": "凭申请"}


@pytest.fixture
async def maker(staff, school):
    return await staff(school.client, "education.standard.make", "education.standard.read", "education.plan.make", "education.plan.read")


@pytest.fixture
async def campus(platform, staff, school):
    unit = await schools.unit(platform, school, "云溪校区")
    return await staff(school.client, "education.standard.make", "education.standard.read", "education.plan.make", org_id=unit)


async def test_a_standard_is_written_changed_approved_and_changed_into_a_draft_again(platform, school, maker):
    made = (await maker.post(f"{BASE}/fee-standards", json=STANDARD)).json()["id"]
    changed = await maker.patch(f"{BASE}/fee-standards/{made}", json={"price_fen": 220_000, "approval_doc_no": "样例〔2026〕9号"})
    assert (changed.status_code, changed.json()["price_fen"], changed.json()["status"]) == (200, 220_000, "draft")
    await schools.approve_standards(platform, school)
    assert (await maker.get(f"{BASE}/fee-standards/{made}")).json()["status"] == "approved"
    same = await maker.patch(f"{BASE}/fee-standards/{made}", json={"price_fen": 220_000})
    assert same.json()["status"] == "approved", "what does not change needs no new approval"
    again = await maker.patch(f"{BASE}/fee-standards/{made}", json={"price_fen": 230_000})
    assert (again.json()["status"], again.json()["checked_by"]) == ("draft", None)
    assert (await maker.post(f"{BASE}/fee-standards/{made}/retire", json={"reason": "不用"})).status_code == 204
    assert (await maker.patch(f"{BASE}/fee-standards/{made}", json={"price_fen": 1})).status_code == 404


@pytest.mark.parametrize("wrong", [{"price_fen": -1}, {"price_fen": 1.5}, {"ends_on": "2020-01-01"}, {"status": "approved"}])
async def test_a_change_that_makes_no_sense_is_refused(maker, wrong):
    made = (await maker.post(f"{BASE}/fee-standards", json=STANDARD)).json()["id"]
    assert (await maker.patch(f"{BASE}/fee-standards/{made}", json=wrong)).status_code == 422


async def test_a_changed_end_may_not_reach_into_another_standard(maker):
    first = (await maker.post(f"{BASE}/fee-standards", json=STANDARD | {"ends_on": "2026-12-31"})).json()["id"]
    assert (await maker.post(f"{BASE}/fee-standards", json=STANDARD | {"starts_on": "2027-01-01"})).status_code == 201
    refused = await maker.patch(f"{BASE}/fee-standards/{first}", json={"ends_on": "2027-03-31"})
    assert (refused.status_code, refused.json()["code"]) == (409, "STANDARD_OVERLAPS")


async def test_a_campus_changes_its_own_standards_only(maker, campus):
    here = (await maker.post(f"{BASE}/fee-standards", json=STANDARD)).json()["id"]
    there = (await maker.post(f"{BASE}/fee-standards", json={k: v for k, v in STANDARD.items() if k not in ("campus", "grade")})).json()["id"]
    assert (await campus.patch(f"{BASE}/fee-standards/{here}", json={"price_fen": 1})).status_code == 200
    assert (await campus.patch(f"{BASE}/fee-standards/{there}", json={"price_fen": 1})).status_code == 404
    assert (await campus.post(f"{BASE}/discounts", json=AID)).status_code == 404


async def test_a_discount_is_written_approved_changed_and_retired(platform, school, maker):
    made = await maker.post(f"{BASE}/discounts", json=AID)
    assert made.status_code == 201, made.text
    discount_id = made.json()["id"]
    assert (await maker.post(f"{BASE}/discounts", json=AID)).json()["code"] == "DISCOUNT_TAKEN"
    await schools.approve_standards(platform, school)
    assert (await maker.put(f"{BASE}/discounts/{discount_id}", json=AID)).status_code == 204
    [mine] = [row for row in (await maker.get(f"{BASE}/discounts")).json()["items"] if row["code"] == "AID1"]
    assert (mine["status"], mine["amount_fen"], mine["condition"]) == ("approved", 50_000, "凭申请，逐人批准")
    assert (await maker.put(f"{BASE}/discounts/{discount_id}", json=AID | {"amount_fen": 60_000})).status_code == 204
    async with platform.database.tenant(school.tenant_id) as session:
        row = await repository.find_discount(session, "AID1")
    assert (row.status, row.amount_fen, row.checked_by) == ("draft", 60_000, None)
    assert (await maker.post(f"{BASE}/discounts/{discount_id}/retire", json={"reason": "不用"})).status_code == 204
    assert (await maker.put(f"{BASE}/discounts/{discount_id}", json=AID)).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"code": "资助"}, "code"),
        ({"name": "=1"}, "name"),
        ({"percent": "5"}, "percent"),
        ({"kind": "percent", "amount_fen": None}, "percent"),
        ({"kind": "percent", "amount_fen": None, "percent": "101"}, "percent"),
        ({"kind": "percent", "amount_fen": None, "percent": "NaN"}, "percent"),
        ({"amount_fen": 0}, "amount_fen"),
        ({"kind": "waive"}, "amount_fen"),
        ({"compound": True}, "compound"),
        ({"item_codes": ["NONE"]}, "item_codes"),
        ({"item_codes": ["BOOKS"]}, "item_codes"),
        ({"condition": "看心情"}, "condition"),
        ({"condition": "校区=没有的校区"}, "condition"),
    ],
)
async def test_what_is_wrong_with_a_discount_is_named(maker, wrong, field):
    refused = await maker.post(f"{BASE}/discounts", json=AID | wrong)
    assert (refused.status_code, refused.json()["code"], refused.json()["facts"]["field"]) == (422, "DISCOUNT_WRONG", field)


async def test_an_instalment_template_is_kept_offered_and_taken_out_of_use(maker, campus):
    draft = {"code": "half", "name": "开学一半，期中一半", "percents": ["50", "50"]}
    made = await maker.post(f"{BASE}/instalment-templates", json=draft)
    assert made.status_code == 201, made.text
    template = made.json()
    assert (await maker.post(f"{BASE}/instalment-templates", json=draft)).json()["code"] == "INSTALMENT_TEMPLATE_TAKEN"
    page = (await maker.get("/console/education/plans/new")).text
    assert "开学一半，期中一半" in page
    path = f"{BASE}/instalment-templates/{template['id']}"
    changed = (await maker.patch(path, json={"version": 1, "percents": ["40", "30", "30"]})).json()
    assert (changed["percents"], changed["version"]) == (["40", "30", "30"], 2)
    assert (await maker.patch(path, json={"version": 1, "name": "x"})).json()["code"] == "STALE_FORM"
    wrong = await maker.patch(path, json={"version": 2, "percents": ["40", "30"]})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "INSTALMENT_TEMPLATE_WRONG")
    assert (await campus.patch(path, json={"version": 2, "name": "x"})).status_code == 404
    await maker.patch(path, json={"version": 2, "active": False})
    assert "开学一半" not in (await maker.get("/console/education/plans/new")).text
    assert [row["active"] for row in (await maker.get(f"{BASE}/instalment-templates")).json()["items"]] == [False]


async def test_a_plan_is_cut_by_a_template_of_the_schools_own(platform, school, maker):
    await maker.post(f"{BASE}/instalment-templates", json={"code": "t7030", "name": "七三开", "percents": ["70", "30"]})
    form = {
        "code": "P7", "title": "七三开", "term": schools.TERM, "item_codes": ["TUITION"], "due_on": "2099-06-30", "template": "own:t7030",
        "date_1": "2099-03-31", "allow_partial": "1",
    }  # fmt: skip
    saved = await maker.post("/console/education/plans", data=form)
    assert saved.status_code == 303, saved.text
    [plan] = (await maker.get(f"{BASE}/plans")).json()["items"]
    assert [(part["due_on"], part["percent"]) for part in plan["instalments"]] == [("2099-03-31", "70"), ("2099-06-30", "30")]
