"""A canteen's and a dormitory's manager: their own items on their own campus, and nothing else of the school (domain book §3.3)."""

import datetime as dt

import pytest

from core.identity.actor import system
from core.refunds import drafting
from core.refunds import service as refunds
from plugins.education import faces
from plugins.education.errors import MovedSince
from plugins.education.people.roles import ROLES
from plugins.education.pricing.rules import Term
from plugins.education.refunding.service import propose_many
from plugins.education.terms import service as terms
from plugins.education.usage import measures
from plugins.education.usage.errors import MeasureWrong
from tests.education import dorms, schools

ROLE = {role.code: role for role in ROLES}
API, PAGES = "/api/v1/education", "/console/education"
OTHERS = ("students", "organisation", "standards", "standards/items", "grants", "terms", "plans", "plans/new")


@pytest.fixture
async def rooms(platform, school):
    """A room of three boarders on one campus, one of one boarder on another."""
    people = await dorms.lived_in(platform, school)
    there = (await dorms.boarders(platform, school, 1, "松涛校区"))[0]
    await dorms.sheet(platform, school, "dorm", ["松涛校区", "1号楼", "101", None, there.student_no, there.name, dorms.MOVED_IN])
    await dorms.sheet(platform, school, "meters", ["松涛校区", "1号楼", "101", "ELEC", "E101", 0, dorms.MOVED_IN])
    return [*people, there]


async def works_as(platform, staff, school, code, *place):
    return await staff(school.client, *ROLE[code].permissions, org_id=await schools.unit(platform, school, *(place or (dorms.CAMPUS,))))


async def test_the_two_roles_hold_nothing_but_their_own_book():
    mine = {"edu.dorm": {"education.dorm.read", "education.dorm.keep"}, "edu.canteen": {"education.meal.read", "education.meal.keep"}}
    for code, rights in mine.items():
        assert ROLE[code].scope == "ORG_SUBTREE"
        assert ROLE[code].permissions == rights | {"jobs.read", "exports.make", "imports.make"}


async def test_a_dormitory_manager_sees_rooms_people_and_whether_they_paid_and_no_amount(platform, school, rooms, staff):
    await dorms.bill(platform, school, "P1", "DORM", "TUITION")
    paid = (await schools.bills_of(platform, school, rooms[0].student_no))[0]
    await schools.pay(platform, school, paid, paid.amount_fen)
    manager = await works_as(platform, staff, school, "edu.dorm")
    listed = (await manager.get(f"{API}/dorm-residents?placed=yes")).json()["items"]
    assert [(row["student_no"], row["name"], row["room"], row["paid"]) for row in listed] == [
        (row.student_no, row.name, "3号楼 501", "paid" if row is rooms[0] else "unpaid") for row in rooms[:3]
    ]
    for path in ("dormitory", "dormitory/residents", "dormitory/readings", f"dormitory/rooms/{await dorms.room(platform, school)}"):
        page = await manager.get(f"{PAGES}/{path}")
        assert page.status_code == 200, path
        assert "¥" not in page.text and "1号楼 101" not in page.text


@pytest.mark.parametrize(("code", "other"), [("edu.dorm", "meals"), ("edu.canteen", "dormitory")])
async def test_neither_opens_any_other_page_of_the_school(platform, school, staff, code, other):
    person = await works_as(platform, staff, school, code)
    for path in (*OTHERS, other):
        assert (await person.get(f"{PAGES}/{path}")).status_code == 403, path
    for path in ("students", "fee-standards", "plans", "terms", "dorm-rooms" if other == "dormitory" else "meal-days"):
        assert (await person.get(f"{API}/{path}")).status_code == 403, path
    for path in ("/console/bills", "/console/payments", "/console/status", "/console/users"):
        assert (await person.get(path)).status_code in (403, 404), path
    home = await person.get("/console")
    own = "/console/education/" + ("dormitory" if code == "edu.dorm" else "meals")
    assert [item.path for item in faces.MENU if item.path in home.text] == [own]


