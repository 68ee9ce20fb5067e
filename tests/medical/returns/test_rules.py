"""Where a return goes, from the states of its refund and its settlement alone."""

import pytest

from core.refunds.states import UNDER_WAY
from plugins.medical.returns.rules import left_of, next_status


@pytest.mark.parametrize(
    ("status", "refund", "settlement", "target"),
    [
        ("requested", "requested", None, None),
        ("requested", "approved", None, "refunding"),
        ("requested", "approved", "settled", None),
        ("requested", "approved", "reversing", None),
        ("requested", "approved", "reversed", "insurance_reversed"),
        ("insurance_reversed", "approved", "reversed", "refunding"),
        ("insurance_reversed", "requested", "reversed", None),
        ("requested", "rejected", "settled", "rejected"),
        ("requested", "cancelled", None, "rejected"),
        ("requested", "failed", "settled", "rejected"),
        ("requested", "failed", "reversing", None),
        ("requested", None, None, "refunding"),
        ("refunding", None, None, "done"),
        ("refunding", "success", None, "done"),
        ("refunding", "partial", None, "failed"),
        ("failed", "approved", None, "refunding"),
        ("done", "success", None, None),
    ],
)
def test_a_return_follows(status, refund, settlement, target):
    assert next_status(status, refund, settlement) == target


@pytest.mark.parametrize("refund", [*UNDER_WAY, "success", "failed", "partial"])
@pytest.mark.parametrize("settlement", ["settled", "cleared", "reversing"])
def test_no_cash_is_on_its_way_while_the_insurers_part_stands(refund, settlement):
    assert next_status("requested", refund, settlement) in (None, "rejected")


def test_what_is_left_is_never_negative():
    assert (left_of(100, 30, 20), left_of(100, 80, 40)) == (50, 0)
