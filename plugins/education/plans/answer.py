"""A trial run as programs read it; names and sums are those of the samples' `expected-bills.json` (architecture §11.7)."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from plugins.education.pricing.bills import PricedBill, PricedLine
from plugins.education.standards.pricing import Priced


def answer(priced: Priced) -> dict[str, object]:
    """Every student's bill (one who is not billed has no lines), the totals per item and campus, and the grand total, in fen."""
    term, lines = priced.term, [line for bill in priced.bills for line in bill.lines]
    return {
        "term": {"code": term.code, "start": term.starts_on, "end": term.ends_on, "months_counted": term.months_counted},
        "unit": "fen",
        "bills": priced.bills,
        "totals_per_item": _per_item(lines),
        "grand_total": {
            "students": len(priced.bills),
            "students_billed": len(priced.billed),
            "students_not_billed": len(priced.bills) - len(priced.billed),
            "lines": len(lines),
            **_sums(lines),
            "mandatory_net_fen": sum(bill.mandatory_total_fen for bill in priced.bills),
            "discounts": _discounts(lines),
        },
        "totals_per_campus": _per_campus(priced.bills),
        "unapproved": priced.book.drafts,
    }


def _sums(lines: Iterable[PricedLine]) -> dict[str, int]:
    sums = Counter(amount_fen=0, discount_fen=0, net_fen=0)
    for line in lines:
        sums.update(amount_fen=line.amount_fen, discount_fen=line.discount_fen, net_fen=line.net_fen)
    return dict(sums)


def _per_item(lines: Iterable[PricedLine]) -> dict[str, object]:
    by_item: dict[str, list[PricedLine]] = defaultdict(list)
    for line in lines:
        by_item[line.item_code].append(line)
    return {
        code: {"item_name": mine[0].item_name, "category": mine[0].category, "lines": len(mine), **_sums(mine)} for code, mine in by_item.items()
    }


def _discounts(lines: Iterable[PricedLine]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for line in lines:
        for taken in line.discounts:
            mine = found.setdefault(taken.code, {"count": 0, "amount_fen": 0})
            mine["count"] += 1
            mine["amount_fen"] += taken.amount_fen
    return found


def _per_campus(bills: Iterable[PricedBill]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for bill in bills:
        mine = found.setdefault(bill.campus, {"students": 0, "net_fen": 0})
        mine["students"] += 1
        mine["net_fen"] += bill.total_fen
    return found
