"""Identifiers: rows in the order of time, numbers every channel accepts, secrets that cannot be guessed."""

import re
import time

from hypothesis import given
from hypothesis import strategies as st

from core import ids


def test_row_ids_are_version_7_and_ordered_by_time():
    first = ids.uuid7()
    time.sleep(0.002)
    second = ids.uuid7()
    assert (first.version, first.variant) == (7, "specified in RFC 4122")
    assert first < second
    assert abs((first.int >> 80) - time.time_ns() // 1_000_000) < 60_000


def test_ten_thousand_at_once_are_all_different():
    assert len({ids.uuid7() for _ in range(10_000)}) == 10_000


@given(st.sampled_from("BPR"), st.integers(9, 25))
def test_a_number_is_letters_and_digits_that_nobody_confuses(prefix, length):
    number = ids.number(prefix, "261122", length)
    assert re.fullmatch(rf"{prefix}261122[0-9A-HJ-NP-Z]{{{length}}}", number)
    assert 16 <= len(number) <= 32


@given(st.integers(1, 30))
def test_digits_are_as_many_as_asked_and_do_not_begin_with_zero(length):
    assert re.fullmatch(rf"[1-9][0-9]{{{length - 1}}}", ids.digits(length))


def test_tokens_hold_256_bits_and_are_safe_in_addresses():
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", ids.token())
    assert ids.token() != ids.token()
