"""Judge a fee file row by row: the sheets 收费项目 (items), 收费标准 (standards) and 优惠规则 (discounts).

A standard or a discount of an item that was itself rejected is rejected too, so that the whole file is right or says where it is not.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct

from core.imports import cells
from core.imports.lines import Line
from core.imports.sheets import Workbook
from core.imports.tables import Column, Table
from core.imports.verdicts import RowTotals, Verdict
from plugins.education.organisation.tree import OrgIndex
from plugins.education.pricing import conditions
from plugins.education.pricing.rules import (
    AGENCY,
    CATEGORIES,
    DORM,
    KEEPERS,
    LAST_PRIORITY,
    PERIODS,
    REFUND_POLICIES,
    USAGE,
    VOLUNTARY,
    Discount,
    FeeItem,
    FeeStandard,
    Measure,
)
from plugins.education.pricing.usage import is_of_campus
from plugins.education.standards.columns import (
    AMOUNT,
    APPLIES_TO,
    APPROVAL,
    BOARDING,
    CATEGORY,
    COMPOUND,
    CONDITION,
    DISCOUNT_CODE,
    DISCOUNT_COLUMNS,
    DISCOUNT_NAME,
    DISCOUNTABLE,
    DISCOUNTS_SHEET,
    ENDS_ON,
    ITEM_CODE,
    ITEM_COLUMNS,
    ITEM_NAME,
    ITEMS_SHEET,
    KEEPER,
    MANDATORY,
    METHOD,
    PERCENT,
    PERIOD,
    PRICE,
    PRIORITY,
    REFUND,
    SCOPE_COLUMNS,
    STACKABLE,
    STANDARD_COLUMNS,
    STANDARDS_SHEET,
    STARTS_ON,
    STUDENT_TYPE,
    UNIT,
)
from plugins.education.usage import measures
from plugins.education.usage.errors import MeasureWrong

YES_NO = ("是", "否")
METHODS = {"百分比": "percent", "定额": "fixed", "固定金额": "fixed", "全免": "waive", "免收": "waive", "免除": "waive"}
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_CODE_LIST = re.compile(r"[、,，;；/\s]+")
_ALL_ITEMS = ("全部", "所有")
_LEVELS = ("campus", "division", "grade", "class_name")
NOTHING_STATED: Mapping[str, Measure] = {}
_KEEPERS = {word: keeper for keeper, word in KEEPERS.items()}
_MISFITS = ("unknown_campus", "division_not_in_campus", "grade_not_in_division", "class_not_in_grade")
Kept = TypeVar("Kept")


class JudgedStandards(Struct, frozen=True):
    """What may be stored of a fee file, and the verdicts on its rows (each names its sheet). Totals count the rows of all sheets."""

    items: list[FeeItem]
    standards: list[FeeStandard]
    discounts: list[Discount]
    verdicts: list[Verdict]
    totals: RowTotals


def judge(workbook: Workbook, org: OrgIndex, stated: Mapping[str, Measure] = NOTHING_STATED) -> JudgedStandards:
    """Judge the three sheets against each other and the organisation; raises a `FileRefused` when a sheet or a column is missing.

    `stated` are the keepers that items have already: a file that does not speak of them leaves them.
    """
    verdicts: list[Verdict] = []
    counts: list[RowTotals] = []

    def rows(name: str, columns: Sequence[Column], keep: Callable[[Line], Kept | None]) -> list[Kept]:
        kept, said, counted = _rows(workbook, name, columns, keep)
        verdicts.extend(said)
        counts.append(counted)
        return kept

    items: dict[str, FeeItem] = {}
    rows(ITEMS_SHEET, ITEM_COLUMNS, lambda line: _item(line, items, stated))
    standards: list[FeeStandard] = []
    epoch_1904 = workbook.sheet(STANDARDS_SHEET).epoch_1904
    rows(STANDARDS_SHEET, STANDARD_COLUMNS, lambda line: _standard(line, items, standards, org, epoch_1904))
    discounts: dict[str, Discount] = {}
    rows(DISCOUNTS_SHEET, DISCOUNT_COLUMNS, lambda line: _discount(line, items, discounts, org))
    totals = RowTotals(*(sum(getattr(count, field) for count in counts) for field in RowTotals.__struct_fields__))
    return JudgedStandards(list(items.values()), standards, list(discounts.values()), verdicts, totals)


def _rows(workbook: Workbook, name: str, columns: Sequence[Column], keep: Callable[[Line], Kept | None]) -> tuple[list[Kept], list[Verdict], RowTotals]:
    table = Table(workbook.sheet(name), columns)
    order = {column.title: place for place, column in enumerate(columns)}
    kept: list[Kept] = []
    said: list[Verdict] = []
    ignored = rejected = 0
    for number, found in table.rows():
        if isinstance(found, Verdict):
            ignored += 1
            said.append(Verdict(found.row, None, found.verdict, found.code, found.message, sheet=name))
            continue
        line = Line(number, found, table).named(name)
        thing = keep(line)
        said += sorted(line.verdicts, key=lambda v: order.get(v.column or "", -1))
        rejected += line.rejected
        if thing is not None:
            kept.append(thing)
    return kept, said, RowTotals(len(kept) + rejected, len(kept), rejected, ignored)


def _code(cell) -> cells.Reading:
    reading = cells.text(cell)
    if not _CODE.fullmatch(reading.value):
        raise cells.CellProblem("bad_code", "编码只能用字母、数字、-、_，最多 32 位")
    return reading


def _title(cell) -> cells.Reading:
    reading = cells.text(cell, 50)
    if reading.value.startswith(("=", "+", "-", "@")) or "<" in reading.value:
        raise cells.CellProblem("bad_name", "名称不能以 =、+、-、@ 开头，也不能含尖括号")
    return reading


def _item(line: Line, items: dict[str, FeeItem], stated: Mapping[str, Measure]) -> FeeItem | None:
    code = line.take(ITEM_CODE, _code)
    name = line.take(ITEM_NAME, _title)
    category = line.take(CATEGORY, cells.choice, CATEGORIES, "unknown_category")
    period = line.take(PERIOD, cells.choice, tuple(PERIODS), "unknown_period")
    mandatory = line.take(MANDATORY, cells.choice, YES_NO, "not_yes_or_no")
    discountable = line.take(DISCOUNTABLE, cells.choice, YES_NO, "not_yes_or_no")
    refund = line.take(REFUND, cells.choice, tuple(REFUND_POLICIES), "unknown_refund_policy")
    measure = _measure(line, period)
    if code in items:
        line.reject(ITEM_CODE, "duplicate_item", f"项目编码 {code} 重复，每个项目只写一行")
    if line.rejected:
        return None
    if category in VOLUNTARY and mandatory == "是":
        line.remark(MANDATORY, "voluntary_category", f"{category}按规定应由家长自愿选择，请确认确需设为必缴")
    if category == AGENCY and discountable == "是":
        line.remark(DISCOUNTABLE, "agency_never_discounted", "代收费不参与任何优惠")
    items[code] = FeeItem(
        code, name, category, PERIODS[period], mandatory == "是", discountable == "是", REFUND_POLICIES.get(refund), measure or stated.get(code)
    )  # fmt: skip
    return items[code]


def _measure(line: Line, period: str | None) -> Measure | None:
    """Who keeps the item and in what unit; only what a meter counts needs one."""
    keeper = _KEEPERS.get(line.take(KEEPER, cells.choice, tuple(_KEEPERS), "unknown_keeper"))
    unit = line.take(UNIT, _unit)
    if keeper is None or period is None or line.rejected_at(UNIT):
        return None
    if PERIODS[period] == USAGE and keeper == DORM and unit is None:
        return line.reject(UNIT, "missing_unit", "按用量、由宿舍管理的项目须写计量单位，例如 度、吨，或 100度（单价是每 100 度的价格）")
    return measures.stated_as(PERIODS[period], keeper, unit or "")


def _unit(cell) -> cells.Reading:
    reading = cells.text(cell, 10)
    try:
        measures.read_unit(reading.value)
    except MeasureWrong as fault:
        raise cells.CellProblem("bad_unit", fault.message) from None
    return reading


def _standard(line: Line, items: dict[str, FeeItem], standards: list[FeeStandard], org: OrgIndex, epoch_1904: bool) -> FeeStandard | None:
    item = _known_item(line, items)
    scope = _scope(line, org)
    price_fen = line.take(PRICE, cells.money)
    approval = line.take(APPROVAL, cells.text, 100)
    starts_on = line.take(STARTS_ON, cells.day, epoch_1904)
    ends_on = line.take(ENDS_ON, cells.day, epoch_1904)
    if starts_on and ends_on and ends_on < starts_on:
        line.reject(ENDS_ON, "ends_before_start", "失效日期早于生效日期，请核对")
    if line.rejected or item is None:
        return None
    if not is_of_campus(item, scope):
        line.reject(ITEM_CODE, "meter_scope", "按表计量的项目，标准只能按校区制定，请清空学部、年级、班级、是否寄宿、学生类型")
        return None
    standard = FeeStandard(item.code, scope, price_fen, starts_on, ends_on, approval, line.number)
    for other in standards:
        if (other.item_code, other.scope) == (item.code, scope) and other.starts_on <= ends_on and starts_on <= other.ends_on:
            line.reject(ITEM_CODE, "standard_overlaps", f"与第 {other.row} 行的条件相同且有效期重叠，请删去一条或改期")
            return None
    standards.append(standard)
    return standard


def _known_item(line: Line, items: dict[str, FeeItem]) -> FeeItem | None:
    code = line.take(ITEM_CODE, _code)
    name = line.take(ITEM_NAME, _title)
    if code is None:
        return None
    item = items.get(code)
    if item is None:
        line.reject(ITEM_CODE, "unknown_item", f"“{ITEMS_SHEET}”中没有项目 {code}（或该行有错），请先改正")
    elif name is not None and name != item.name:
        line.reject(ITEM_NAME, "item_name_differs", f"与项目 {code} 的名称“{item.name}”不一致，请核对编码或名称")
    return item


def _scope(line: Line, org: OrgIndex) -> dict[str, str]:
    """The filled scope cells; places must lie on one path of the organisation, words must be allowed ones."""
    scope: dict[str, str] = {}
    for column in SCOPE_COLUMNS:
        if column in (BOARDING, STUDENT_TYPE):
            value = line.take(column, cells.choice, org.choices[column.key], f"unknown_{column.key}")
        else:
            value = line.take(column, cells.text, 50)
        if value is not None:
            scope[column.key] = value
    for depth, (column, code) in enumerate(zip(SCOPE_COLUMNS[: len(_LEVELS)], _MISFITS, strict=True), 1):
        path = [scope.get(level) for level in _LEVELS[:depth]]
        if path[-1] is not None and not org.has(*path, *[None] * (len(_LEVELS) - depth)):
            line.reject(column, code, f"组织树中没有“{' '.join(part for part in path if part)}”，请核对名称和上级")
            break
    return scope


def _discount(line: Line, items: dict[str, FeeItem], discounts: dict[str, Discount], org: OrgIndex) -> Discount | None:
    code = line.take(DISCOUNT_CODE, _code)
    name = line.take(DISCOUNT_NAME, _title)
    method = METHODS.get(line.take(METHOD, cells.choice, tuple(METHODS), "unknown_method"))
    percent = line.take(PERCENT, cells.percent) if method == "percent" else None
    amount_fen = _amount(line) if method == "fixed" else None
    item_codes = line.take(APPLIES_TO, _item_codes, items)
    condition = line.take(CONDITION, _condition, org)
    stackable = line.take(STACKABLE, cells.choice, YES_NO, "not_yes_or_no")
    compound = line.take(COMPOUND, cells.choice, YES_NO, "not_yes_or_no")
    priority = line.take(PRIORITY, cells.whole_number, 1, 999)
    if code in discounts:
        line.reject(DISCOUNT_CODE, "duplicate_discount", f"优惠编码 {code} 重复，每项优惠只写一行")
    if compound == "是" and method not in (None, "percent"):
        line.reject(COMPOUND, "compound_needs_percent", "只有百分比优惠才能折上折，请改为否")
    if line.rejected:
        return None
    discounts[code] = Discount(
        code,
        name,
        method,
        item_codes,
        condition,
        percent,
        amount_fen,
        priority or LAST_PRIORITY,
        stackable == "是",
        compound == "是",
    )
    return discounts[code]


def _amount(line: Line) -> int | None:
    amount_fen = line.take(AMOUNT, cells.money)
    if not amount_fen and not line.rejected_at(AMOUNT):
        line.reject(AMOUNT, "missing_required", "定额优惠须填写大于 0 的“金额(元)”")
    return amount_fen


def _item_codes(cell, items: dict[str, FeeItem]) -> cells.Reading:
    reading = cells.text(cell, 500)
    if reading.value in _ALL_ITEMS:
        return cells.Reading((), reading.how)
    codes = tuple(dict.fromkeys(code for code in _CODE_LIST.split(reading.value) if code))
    if unknown := [code for code in codes if code not in items]:
        raise cells.CellProblem("unknown_item", f"“{ITEMS_SHEET}”中没有项目 {'、'.join(unknown)}（或该行有错），请先改正")
    if barred := [code for code in codes if not items[code].may_be_discounted]:
        raise cells.CellProblem("item_not_discountable", f"项目 {'、'.join(barred)} 不参与优惠，请删去或修改该项目")
    return cells.Reading(codes)


def _condition(cell, org: OrgIndex) -> cells.Reading:
    reading = cells.text(cell, 5000)
    try:
        condition = conditions.parse(reading.value)
    except conditions.ConditionUnclear as unclear:
        raise cells.CellProblem(
            "unknown_condition",
            f"看不懂条件“{unclear.part[:40]}”，可写：学生类型=教工子女、学部=高中部、同一家长1手机号的第二个及以后子女、学号=…、凭申请、全体",
        ) from None
    for key, values in condition.equals.items():
        if unknown := [value for value in values if not _exists(org, key, value)]:
            raise cells.CellProblem("unknown_condition", f"条件中的“{'、'.join(unknown)}”不存在，请核对名称")
    return cells.Reading(condition)


def _exists(org: OrgIndex, key: str, value: str) -> bool:
    if key in _LEVELS:
        return org.has(*(value if level == key else None for level in _LEVELS))
    return value in org.choices[key]
