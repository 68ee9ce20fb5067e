"""What is left at discharge, and which payment gives it back; without a database."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.medical.inpatients.rules import Left, Paid, due_on, give_back, left
from plugins.medical.insurance.rules import of_stay
from tests.medical.inpatients.stays import M2

AT = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def paid(*left_fens: int) -> list[Paid]:
    """Payments of these amounts, one a day, the oldest first."""
    return [Paid(UUID(int=n), AT + dt.timedelta(days=n), fen) for n, fen in enumerate(left_fens)]


def taken(parts: list[tuple[Paid, int]]) -> list[tuple[int, int]]:
    return [(payment.id.int, fen) for payment, fen in parts]


def test_vector_m2():
    """18,642.75 of which the fund bears 13,126.34 and the account 1,000.00; deposits of 6,000.00 leave 1,483.59."""
    told = of_stay(18_642_75, 1_560_00, 840_00, 1_000_00, deductible_fen=800_00, ratio_percent=Decimal(85))
    assert (told.fund_fen, told.personal_fen, told.cash_fen) == (13_126_34, 5_516_41, 4_516_41)
    assert (M2.fund_pay_sumamt, M2.psn_part_amt, M2.psn_cash_pay) == (told.fund_fen, told.personal_fen, told.cash_fen)
    assert left(told.cash_fen, 6_000_00) == Left(0, 1_483_59)


def test_the_newest_payment_gives_first():
    assert taken(give_back(paid(3_000_00, 2_000_00, 1_000_00), 1_483_59)) == [(2, 1_000_00), (1, 483_59)]


def test_a_payment_gives_no_more_than_is_left_of_it():
    assert taken(give_back(paid(3_000_00, 0, 400_00), 1_483_59)) == [(2, 400_00), (0, 1_083_59)]


def test_what_is_short_and_what_is_too_much():
    assert left(5_000_00, 3_000_00) == Left(2_000_00, 0)
    assert left(5_000_00, 5_000_00) == Left(0, 0)


@given(st.lists(st.integers(0, 10**9), max_size=12), st.integers(0, 10**10))
def test_whatever_was_paid_it_is_shared_to_the_fen(left_fens, surplus):
    payments = paid(*left_fens)
    parts = give_back(payments, surplus)
    assert sum(fen for _, fen in parts) == min(surplus, sum(left_fens))
    assert all(0 < fen <= payment.left_fen for payment, fen in parts)
    order = [payment.paid_at for payment, _ in parts]
    assert order == sorted(order, reverse=True)
    for payment, fen in parts[:-1]:
        assert fen == payment.left_fen, "only the last one is split"


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        (dt.date(2026, 3, 2), dt.date(2026, 3, 5)),  # Monday
        (dt.date(2026, 3, 6), dt.date(2026, 3, 11)),  # Friday, over a weekend
        (dt.date(2026, 9, 30), dt.date(2026, 10, 10)),  # over the National Day holiday; 10 October is worked
    ],
)
def test_three_working_days(asked, due):
    assert due_on(asked) == due
