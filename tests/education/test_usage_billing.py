"""From a meter and a canteen's book to a family's bill: approved by two, billed once, given back by a recall."""

import asyncio
import datetime as dt

import pytest
from sqlalchemy import text

from core.errors import PlatformError
from plugins.education.dormitory import lists, metering, service
from plugins.education.dormitory.errors import DormWrong, ReadingStays
from plugins.education.meals import service as meals
from plugins.education.meals.errors import MealsBilled
from plugins.education.meals.schemas import MealDays, MonthDraft
from plugins.education.organisation import service as organisation
from plugins.education.plans import service as plans
from plugins.education.plans.errors import PlanEmpty
from plugins.education.pricing.errors import UsageUnpriced
from tests.education import dorms, schools

_LINES = text("SELECT count(*) AS n, sum(u.amount_fen)::bigint AS fen FROM education.usage_line u")


async def read(platform, school, on: dt.date, *rows: tuple[str, object]):
    return await dorms.sheet(platform, school, "readings", *([meter, on, value] for meter, value in rows))


async def counted(platform, school):
    async with platform.database.tenant(school.tenant_id) as session:
        return tuple(await session.one(_LINES))


async def test_a_month_of_electricity_water_and_lunches_is_billed_and_told_line_by_line(platform, school):
    people = await dorms.lived_in(platform, school)
    await read(platform, school, dorms.SECOND, ("E501", "1081.5"), ("W501", 32))
    await dorms.sheet(platform, school, "meal_days", ["LUNCH", people[0].student_no, people[0].name, "2026-10", 18])
    await dorms.bill(platform, school, "U1", "ELEC", "WATER", "LUNCH")
    assert [await dorms.lines_of(platform, school, row.student_no) for row in people] == [
        [("ELEC", 1436), ("WATER", 1208), ("LUNCH", 36_000)], [("ELEC", 1435), ("WATER", 1208)], [("ELEC", 1435), ("WATER", 1207)],
    ]  # fmt: skip
    bill = (await schools.bills_of(platform, school, people[0].student_no))[0]
    assert ("房间合计", "43.06 元") in bill.lines[0].explanation
    assert ("用餐天数", "2026-10 18 天") in bill.lines[2].explanation
    assert (bill.amount_fen, bill.lines[2].mandatory) == (1436 + 1208, False)
    assert await counted(platform, school) == (7, 4306 + 3623 + 36_000)


async def test_what_is_billed_is_billed_once_and_a_recall_gives_it_back(platform, school):
    people = await dorms.lived_in(platform, school)
    await read(platform, school, dorms.SECOND, ("E501", 1090))
    plan_id = await dorms.bill(platform, school, "U1", "ELEC")
    with pytest.raises(PlanEmpty):
        await schools.submit(platform, school, await schools.make_plan(platform, school, code="U2", item_codes=("ELEC",)))
    paid = (await schools.bills_of(platform, school, people[0].student_no))[0]
    await schools.pay(platform, school, paid, paid.amount_fen)
    assert await schools.do(platform, school, plans.recall, plan_id, "读错了", by=school.checker) == (2, 1)
    await dorms.bill(platform, school, "U3", "ELEC")
    assert [await dorms.lines_of(platform, school, row.student_no) for row in people] == [[("ELEC", 1585)]] * 3
    assert await counted(platform, school) == (5, 5 * 1585)


async def test_a_recalled_plan_that_is_issued_again_leaves_new_use_of_who_has_paid_for_the_next(platform, school):
    people = await dorms.lived_in(platform, school)
    await read(platform, school, dorms.SECOND, ("E501", 1090))
    plan_id = await dorms.bill(platform, school, "U1", "ELEC")
    paid = (await schools.bills_of(platform, school, people[0].student_no))[0]
    await schools.pay(platform, school, paid, paid.amount_fen)
    await schools.do(platform, school, plans.recall, plan_id, "再抄一次", by=school.checker)
    await read(platform, school, dt.date(2026, 11, 10), ("E501", 1120))
    await schools.agree(platform, school, await schools.submit(platform, school, plan_id))
    await schools.publish(platform, school, plan_id)
    assert await dorms.lines_of(platform, school, people[0].student_no) == [("ELEC", 1585)]
    assert await dorms.lines_of(platform, school, people[1].student_no) == [("ELEC", 1585 + 528)]
    await dorms.bill(platform, school, "U2", "ELEC")
    assert await dorms.lines_of(platform, school, people[0].student_no) == [("ELEC", 1585), ("ELEC", 529)]
    assert await counted(platform, school) == (3 + 2 * 2 + 1, 3 * 1585 + 2 * (1585 + 528) + 529)


