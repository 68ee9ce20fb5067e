"""The dormitory's and the canteen's pages: what is wrong stands beside its field, what was typed stays, and a page says which month it wrote."""

import pytest

from tests.education import dorms, schools
from tests.education.test_keepers import ROLE

ROOMS, MEALS = "/console/education/dormitory", "/console/education/meals"


@pytest.fixture
async def dorm(platform, school, staff):
    await dorms.lived_in(platform, school)
    return await staff(school.client, *ROLE["edu.dorm"].permissions, org_id=await schools.unit(platform, school, dorms.CAMPUS))


@pytest.fixture
async def canteen(platform, school, staff):
    await dorms.furnish(platform, school)
    return await staff(school.client, *ROLE["edu.canteen"].permissions, org_id=await schools.unit(platform, school, dorms.CAMPUS))


FORMS = [
    ("stays", {"student_no": "9999", "since": "2026-11-01"}, "该校区没有这个学号的学生", "9999"), ("stays", {"student_no": "1"}, "请选择日期", "1"),
    ("readings", {"read_on": "2026-11-01", "value": "77"}, "请选择表", "77"), ("readings", {"meter_id": "METER", "value": "77"}, "请选择日期", "77"),
    ("readings", {"meter_id": "METER", "read_on": "2026-11-01", "value": "77"}, "本期读数小于上期", "77"),
    ("readings", {"meter_id": "METER", "read_on": "2026-08-01", "value": "1234", "closing": "1"}, "停用日期须在其后", "1234"),
    ("meters", {"item_code": "TUITION", "meter_no": "N7", "opened_on": "2026-11-01"}, "由宿舍管理的收费项目", "N7"),
    ("meters", {"item_code": "ELEC", "meter_no": "E501", "opened_on": "2026-11-01"}, "正在使用", "E501"), ("meters", {"meter_no": "N8"}, "请选择日期", "N8"),
    ("move-out", {"until": "2026-11-01"}, "请选择学生", "2026-11-01"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "typed", "why", "kept"), FORMS)
async def test_a_rooms_forms_say_what_is_wrong_and_keep_what_was_typed(platform, school, dorm, form, typed, why, kept):
    if "meter_id" in typed:
        typed = typed | {"meter_id": str((await dorms.meter(platform, school)).id)}
    page = await dorm.post(f"{ROOMS}/rooms/{await dorms.room(platform, school)}/{form}", data=typed)
    assert page.status_code == 422
    assert why in page.text
    assert f'value="{kept}"' in page.text


async def test_a_room_is_added_and_filled_by_hand(platform, school, dorm):
    wrong = await dorm.post(f"{ROOMS}/rooms", data={"building": "=1", "number": "9", "beds": "x"})
    assert (wrong.status_code, "请选择校区" in wrong.text, "请填写整数" in wrong.text) == (422, True, True)
    campus = str(await schools.unit(platform, school, dorms.CAMPUS))
    assert "不能以 =" in (await dorm.post(f"{ROOMS}/rooms", data={"campus_id": campus, "building": "=1", "number": "9"})).text
    made = await dorm.post(f"{ROOMS}/rooms", data={"campus_id": campus, "building": "4号楼", "number": "9", "beds": "1"})
    room = made.headers["location"]
    people = await dorms.boarders(platform, school, 5)
    came = await dorm.post(f"{room}/stays", data={"student_no": people[3].student_no, "since": "2026-11-01"})
    assert came.status_code == 303
    full = await dorm.post(f"{room}/stays", data={"student_no": people[4].student_no, "since": "2026-11-01"})
    assert "1 个床位已经住满" in full.text
    page = (await dorm.get(room)).text
    assert people[3].name in page
    listed = (await dorm.get(f"{ROOMS}?q=4号楼")).text
    assert "4号楼 9" in listed and "3号楼 501" not in listed
    found = (await dorm.get(f"{ROOMS}/residents?placed=no&q={people[4].student_no}")).text
    assert people[4].name in found


