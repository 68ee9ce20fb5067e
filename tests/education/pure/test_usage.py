"""What was used, turned into amounts: rooms shared to the fen, meal days at the price of a day."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from plugins.education.pricing.errors import UsageUnpriced
from plugins.education.pricing.rules import BillableStudent, FeeItem, FeeStandard, Measure
from plugins.education.pricing.usage import MealUse, MeterUse, charge, shares, tariff

ELEC = FeeItem("ELEC", "电费", "代收费", "usage", True, False, None, Measure("dorm", "度", 100))
LUNCH = FeeItem("LUNCH", "午餐", "服务性收费", "usage", False, False, None, Measure("canteen", "天"))
START, END = dt.date(2026, 9, 1), dt.date(2027, 8, 31)
PRICE = FeeStandard("ELEC", {}, 5283, START, END)
READ = dt.date(2026, 10, 31)
SOURCE = UUID(int=1)


def use(value: str, *lived: tuple[str, int], source: UUID = SOURCE, campus: str = "东") -> MeterUse:
    return MeterUse(source, "ELEC", campus, "3号楼 501", "E501", START, READ, Decimal(1000), Decimal(value), lived)


def student(number: str, campus: str = "东", status: str = "在读", division: str = "小学部") -> BillableStudent:
    return BillableStudent(number, "王某", campus, division, "一年级", "1班", "寄宿", "普通", status, None, None)


def everyone(*numbers: str) -> dict[str, BillableStudent]:
    return {number: student(number) for number in numbers}


def test_a_room_is_shared_equally_by_largest_remainder():
    """81.5 度 at 52.83 yuan for 100 is 43.06 yuan; among three 14.36, 14.35, 14.35."""
    parts = shares(use("1081.5", ("1", 30), ("2", 30), ("3", 30)), ELEC, PRICE)
    assert [part.amount_fen for part in parts.values()] == [1436, 1435, 1435]
    assert parts["1"].told == (
        ("表", "3号楼 501 E501"), ("读数", "2026-09-01 1000 → 2026-10-31 1081.5"), ("用量", "81.5 度"), ("收费标准", "52.83 元/100度"),
        ("房间合计", "43.06 元"), ("本人分摊", "1/3，14.36 元"),
    )  # fmt: skip


def test_who_lived_there_half_the_time_pays_half_as_much():
    parts = shares(use("1100", ("1", 30), ("2", 15)), ELEC, PRICE)
    assert [part.amount_fen for part in parts.values()] == [3522, 1761]
    assert parts["2"].told[-1] == ("本人分摊", "15/45 人天，17.61 元")


@given(st.decimals(0, 99999, places=2), st.lists(st.integers(1, 366), min_size=1, max_size=12), st.integers(0, 100_000))
def test_no_fen_of_a_room_is_lost(used, days, price):
    measured = MeterUse(SOURCE, "ELEC", "东", "1", "E", START, READ, Decimal(0), used, tuple((str(n), d) for n, d in enumerate(days)))
    parts = shares(measured, ELEC, FeeStandard("ELEC", {}, price, START, END))
    assert sum(part.amount_fen for part in parts.values()) == int((used * price / 100).quantize(Decimal(1), rounding="ROUND_HALF_UP"))


def test_the_price_of_the_campus_wins_and_only_of_its_day():
    own, later = FeeStandard("ELEC", {"campus": "东"}, 6000, START, END), FeeStandard("ELEC", {"campus": "西"}, 1, START, END)
    assert tariff([PRICE, own, later], "东", READ) is own
    assert tariff([PRICE, own, later], "北", READ) is PRICE
    assert tariff([PRICE, own], "东", dt.date(2027, 9, 1)) is None
    assert tariff([FeeStandard("ELEC", {"boarding": "寄宿"}, 1, START, END)], "东", READ) is None


def test_only_those_who_are_billed_now_and_were_not_before_are_charged_but_the_room_is_shared_by_all():
    reading = replace(use("1090", ("1", 30), ("2", 30), ("3", 30)), billed=frozenset({"1"}))
    found = charge([reading], [], [ELEC], [PRICE], everyone("1", "2"))
    assert {number: items["ELEC"].amount_fen for number, items in found.items()} == {"2": 1585}


def test_two_readings_come_to_one_line():
    found = charge([use("1010", ("1", 3)), use("1020", ("1", 3), source=UUID(int=2))], [], [ELEC], [PRICE], everyone("1"))
    assert found["1"]["ELEC"].amount_fen == 528 + 1057
    assert [part.source_id for part in found["1"]["ELEC"].parts] == [SOURCE, UUID(int=2)]


def test_what_was_not_used_or_has_nobody_costs_nothing():
    assert charge([use("1000", ("1", 3)), use("1010")], [MealUse(SOURCE, "LUNCH", "1", READ, 0)], [ELEC, LUNCH], [PRICE], everyone("1")) == {}


def test_meal_days_go_at_the_price_of_the_students_division_on_the_months_last_day():
    prices = [
        FeeStandard("LUNCH", {}, 1500, START, END), FeeStandard("LUNCH", {"division": "高中部"}, 2000, START, dt.date(2026, 10, 30)),
        FeeStandard("LUNCH", {"division": "高中部"}, 2200, READ, END),
    ]  # fmt: skip
    students = {"1": student("1"), "2": student("2", division="高中部")}
    meals = [MealUse(UUID(int=n), "LUNCH", str(n), READ, 18) for n in (1, 2)]
    found = charge([], meals, [LUNCH], prices, students)
    assert {number: items["LUNCH"].amount_fen for number, items in found.items()} == {"1": 27_000, "2": 39_600}
    assert found["2"]["LUNCH"].parts[0].told == (("用餐天数", "2026-10 18 天"), ("收费标准", "22.00 元/天"), ("本人分摊", "396.00 元"))


def test_what_has_no_price_is_told_and_not_left_out():
    with pytest.raises(UsageUnpriced, match="电费 在 2026-10-31 没有适用的收费标准（西），共 1 处"):
        charge([use("1010", ("1", 3), campus="西")], [], [ELEC], [FeeStandard("ELEC", {"campus": "东"}, 1, START, END)], everyone("1"))
