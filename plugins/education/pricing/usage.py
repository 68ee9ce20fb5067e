"""What was used, turned into amounts: meal days at the student's price, a meter's use shared among those who lived in the room (§3.6). Pure.

A room's use costs use × price, rounded half up to a fen, and is shared by the days each lived there, by largest remainder: equally where
all stayed. The price is the one in force on the day of the reading, or on the last day of the month.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from msgspec import Struct

from core import money
from core.web.i18n import N_
from plugins.education.pricing.errors import UsageUnpriced
from plugins.education.pricing.rules import CANTEEN, BillableStudent, FeeItem, FeeStandard
from plugins.education.pricing.standards import resolve

METER, READ, USED, PRICE, ROOM_SUM, SHARE = N_("表"), N_("读数"), N_("用量"), N_("收费标准"), N_("房间合计"), N_("本人分摊")
MEAL_DAYS = N_("用餐天数")
Told = tuple[tuple[str, str], ...]
QUANTITY = Decimal("0.0001")


class MeterUse(Struct, frozen=True):
    """What one reading says was used in a room; `lived` are the days each resident lived there in that time, by student number;
    `billed` are those of them whose share is on a bill already."""

    source_id: UUID
    item_code: str
    campus: str
    room: str
    meter_no: str
    since: date
    read_on: date
    previous: Decimal
    value: Decimal
    lived: tuple[tuple[str, int], ...]
    billed: frozenset[str] = frozenset()


class MealUse(Struct, frozen=True):
    """On how many days a student ate in a month; `ends_on` is the month's last day."""

    source_id: UUID
    item_code: str
    student_no: str
    ends_on: date
    days: int


class Used(Struct, frozen=True):
    """One student's part of one reading or month, with how it came about."""

    source_id: UUID
    quantity: Decimal
    amount_fen: int
    told: Told


class UsedItem(Struct, frozen=True):
    """What a student is charged for one item that is charged by use; `standard` is the price of its last part."""

    item: FeeItem
    standard: FeeStandard
    parts: tuple[Used, ...]

    @property
    def amount_fen(self) -> int:
        """The parts together."""
        return sum(part.amount_fen for part in self.parts)


ByStudent = dict[str, dict[str, UsedItem]]
"""What was used, by student number and item code."""


def charge(
    meters: Iterable[MeterUse],
    meals: Iterable[MealUse],
    items: Sequence[FeeItem],
    standards: Iterable[FeeStandard],
    students: Mapping[str, BillableStudent],
) -> ByStudent:
    """What each of `students` owes for what was used and is not billed yet; raises `UsageUnpriced`.

    A room is always shared among all who lived in it, also where only some of them are billed now.
    """
    known = {item.code: item for item in items if item.metered}
    prices: dict[str, list[FeeStandard]] = {code: [] for code in known}
    for standard in standards:
        if standard.item_code in prices:
            prices[standard.item_code].append(standard)
    found: ByStudent = {}
    unpriced: list[tuple[str, date, str]] = []

    def add(student_no: str, item: FeeItem, standard: FeeStandard, part: Used) -> None:
        mine = found.setdefault(student_no, {})
        before = mine[item.code].parts if item.code in mine else ()
        mine[item.code] = UsedItem(item, standard, (*before, part))

    for use in meters:
        wanted = [no for no, _days in use.lived if no in students and no not in use.billed]
        if use.item_code not in known or not wanted or use.value == use.previous:
            continue
        item = known[use.item_code]
        standard = tariff(prices[item.code], use.campus, use.read_on)
        if standard is None:
            unpriced.append((item.name, use.read_on, use.campus))
            continue
        parts = shares(use, item, standard)
        for student_no in wanted:
            add(student_no, item, standard, parts[student_no])
    for use in meals:
        student = students.get(use.student_no)
        if use.item_code not in known or student is None or not use.days:
            continue
        item = known[use.item_code]
        standard = resolve(prices[item.code], student, use.ends_on)
        if standard is None:
            unpriced.append((item.name, use.ends_on, f"{student.campus} {student.grade}"))
            continue
        add(student.student_no, item, standard, meal(use, item, standard))
    if unpriced:
        name, on, where = unpriced[0]
        raise UsageUnpriced(item=name, on=str(on), where=where, count=len(unpriced))
    return found


def tariff(standards: Sequence[FeeStandard], campus: str, on: date) -> FeeStandard | None:
    """A room's price on a day: that of its campus before that of the whole school."""
    fitting = [s for s in standards if s.starts_on <= on <= s.ends_on and s.scope in ({}, {"campus": campus})]
    return max(fitting, key=lambda s: len(s.scope), default=None)


def shares(use: MeterUse, item: FeeItem, standard: FeeStandard) -> dict[str, Used]:
    """A reading shared among those who lived in the room."""
    used = use.value - use.previous
    total_fen = _cost(used, item, standard)
    weights = [days for _no, days in use.lived]
    told = (
        (METER, f"{use.room} {use.meter_no}"),
        (READ, f"{use.since} {plain(use.previous)} → {use.read_on} {plain(use.value)}"),
        (USED, f"{plain(used)} {item.measure.unit}".strip()),
        (PRICE, _price(item, standard)),
        (ROOM_SUM, f"{money.format_yuan(total_fen)} 元"),
    )
    return {
        student_no: Used(
            use.source_id, (used * days / sum(weights)).quantize(QUANTITY), fen, (*told, (SHARE, _share(days, weights, fen)))
        )
        for (student_no, days), fen in zip(use.lived, money.split(total_fen, weights), strict=True)
    }  # fmt: skip


def meal(use: MealUse, item: FeeItem, standard: FeeStandard) -> Used:
    """A month's meal days at the price of a day."""
    fen = _cost(Decimal(use.days), item, standard)
    told = ((MEAL_DAYS, f"{use.ends_on:%Y-%m} {use.days} 天"), (PRICE, _price(item, standard)), (SHARE, f"{money.format_yuan(fen)} 元"))
    return Used(use.source_id, Decimal(use.days), fen, told)


def is_of_campus(item: FeeItem, scope: Mapping[str, str]) -> bool:
    """Whether a standard of an item may have this scope: a meter belongs to a room, so its price differs by campus at most."""
    return not item.metered or item.measure.keeper == CANTEEN or set(scope) <= {"campus"}


def plain(number: Decimal) -> str:
    """A reading as people write it: 1204.5."""
    return f"{number.normalize():f}"


def _cost(used: Decimal, item: FeeItem, standard: FeeStandard) -> int:
    return money.half_up(used * standard.price_fen / item.measure.per_units)


def _price(item: FeeItem, standard: FeeStandard) -> str:
    return f"{money.format_yuan(standard.price_fen)} 元/{item.measure.told() or '单位'}"


def _share(days: int, weights: Sequence[int], fen: int) -> str:
    if len(set(weights)) == 1:
        return f"1/{len(weights)}，{money.format_yuan(fen)} 元"
    return f"{days}/{sum(weights)} 人天，{money.format_yuan(fen)} 元"