async def test_another_campus_is_not_found(platform, school, rooms, staff):
    manager = await works_as(platform, staff, school, "edu.dorm", "松涛校区")
    room, meter = await dorms.room(platform, school), await dorms.meter(platform, school)
    assert (await manager.get(f"{API}/dorm-rooms/{room}")).status_code == 404
    assert (await manager.get(f"{PAGES}/dormitory/rooms/{room}")).status_code == 404
    reading = {"meter_id": str(meter.id), "read_on": "2026-10-31", "value": "1081.5"}
    assert (await manager.post(f"{API}/meter-readings", json=reading)).status_code == 404
    assert (await manager.post(f"{API}/dorm-rooms/{room}/stays", json={"student_no": rooms[3].student_no, "since": "2026-11-01"})).status_code == 404
    assert [row["number"] for row in (await manager.get(f"{API}/dorm-rooms")).json()["items"]] == ["101"]
    new = {"campus_id": str(await schools.unit(platform, school, dorms.CAMPUS)), "building": "9号楼", "number": "1"}
    assert (await manager.post(f"{API}/dorm-rooms", json=new)).status_code == 422
    judged = await dorms.look(platform, school, "readings", ["E501", dorms.SECOND, 1090], ["E101", dorms.SECOND, 12], by=await _reaching(platform, school))
    assert dorms.faults(judged) == [(2, "表号*", "unknown_meter")]


async def _reaching(platform, school):
    reach = await schools.below(platform, school, "松涛校区")
    return school.person("松涛", "education.dorm.keep", "education.meal.keep", reach=reach)


async def test_a_room_is_kept_by_hand_from_the_first_bed_to_a_new_meter(platform, school, staff):
    await dorms.furnish(platform, school)
    manager = await works_as(platform, staff, school, "edu.dorm")
    people = await dorms.boarders(platform, school, 3)
    campus = str(await schools.unit(platform, school, dorms.CAMPUS))
    first, second = [
        (await manager.post(f"{API}/dorm-rooms", json={"campus_id": campus, "building": "3号楼", "number": number, "beds": 2})).json()["id"]
        for number in ("501", "502")
    ]
    again = await manager.post(f"{API}/dorm-rooms", json={"campus_id": campus, "building": " 3号楼 ", "number": "501"})
    assert (again.status_code, again.json()["code"]) == (409, "ROOM_TAKEN")
    stays = [
        (await manager.post(f"{API}/dorm-rooms/{first}/stays", json={"student_no": row.student_no, "since": "2026-09-01"})).json() for row in people
    ]
    assert [("id" in stay, stay.get("code")) for stay in stays] == [(True, None), (True, None), (False, "DORM_WRONG")]
    moved = await manager.post(f"{API}/dorm-rooms/{second}/stays", json={"student_no": people[0].student_no, "since": "2026-10-11"})
    assert moved.status_code == 201
    seen = (await manager.get(f"{API}/dorm-rooms/{first}")).json()["stays"]
    assert [(row["student_no"], row["until"]) for row in seen] == [(people[1].student_no, None), (people[0].student_no, "2026-10-10")]
    meter = {"item_code": "ELEC", "meter_no": "E501", "opened_on": "2026-09-01", "opening": "99990"}
    old = (await manager.post(f"{API}/dorm-rooms/{first}/meters", json=meter)).json()["id"]
    assert (await manager.post(f"{API}/dorm-rooms/{second}/meters", json=meter)).json()["code"] == "METER_TAKEN"
    assert (await manager.post(f"{API}/dorm-meters/{old}/close", json={"closed_on": "2026-10-20", "value": "99999.5"})).status_code == 200
    new = await manager.post(f"{API}/dorm-rooms/{first}/meters", json=meter | {"opened_on": "2026-10-20", "opening": "0"})
    assert new.status_code == 201
    for on, value, told in (("2026-10-31", "5.5", "confirmed"), ("2026-11-10", "90", "abnormal")):
        read = await manager.post(f"{API}/meter-readings", json={"meter_id": new.json()["id"], "read_on": on, "value": value})
        assert read.json()["status"] == told
    assert (await manager.post(f"{API}/meter-readings/{read.json()['id']}/withdraw", json={"reason": "看错了"})).json()["status"] == "withdrawn"
    ended = await manager.post(f"{API}/dorm-stays/{stays[1]['id']}/end", json={"until": "2026-11-01"})
    assert ended.status_code == 200
    room = (await manager.get(f"{API}/dorm-rooms/{first}")).json()
    assert [row["until"] for row in room["stays"]] == ["2026-11-01", "2026-10-10"]
    assert [(m["closed_on"], [r["used"] for r in m["readings"]]) for m in room["meters"]] == [(None, ["84.5", "5.5"]), ("2026-10-20", ["9.5"])]


