"""A small school's fees for tests: items, standards, discounts, students and a term, each with sensible defaults."""

from datetime import date
from decimal import Decimal

from plugins.education.pricing.bills import PricedBill, price
from plugins.education.pricing.conditions import parse
from plugins.education.pricing.rules import BillableStudent, Discount, FeeItem, FeeStandard, Term

TERM = Term("2026-2027-1", date(2026, 9, 1), date(2027, 1, 22), 5)
TUITION = FeeItem("TUITION", "学费", "学费", "term", True, True)
DORM = FeeItem("DORM", "住宿费", "住宿费", "term", True, True)
MEAL = FeeItem("MEAL", "餐费", "服务性收费", "term", False, False)
UNIFORM = FeeItem("UNIFORM", "校服费", "服务性收费", "once", False, False)
BOOKS = FeeItem("BOOKS", "教材费", "代收费", "term", False, True)


def standard(item: str, price_fen: int, row: int | None = None, on=(date(2026, 9, 1), date(2027, 8, 31)), **scope: str) -> FeeStandard:
    return FeeStandard(item, scope, price_fen, *on, row=row)


def student(number: int = 1, **facts: object) -> BillableStudent:
    known = {
        "student_no": f"{number:010d}",
        "name": "张伟",
        "campus": "东区",
        "division": "小学部",
        "grade": "一年级",
        "class_name": "1班",
        "boarding": "走读",
        "student_type": "普通",
        "status": "在读",
        "entry_on": date(2024, 9, 1),
        "family": "15400743707",
    }
    return BillableStudent(**(known | facts))


def percent(code: str, value: str, condition: str = "全体", **more: object) -> Discount:
    more.setdefault("item_codes", ("TUITION",))
    return Discount(code, code, "percent", condition=parse(condition), percent=Decimal(value), **more)


def fixed(code: str, amount_fen: int, condition: str = "全体", **more: object) -> Discount:
    more.setdefault("item_codes", ("TUITION",))
    return Discount(code, code, "fixed", condition=parse(condition), amount_fen=amount_fen, **more)


def waiver(code: str, condition: str = "全体", **more: object) -> Discount:
    more.setdefault("item_codes", ("TUITION",))
    return Discount(code, code, "waive", condition=parse(condition), **more)


def bill_of(who: BillableStudent, discounts=(), prices=((TUITION, 4_000_000),), everyone=None) -> PricedBill:
    """The bill of one student when each item has one price for all."""
    standards = [standard(item.code, price_fen) for item, price_fen in prices]
    return price([who], [item for item, _ in prices], standards, list(discounts), TERM, everyone)[0]
