"""Pricing beyond the samples: specificity and ties, late entry, how discounts meet, and that nothing goes below zero."""

from datetime import date
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import equal_instalments, instalments, yuan
from plugins.education.pricing.bills import price
from plugins.education.pricing.errors import StandardsTied
from plugins.education.pricing.rules import Term
from plugins.education.pricing.standards import resolve
from tests.education.pure.fees import (
    BOOKS,
    DORM,
    MEAL,
    TERM,
    TUITION,
    UNIFORM,
    bill_of,
    fixed,
    percent,
    standard,
    student,
    waiver,
)

ON = TERM.starts_on
SPRING = Term("2026-2027-2", date(2027, 2, 22), date(2027, 7, 10), 5)


class TestStandards:
    def test_the_standard_with_the_most_filled_conditions_wins(self):
        general = standard("TUITION", 1, division="小学部")
        special = standard("TUITION", 2, division="小学部", campus="东区", grade="一年级")
        assert resolve([special, general], student(), ON) is special
        assert resolve([special, general], student(grade="二年级"), ON) is general
        assert resolve([special, general], student(division="初中部"), ON) is None

    def test_a_standard_counts_on_its_first_and_last_day_only_in_between(self):
        price_of_the_day = standard("TUITION", 1, on=(date(2026, 9, 1), date(2026, 9, 1)))
        assert resolve([price_of_the_day], student(), date(2026, 9, 1)) is price_of_the_day
        assert resolve([price_of_the_day], student(), date(2026, 8, 31)) is None
        assert resolve([price_of_the_day], student(), date(2026, 9, 2)) is None

    def test_a_tie_is_an_error_that_names_both_rows(self):
        tied = [standard("TUITION", 100, 7, campus="东区"), standard("TUITION", 200, 9, division="小学部")]
        with pytest.raises(StandardsTied, match=r"第 7 行.*第 9 行") as caught:
            resolve(tied, student(), ON)
        assert caught.value.facts["ties"][0]["rows"] == [7, 9]

    def test_all_ties_are_told_once_each(self):
        standards = [
            standard("TUITION", 100, 7, campus="东区"),
            standard("TUITION", 200, 9, division="小学部"),
            standard("DORM", 100, 11, boarding="走读"),
            standard("DORM", 200, 12, grade="一年级"),
        ]
        with pytest.raises(StandardsTied) as caught:
            price([student(1), student(2), student(3, grade="二年级")], [TUITION, DORM], standards, [], TERM)
        assert [tie["rows"] for tie in caught.value.facts["ties"]] == [[7, 9], [11, 12]]

    def test_a_more_specific_standard_settles_a_tie(self):
        standards = [
            standard("TUITION", 100, campus="东区"),
            standard("TUITION", 200, division="小学部"),
            standard("TUITION", 300, campus="东区", division="小学部"),
        ]
        assert resolve(standards, student(), ON).price_fen == 300

    def test_the_grade_rule_of_the_fact_book(self):
        """1–6 小学 18,000; 7–9 初中 21,000; 10–12 高中 24,000; 国际部 180,000; boarding adds 3,000; 教工子女 half the tuition (§3.6)."""
        standards = [
            standard("TUITION", yuan(18000), division="小学部"),
            standard("TUITION", yuan(21000), division="初中部"),
            standard("TUITION", yuan(24000), division="高中部"),
            standard("TUITION", yuan(180000), division="国际部"),
            standard("DORM", yuan(3000), boarding="寄宿"),
        ]
        half = percent("STAFF50", "50", "学生类型=教工子女")
        students = [
            student(1, division="小学部", family="a"),
            student(2, division="初中部", boarding="寄宿", family="b"),
            student(3, division="高中部", student_type="教工子女", family="c"),
            student(4, division="国际部", boarding="寄宿", student_type="教工子女", family="d"),
        ]
        totals = [bill.total_fen for bill in price(students, [TUITION, DORM], standards, [half], TERM)]
        assert totals == [yuan(18000), yuan(24000), yuan(12000), yuan(93000)]