WRONG_READINGS = [
    ({"value": "999"}, "本期读数小于上期"), ({"value": "-1"}, "读数应为不小于 0"), ({"value": "1e400"}, "读数应为不小于 0"),
    ({"value": "NaN"}, "读数应为不小于 0"), ({"value": "1001.125"}, "最多两位小数"),
    ({"value": "0E+99999999"}, "读数应为不小于 0"), ({"value": "1_090"}, "读数应为不小于 0"), ({"value": ""}, "读数应为不小于 0"),
    ({"read_on": "2026-09-01"}, "须在其后"), ({"read_on": "2099-01-01"}, "今天之后"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "why"), WRONG_READINGS)
async def test_a_reading_that_cannot_be_is_refused_and_says_why(platform, school, rooms, staff, wrong, why):
    manager = await works_as(platform, staff, school, "edu.dorm")
    right = {"meter_id": str((await dorms.meter(platform, school)).id), "read_on": "2026-10-31", "value": "1081.5"}
    refused = await manager.post(f"{API}/meter-readings", json=right | wrong)
    assert refused.status_code == 422
    assert why in refused.json()["detail"]


async def test_files_of_a_dormitory_twice_change_nothing_and_dirty_rows_say_where(platform, school):
    people = await dorms.lived_in(platform, school)
    stays = [[*dorms.ROOM, 6, row.student_no, row.name, dorms.MOVED_IN] for row in people]
    totals = (await dorms.look(platform, school, "dorm", *stays)).totals
    assert (totals.new, totals.changed, totals.unchanged) == (0, 0, 3)
    day = next(row for row in (await schools.students(platform, school)).values() if row.boarding == "走读" and row.status == "在读")
    campus = await _campus_of(platform, school, day)
    more = await dorms.boarders(platform, school, 8)
    dirty = [
        ["火星校区", "3号楼", "501", None, more[3].student_no, more[3].name, dorms.FIRST],
        [campus, "3号楼", "601", None, day.student_no, day.name, dorms.FIRST],
        [*dorms.ROOM, None, "9999999999", "无名氏", dorms.FIRST],
        [*dorms.ROOM, None, more[4].student_no, "张冠李戴", dorms.FIRST],
        [*dorms.ROOM, 120, more[5].student_no, more[5].name, dorms.FIRST],
        [dorms.CAMPUS, "=1+1", "501", None, more[6].student_no, more[6].name, dorms.FIRST],
        [dorms.CAMPUS, "3号楼", "502", 1, people[0].student_no, people[0].name, dt.date(2026, 11, 1)],
        [dorms.CAMPUS, "3号楼", "502", 1, people[1].student_no, people[1].name, dt.date(2026, 11, 1)],
        [dorms.CAMPUS, "3号楼", "503", 1, people[2].student_no, people[2].name, dt.date(2026, 8, 1)],
        [dorms.CAMPUS, "3号楼", "503", 1, people[2].student_no, people[2].name, dt.date(2026, 11, 1)],
    ]  # fmt: skip
    judged = await dorms.look(platform, school, "dorm", *dirty)
    assert dorms.faults(judged) == [
        (2, "校区*", "unknown_campus"), (3, "学号*", "not_boarding"), (4, "学号*", "unknown_student"), (5, "学号*", "name_differs"),
        (6, "床位数", "bad_number"), (7, "楼栋*", "bad_name"), (9, "房间*", "room_full"), (10, "入住日期*", "stay_overlaps"),
        (11, "学号*", "duplicate_student"),
    ]  # fmt: skip
    assert (judged.totals.new, judged.totals.changed, judged.totals.rejected) == (0, 1, 9)


async def _campus_of(platform, school, student) -> str:
    for campus in (dorms.CAMPUS, "松涛校区"):
        if student.class_id in await schools.below(platform, school, campus):
            return campus
    raise AssertionError("a student without a campus")


