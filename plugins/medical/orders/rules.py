"""What an order must hold in itself, and what is told of it; without a database."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from core.money import MAX_FEN, format_yuan
from plugins.medical.insurance import rules as insurance
from plugins.medical.insurance.rules import receivable as receivable
from plugins.medical.orders.errors import BadOrderAmount, BadQuantity, CategoryUnknown, InsuranceDiffers, InsuranceNotHere, ItemsDiffer
from plugins.medical.orders.quantities import plain, sound
from plugins.medical.orders.schemas import Item, OrderAsk
from plugins.medical.orders.words import CATEGORIES

WITH_INSURANCE = ("register", "outpatient")
MAIN = "main"


def check(ask: OrderAsk, settings: Mapping[str, object]) -> None:
    """Items come to the total, the insurer's parts come to the total, every category is the hospital's; the refusal names both sides."""
    amounts = [item.amount_fen for item in ask.items]
    if not 0 < ask.total_fen <= MAX_FEN or min(amounts, default=-1) < 0:
        raise BadOrderAmount(total_fen=ask.total_fen)
    if sum(amounts) != ask.total_fen:
        raise ItemsDiffer(
            items=format_yuan(sum(amounts)), total=format_yuan(ask.total_fen), difference=format_yuan(ask.total_fen - sum(amounts)),
            items_fen=sum(amounts), total_fen=ask.total_fen,
        )  # fmt: skip
    if not all(sound(item.quantity) and item.quantity > 0 for item in ask.items):
        raise BadQuantity()
    check_categories((item.category for item in ask.items), settings)
    if ask.insurance is not None:
        if ask.kind not in WITH_INSURANCE:
            raise InsuranceNotHere()
        insurance.check(ask.insurance)
        if ask.insurance.medfee_sumamt != ask.total_fen:
            raise InsuranceDiffers(fee=format_yuan(ask.insurance.medfee_sumamt), total=format_yuan(ask.total_fen))


def check_categories(told: Iterable[str], settings: Mapping[str, object]) -> None:
    """Every category is the hospital's: staff and bills read categories, so no name of a drug may stand in one."""
    known = (*CATEGORIES, *own_categories(settings))
    for category in told:
        if category not in known:
            raise CategoryUnknown(category=category, known="、".join(known))


def split(ask: OrderAsk) -> dict[str, int]:
    """Who bears how much, fen; without insurance the patient bears all."""
    if ask.insurance is None:
        return {"fund_fen": 0, "account_fen": 0, "mutual_aid_fen": 0, "hospital_fen": 0, "cash_fen": ask.total_fen}
    given = ask.insurance
    return {
        "fund_fen": given.fund_pay_sumamt, "account_fen": given.acct_pay, "mutual_aid_fen": given.acct_mulaid_pay,
        "hospital_fen": given.hosp_part_amt, "cash_fen": given.psn_cash_pay,
    }  # fmt: skip


def categories(items: Sequence[Item]) -> dict[str, int]:
    """The total of each category, fen, in the order in which they came."""
    totals: dict[str, int] = {}
    for item in items:
        totals[item.category] = totals.get(item.category, 0) + item.amount_fen
    return totals


def explanation(totals: Mapping[str, int], total_fen: int, parts: Mapping[str, int]) -> list[tuple[str, str]]:
    """How the cash part came about, by categories and by who bears it: what a bill may say."""
    lines = [(category, f"{format_yuan(fen)} 元") for category, fen in totals.items()]
    lines.append(("费用总额", f"{format_yuan(total_fen)} 元"))
    borne = (("医保统筹", "fund_fen"), ("个人账户", "account_fen"), ("账户共济", "mutual_aid_fen"), ("医院负担", "hospital_fen"))
    lines += [(word, f"{format_yuan(parts[name])} 元") for word, name in borne if parts[name]]
    return [*lines, ("个人现金支付", f"{format_yuan(parts['cash_fen'])} 元")]


def digest(ask: OrderAsk) -> bytes:
    """The content of an order, by which the same number sent again is told from another order."""
    items = [(i.category, i.name, plain(i.quantity), i.price_fen, i.amount_fen) for i in ask.items]
    whole = msgspec.to_builtins(msgspec.structs.replace(ask, items=())) | {"items": items}
    return hashlib.sha256(msgspec.json.encode(whole, order="sorted")).digest()


def merchant_code(settings: Mapping[str, object], kind: str) -> str:
    """Which merchant an order's money is for: `[settings.medical.merchants]` by kind, else the client's main merchant."""
    named = _own(settings).get("merchants")
    code = named.get(kind) if isinstance(named, Mapping) else None
    return code if isinstance(code, str) and code else MAIN


def own_categories(settings: Mapping[str, object]) -> list[str]:
    """The categories a hospital added to the usual ones."""
    named = _own(settings).get("categories")
    return [str(name) for name in named] if isinstance(named, list | tuple) else []


def _own(settings: Mapping[str, object]) -> Mapping[str, object]:
    told = settings.get("medical")
    return told if isinstance(told, Mapping) else {}
