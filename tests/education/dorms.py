"""A dormitory and a canteen in tests: items that go by use, rooms with boarders, meters, readings, meal days; what the sample school has of boarders."""

import datetime as dt
from uuid import UUID

from core.billing.schemas import BillRead
from core.imports.schemas import ImportCheck
from plugins.education.dormitory import repository
from tests.education import schools
from tests.education.schools import School
from tests.imports.workbooks import book, xlsx

CAMPUS = "云溪校区"
ROOM = (CAMPUS, "3号楼", "501")
MOVED_IN, FIRST, SECOND = dt.date(2026, 9, 1), dt.date(2026, 9, 30), dt.date(2026, 10, 31)
STAYS = ["校区*", "楼栋*", "房间*", "床位数", "学号*", "姓名*", "入住日期*"]
METERS = ["校区*", "楼栋*", "房间*", "项目编码*", "表号*", "起始读数*", "启用日期*"]
READINGS = ["表号*", "抄表日期*", "本期读数*", "备注"]
MEALS = ["项目编码*", "学号*", "姓名*", "月份*", "用餐天数*"]
FEES = {
    "收费项目": [
        ["项目编码*", "项目名称*", "类别*", "周期*", "是否必缴*", "可否优惠*", "管理岗位", "计量单位"],
        ["ELEC", "宿舍电费", "代收费", "按用量", "是", "否", "宿舍", "100度"],
        ["WATER", "宿舍水费", "代收费", "按用量", "是", "否", "宿舍", "吨"],
        ["LUNCH", "午餐", "服务性收费", "按用量", "否", "否", "食堂", None],
    ],
    "收费标准": [
        ["项目编码*", "项目名称*", "校区", "学部", "单价(元)*", "生效日期*", "失效日期*"],
        ["ELEC", "宿舍电费", None, None, "52.83", "2026-09-01", "2027-08-31"],
        ["WATER", "宿舍水费", CAMPUS, None, "3.15", "2026-09-01", "2027-08-31"],
        ["LUNCH", "午餐", None, None, "15", "2026-09-01", "2027-08-31"],
        ["LUNCH", "午餐", None, "高中部", "20", "2026-09-01", "2027-08-31"],
    ],
    "优惠规则": [["优惠编码*", "优惠名称*", "方式*", "比例(%)*", "适用项目*", "条件*", "可叠加*"]],
}  # fmt: skip


async def furnish(platform, school: School) -> None:
    """The items that go by use, with approved prices."""
    totals = await schools.load(platform, school, "standards", "用量.xlsx", book(FEES))
    assert (totals.new, totals.rejected) == (7, 0)
    await schools.approve_standards(platform, school)


async def boarders(platform, school: School, count: int, campus: str = CAMPUS) -> list:
    """Boarding students of a campus who are at school, by number."""
    classes = await schools.below(platform, school, campus)
    rows = (await schools.students(platform, school)).values()
    mine = sorted((row for row in rows if row.class_id in classes and row.boarding == "寄宿" and row.status == "在读"), key=lambda row: row.student_no)
    assert len(mine) >= count
    return mine[:count]


async def sheet(platform, school: School, kind: str, *rows: list, by=None) -> ImportCheck:
    """A file of some rows, judged and written."""
    judged = await look(platform, school, kind, *rows, by=by)
    await schools.apply(platform, school, kind, judged, by)
    return judged


async def look(platform, school: School, kind: str, *rows: list, by=None) -> ImportCheck:
    """A file of some rows, judged only."""
    head = {"dorm": STAYS, "meters": METERS, "readings": READINGS, "meal_days": MEALS}[kind]
    return await schools.check(platform, school, kind, f"{kind}.xlsx", xlsx([head, *rows]), by)


def faults(judged: ImportCheck) -> list[tuple[int, str | None, str]]:
    """Row, column and code of what was refused."""
    return [(v.row, v.column, v.code) for v in judged.rows if v.verdict == "reject"]


async def lived_in(platform, school: School, count: int = 3) -> list:
    """A room with some boarders and two meters; answers the boarders."""
    await furnish(platform, school)
    people = await boarders(platform, school, count)
    assert (await sheet(platform, school, "dorm", *([*ROOM, 6, row.student_no, row.name, MOVED_IN] for row in people))).totals.new == count
    await sheet(platform, school, "meters", [*ROOM, "ELEC", "E501", 1000, MOVED_IN], [*ROOM, "WATER", "W501", "20.5", MOVED_IN])
    return people


async def room(platform, school: School) -> UUID:
    """The room's id."""
    async with platform.database.tenant(school.tenant_id) as session:
        return next(iter((await repository.rooms_at(session, [(await schools.unit(platform, school, CAMPUS), *ROOM[1:])])).values())).id


async def meter(platform, school: School, number: str = "E501"):
    """A meter in use, with where it stands."""
    async with platform.database.tenant(school.tenant_id) as session:
        return (await repository.meters_by_number(session, [number]))[number]


async def bill(platform, school: School, code: str, *item_codes: str, **given: object) -> UUID:
    """A published plan of some items."""
    plan_id = await schools.approved_plan(platform, school, code=code, title="十月水电餐费", item_codes=item_codes, **given)
    await schools.publish(platform, school, plan_id)
    return plan_id


async def lines_of(platform, school: School, student_no: str) -> list[tuple[str, int]]:
    """What a student's bills come to, line by line; void ones are left out."""
    bills: list[BillRead] = await schools.bills_of(platform, school, student_no)
    return [(line.item_code, line.net_fen) for each in bills if each.status != "void" for line in each.lines]