async def test_a_reading_says_how_far_it_is_on_bills_and_nobody_is_asked_for(platform, school):
    people = await dorms.lived_in(platform, school)
    await dorms.sheet(platform, school, "meters", ["云溪校区", "3号楼", "502", "ELEC", "E502", 7, dorms.MOVED_IN])
    await read(platform, school, dorms.SECOND, ("E501", 1090), ("E502", 9), ("W501", "20.5"))
    assert await stages(platform, school) == {"E501": "waiting", "E502": "nobody", "W501": "unused"}
    plan_id = await dorms.bill(platform, school, "U1", "ELEC", org_ids=(people[0].class_id,))
    assert len({row.class_id for row in people}) > 1
    assert (await stages(platform, school))["E501"] == "partial"
    await dorms.bill(platform, school, "U2", "ELEC", "WATER")
    assert await stages(platform, school) == {"E501": "billed", "E502": "nobody", "W501": "unused"}
    assert await stages(platform, school, "nobody") == {"E502": "nobody"}
    await schools.do(platform, school, plans.recall, plan_id, "再看一次", by=school.checker)
    assert (await stages(platform, school))["E501"] == "partial"


async def stages(platform, school, billing=""):
    async with platform.database.tenant(school.tenant_id) as session:
        tree = await organisation.load(session)
        found = await lists.list_readings(session, school.maker, tree, words="", status="", billing=billing, cursor=None)
    return {row.meter_no: row.billing for row in found.items}


async def test_two_plans_published_at_once_do_not_bill_the_same_use_twice(platform, school):
    people = await dorms.lived_in(platform, school)
    await read(platform, school, dorms.SECOND, ("E501", 1090))
    both = [await schools.approved_plan(platform, school, code=code, item_codes=("ELEC",)) for code in ("U1", "U2")]
    done = await asyncio.gather(*(schools.publish(platform, school, plan_id) for plan_id in both), return_exceptions=True)
    assert sorted(getattr(each, "code", "issued") for each in done) == ["PLAN_MOVED", "issued"]
    assert [await dorms.lines_of(platform, school, row.student_no) for row in people] == [[("ELEC", 1585)]] * 3


async def test_a_plan_takes_what_was_used_up_to_its_day_and_of_its_students(platform, school):
    people = await dorms.lived_in(platform, school)
    await read(platform, school, dorms.FIRST, ("E501", 1030))
    await read(platform, school, dorms.SECOND, ("E501", 1090))
    await dorms.sheet(platform, school, "meal_days", *(["LUNCH", people[0].student_no, people[0].name, month, 10] for month in ("2026-09", "2026-10")))
    await dorms.bill(platform, school, "U1", "ELEC", "LUNCH", usage_until=dt.date(2026, 10, 30), org_ids=(people[0].class_id,))
    assert (await dorms.lines_of(platform, school, people[0].student_no))[:1] == [("ELEC", 529)]
    assert await dorms.lines_of(platform, school, people[0].student_no) == [("ELEC", 529), ("LUNCH", 20_000)]
    rest = [row for row in people if row.class_id != people[0].class_id]
    assert [await dorms.lines_of(platform, school, row.student_no) for row in rest] == [[]] * len(rest)
    await dorms.bill(platform, school, "U2", "ELEC", "LUNCH")
    billed = [await dorms.lines_of(platform, school, row.student_no) for row in people]
    assert sum(fen for lines in billed for code, fen in lines if code == "ELEC") == 1585 + 3170


async def test_an_abnormal_reading_is_on_no_bill_until_somebody_confirms_it(platform, school):
    people = await dorms.lived_in(platform, school)
    await read(platform, school, dorms.FIRST, ("E501", 1030))
    judged = await read(platform, school, dorms.SECOND, ("E501", 1300))
    assert [(v.verdict, v.code) for v in judged.rows] == [("accept", "far_above_usual")]
    await dorms.bill(platform, school, "U1", "ELEC")
    assert await dorms.lines_of(platform, school, people[0].student_no) == [("ELEC", 529)]
    async with platform.database.tenant(school.tenant_id) as session:
        waiting = await session.scalar(text("SELECT id FROM education.meter_reading WHERE status = 'abnormal'"))
    await schools.do(platform, school, metering.confirm, waiting, "国庆留校，开空调")
    await dorms.bill(platform, school, "U2", "ELEC")
    billed = [await dorms.lines_of(platform, school, row.student_no) for row in people]
    assert sum(fen for lines in billed for _code, fen in lines) == 1585 + 14_264