class TestVectorE1:
    prices = ((TUITION, yuan(40000)), (DORM, yuan(3000)), (MEAL, yuan(4500)), (UNIFORM, yuan(680)))
    discounts = (fixed("SCHOLAR", yuan(5000), "学号=0000000002"), percent("SIB05", "5", "同一家长1手机号的第二个及以后子女"))

    def test_the_bill_of_the_fact_book(self):
        everyone = [student(1, entry_on=date(2023, 9, 1)), student(2)]
        bill = bill_of(student(2), self.discounts, self.prices, everyone)
        assert bill.total_fen == yuan(41180)
        assert bill.mandatory_total_fen == yuan(36000)
        assert msgspec.to_builtins(bill.lines[0].discounts) == [
            {"code": "SIB05", "percent": 5, "amount_fen": yuan(2000)},
            {"code": "SCHOLAR", "amount_fen": yuan(5000)},
        ]

    def test_its_instalments(self):
        assert instalments(yuan(41180), [50, 30, 20]) == [yuan("20590.00"), yuan("12354.00"), yuan("8236.00")]
        assert equal_instalments(yuan(41180), 3) == [yuan("13726.67"), yuan("13726.67"), yuan("13726.66")]


    def test_what_nobody_has_to_take_does_not_use_up_what_is_taken_off(self):
        scholar = fixed("SCHOLAR", 500_000, item_codes=())
        meals = msgspec.structs.replace(MEAL, discountable=True)
        bill = bill_of(student(), [scholar], prices=((meals, 450_000), (TUITION, 4_000_000)))
        assert [(line.item_code, line.discount_fen) for line in bill.lines] == [("MEAL", 0), ("TUITION", 500_000)]
        assert bill.mandatory_total_fen == 3_500_000


class TestLateEntry:
    @pytest.mark.parametrize(
        ("entry_on", "months"),
        [
            (date(2026, 9, 1), 5),
            (date(2026, 9, 30), 5),
            (date(2026, 10, 1), 4),
            (date(2026, 10, 31), 4),
            (date(2026, 11, 20), 3),
            (date(2027, 1, 22), 1),
            (date(2026, 2, 20), 5),
            (None, 5),
        ],
    )
    def test_started_months_are_charged(self, entry_on, months):
        line = bill_of(student(student_type="插班", entry_on=entry_on)).lines[0]
        assert line.amount_fen == 800_000 * months
        assert line.unit_price_fen == 4_000_000
        assert line.months_billed == (months if months < 5 else msgspec.UNSET)

    @pytest.mark.parametrize(
        ("term", "entry_on", "months"),
        [
            (TERM, date(2026, 9, 1), 10),
            (TERM, date(2026, 11, 5), 8),
            (TERM, date(2027, 1, 22), 6),
            (SPRING, date(2027, 2, 22), 5),
            (SPRING, date(2027, 2, 1), 5),
            (SPRING, date(2027, 4, 30), 4),
            (SPRING, date(2026, 11, 5), 8),
            (SPRING, date(2026, 9, 1), 10),
        ],
    )
    def test_a_price_for_the_year_stands_for_ten_months(self, term, entry_on, months):
        year = msgspec.structs.replace(TUITION, period="year")
        [bill] = price([student(student_type="插班", entry_on=entry_on)], [year], [standard("TUITION", 8_000_000)], [], term)
        [line] = bill.lines
        assert line.amount_fen == 800_000 * months
        assert (line.months_billed, line.months_counted) == ((months, 10) if months < 10 else (msgspec.UNSET, msgspec.UNSET))

    def test_only_late_entrants_and_only_tuition_are_reduced(self):
        october = date(2026, 10, 9)
        assert bill_of(student(entry_on=october)).total_fen == 4_000_000
        prices = ((TUITION, 4_000_000), (DORM, 300_000), (BOOKS, 26_800))
        bill = bill_of(student(student_type="插班", entry_on=october), prices=prices)
        assert [line.amount_fen for line in bill.lines] == [3_200_000, 300_000, 26_800]

    def test_who_enters_after_the_term_is_not_billed_in_it(self):
        assert bill_of(student(student_type="插班", entry_on=date(2027, 2, 22))).lines == []

    def test_discounts_are_taken_of_the_reduced_tuition(self):
        bill = bill_of(student(student_type="插班", entry_on=date(2026, 11, 17)), [percent("D", "5")])
        assert bill.lines[0].discount_fen == 120_000

    def test_a_part_of_a_fen_is_rounded_half_up(self):
        term = Term("x", date(2026, 9, 1), date(2026, 12, 31), 4)
        who = student(student_type="插班", entry_on=date(2026, 12, 1))
        assert price([who], [TUITION], [standard("TUITION", 10)], [], term)[0].total_fen == 3


