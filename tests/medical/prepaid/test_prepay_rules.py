"""Money before a visit: off for public hospitals, but for what was filed with the authority."""

import pytest

from plugins.medical.prepaid.errors import PrepayOff
from plugins.medical.prepaid.rules import check_prepay

FILED = {"medical": {"prepay_exceptions": {"emergency": "榕卫备〔2025〕1号", "elderly": "榕卫备〔2025〕2号"}}}


@pytest.mark.parametrize("medical", [None, {}, {"allow_outpatient_prepay": "yes"}, {"prepay_exceptions": {"emergency": " "}}, "off"])
def test_it_is_off_unless_the_hospital_says_otherwise(medical):
    with pytest.raises(PrepayOff):
        check_prepay({} if medical is None else {"medical": medical}, "emergency", 80)


def test_a_hospital_that_may_takes_it():
    check_prepay({"medical": {"allow_outpatient_prepay": True}}, "outpatient", 30)


def test_exceptions_count_with_their_filing_number():
    check_prepay(FILED, "emergency", 30)
    check_prepay(FILED, "outpatient", 65)
    for visit_kind, age in (("outpatient", 64), ("outpatient", None), (None, None)):
        with pytest.raises(PrepayOff):
            check_prepay(FILED, visit_kind, age)