async def test_what_was_used_is_owed_also_by_those_who_left_since(platform, school):
    from plugins.education.roster import service as roster

    people = await dorms.lived_in(platform, school)
    async with platform.database.tenant(school.tenant_id) as session:
        await roster.change_status(session, people[0].id, "转学", "随父母迁居", school.maker, effective_on=dt.date(2026, 10, 2))
    await read(platform, school, dorms.SECOND, ("E501", 1090))
    await dorms.bill(platform, school, "U1", "ELEC")
    shares = [await dorms.lines_of(platform, school, row.student_no) for row in people]
    assert sum(lines[0][1] for lines in shares) == 4755
    assert shares[0][0][1] == 4755 * 30 // 150, "thirty days of 30 + 60 + 60"


async def test_what_is_billed_stays_as_it_is(platform, school):
    people = await dorms.lived_in(platform, school)
    await read(platform, school, dorms.SECOND, ("E501", 1090))
    await dorms.sheet(platform, school, "meal_days", ["LUNCH", people[0].student_no, people[0].name, "2026-10", 18])
    await dorms.bill(platform, school, "U1", "ELEC", "LUNCH")
    other = (await dorms.boarders(platform, school, 4))[3]
    async with platform.database.tenant(school.tenant_id) as session:
        reading = await session.scalar(text("SELECT id FROM education.meter_reading"))
        stay = await session.scalar(text("SELECT id FROM education.dorm_stay LIMIT 1"))
    with pytest.raises(ReadingStays, match="已经出账"):
        await schools.do(platform, school, metering.withdraw, reading, "读错")
    with pytest.raises(DormWrong, match="已经出账"):
        await schools.do(platform, school, service.move_in, await dorms.room(platform, school), other.student_no, dt.date(2026, 10, 15))
    with pytest.raises(DormWrong, match="已经出账"):
        await schools.do(platform, school, service.move_out, stay, dt.date(2026, 10, 15))
    eaten = MonthDraft(item_code="LUNCH", month="2026-10", students=(MealDays(student_no=people[0].student_no, days=17),))
    with pytest.raises(MealsBilled):
        await schools.do(platform, school, meals.write, eaten)
    judged = await dorms.look(platform, school, "meal_days", ["LUNCH", people[0].student_no, people[0].name, "2026-10", 17])
    assert dorms.faults(judged) == [(2, "用餐天数*", "already_billed")]
    judged = await dorms.look(platform, school, "dorm", [*dorms.ROOM, None, other.student_no, other.name, dt.date(2026, 10, 15)])
    assert dorms.faults(judged) == [(2, "入住日期*", "already_billed")]


async def test_use_without_a_price_stops_the_trial_run_and_says_what_is_missing(platform, school):
    await dorms.lived_in(platform, school)
    there = [[("松涛校区"), "1号楼", "101", None, row.student_no, row.name, dorms.MOVED_IN] for row in await dorms.boarders(platform, school, 1, "松涛校区")]
    await dorms.sheet(platform, school, "dorm", *there)
    await dorms.sheet(platform, school, "meters", ["松涛校区", "1号楼", "101", "WATER", "W101", 0, dorms.MOVED_IN])
    await read(platform, school, dorms.SECOND, ("W101", 5))
    plan_id = await schools.make_plan(platform, school, item_codes=("WATER",))
    with pytest.raises(UsageUnpriced, match="宿舍水费 在 2026-10-31 没有适用的收费标准（松涛校区）"):
        await schools.submit(platform, school, plan_id)


async def test_an_item_that_nobody_keeps_is_charged_once_as_before(platform, school):
    rows = [["BUS", "校车", "服务性收费", "按用量", "否", "否"]]
    file = schools.fee_file(rows, [["BUS", "校车", "小学部", 100, None, "2026-09-01", "2027-08-31"]], [])
    await schools.load(platform, school, "standards", "校车.xlsx", file)
    await schools.approve_standards(platform, school)
    await dorms.bill(platform, school, "U1", "BUS")
    async with platform.database.tenant(school.tenant_id) as session:
        assert {row.net_fen for row in await session.all(text("SELECT net_fen FROM core.bill_line"))} == {10_000}


async def test_a_meters_price_is_by_campus_only(platform, school):
    await dorms.furnish(platform, school)
    with pytest.raises(PlatformError, match="只能按校区"):
        await schools.new_standard(platform, school, item_code="ELEC", division="小学部", starts_on=dt.date(2027, 9, 1), ends_on=dt.date(2028, 8, 31))
    file = schools.fee_file([["ELEC", "宿舍电费", "代收费", "按用量", "是", "否"]], [["ELEC", "宿舍电费", "小学部", 1, None, "2026-09-01", "2027-08-31"]], [])
    judged = await schools.check(platform, school, "standards", "a.xlsx", file)
    assert dorms.faults(judged) == [(2, "项目编码*", "meter_scope")], "the file does not name the keeper, who is known"