async def test_meters_and_readings_from_files(platform, school):
    await dorms.lived_in(platform, school)
    dirty = [
        [*dorms.ROOM, "TUITION", "X1", 0, dorms.FIRST], [dorms.CAMPUS, "3号楼", "502", "ELEC", "E501", 0, dorms.FIRST],
        [*dorms.ROOM, "ELEC", "X2", "一百", dorms.FIRST], [*dorms.ROOM, "ELEC", "X3", 0, dt.date(2099, 1, 1)], [*dorms.ROOM, "ELEC", "E501", 0, dorms.FIRST],
    ]  # fmt: skip
    judged = await dorms.look(platform, school, "meters", *dirty)
    assert dorms.faults(judged) == [
        (2, "项目编码*", "not_metered"), (3, "表号*", "meter_taken"), (4, "起始读数*", "bad_reading"), (5, "启用日期*", "date_in_future"),
        (6, "表号*", "duplicate_meter"),
    ]  # fmt: skip
    rows = [["E501", dorms.SECOND, 1090], ["E501", dorms.FIRST, 1030], ["W501", dorms.SECOND, "32.25"]]
    assert (await dorms.sheet(platform, school, "readings", *rows)).totals.new == 3
    same = (await dorms.look(platform, school, "readings", ["E501", dorms.SECOND, "1090.00"], rows[2])).totals
    assert (same.new, same.unchanged, same.rejected) == (0, 2, 0)
    wrong = await dorms.look(platform, school, "readings", ["E501", dt.date(2026, 11, 5), 1089], ["E999", dorms.SECOND, 1], ["W501", dorms.SECOND, 33])
    assert dorms.faults(wrong) == [(2, "本期读数*", "below_last"), (3, "表号*", "unknown_meter"), (4, "抄表日期*", "not_after_last")]


async def test_the_canteen_writes_its_month_row_by_row_or_for_everybody(platform, school, staff):
    await dorms.furnish(platform, school)
    manager = await works_as(platform, staff, school, "edu.canteen")
    page = (await manager.get(f"{API}/meal-days?item_code=LUNCH&month=2026-10&limit=200")).json()["items"]
    first, second = page[0]["student_no"], page[1]["student_no"]
    body = {"item_code": "LUNCH", "month": "2026-10", "students": [{"student_no": first, "days": 18}, {"student_no": second, "days": 20}]}
    assert (await manager.put(f"{API}/meal-days", json=body)).json() == {"written": 2}
    assert (await manager.put(f"{API}/meal-days", json=body)).json() == {"written": 0}
    filled = (await manager.post(f"{API}/meal-days/fill", json={"item_code": "LUNCH", "month": "2026-10", "days": 21})).json()["written"]
    here = await schools.below(platform, school, dorms.CAMPUS)
    enrolled = [row for row in (await schools.students(platform, school)).values() if row.status == "在读" and row.class_id in here]
    assert filled == len([row for row in enrolled if row.student_no not in (first, second)])
    days = {row["student_no"]: row["days"] for row in (await manager.get(f"{API}/meal-days?item_code=LUNCH&month=2026-10&limit=200")).json()["items"]}
    assert (days[first], days[second], set(days.values()) - {18, 20, None}) == (18, 20, {21})
    elsewhere = next(row for row in (await schools.students(platform, school)).values() if row.status == "在读" and row.class_id not in here)
    for wrong, why in (
        ({"students": [{"student_no": elsewhere.student_no, "days": 1}]}, "不在您的管辖范围内"), ({"students": [{"student_no": first, "days": 32}]}, "0–31"),
        ({"item_code": "DORM"}, "由食堂管理"), ({"month": "2026-13"}, "月份写成"), ({"month": "2099-01"}, "还没有开始"),
        ({"students": [{"student_no": first, "days": 1}] * 2}, "不止一次"),
    ):  # fmt: skip
        refused = await manager.put(f"{API}/meal-days", json=body | wrong)
        assert refused.status_code == 422
        assert why in refused.json()["detail"]


