"""Money keeps every fen: rounding, sharing, cutting and writing, over all amounts that can occur."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidRequest
from core.money import MAX_FEN, BadAmount, capital, equal_instalments, format_yuan, half_up, instalments, percent_of, split, yuan

FEN = st.integers(-MAX_FEN, MAX_FEN)
OWED = st.integers(0, MAX_FEN)



def percentages(parts: list[int]) -> list[Decimal]:
    """Parts of a whole as percentages; the last takes what rounding left."""
    first = [Decimal(part * 100) / sum(parts) for part in parts[:-1]]
    return [*first, 100 - sum(first)]


PERCENTS = st.lists(st.integers(1, 1_000), min_size=1, max_size=12).map(percentages)
DIGITS = {digit: value for value, digit in enumerate("零壹贰叁肆伍陆柒捌玖")}
UNITS = {"拾": 10, "佰": 100, "仟": 1_000}


def read_capital(text: str) -> int:
    """Read capitals back, independently of how they were written."""
    sign = -1 if text.startswith("负") else 1
    text = text.removeprefix("负").removesuffix("整")
    total = section = digit = 0
    for character in text:
        if character in DIGITS:
            digit = DIGITS[character]
        elif character in UNITS:
            section, digit = section + digit * UNITS[character], 0
        elif character in "万亿":
            if section or digit:
                total, section, digit = total + (section + digit) * {"万": 10**4, "亿": 10**8}[character], 0, 0
            else:
                total *= {"万": 10**4, "亿": 10**8}[character]
        elif character == "元":
            total, section, digit = (total + section + digit) * 100, 0, 0
        else:
            total, digit = total + digit * {"角": 10, "分": 1}[character], 0
    return sign * total


@given(FEN)
def test_what_is_written_reads_back_as_the_same_amount(fen):
    assert yuan(format_yuan(fen)) == fen
    assert yuan("￥" + format_yuan(fen).replace(",", "，")) == fen


@given(OWED, st.lists(st.integers(0, 10**9), min_size=1, max_size=30).filter(any))
def test_shares_add_up_and_none_is_a_fen_off_its_due(total, weights):
    parts = split(total, weights)
    assert sum(parts) == total
    assert all(abs(Decimal(part) - Decimal(total) * weight / sum(weights)) < 1 for part, weight in zip(parts, weights, strict=True))
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0 and total % sum(weights) == 0)


@given(OWED, st.permutations([3, 3, 5, 7, 11]))
def test_a_share_depends_on_its_weight_and_not_on_its_place_beyond_one_fen(total, weights):
    parts = dict.fromkeys(weights, 0)
    for part, weight in zip(split(total, weights), weights, strict=True):
        assert abs(part - total * weight // 29) <= 1
        parts[weight] += part
    assert sum(parts.values()) == total


def test_nothing_can_be_shared_over_no_weight():
    assert split(0, [0, 0]) == [0, 0]
    with pytest.raises(BadAmount):
        split(1, [0, 0])


@given(OWED, PERCENTS)
def test_instalments_by_percentage_add_up(total, percents):
    parts = instalments(total, percents)
    assert sum(parts) == total
    assert len(parts) == len(percents)
    assert all(part == percent_of(total, percent) for part, percent in zip(parts[:-1], percents[:-1], strict=True))


@pytest.mark.parametrize("percents", [[50, 49], [50, 51], [100, 0], [110, -10], []])
def test_percentages_that_are_no_whole_are_refused(percents):
    with pytest.raises(InvalidRequest, match="100%"):
        instalments(1_000, percents)


@given(OWED, st.integers(1, 60))
def test_equal_instalments_add_up_and_the_last_takes_the_rest(total, count):
    parts = equal_instalments(total, count)
    assert sum(parts) == total
    assert len(set(parts[:-1])) <= 1
    assert abs(parts[-1] - Decimal(total) / count) <= Decimal(count) / 2


@given(FEN, st.decimals(0, 100, places=4))
def test_a_percentage_is_rounded_half_away_from_zero(fen, percent):
    exact = Decimal(fen) * percent / 100
    assert percent_of(fen, percent) == int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    assert percent_of(-fen, percent) == -percent_of(fen, percent)


def test_halves_go_up_on_both_sides_of_zero():
    assert [half_up(Decimal(value)) for value in ("0.5", "1.5", "2.5", "-0.5", "0.49")] == [1, 2, 3, -1, 0]


@pytest.mark.parametrize("typed", ["", " ", "abc", "1.234", "1..2", "Infinity", "NaN", "1e20", "0x10", "１２.3.4", True, None])
def test_what_is_no_amount_is_refused(typed):
    with pytest.raises(BadAmount) as refused:
        yuan(typed)
    assert refused.value.code == "BAD_AMOUNT"


@pytest.mark.parametrize(
    ("typed", "fen"), [(" 12 ", 1_200), ("12.30", 1_230), (12, 1_200), (Decimal("0.01"), 1), (Decimal("1E+3"), 100_000), (".5", 50), ("-5", -500)]
)
def test_what_people_and_files_hold_becomes_fen(typed, fen):
    assert yuan(typed) == fen


@given(FEN)
def test_capitals_read_back_as_the_same_amount(fen):
    assert read_capital(capital(fen)) == fen


@given(FEN)
def test_capitals_have_no_double_zero_and_end_as_receipts_must(fen):
    text = capital(fen)
    assert "零零" not in text
    assert text.endswith("分") != text.endswith("整")


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (100_000, "壹仟元整"),
        (10_00, "壹拾元整"),
        (101_01, "壹佰零壹元零壹分"),
        (1_010_00, "壹仟零壹拾元整"),
        (10_010_00, "壹万零壹拾元整"),
        (20_000_000_00, "贰仟万元整"),
        (100_010_000_00, "壹亿零壹万元整"),
        (100_000_010_00, "壹亿零壹拾元整"),
        (1_000_000_000_000_00, "壹万亿元整"),
        (10_000_000_000_000_00, "壹拾万亿元整"),
        (12, "壹角贰分"),
        (2, "贰分"),
    ],
)
def test_capitals_as_a_bank_writes_them(fen, text):
    assert capital(fen) == text