async def test_the_history_of_a_room_tells_who_moved_and_what_was_read(platform, school, dorm):
    await dorms.sheet(platform, school, "readings", ["E501", dorms.SECOND, 1090])
    told = (await dorm.get(f"/console/history/dorm_room/{await dorms.room(platform, school)}")).text
    assert all(word in told for word in ("办理入住", "登记水电表", "抄表"))


async def test_a_page_of_meal_days_writes_the_month_it_shows_whatever_the_filters_say(platform, school, canteen):
    page = (await canteen.get(f"{MEALS}?item=LUNCH&month=2026-10")).text
    child = (await canteen.get("/api/v1/education/meal-days?item_code=LUNCH&month=2026-10")).json()["items"][0]["student_no"]
    field = f"days:LUNCH:2026-10:{child}"
    assert f'name="{field}"' in page
    there = {"referer": f"http://banyan.test{MEALS}?item=LUNCH&month=2026-09&q={child}"}
    wrong = await canteen.post(MEALS, data={field: "32"}, headers=there)
    assert (wrong.status_code, "2026-10 的用餐天数为 0–31" in wrong.text, 'value="32"' in wrong.text) == (422, True, True)
    saved = await canteen.post(MEALS, data={field: "18"}, headers=there)
    assert saved.headers["location"] == f"{MEALS}?item=LUNCH&month=2026-10&q={child}"
    days = (await canteen.get("/api/v1/education/meal-days?item_code=LUNCH&month=2026-10&written=yes")).json()["items"]
    assert [(row["student_no"], row["days"]) for row in days] == [(child, 18)]
    both = await canteen.post(MEALS, data={field: "18", f"days:LUNCH:2026-09:{child}": "1"})
    assert both.status_code == 422


async def test_everybody_at_once_for_those_who_have_none(platform, school, canteen):
    form = {"item": "LUNCH", "month": "2026-10", "days": "many"}
    assert "请填写整数" in (await canteen.post(f"{MEALS}/fill", data=form)).text
    assert "0–31" in (await canteen.post(f"{MEALS}/fill", data=form | {"days": "40"})).text
    one_class = {"org": str((await dorms.boarders(platform, school, 1))[0].class_id)}
    done = await canteen.post(f"{MEALS}/fill", data=form | {"days": "20"} | one_class)
    assert done.status_code == 303
    days = (await canteen.get("/api/v1/education/meal-days?item_code=LUNCH&month=2026-10&written=yes&limit=200")).json()["items"]
    assert {row["days"] for row in days} == {20}
    assert 0 < len(days) < 40


async def test_a_canteen_without_items_is_told_what_to_do(platform, school, staff):
    someone = await staff(school.client, *ROLE["edu.canteen"].permissions)
    assert "还没有由食堂管理的收费项目" in (await someone.get(MEALS)).text


async def test_an_item_gets_its_keeper_on_its_form(platform, school, staff):
    finance = await staff(school.client, *ROLE["edu.campus_finance"].permissions)
    base = "/console/education/standards/items"
    item = {"code": "GAS", "name": "燃气", "category": "代收费", "period": "usage", "refundable_policy": "none", "keeper": "dorm", "unit": "5度"}
    wrong = await finance.post(base, data=item)
    assert (wrong.status_code, "计量单位写成" in wrong.text) == (422, True)
    assert (await finance.post(base, data=item | {"unit": "10m³"})).status_code == 303
    assert "10m³" in (await finance.get(base)).text
    given = await finance.put("/api/v1/education/fee-items/MEAL/keeper", json={"keeper": "canteen"})
    assert given.json() == {"keeper": "canteen", "unit": ""}
    assert (await finance.put("/api/v1/education/fee-items/MEAL/keeper", json={"keeper": "chef"})).status_code == 422
    assert (await finance.put("/api/v1/education/fee-items/NONE/keeper", json={"keeper": "dorm"})).status_code == 404
    assert (await finance.put("/api/v1/education/fee-items/MEAL/keeper", json={"keeper": ""})).json() == {"keeper": "", "unit": ""}
