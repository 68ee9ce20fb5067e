"""What a price is made of: fee items, standards, discounts, the term, and what is known of the student who is billed."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from core.money import format_yuan
from core.web.i18n import N_
from plugins.education.roster.columns import StudentRecord

TUITION, AGENCY = "学费", "代收费"
CATEGORIES = (TUITION, "住宿费", "服务性收费", AGENCY, "考试费", "保证金")
VOLUNTARY = ("服务性收费", AGENCY)
"""Charged at actual cost and never forced upon a family (domain book §3.6)."""

Period = Literal["year", "term", "month", "once", "usage"]
PERIODS: dict[str, Period] = {"学年": "year", "学期": "term", "月": "month", "一次性": "once", "按用量": "usage"}

REFUND_POLICIES = {
    N_("不退"): "none",
    N_("全额退"): "full",
    N_("按天退"): "by_days",
    N_("按未用餐天数退"): "by_meal_days",
    N_("按月退"): "by_month",
    N_("未过学期三分之一退三分之二"): "term_third",
    N_("按月递减"): "term_steps",
}
"""What of a paid item goes back when a child leaves, in a school's words (domain book §3.6)."""

SCOPE = {
    "campus": "校区",
    "division": "学部",
    "grade": "年级",
    "class_name": "班级",
    "boarding": "是否寄宿",
    "student_type": "学生类型",
}
"""What a standard or a discount may depend on, by key, with its title."""

ENROLLED, LATE_ENTRANT = "在读", "插班"

CANTEEN, DORM = "canteen", "dorm"
KEEPERS = {CANTEEN: N_("食堂"), DORM: N_("宿舍")}
"""Who keeps what an item is charged for (domain book §3.3, items of their own category): meal days, and rooms and their meters."""
BOARDING_FEE, USAGE = "住宿费", "usage"


class Measure(Struct, frozen=True):
    """Who keeps an item and in what it is measured; a standard's price is for `per_units` units: 52.83 yuan for 100 度."""

    keeper: str
    unit: str = ""
    per_units: int = 1

    def told(self) -> str:
        """The unit of a price: `天`, `100度`."""
        return f"{self.per_units if self.per_units > 1 else ''}{self.unit}"


class Term(Struct, frozen=True):
    """A school term; `months_counted` is what a full term's tuition stands for, `teaching_days` what its meals do (None: its working days)."""

    code: str
    starts_on: date
    ends_on: date
    months_counted: int
    teaching_days: int | None = None


class FeeItem(Struct, frozen=True):
    """Something a school charges for. `mandatory` lines are ticked and stay ticked; others are offered."""

    code: str
    name: str
    category: str
    period: Period
    mandatory: bool
    discountable: bool
    refund: str | None = None
    """Its refund policy; None where a file says nothing of it."""
    measure: Measure | None = None
    """Its keeper and unit; None where nobody keeps it, or a file says nothing of it."""

    @property
    def metered(self) -> bool:
        """Whether it is charged by what its keeper wrote down, rather than once at its price."""
        return self.period == USAGE and self.measure is not None

    @property
    def may_be_discounted(self) -> bool:
        """Discounts never touch money collected for others (代收费), whatever the item says."""
        return self.discountable and self.category != AGENCY


class FeeStandard(Struct, frozen=True):
    """A price of one item for the students its filled scope describes; both dates belong to it."""

    item_code: str
    scope: dict[str, str]
    price_fen: int
    starts_on: date
    ends_on: date
    approval_doc_no: str | None = None
    row: int | None = None

    def scope_told(self) -> str:
        """Whom the standard is for, from the campus down."""
        return " ".join(self.scope[key] for key in SCOPE if key in self.scope) or "全部学生"

    def describe(self) -> str:
        """The standard as a person finds it again: its row, its scope and its price."""
        where = f"第 {self.row} 行" if self.row else self.approval_doc_no or "标准"
        return f"{where}（{self.scope_told()}，{format_yuan(self.price_fen)} 元）"


LAST_PRIORITY = 1000
"""Where a discount stands that states no priority: after all that do."""
DiscountKind = Literal["percent", "fixed", "waive"]


class Condition(Struct, frozen=True):
    """Whom a discount is for; everything stated must hold. Siblings are counted from 1 within one 家长1手机号.

    `by_application`: nobody gets it by what they are. `granted` are the students whose own application three people agreed to (§3.5).
    """

    equals: dict[str, tuple[str, ...]] = {}
    child_from: int | None = None
    child_to: int | None = None
    student_nos: frozenset[str] | None = None
    by_application: bool = False
    granted: frozenset[str] = frozenset()


class Discount(Struct, frozen=True):
    """A reduction of some items for some students. A lower `priority` comes first.

    `percent` is taken of the line's own amount, or of what is left at its turn when `compound`; `amount_fen` (fixed) is given once per
    student and used up line by line; a waiver takes what is left. One that is not `stackable` never meets another on the same line.
    """

    code: str
    name: str
    kind: DiscountKind
    item_codes: tuple[str, ...]
    condition: Condition
    percent: Decimal | None = None
    amount_fen: int | None = None
    priority: int = LAST_PRIORITY
    stackable: bool = True
    compound: bool = False


class BillableStudent(Struct, frozen=True):
    """What pricing knows of a student; `family` is anything equal for the children of one 家长1手机号."""

    student_no: str
    name: str
    campus: str
    division: str
    grade: str
    class_name: str
    boarding: str
    student_type: str
    status: str
    entry_on: date | None
    family: str | None

    @classmethod
    def of(cls, record: StudentRecord) -> "BillableStudent":
        """The student of a roster row."""
        return cls(
            record.student_no,
            record.name,
            record.campus,
            record.division,
            record.grade,
            record.class_name,
            record.boarding,
            record.student_type,
            record.status,
            record.entry_on,
            record.guardian1_phone,
        )

    def fits(self, scope: Mapping[str, str]) -> bool:
        """Whether each filled condition equals the student's."""
        return all(getattr(self, key) == value for key, value in scope.items())