async def test_meal_days_from_a_file(platform, school):
    await dorms.furnish(platform, school)
    people = await dorms.boarders(platform, school, 3)
    rows = [["LUNCH", row.student_no, row.name, month, 15] for row, month in zip(people, ("2026-10", "2026年10月", 202610), strict=True)]
    assert (await dorms.sheet(platform, school, "meal_days", *rows)).totals.new == 3
    again = (await dorms.look(platform, school, "meal_days", *rows)).totals
    assert (again.new, again.changed, again.unchanged) == (0, 0, 3)
    changed = [*rows[0][:4], 16]
    dirty = [changed, ["DORM", *rows[1][1:]], ["LUNCH", "1", "无名氏", "2026-10", 3], ["LUNCH", people[1].student_no, "张冠", "2026-10", 3],
             ["LUNCH", people[1].student_no, people[1].name, "2026-09", 31], ["LUNCH", people[1].student_no, people[1].name, "明天", 3]]  # fmt: skip
    judged = await dorms.look(platform, school, "meal_days", *dirty)
    assert dorms.faults(judged) == [
        (3, "项目编码*", "not_the_canteens"), (4, "学号*", "unknown_student"), (5, "姓名*", "name_differs"), (6, "用餐天数*", "bad_days"),
        (7, "月份*", "bad_date"),
    ]  # fmt: skip
    assert (judged.totals.changed, judged.totals.rejected) == (1, 5)


async def test_meals_paid_in_advance_go_back_by_the_days_not_eaten(platform, school):
    """Vector E2: 4,500 for 100 meal days; 28 of them eaten, 72 left: 3,240.00."""
    boarder = (await dorms.boarders(platform, school, 1))[0]
    heads = ["项目编码*", "项目名称*", "类别*", "周期*", "是否必缴*", "可否优惠*", "退费规则", "管理岗位"]
    file = dorms.book({
        "收费项目": [heads, ["BOARD", "伙食费", "服务性收费", "学期", "是", "否", "按未用餐天数退", "食堂"]],
        "收费标准": [["项目编码*", "项目名称*", "单价(元)*", "生效日期*", "失效日期*"], ["BOARD", "伙食费", 4500, "2026-09-01", "2027-08-31"]],
        "优惠规则": dorms.FEES["优惠规则"],
    })  # fmt: skip
    assert (await schools.load(platform, school, "standards", "伙食费.xlsx", file)).new == 2
    await schools.approve_standards(platform, school)
    await schools.do(platform, school, terms.register, Term(schools.TERM, dt.date(2026, 9, 1), dt.date(2027, 1, 22), 5, 100))
    await dorms.bill(platform, school, "M1", "BOARD")
    bill = (await schools.bills_of(platform, school, boarder.student_no))[0]
    await schools.pay(platform, school, bill, 450_000)
    eaten = (("2026-09", 21), ("2026-10", 7))
    await dorms.sheet(platform, school, "meal_days", *(["BOARD", boarder.student_no, boarder.name, month, days] for month, days in eaten))
    leave = drafting.Leave(party_id=boarder.id, cause="退学", reason="退学", effective_on=dt.date(2026, 10, 10))
    async with platform.database.tenant(school.tenant_id) as session:
        made = await drafting.make(session, {}, [leave], propose_many, ("退学",), system(school.tenant_id))
        draft = await refunds.find(session, made[boarder.id].drafts[0])
    assert draft.amount_fen == 324_000


async def test_a_file_that_was_overtaken_writes_nothing(platform, school):
    people = await dorms.lived_in(platform, school)
    readings = await dorms.look(platform, school, "readings", ["E501", dorms.SECOND, 1090])
    await dorms.sheet(platform, school, "readings", ["E501", dt.date(2026, 10, 15), 1040])
    with pytest.raises(MovedSince, match="E501"):
        await schools.apply(platform, school, "readings", readings)
    moving = await dorms.look(platform, school, "dorm", [dorms.CAMPUS, "3号楼", "502", None, people[0].student_no, people[0].name, dorms.SECOND])
    await dorms.sheet(platform, school, "dorm", [dorms.CAMPUS, "3号楼", "503", None, people[0].student_no, people[0].name, dorms.FIRST])
    with pytest.raises(MovedSince, match=people[0].student_no):
        await schools.apply(platform, school, "dorm", moving)
    assert (await dorms.meter(platform, school)).last == 1040


async def test_an_item_that_was_used_keeps_its_keeper(platform, school):
    await dorms.lived_in(platform, school)
    async with platform.database.tenant(school.tenant_id) as session:
        with pytest.raises(MeasureWrong, match="不能改由别人管理"):
            await measures.set_keeper(session, "ELEC", "", "", school.maker)
        assert (await measures.set_keeper(session, "ELEC", "dorm", "度", school.maker)).told() == "度"
        assert await measures.set_keeper(session, "LUNCH", "", "", school.maker) is None
