"""Prices and discounts in words, as lists and the second person read them."""

from collections.abc import Mapping

from core.money import format_yuan
from core.web.i18n import gettext as _
from plugins.education.pricing import conditions
from plugins.education.pricing.rules import REFUND_POLICIES, Discount


def taken(discount: Discount, item_names: Mapping[str, str]) -> str:
    """What a discount takes off: `学费减 5%`, `全部可优惠项目减 5,000.00 元`."""
    what = "、".join(item_names.get(code, code) for code in discount.item_codes) or "全部可优惠项目"
    if discount.kind == "percent":
        return f"{what}减 {discount.percent}%" + ("（折上折）" if discount.compound else "")
    if discount.kind == "fixed":
        return f"{what}减 {format_yuan(discount.amount_fen or 0)} 元"
    return f"{what}全免"


def discount_told(discount: Discount, item_names: Mapping[str, str]) -> str:
    """A whole discount in one line."""
    rest = "" if discount.stackable else "，不与其他优惠叠加"
    return f"{taken(discount, item_names)}，{conditions.told(discount.condition)}{rest}"


def policies() -> dict[str, str]:
    """Refund policies by code, in words."""
    return {code: _(word) for word, code in REFUND_POLICIES.items()}