class TestFamilies:
    sibling = percent("SIB05", "5", "同一家长1手机号的第二个及以后子女(按入学日期、学号排序)")

    def ranks(self, *students):
        bills = price(list(students), [TUITION], [standard("TUITION", 100)], [self.sibling], TERM)
        return [(b.children_on_this_phone, b.sibling_rank, b.lines[0].discount_fen if b.lines else None) for b in bills]

    def test_children_are_ordered_by_entry_then_number(self):
        oldest, same_day, twin = student(9, entry_on=date(2020, 9, 1)), student(2), student(1)
        assert self.ranks(oldest, same_day, twin) == [(3, 1, 0), (3, 3, 5), (3, 2, 5)]

    def test_a_child_without_entry_date_comes_last(self):
        assert self.ranks(student(1, entry_on=None), student(2)) == [(2, 2, 5), (2, 1, 0)]

    def test_a_child_on_leave_moves_nobody(self):
        on_leave = student(1, entry_on=date(2020, 9, 1), status="休学")
        assert self.ranks(on_leave, student(2)) == [(2, 1, None), (1, 1, 0)]

    def test_brothers_and_sisters_count_though_they_are_not_priced(self):
        everyone = [student(1, campus="西区", entry_on=date(2020, 9, 1)), student(2)]
        assert bill_of(student(2), [self.sibling], everyone=everyone).sibling_rank == 2
        assert bill_of(student(2), [self.sibling]).sibling_rank == 1

    def test_students_without_a_family_are_only_children(self):
        assert self.ranks(student(1, family=None), student(2, family=None)) == [(1, 1, 0), (1, 1, 0)]

    def test_a_discount_may_be_for_the_third_child_alone(self):
        third = percent("THIRD", "10", "同一家长1手机号的第三个子女")
        children = [student(n) for n in range(1, 5)]
        bills = price(children, [TUITION], [standard("TUITION", 100)], [third], TERM)
        assert [bill.lines[0].discount_fen for bill in bills] == [0, 0, 10, 0]


