"""Fees over the merchants of one payment: they add up to the fee of the transaction, in whatever bits the money comes (Hypothesis)."""

from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from core.onboarding import rates
from core.onboarding.schemas import Rate
from core.settlement.formula import Sums, payable
from core.settlement.sharing import Borne, fees, fees_returned, shares

A, B, C = (UUID(int=n) for n in (1, 2, 3))
merchants = st.sampled_from([A, B, C])
amounts = st.integers(0, 5_000_000)
agreed = st.builds(
    Rate, channel=st.just("wechatpay"), rate_ppm=st.integers(0, 100_000), min_fen=st.integers(0, 10),
    cap_fen=st.one_of(st.none(), st.integers(10, 10_000)), fixed_fen=st.integers(0, 50),
)  # fmt: skip


@given(st.dictionaries(merchants, amounts, min_size=1), agreed)
def test_shares_add_up_to_the_fee_of_the_whole_and_follow_the_amounts(money, rate):
    parts, total = shares(money, rate), sum(money.values())
    assert sum(parts.values()) == (rates.fee_of(total, rate) if total else 0)
    assert all(parts[one] >= 0 for one in parts)
    for one in parts:
        exact = sum(parts.values()) * money[one]
        assert abs(parts[one] * total - exact) < max(total, 1), "never a fen or more away from the exact share"


@given(st.lists(st.dictionaries(merchants, st.integers(-1_000_000, 3_000_000), min_size=1), max_size=6), agreed)
@settings(max_examples=300)
def test_bits_of_a_payment_cost_what_the_whole_costs_whatever_their_order(bits, rate):
    before: dict[UUID, Borne] = {}
    for bit in bits:
        for one, fee in fees(bit, before, rate).items():
            has = before.get(one, Borne())
            before[one] = Borne(has.settled_fen + bit[one], has.fee_fen + fee)
    whole = sum(max(has.settled_fen, 0) for has in before.values())
    assert sum(has.fee_fen for has in before.values()) == (rates.fee_of(whole, rate) if whole else 0)


@given(st.dictionaries(merchants, st.integers(1, 1_000_000), min_size=1), agreed, st.data())
def test_refunds_never_give_back_more_fee_than_was_taken(money, rate, data):
    charged = shares(money, rate)
    for _ in range(3):
        back = {one: data.draw(st.integers(0, fen)) for one, fen in money.items()}
        given_back = fees_returned(back, charged, rate, returns=True)
        assert all(0 <= given_back[one] <= charged[one] for one in back)
        charged = {one: charged[one] - given_back.get(one, 0) for one in charged}
    assert set(fees_returned(money, charged, rate, returns=False).values()) == {0}


def test_a_whole_refund_gives_the_whole_fee_back():
    rate = Rate(channel="wechatpay", rate_ppm=6_000)
    charged = shares({A: 10_000, B: 5_050}, rate)
    assert fees_returned({A: 10_000, B: 5_050}, charged, rate, returns=True) == charged


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9))
def test_what_is_paid_is_never_negative_and_never_more_than_is_there(net_fen, available_fen):
    paid = payable(net_fen, available_fen)
    assert paid >= 0
    assert paid == 0 or (paid <= net_fen and paid <= available_fen)


def test_the_worked_example():
    sums = Sums(gross_fen=10_000_000, refund_fen=200_000, fee_fen=60_000, fee_refund_fen=1_200)
    assert (sums.cost_fen, sums.net_fen) == (58_800, 9_741_200)
