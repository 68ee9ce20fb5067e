"""The identity of a settlement's amounts, and what the rule makes of a stay; without a database (domain book §4.6)."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from core.money import format_yuan
from plugins.medical.insurance.errors import BadRule, SplitBroken
from plugins.medical.insurance.schemas import InpatientSplit


class Amounts(Protocol):
    """Whatever carries the insurer's amounts, fen."""

    medfee_sumamt: int
    fund_pay_sumamt: int
    acct_pay: int
    acct_mulaid_pay: int
    psn_cash_pay: int
    hosp_part_amt: int


_PARTS = (
    ("fund_pay_sumamt", "统筹"), ("acct_pay", "个人账户"), ("acct_mulaid_pay", "账户共济"), ("psn_cash_pay", "现金"), ("hosp_part_amt", "医院负担"),
)  # fmt: skip


def check(amounts: Amounts) -> None:
    """SplitBroken, naming both sides, unless the parts come to the total to the fen; no part may be negative."""
    parts = {name: getattr(amounts, name) for name, _ in _PARTS}
    total_fen, sum_fen = amounts.medfee_sumamt, sum(parts.values())
    if total_fen != sum_fen or min(total_fen, *parts.values()) < 0:
        raise broken(total_fen, sum_fen, " + ".join(f"{word} {name} {format_yuan(parts[name])}" for name, word in _PARTS))


def broken(total_fen: int, parts_fen: int, said: str) -> SplitBroken:
    """The refusal with both sides of an equation that does not hold."""
    return SplitBroken(
        total=format_yuan(total_fen), parts=format_yuan(parts_fen), difference=format_yuan(total_fen - parts_fen), said=said,
        total_fen=total_fen, parts_fen=parts_fen,
    )  # fmt: skip


def receivable(amounts: Amounts) -> int:
    """What the insurer owes the hospital, fen: fund, account and mutual aid."""
    return amounts.fund_pay_sumamt + amounts.acct_pay + amounts.acct_mulaid_pay


def of_stay(
    total_fen: int, own_fen: int, pre_own_fen: int, account_fen: int, *, deductible_fen: int, ratio_percent: Decimal
) -> InpatientSplit:
    """A stay by the insurer's rule: (total − full self-pay − pre-self-pay − deductible) × ratio, half up to a fen, is the fund's part.

    `deductible_fen` and `ratio_percent` are the place's and configured. BadRule for what cannot be: negative amounts, a ratio outside 0–100, or
    self-pay above the total. The account pays at most what is the patient's.
    """
    eligible_fen = total_fen - own_fen - pre_own_fen
    if min(total_fen, own_fen, pre_own_fen, account_fen, deductible_fen, eligible_fen) < 0 or not 0 <= ratio_percent <= 100:
        raise BadRule()
    insured = Decimal(max(0, eligible_fen - deductible_fen)) * ratio_percent / 100
    fund_fen = int(insured.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    personal_fen = total_fen - fund_fen
    account_fen = min(account_fen, personal_fen)
    return InpatientSplit(
        eligible_fen=eligible_fen, fund_fen=fund_fen, personal_fen=personal_fen, account_fen=account_fen, cash_fen=personal_fen - account_fen
    )
