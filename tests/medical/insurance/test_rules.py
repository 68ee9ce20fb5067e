"""The insurer's identity and the rule of a stay, with the domain book's numbers (vectors M1 and M2)."""

from decimal import Decimal

import msgspec
import pytest

from plugins.medical.insurance import rules
from plugins.medical.insurance.errors import BadRule, SplitBroken
from tests.medical.orders.places import M1

M2 = {"total_fen": 1_864_275, "own_fen": 156_000, "pre_own_fen": 84_000, "account_fen": 100_000}
HERE = {"deductible_fen": 80_000, "ratio_percent": Decimal(85)}


def test_m1_adds_up_and_one_fen_more_does_not():
    rules.check(M1)
    assert rules.receivable(M1) == 41_184
    for name in ("medfee_sumamt", "fund_pay_sumamt", "acct_pay", "acct_mulaid_pay", "psn_cash_pay", "hosp_part_amt"):
        with pytest.raises(SplitBroken) as caught:
            rules.check(msgspec.structs.replace(M1, **{name: getattr(M1, name) + 1}))
        assert {caught.value.facts["total_fen"], caught.value.facts["parts_fen"]} in ({48_640, 48_641}, {48_641, 48_640})


def test_a_negative_part_is_refused_though_the_sum_is_right():
    with pytest.raises(SplitBroken):
        rules.check(msgspec.structs.replace(M1, psn_cash_pay=-1, fund_pay_sumamt=M1.fund_pay_sumamt + M1.psn_cash_pay + 1))


def test_m2_the_stay_of_the_domain_book():
    split = rules.of_stay(**M2, **HERE)
    assert (split.eligible_fen, split.fund_fen, split.personal_fen, split.cash_fen) == (1_624_275, 1_312_634, 551_641, 451_641)


@pytest.mark.parametrize(
    ("given", "fund_fen", "cash_fen"),
    [
        ({"total_fen": 80_000, "own_fen": 0, "pre_own_fen": 0, "account_fen": 0}, 0, 80_000),
        ({"total_fen": 80_001, "own_fen": 0, "pre_own_fen": 0, "account_fen": 0}, 1, 80_000),
        ({"total_fen": 156_000, "own_fen": 156_000, "pre_own_fen": 0, "account_fen": 999_999}, 0, 0),
        ({"total_fen": 0, "own_fen": 0, "pre_own_fen": 0, "account_fen": 0}, 0, 0),
    ],
)
def test_the_edges_of_a_stay(given, fund_fen, cash_fen):
    split = rules.of_stay(**given, **HERE)
    assert (split.fund_fen, split.cash_fen) == (fund_fen, cash_fen)
    assert split.fund_fen + split.account_fen + split.cash_fen == given["total_fen"]


@pytest.mark.parametrize(
    "change", [{"own_fen": 2_000_000}, {"account_fen": -1}, {"deductible_fen": -1}, {"ratio_percent": Decimal(101)}, {"ratio_percent": Decimal(-1)}]
)
def test_what_cannot_be_is_refused(change):
    with pytest.raises(BadRule):
        rules.of_stay(**(M2 | HERE | change))
