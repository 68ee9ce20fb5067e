"""What goes back when a child leaves: the worked numbers of the domain book §3.6 (vector E2), and the days on which each rule turns."""

import datetime as dt

import pytest

from core.money import yuan
from plugins.education.pricing.rules import Term
from plugins.education.refunding.rules import RULES, Charged, meal_days_of
from tests.education.pure.fees import TERM

SPRING = Term("2026-2027-2", dt.date(2027, 2, 22), dt.date(2027, 7, 10), 5)
LEAVES = dt.date(2026, 10, 10)


def back(rule: str, paid: str, day: dt.date | str, *terms: Term, **more: object) -> int:
    day = dt.date.fromisoformat(day) if isinstance(day, str) else day
    return RULES[rule](Charged(yuan(paid), terms or (TERM,), **more), day)[0]


@pytest.mark.parametrize(("rule", "paid", "gives"), [
    ("term_third", "33,000", "22,000"), ("term_third", "3,000", "2,000"), ("term_steps", "33,000", "16,500"), ("by_month", "33,000", "19,800"),
])  # fmt: skip
def test_the_worked_numbers_of_the_domain_book(rule, paid, gives):
    assert back(rule, paid, LEAVES) == yuan(gives)


def test_a_reckoning_can_be_followed_by_hand():
    assert RULES["term_third"](Charged(3_300_000, (TERM,)), LEAVES)[1] == (
        ("退费规则", "学期未过三分之一退三分之二，之后不退"), ("期间", "2026-09-01 – 2027-01-22"), ("已过天数", "40/144"), ("计算", "33,000.00 × 2/3"),
    )  # fmt: skip


@pytest.mark.parametrize(("day", "gives"), [
    ("2026-08-20", "22,000"), ("2026-09-01", "22,000"), ("2026-10-17", "22,000"), ("2026-10-18", "0"), ("2027-03-01", "0"),
])  # fmt: skip
def test_a_third_of_the_term_is_48_of_its_144_days(day, gives):
    assert back("term_third", "33,000", day) == yuan(gives)


@pytest.mark.parametrize(("day", "gives"), [
    ("2026-08-31", "10,000"), ("2026-09-01", "7,000"), ("2026-09-30", "7,000"), ("2026-10-01", "5,000"), ("2026-11-30", "4,000"), ("2026-12-01", "0"),
])  # fmt: skip
def test_the_steps_of_a_term(day, gives):
    assert back("term_steps", "10,000", day) == yuan(gives)


@pytest.mark.parametrize(("day", "gives"), [
    ("2026-08-31", "10,000"), ("2026-09-30", "8,500"), ("2026-10-31", "7,500"), ("2026-11-30", "7,000"), ("2026-12-01", "5,000"),
    ("2027-03-21", "5,000"), ("2027-03-22", "2,000"), ("2027-05-21", "2,000"), ("2027-05-22", "0"),
])  # fmt: skip
def test_the_steps_of_a_year(day, gives):
    assert back("term_steps", "10,000", day, TERM, SPRING) == yuan(gives)


HUNDRED = Term("2026-2027-1", dt.date(2026, 9, 1), dt.date(2027, 1, 22), 5, 100)
SEPTEMBER, OCTOBER = dt.date(2026, 9, 1), dt.date(2026, 10, 1)


@pytest.mark.parametrize(("eaten", "day", "gives"), [
    ({SEPTEMBER: 21, OCTOBER: 7}, "2026-10-10", "3,240"), ({SEPTEMBER: 21, OCTOBER: 7}, "2026-12-10", "1,980"), ({}, "2026-09-01", "4,500"),
    ({SEPTEMBER: 30, OCTOBER: 31, dt.date(2026, 11, 1): 30, dt.date(2026, 12, 1): 31}, "2027-01-22", "0"),
])  # fmt: skip
def test_meals_go_back_by_the_days_that_were_not_eaten(eaten, day, gives):
    """28 of 100 days eaten leave 72: 3,240.00. A month that nobody wrote down counts with its working days (28 of November and December 2026)."""
    assert back("by_meal_days", "4,500", day, HUNDRED, eaten=eaten) == yuan(gives)


def test_what_was_eaten_is_told_month_by_month():
    told = RULES["by_meal_days"](Charged(450_000, (HUNDRED,), None, {SEPTEMBER: 21}), dt.date(2026, 10, 12))[1]
    assert told[2:5] == (("已登记用餐", "2026-09 21 天"), ("未登记，按工作日计", "2026-10 3 天"), ("未用餐天数", "76/100"))


def test_a_term_without_registered_days_has_its_working_days():
    assert 90 <= meal_days_of(TERM) <= 100


def test_a_year_by_thirds_is_two_terms_each_by_itself():
    assert back("term_third", "12,000", LEAVES, TERM, SPRING) == yuan("8,000")
    assert back("term_third", "12,000", "2026-12-01", TERM, SPRING) == yuan("4,000")
    assert back("term_third", "12,000", "2027-05-01", TERM, SPRING) == 0


@pytest.mark.parametrize(("day", "gives"), [("2026-08-31", "5,000"), ("2026-09-01", "4,000"), ("2027-01-01", "0"), ("2028-01-01", "0")])
def test_a_month_that_has_begun_is_used_up(day, gives):
    assert back("by_month", "5,000", day) == yuan(gives)


def test_a_year_has_ten_months_and_who_entered_late_paid_for_fewer():
    assert back("by_month", "10,000", LEAVES, TERM, SPRING) == yuan("8,000")
    assert back("by_month", "3,000", "2026-12-15", months_billed=3) == yuan("1,000")
    assert back("by_month", "3,000", "2026-09-15", months_billed=3) == yuan("3,000"), "never more than was paid"


def test_unused_days_of_meals_go_back_at_the_daily_price():
    hundred_days = Term("2026-2027-1", dt.date(2026, 9, 1), dt.date(2026, 12, 9), 5)
    assert back("by_days", "4,500", "2026-09-29", hundred_days) == yuan("3,240")
    assert back("by_days", "4,500", "2026-08-01", hundred_days) == yuan("4,500")
    assert back("by_days", "4,500", "2026-12-10", hundred_days) == 0


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("terms", [(TERM,), (TERM, SPRING)])
def test_never_more_than_was_paid_and_never_more_later(rule, terms):
    days = [TERM.starts_on + dt.timedelta(days=n) for n in range(-10, 400)]
    given = [RULES[rule](Charged(1_234_567, terms), day)[0] for day in days]
    assert given == sorted(given, reverse=True)
    assert 0 == given[-1] < given[0] <= 1_234_567