class TestDiscounts:
    def taken(self, *discounts, price_fen=1_000_000, prices=None):
        bill = bill_of(student(), discounts, prices or ((TUITION, price_fen),))
        return [[(d.code, d.amount_fen) for d in line.discounts] for line in bill.lines]

    def test_percentages_are_taken_of_the_base_and_added(self):
        assert self.taken(percent("A", "50"), percent("B", "5")) == [[("A", 500_000), ("B", 50_000)]]

    def test_a_compound_percentage_is_taken_of_what_is_left(self):
        assert self.taken(percent("A", "10", compound=True), percent("B", "50")) == [[("B", 500_000), ("A", 50_000)]]

    def test_each_percentage_is_rounded_half_up(self):
        assert self.taken(percent("A", "5"), price_fen=2_146_050) == [[("A", 107_303)]]
        assert self.taken(percent("A", "12.5"), price_fen=4) == [[("A", 1)]]

    def test_fixed_amounts_come_after_percentages_and_stop_at_zero(self):
        assert self.taken(fixed("F", 700_000), percent("A", "50")) == [[("A", 500_000), ("F", 500_000)]]

    def test_a_fixed_amount_is_given_once_and_used_up_line_by_line(self):
        both = fixed("F", 1_200_000, item_codes=("TUITION", "DORM"))
        assert self.taken(both, prices=((TUITION, 1_000_000), (DORM, 300_000))) == [[("F", 1_000_000)], [("F", 200_000)]]

    def test_a_waiver_takes_what_is_left(self):
        assert self.taken(waiver("W"), percent("A", "50")) == [[("A", 500_000), ("W", 500_000)]]
        assert self.taken(percent("A", "60"), percent("B", "60"), waiver("W")) == [[("A", 600_000), ("B", 400_000)]]

    def test_money_collected_for_others_is_never_discounted(self):
        everything = (percent("A", "50", item_codes=()), fixed("F", 1, item_codes=("BOOKS",)), waiver("W", item_codes=("BOOKS", "MEAL")))
        assert self.taken(*everything, prices=((TUITION, 100), (BOOKS, 100), (MEAL, 100))) == [[("A", 50)], [], []]

    def test_one_that_does_not_stack_stands_alone_where_it_helps_more(self):
        alone, stacked = percent("ALONE", "50", stackable=False), percent("S", "5")
        assert self.taken(alone, stacked) == [[("ALONE", 500_000)]]
        assert self.taken(percent("ALONE", "3", stackable=False), stacked) == [[("S", 50_000)]]

    def test_a_stated_priority_decides_before_the_amount(self):
        alone = percent("ALONE", "3", stackable=False, priority=1)
        assert self.taken(alone, percent("S", "5", priority=2)) == [[("ALONE", 30_000)]]

    def test_a_discount_for_named_students_is_for_them_only(self):
        scholar = fixed("SCHOLAR", 100, "学号=0000000001、0000000003")
        bills = price([student(1, family="a"), student(2, family="b")], [TUITION], [standard("TUITION", 1000)], [scholar], TERM)
        assert [bill.total_fen for bill in bills] == [900, 1000]

    def test_a_percentage_with_decimals_is_told_exactly(self):
        discount = bill_of(student(), [percent("A", "12.5")]).lines[0].discounts[0]
        assert discount.percent == Decimal("12.5")
        assert b'"percent":12.5' in msgspec.json.Encoder(decimal_format="number").encode(discount)

    @given(
        st.integers(0, 30_000_000),
        st.lists(
            st.tuples(
                st.sampled_from(["percent", "fixed", "waive"]),
                st.integers(1, 100),
                st.booleans(),
                st.booleans(),
                st.integers(1, 3),
            ),
            max_size=5,
        ),
    )
    def test_discounts_never_exceed_the_line_and_always_add_up(self, price_fen, drawn):
        make = {
            "percent": lambda i, n, **more: percent(f"D{i}", str(n), **more),
            "fixed": lambda i, n, **more: fixed(f"D{i}", n * 50_000, **more),
            "waive": lambda i, n, **more: waiver(f"D{i}", **more),
        }
        discounts = [
            make[kind](i, n, stackable=stack, priority=priority, compound=compound and kind == "percent", item_codes=())
            for i, (kind, n, stack, compound, priority) in enumerate(drawn)
        ]
        bill = bill_of(student(), discounts, ((TUITION, price_fen), (DORM, 300_000), (BOOKS, 26_800)))
        for line in bill.lines:
            assert 0 <= line.discount_fen <= line.amount_fen
            assert sum(d.amount_fen for d in line.discounts) == line.discount_fen
            assert line.net_fen == line.amount_fen - line.discount_fen
            assert all(d.amount_fen > 0 for d in line.discounts)
        for discount in discounts:
            if discount.kind == "fixed":
                used = sum(d.amount_fen for line in bill.lines for d in line.discounts if d.code == discount.code)
                assert used <= discount.amount_fen
        assert bill.lines[2].discounts == []
        assert bill.total_fen == sum(line.net_fen for line in bill.lines)


def test_only_enrolled_students_are_billed():
    for status in ("预录", "休学", "转学", "退学", "毕业"):
        bill = bill_of(student(status=status))
        assert (bill.lines, bill.total_fen, bill.mandatory_total_fen) == ([], 0, 0)
