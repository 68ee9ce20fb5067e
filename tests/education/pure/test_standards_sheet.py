"""The fee file: three sheets judged against each other and the organisation."""

from datetime import date
from decimal import Decimal

import pytest

from core.imports.errors import HeadersMissing, SheetMissing
from core.imports.sheets import Workbook
from plugins.education.standards.sheet import JudgedStandards, judge
from tests.education.pure.rosters import org
from tests.imports.workbooks import book
from tests.samples import education

FROM, TO = date(2026, 9, 1), date(2027, 8, 31)
ITEM_HEAD = ["项目编码*", "项目名称*", "类别*", "周期*", "是否必缴*", "可否优惠*"]
STANDARD_HEAD = [
    "项目编码*",
    "项目名称*",
    "校区",
    "学部",
    "年级",
    "是否寄宿",
    "学生类型",
    "单价(元)*",
    "批准文号",
    "生效日期*",
    "失效日期*",
]
DISCOUNT_HEAD = ["优惠编码*", "优惠名称*", "方式*", "比例(%)*", "适用项目*", "条件*", "可叠加*", "金额(元)", "优先级", "折上折"]
ITEM = ["TUITION", "学费", "学费", "学期", "是", "是"]
STANDARD = ["TUITION", "学费", None, "小学部", None, None, None, 18000, "文号", FROM, TO]
DISCOUNT = ["STAFF50", "教工子女", "百分比", 50, "TUITION", "学生类型=教工子女", "是"]


def fees(items=(ITEM,), standards=(STANDARD,), discounts=(DISCOUNT,), standard_head=STANDARD_HEAD) -> JudgedStandards:
    sheets = {"收费项目": [ITEM_HEAD, *items], "收费标准": [standard_head, *standards], "优惠规则": [DISCOUNT_HEAD, *discounts]}
    return judge(Workbook(book(sheets), "fees.xlsx"), org())


def but(row: list, place: int, value: object) -> list:
    return [*row[:place], value, *row[place + 1 :]]


def faults(found: JudgedStandards) -> list[tuple[str, int, str | None, str]]:
    return [(v.sheet, v.row, v.column, v.code) for v in found.verdicts if v.verdict == "reject"]


def test_the_sample_file_is_clean():
    found = judge(Workbook(education("fee-standards.xlsx"), "fee-standards.xlsx"), org())
    assert (len(found.items), len(found.standards), len(found.discounts), found.verdicts) == (5, 34, 2, [])
    assert {s.price_fen for s in found.standards if s.item_code == "BOOKS"} == {26800, 43650, 51280, 235000}
    assert found.standards[0].row == 2


@pytest.mark.parametrize(
    ("place", "value", "column", "code"),
    [
        (0, "学费", "项目编码*", "bad_code"),
        (0, None, "项目编码*", "missing_required"),
        (1, "=1+1", "项目名称*", "bad_name"),
        (2, "杂费", "类别*", "unknown_category"),
        (3, "每周", "周期*", "unknown_period"),
        (4, "Y", "是否必缴*", "not_yes_or_no"),
    ],
)
def test_faults_of_items(place, value, column, code):
    assert faults(fees([but(ITEM, place, value)], [], [])) == [("收费项目", 2, column, code)]


@pytest.mark.parametrize(
    ("place", "value", "column", "code"),
    [
        (0, "DORM", "项目编码*", "unknown_item"),
        (1, "住宿费", "项目名称*", "item_name_differs"),
        (2, "光明校区", "校区", "unknown_campus"),
        (3, "职高部", "学部", "division_not_in_campus"),
        (4, "高一", "年级", "grade_not_in_division"),
        (5, "半寄宿", "是否寄宿", "unknown_boarding"),
        (6, "旁听", "学生类型", "unknown_student_type"),
        (7, -1, "单价(元)*", "negative_amount"),
        (7, 268.305, "单价(元)*", "amount_too_precise"),
        (7, 1e14, "单价(元)*", "amount_too_large"),
        (7, "一万八", "单价(元)*", "bad_amount"),
        (7, None, "单价(元)*", "missing_required"),
        (9, "2026-02-30", "生效日期*", "impossible_date"),
        (10, date(2026, 8, 31), "失效日期*", "ends_before_start"),
    ],
)
def test_faults_of_standards(place, value, column, code):
    assert faults(fees(standards=[but(STANDARD, place, value)], discounts=[])) == [("收费标准", 2, column, code)]


@pytest.mark.parametrize(
    ("place", "value", "column", "code"),
    [
        (2, "打折", "方式*", "unknown_method"),
        (3, None, "比例(%)*", "missing_required"),
        (3, 0.5, "比例(%)*", "bad_percent"),
        (3, 120, "比例(%)*", "bad_percent"),
        (4, "TUITION、DORM", "适用项目*", "unknown_item"),
        (5, "学生类型=旁听", "条件*", "unknown_condition"),
        (5, "学部=职高部", "条件*", "unknown_condition"),
        (5, "成绩优秀", "条件*", "unknown_condition"),
        (6, "可以", "可叠加*", "not_yes_or_no"),
    ],
)
def test_faults_of_discounts(place, value, column, code):
    assert faults(fees(discounts=[but(DISCOUNT, place, value)])) == [("优惠规则", 2, column, code)]


