"""What a payment costs: the domain book's vector, caps, kinds of card, and days."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.identity.actor import system
from core.onboarding import rates
from core.onboarding.errors import RateInvalid, RateNotAgreed
from core.onboarding.schemas import Rate
from tests import trade

FEE1 = [(83, 0), (1_250, 8), (48_640, 292), (3_000_000, 18_000), (1, 0)]


@pytest.mark.parametrize(("amount_fen", "fee_fen"), FEE1)
def test_the_domain_books_vector(amount_fen, fee_fen):
    assert rates.fee_of(amount_fen, Rate(channel="wechatpay", rate_ppm=6000)) == fee_fen


def test_the_fee_is_rounded_for_each_payment_by_itself():
    rate = Rate(channel="wechatpay", rate_ppm=6000)
    assert 3 * rates.fee_of(83, rate) == 0
    assert rates.fee_of(3 * 83, rate) == 1


@pytest.mark.parametrize(("amount_fen", "fee_fen"), [(100, 10), (500_000, 3_000), (583_333, 3_500), (3_000_000, 3_500)])
def test_at_least_and_at_most(amount_fen, fee_fen):
    assert rates.fee_of(amount_fen, Rate(channel="unionpay", rate_ppm=6000, cap_fen=3_500, min_fen=10)) == fee_fen


def test_a_card_gateway_adds_something_fixed_to_each_payment():
    assert rates.fee_of(10_000, Rate(channel="stripe", rate_ppm=29_000, fixed_fen=30)) == 320


@given(st.integers(1, 10**12), st.integers(0, 100_000), st.integers(0, 1000))
def test_a_fee_is_never_negative_never_above_its_cap_and_grows_with_the_amount(amount_fen, rate_ppm, room):
    rate = Rate(channel="x", rate_ppm=rate_ppm, cap_fen=room + 5, min_fen=5)
    assert 5 <= rates.fee_of(amount_fen, rate) <= room + 5
    assert rates.fee_of(amount_fen, rate) <= rates.fee_of(amount_fen + 1, rate)


@pytest.mark.parametrize(("typed", "ppm"), [("0.6", 6000), ("0.6%", 6000), (" 1 ", 10_000), ("0", 0), (".38", 3800), ("0.3825", 3825)])
def test_percentages_as_people_type_them(typed, ppm):
    assert rates.ppm_of(typed) == ppm
    assert rates.ppm_of(rates.percent(ppm)) == ppm


@pytest.mark.parametrize("typed", ["", "-1", "0.00001", "1e2", "六", "0,6", "٣", "100.0", "%"])
def test_what_is_no_percentage_is_refused(typed):
    with pytest.raises(RateInvalid):
        rates.ppm_of(typed)


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        [Rate(channel="alipay", rate_ppm=1)],
        [Rate(channel="wechatpay", rate_ppm=100_001)],
        [Rate(channel="wechatpay", rate_ppm=-1)],
        [Rate(channel="wechatpay", rate_ppm=1, fixed_fen=10_001)],
        [Rate(channel="wechatpay", rate_ppm=1), Rate(channel="wechatpay", rate_ppm=2)],
        [Rate(channel="wechatpay", rate_ppm=1, card_type="credit")],
        [Rate(channel="wechatpay", rate_ppm=1, card_type="gold")],
        [Rate(channel="wechatpay", rate_ppm=1, min_fen=10, cap_fen=9)],
    ],
)
def test_rates_are_whole_before_they_are_agreed(wrong):
    with pytest.raises(RateInvalid):
        rates.check(wrong, ["wechatpay"])


async def test_rates_hold_from_a_day_on_and_credit_cards_may_have_their_own(platform, client):
    made = await client(plugins=())
    school = await trade.found(platform, made.id)
    by, merchant_id = system(made.id), school.merchants["MEAL"]
    first, later = dt.date(2026, 9, 1), dt.date(2026, 10, 1)
    async with platform.database.tenant(made.id) as session:
        await rates.agree(session, by, merchant_id, [Rate(channel="wechatpay", rate_ppm=6000)], first)
        both = [Rate(channel="wechatpay", rate_ppm=3800), Rate(channel="wechatpay", rate_ppm=5500, card_type="credit")]
        await rates.agree(session, by, merchant_id, both, later)
        for day, card, expected in (
            (first, "", 6000), (dt.date(2026, 9, 30), "credit", 6000), (later, "", 3800), (later, "credit", 5500), (later, "debit", 3800),
        ):  # fmt: skip
            assert (await rates.in_force(session, merchant_id, "wechatpay", day, card)).rate_ppm == expected
        with pytest.raises(RateNotAgreed):
            await rates.in_force(session, merchant_id, "wechatpay", dt.date(2026, 8, 31))
        with pytest.raises(RateNotAgreed):
            await rates.in_force(session, school.merchants["TUITION"], "wechatpay", later)


async def test_rates_agreed_twice_for_a_day_leave_the_last(platform, client):
    made = await client(plugins=())
    school = await trade.found(platform, made.id)
    merchant_id, day = school.merchants["MEAL"], dt.date(2026, 9, 1)
    async with platform.database.tenant(made.id) as session:
        for ppm in (6000, 3000):
            await rates.agree(session, system(made.id), merchant_id, [Rate(channel="wechatpay", rate_ppm=ppm)], day)
        assert (await rates.in_force(session, merchant_id, "wechatpay", day)).rate_ppm == 3000
        assert len(await rates.listed(session, merchant_id)) == 1
