"""The shared fee samples: every fen of the sixty students and the totals over all 8,000."""

from collections import Counter
from datetime import date

import msgspec
import pytest

from core.imports.sheets import Workbook, read
from plugins.education.pricing.bills import PricedBill, price
from plugins.education.pricing.rules import BillableStudent, Term
from plugins.education.roster.verdicts import judge as judge_roster
from plugins.education.standards.sheet import judge as judge_standards
from tests.education.pure.rosters import org
from tests.samples import education, education_json

EXPECTED = education_json("expected-bills.json")


@pytest.fixture(scope="module")
def bills() -> dict[str, PricedBill]:
    fees = judge_standards(Workbook(education("fee-standards.xlsx"), "fee-standards.xlsx"), org())
    assert fees.verdicts == []
    roster = judge_roster(read(education("roster-8000.xlsx"), "roster-8000.xlsx"), org())
    term = EXPECTED["term"]
    dates = (date.fromisoformat(term["start"]), date.fromisoformat(term["end"]))
    students = [BillableStudent.of(student) for student in roster.students]
    priced = price(students, fees.items, fees.standards, fees.discounts, Term(term["code"], *dates, term["months_counted"]))
    return {bill.student_no: bill for bill in priced}


@pytest.mark.parametrize("expected", EXPECTED["bills"], ids=lambda bill: bill["student_no"])
def test_every_fen_of_a_sample_student(bills, expected):
    told = msgspec.to_builtins(bills[expected["student_no"]])
    assert told == {key: value for key, value in expected.items() if key != "shows"}


def test_totals_per_item_and_campus(bills):
    totals: dict[str, Counter] = {}
    for line in (line for bill in bills.values() for line in bill.lines):
        item = totals.setdefault(line.item_code, Counter())
        item.update(lines=1, amount_fen=line.amount_fen, discount_fen=line.discount_fen, net_fen=line.net_fen)
    expected = EXPECTED["totals_per_item"]
    assert totals == {code: {key: item[key] for key in totals[code]} for code, item in expected.items()}
    for campus, numbers in EXPECTED["totals_per_campus"].items():
        assert sum(bill.total_fen for bill in bills.values() if bill.campus == campus) == numbers["net_fen"]


def test_grand_totals(bills):
    expected = EXPECTED["grand_total"]
    lines = [line for bill in bills.values() for line in bill.lines]
    assert len(bills) == expected["students"]
    assert sum(1 for bill in bills.values() if bill.lines) == expected["students_billed"]
    assert len(lines) == expected["lines"]
    assert sum(line.amount_fen for line in lines) == expected["amount_fen"]
    assert sum(line.discount_fen for line in lines) == expected["discount_fen"]
    assert sum(bill.total_fen for bill in bills.values()) == expected["net_fen"]
    given = Counter(d.code for line in lines for d in line.discounts)
    assert given == {code: numbers["count"] for code, numbers in expected["discounts"].items()}
    for code, numbers in expected["discounts"].items():
        assert sum(d.amount_fen for line in lines for d in line.discounts if d.code == code) == numbers["amount_fen"]