def test_repeated_rows_are_rejected_and_name_the_first():
    found = fees([ITEM, ITEM], [STANDARD, but(STANDARD, 9, date(2027, 8, 31))], [DISCOUNT, DISCOUNT])
    assert [(sheet, row, code) for sheet, row, _, code in faults(found)] == [
        ("收费项目", 3, "duplicate_item"),
        ("收费标准", 3, "standard_overlaps"),
        ("优惠规则", 3, "duplicate_discount"),
    ]
    assert (found.totals.rows, found.totals.accepted, found.totals.rejected) == (6, 3, 3)


def test_the_same_scope_in_another_year_is_no_overlap():
    found = fees(standards=[STANDARD, but(but(STANDARD, 9, date(2027, 9, 1)), 10, date(2028, 8, 31))])
    assert len(found.standards) == 2


def test_a_rejected_item_takes_its_standards_and_discounts_along():
    found = fees([but(ITEM, 2, "杂费")])
    assert [code for *_, code in faults(found)] == ["unknown_category", "unknown_item", "unknown_item"]


def test_scopes_may_skip_levels_and_reach_down_to_the_class():
    head = [*STANDARD_HEAD, "班级"]
    rows = [[*but(STANDARD, 3, None), None], [*but(but(STANDARD, 3, None), 4, "高一"), "1班"], [*but(STANDARD, 4, "一年级"), "99班"]]
    found = fees(standards=rows, discounts=[], standard_head=head)
    assert [standard.scope for standard in found.standards] == [{}, {"grade": "高一", "class_name": "1班"}]
    assert faults(found) == [("收费标准", 4, "班级", "class_not_in_grade")]


def test_other_kinds_of_discounts_can_be_written():
    rows = [
        ["SCHOLAR", "奖学金", "定额", None, "TUITION", "学号=0126100007,0126100039", "否", 5000, 1],
        ["WAIVE", "全免", "全免", None, "全部", "学部=高中部且学生类型=艺体", "是"],
        ["MORE", "折上折", "百分比", 12.5, "TUITION", "全体", "是", None, None, "是"],
    ]
    scholar, waive, more = fees(discounts=rows).discounts
    assert (scholar.kind, scholar.amount_fen, scholar.stackable, scholar.priority) == ("fixed", 500000, False, 1)
    assert scholar.condition.student_nos == {"0126100007", "0126100039"}
    assert (waive.kind, waive.item_codes) == ("waive", ())
    assert waive.condition.equals == {"division": ("高中部",), "student_type": ("艺体",)}
    assert (more.percent, more.compound) == (Decimal("12.5"), True)


def test_a_fixed_discount_needs_its_amount():
    assert faults(fees(discounts=[but(DISCOUNT, 2, "定额")])) == [("优惠规则", 2, "金额(元)", "missing_required")]


def test_an_item_that_takes_no_discounts_cannot_be_given_one():
    books = ["BOOKS", "教材费", "代收费", "学期", "否", "是"]
    found = fees([ITEM, books], discounts=[but(DISCOUNT, 4, "BOOKS")])
    assert faults(found) == [("优惠规则", 2, "适用项目*", "item_not_discountable")]
    assert [v.code for v in found.verdicts if v.verdict == "accept"] == ["agency_never_discounted"]


def test_a_voluntary_item_marked_mandatory_is_pointed_out():
    found = fees([ITEM, ["MEAL", "餐费", "服务性收费", "学期", "是", "否"]])
    assert [(v.column, v.verdict, v.code) for v in found.verdicts] == [("是否必缴*", "accept", "voluntary_category")]


def test_missing_sheets_and_columns_are_named():
    with pytest.raises(SheetMissing, match="优惠规则"):
        judge(Workbook(book({"收费项目": [ITEM_HEAD], "收费标准": [STANDARD_HEAD]}), "a.xlsx"), org())
    with pytest.raises(HeadersMissing, match=r"单价\(元\)\*"):
        fees(standard_head=[title for title in STANDARD_HEAD if title != "单价(元)*"])


def test_an_item_may_say_what_goes_back_when_a_child_leaves():
    head = [*ITEM_HEAD, "退费规则"]
    rows = [head, [*ITEM, "按月退"], ["MEAL", "餐费", "服务性收费", "月", "否", "否", None]]
    sheets = {"收费项目": rows, "收费标准": [STANDARD_HEAD], "优惠规则": [DISCOUNT_HEAD]}
    assert [item.refund for item in judge(Workbook(book(sheets), "fees.xlsx"), org()).items] == ["by_month", None]
    sheets["收费项目"][1] = [*ITEM, "看情况"]
    assert faults(judge(Workbook(book(sheets), "fees.xlsx"), org())) == [("收费项目", 2, "退费规则", "unknown_refund_policy")]
