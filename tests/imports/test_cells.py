"""The rules for single cells: dates, phones, ids, names, money. Properties are checked against independent oracles where there are any."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from core.imports import cells
from core.imports.cells import CellProblem, Reading, day, money, name, phone, resident_id, text
from core.imports.sheets import number


def outcome(rule, *args) -> object:
    """The value a rule keeps, or the code of the fault it finds."""
    try:
        return rule(*args).value
    except CellProblem as problem:
        return problem.code


def fault(rule, *args) -> str:
    with pytest.raises(CellProblem) as caught:
        rule(*args)
    assert any("一" <= character <= "鿿" for character in caught.value.message)
    return caught.value.code


class TestDates:
    @pytest.mark.parametrize(
        ("cell", "how"),
        [
            (date(2026, 9, 1), None),
            (datetime(2026, 9, 1), None),
            (datetime(2026, 9, 1, 8), "date_with_time"),
            (46266, "date_excel_serial"),
            (Decimal("46266.75"), "date_excel_serial"),
            ("46266", "date_excel_serial"),
            ("2026-09-01", "date_text_iso"),
            ("2026-9-1", "date_text_iso"),
            ("2026/9/1", "date_text_slash"),
            ("2026/09/01", "date_text_slash"),
            ("20260901", "date_text_compact"),
            (20260901, "date_text_compact"),
            ("\u3000 2026/9/1 ", "date_text_slash"),
            (" 2026-09-01", "half_width_space"),
            ("2026-09-01\u3000", "full_width_space"),
        ],
    )
    def test_every_good_way_of_writing_a_day(self, cell, how):
        assert day(cell) == (date(2026, 9, 1), how)

    @pytest.mark.parametrize("cell", ["2026-02-30", "2026/13/1", "20110431", "2025-02-29", "2026-00-10", "2026/9/0", 60, 0, -5, 3_000_000])
    def test_a_day_that_does_not_exist(self, cell):
        assert fault(day, cell) == "impossible_date"

    @pytest.mark.parametrize(
        "cell",
        [
            "九月一日",
            "01/09/2026",
            "2026年9月1日",
            "2026.9.1",
            "26-9-1",
            "2026-09",
            "２０２６-０９-０１",
            "2026-09-01x",
            "1.5",
            True,
            "下学期",
        ],
    )
    def test_text_that_is_no_day(self, cell):
        assert fault(day, cell) == "bad_date"

    @pytest.mark.parametrize("cell", [2015, date(1900, 1, 5), "0026-09-01", "2926-09-01"])
    def test_a_day_far_from_anybodys_life_is_a_typing_error(self, cell):
        assert fault(day, cell) == "date_out_of_range"

    def test_excel_believes_in_29_february_1900(self):
        assert cells.from_serial(1) == date(1900, 1, 1)
        assert cells.from_serial(59) == date(1900, 2, 28)
        assert cells.from_serial(60) is None
        assert cells.from_serial(61) == date(1900, 3, 1)
        assert cells.from_serial(2_958_465) == date(9999, 12, 31)
        assert cells.from_serial(2_958_466) is None

    def test_workbooks_of_1904_count_from_there(self):
        assert day(46266 - 1462, True).value == date(2026, 9, 1)
        assert cells.from_serial(0, True) == date(1904, 1, 1)

    @given(st.dates(date(1910, 1, 1), date(2199, 12, 31)))
    def test_every_day_survives_every_way_of_writing_it(self, wanted):
        serial = (wanted - date(1899, 12, 30)) // timedelta(days=1)
        slashes = f"{wanted.year}/{wanted.month}/{wanted.day}"
        for cell in (wanted, serial, wanted.isoformat(), f"{wanted:%Y%m%d}", slashes, f" {wanted}\u3000"):
            assert day(cell).value == wanted

    @given(st.text(max_size=12) | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | st.booleans())
    def test_anything_else_is_a_day_or_a_named_fault(self, cell):
        told = outcome(day, cell)
        assert isinstance(told, date) or told in {"bad_date", "impossible_date", "date_out_of_range"}


class TestPhones:
    @pytest.mark.parametrize(
        ("cell", "how"),
        [
            ("16400482518", None),
            ("１６４００４８２５１８", "full_width_digits_phone"),
            ("\u3000１６４００４８２５１８ ", "full_width_digits_phone"),
            (16400482518, "phone_stored_as_number"),
            (" 16400482518", "half_width_space"),
            ("16400482518\u3000", "full_width_space"),
        ],
    )
    def test_good_phones(self, cell, how):
        assert phone(cell) == ("16400482518", how)

    @pytest.mark.parametrize(
        "cell",
        [
            "0000-8858362",
            "154009O0643",
            "161004643897",
            "1640007166",
            "12400192115",
            "+8616400482518",
            "164 0048 2518",
            1640048251,
            Decimal("16400482518.5"),
            True,
            date(2026, 9, 1),
            "١٦٤٠٠٤٨٢٥١٨",
            "-16400482518",
        ],
    )
    def test_bad_phones(self, cell):
        assert fault(phone, cell) == "bad_phone"

    @pytest.mark.parametrize("cell", ["1.54E+10", "1.61e10", "２E+10"])
    def test_a_phone_in_scientific_notation_has_lost_its_digits(self, cell):
        assert fault(phone, cell) == "phone_scientific_text"

    @given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
    def test_every_mobile_number_is_good_as_text_and_as_number(self, mobile):
        assert phone(mobile).value == phone(int(mobile)).value == phone(number(float(mobile))).value == mobile


class TestIds:
    @pytest.mark.parametrize(
        "number",
        ["11010519491231002X", "350582201009010014", "370202201203150024", "420106198807070033"[:17] + "1", "320102199506120047"],
    )
    def test_the_fact_books_ids(self, number):
        expected = cells.check_digit(number[:17])
        assert resident_id(number[:17] + expected).value == number[:17] + expected

    @given(st.dates(date(1910, 1, 1), date(2030, 1, 1)), st.integers(0, 999), st.sampled_from(["110105", "350582", "440106"]))
    def test_check_digits_agree_with_python_stdnum(self, born_on, sequence, area):
        body = f"{area}{born_on:%Y%m%d}{sequence:03d}"
        good = body + cells.check_digit(body)
        assert ric.calc_check_digit(good) == good[17]
        assert resident_id(good) == Reading(good)
        assert resident_id(good.lower()).value == good
        assert cells.holder_of(good) == (born_on, "男" if sequence % 2 else "女")
        for other in "0123456789X":
            if other != good[17]:
                assert fault(resident_id, body + other) == "id_bad_check_digit"

    @given(st.integers(0, 16), st.integers(1, 9))
    def test_any_single_wrong_digit_is_found(self, place, shift):
        good = "350582201009010014"
        wrong = good[:place] + str((int(good[place]) + shift) % 10) + good[place + 1 :]
        assert fault(resident_id, wrong) == "id_bad_check_digit"

    def test_a_small_x_becomes_large(self):
        assert resident_id("11010519491231002x") == ("11010519491231002X", "id_lowercase_x")

    @pytest.mark.parametrize(
        ("cell", "code"),
        [
            ("3505252019010399X", "id_bad_length"),
            ("350582100901001", "id_bad_length"),
            (int(1e14), "id_stored_as_number"),
            (Decimal("3.50582e17"), "id_stored_as_number"),
            ("3.50582E+17", "id_stored_as_number"),
            ("35058220100901O014", "id_bad_characters"),
            ("X50582201009010014", "id_bad_characters"),
            ("３50582201009010014", "id_bad_characters"),
            ("11010520231301002" + cells.check_digit("11010520231301002"), "id_impossible_birth"),
        ],
    )
    def test_bad_ids(self, cell, code):
        assert fault(resident_id, cell) == code

    def test_a_passport_is_kept_as_written(self):
        assert cells.other_id(" T06122063") == ("T06122063", "half_width_space")
        assert cells.other_id("00090864").value == "00090864"
        assert fault(cells.other_id, 90864) == "id_stored_as_number"
        assert fault(cells.other_id, "=1+1") == "id_bad_characters"


class TestNames:
    @pytest.mark.parametrize("value", ["张伟", "买合木提·吐尔逊", "陆䶮熙", "林𬭎", "O'Brien Jean-Luc", "𠮷野", "a" * 50, "María José"])
    def test_names_of_all_kinds_are_kept(self, value):
        assert name(value) == (value, None)

    @pytest.mark.parametrize(
        ("value", "code"),
        [
            ("长" * 51, "name_too_long"),
            ("=1+1", "formula_injection_name"),
            (" \u3000=HYPERLINK(1)", "formula_injection_name"),
            ("+cmd|' /C calc'!A0", "formula_injection_name"),
            ("-2+3", "formula_injection_name"),
            ("@SUM(1)", "formula_injection_name"),
            ("＝1+1", "formula_injection_name"),
            ("李😀婉欣", "emoji_in_name"),
            ("徐乐辰👨‍👩‍👧", "emoji_in_name"),
            ("杜弘程❤️", "emoji_in_name"),
            ("王☆", "emoji_in_name"),
            ("王1⃣", "emoji_in_name"),
            ("<script>alert(1)</script>", "html_in_name"),
            ("张\n伟", "unreadable_character"),
            ("张\x00伟", "unreadable_character"),
            ("张\u202e伟", "unreadable_character"),
            ("张\ufffd", "unreadable_character"),
            (12345, "name_not_text"),
            (True, "name_not_text"),
            (date(2026, 9, 1), "name_not_text"),
        ],
    )
    def test_names_that_hide_something_are_refused(self, value, code):
        assert fault(name, value) == code

    def test_length_is_counted_after_trimming(self):
        assert name("\u3000" + "长" * 50 + "  ").value == "长" * 50

    def test_what_is_unusual_but_right_is_remarked(self):
        assert cells.name_remarks("林𬭎·熙") == ("name_rare_character", "name_middle_dot")
        assert cells.name_remarks("张伟") == ()

    @given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=50))
    def test_no_common_character_is_taken_for_an_emoji(self, value):
        assert name(value).value == value


class TestTextAndChoice:
    def test_numbers_become_their_digits_unless_excel_has_lost_some(self):
        assert text(7).value == "7"
        assert text(Decimal("7.5")).value == "7.5"
        assert fault(text, Decimal("1.23456789012346E+17")) == "number_lost_digits"

    def test_text_is_bounded_and_readable(self):
        assert fault(text, "x" * 201) == "text_too_long"
        assert fault(text, "a\x07") == "unreadable_character"
        assert text("第一行\n第二行").value == "第一行\n第二行"

    def test_a_choice_is_exact_and_lists_what_is_allowed(self):
        assert cells.choice("\u3000走读", ("走读", "寄宿"), "unknown_boarding") == ("走读", "full_width_space")
        with pytest.raises(CellProblem, match="走读、寄宿"):
            cells.choice("半寄宿", ("走读", "寄宿"), "unknown_boarding")

    @given(st.text(alphabet=" \u3000\t\xa0", max_size=4), st.text(alphabet="张a 1", max_size=5), st.text(alphabet=" \u3000", max_size=4))
    def test_trimming_keeps_what_is_inside_and_says_which_spaces_went(self, left, middle, right):
        value, how = cells.trim(left + middle + right)
        assert value == (left + middle + right).strip()
        assert (how is None) == (value == left + middle + right)
        if how == "half_width_space":
            assert "\u3000" not in (left + middle + right).replace(value, "", 1)


class TestMoney:
    @pytest.mark.parametrize(
        ("cell", "fen"),
        [
            (18000, 1800000),
            (number(268.3), 26830),
            (number(21460.5), 2146050),
            ("1,234.50", 123450),
            ("￥268.30", 26830),
            ("0.01", 1),
            ("18000元", 1800000),
            (0, 0),
            ("1，234.5", 123450),
        ],
    )
    def test_yuan_become_exact_fen(self, cell, fen):
        reading = money(cell)
        assert reading.value == fen
        assert type(reading.value) is int

    @pytest.mark.parametrize(
        ("cell", "code"),
        [
            (number(268.305), "amount_too_precise"),
            ("0.001", "amount_too_precise"),
            (-1, "negative_amount"),
            ("-0.01", "negative_amount"),
            (10**13, "amount_too_large"),
            (number(1e300), "amount_too_large"),
            ("NaN", "bad_amount"),
            ("Infinity", "bad_amount"),
            ("1e5", "bad_amount"),
            ("一千", "bad_amount"),
            ("１００", "bad_amount"),
            ("1,23", "bad_amount"),
            ("9" * 400, "bad_amount"),
            (True, "bad_amount"),
            (date(2026, 9, 1), "bad_amount"),
        ],
    )
    def test_amounts_that_are_none(self, cell, code):
        assert fault(money, cell) == code

    @given(st.integers(0, 10**12))
    def test_every_amount_of_fen_survives_excel_and_text(self, fen):
        written = Decimal(fen) / 100
        assert money(number(float(written))).value == fen
        assert money(f"{written:,.2f}").value == fen

    @given(st.text(max_size=10) | st.decimals(allow_nan=False, allow_infinity=False))
    def test_anything_else_is_an_amount_or_a_named_fault(self, cell):
        told = outcome(money, cell)
        assert "amount" in told if isinstance(told, str) else told >= 0

    def test_percentages(self):
        assert cells.percent(50).value == cells.percent("50%").value == cells.percent(Decimal("50.0")).value == 50
        assert cells.percent(Decimal("12.5")).value == Decimal("12.5")
        for bad in (0, -5, 101, Decimal("0.5"), "half", number(1e300)):
            assert fault(cells.percent, bad) == "bad_percent"

    def test_whole_numbers(self):
        assert cells.whole_number("3", 1, 9).value == 3
        for bad in (0, 10, Decimal("1.5"), number(1e300), "x"):
            assert fault(cells.whole_number, bad, 1, 9) == "bad_number"
