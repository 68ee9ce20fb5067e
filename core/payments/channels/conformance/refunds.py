"""What any channel does when money goes back: part by part, once for each number, never more than was paid."""

import asyncio
import datetime as dt

import msgspec
import pytest

from core.payments.channels.conformance.needs import needs, without
from core.payments.channels.conformance.world import Paid, World, begun, paid, ref_of, ref_of_refund, refund_of
from core.payments.channels.errors import ChannelRefused, ChannelShort
from core.payments.channels.protocol import RefundRequest, RefundState

UNDER_WAY = ("processing", "succeeded")


async def refunded(world: World, refund: RefundRequest) -> RefundState:
    """Ask for a refund and wait for its end; what a query then says."""
    taken = await world.channel.refund(world.account, refund)
    assert taken.state in UNDER_WAY, f"not taken: {taken.state} {taken.reason}"
    assert (taken.number, taken.order_number) == (refund.number, refund.order.number)
    await world.refund_done(refund)
    return await world.channel.query_refund(world.account, ref_of_refund(refund))


async def nothing_left(world: World, payment: Paid) -> None:
    """Not one fen more can be refunded."""
    with pytest.raises(ChannelRefused) as refused:
        await world.channel.refund(world.account, refund_of(payment, 1))
    assert not isinstance(refused.value, ChannelShort)


class Refunds:
    """Refunding, asking about refunds, and their failures."""

    def test_the_rules_of_refunding_are_told(self, world: World):
        rules = world.channel.refund_rules
        assert rules.window_days is None or rules.window_days > 0
        assert rules.most is None or rules.most > 0
        assert rules.spacing_seconds >= 0

    @needs("refunds")
    async def test_a_whole_payment_goes_back(self, world: World):
        payment = await paid(world, amount_fen=2_000)
        state = await refunded(world, refund_of(payment, 2_000))
        assert (state.state, state.amount_fen, state.order_number) == ("succeeded", 2_000, payment.order.number)
        assert (await world.channel.query(world.account, payment.ref)).paid, "the payer has paid, whatever went back since"
        await nothing_left(world, payment)

    @needs("refunds")
    async def test_a_payment_goes_back_in_parts_to_the_last_fen(self, world: World):
        payment = await paid(world, amount_fen=1_000)
        for amount_fen in (300, 699, 1):
            refund = refund_of(payment, amount_fen)
            state = await refunded(world, refund)
            assert (state.state, state.amount_fen, state.number) == ("succeeded", amount_fen, refund.number)
        await nothing_left(world, payment)

    @needs("refunds")
    async def test_the_same_number_again_moves_nothing(self, world: World):
        payment = await paid(world, amount_fen=1_000)
        refund = refund_of(payment, 600)
        await refunded(world, refund)
        for _ in range(2):
            again = await refunded(world, refund)
            assert (again.state, again.amount_fen) == ("succeeded", 600)
        await refunded(world, refund_of(payment, 400))
        await nothing_left(world, payment)

    @needs("refunds")
    async def test_the_same_number_five_times_at_once_moves_money_once(self, world: World):
        payment = await paid(world, amount_fen=1_000)
        refund = refund_of(payment, 600)
        answers = await asyncio.gather(*(world.channel.refund(world.account, refund) for _ in range(5)), return_exceptions=True)
        assert any(isinstance(answer, RefundState) for answer in answers)
        await world.refund_done(refund)
        await refunded(world, refund_of(payment, 400))
        await nothing_left(world, payment)

    @needs("refunds")
    async def test_two_refunds_at_once_never_give_back_more_than_was_paid(self, world: World):
        payment = await paid(world, amount_fen=1_000)
        refunds = [refund_of(payment, 600) for _ in range(3)]
        answers = await asyncio.gather(*(world.channel.refund(world.account, one) for one in refunds), return_exceptions=True)
        taken = [one for one, answer in zip(refunds, answers, strict=True) if isinstance(answer, RefundState)]
        assert len(taken) <= 1
        assert all(isinstance(answer, (RefundState, ChannelRefused)) or "UNKNOWN" in getattr(answer, "code", "") for answer in answers)

    @needs("refunds")
    async def test_the_same_number_for_another_amount_moves_nothing_more(self, world: World):
        payment = await paid(world, amount_fen=1_000)
        refund = refund_of(payment, 300)
        await refunded(world, refund)
        try:
            other = await world.channel.refund(world.account, msgspec.structs.replace(refund, amount_fen=500))
        except ChannelRefused:
            other = None
        assert other is None or other.amount_fen == 300
        await refunded(world, refund_of(payment, 700))
        await nothing_left(world, payment)

    @needs("refunds")
    async def test_more_than_was_paid_is_refused_and_nothing_moves(self, world: World):
        payment = await paid(world, amount_fen=500)
        with pytest.raises(ChannelRefused):
            await world.channel.refund(world.account, refund_of(payment, 501))
        assert (await refunded(world, refund_of(payment, 500))).state == "succeeded"

    @needs("refunds")
    async def test_an_unpaid_order_gives_nothing_back(self, world: World):
        order, prepared = await begun(world)
        state = await world.channel.query(world.account, ref_of(order, prepared))
        unpaid = Paid(order, prepared, state, ref_of(order, prepared))
        with pytest.raises(ChannelRefused):
            await world.channel.refund(world.account, refund_of(unpaid, 1))

    @needs("refunds")
    async def test_a_refund_the_channel_never_saw_is_unknown_not_failed(self, world: World):
        payment = await paid(world)
        refund = refund_of(payment, 1)
        state = await world.channel.query_refund(world.account, ref_of_refund(refund))
        assert (state.state, state.number) == ("unknown", refund.number)

    @needs("refunds")
    async def test_a_refund_that_went_through_says_when_if_the_channel_does(self, world: World):
        payment = await paid(world, amount_fen=100)
        state = await refunded(world, refund_of(payment, 100))
        assert state.refunded_at is None or state.refunded_at.utcoffset().total_seconds() == 0

    @needs("refunds", "refund_failure")
    async def test_a_refund_that_failed_leaves_the_money_and_can_be_brought_to_its_end(self, world: World):
        payment = await paid(world, amount_fen=800)
        refund = refund_of(payment, 800)
        await world.break_next("refund_fail", payment.order.number)
        taken = await world.channel.refund(world.account, refund)
        if taken.state == "processing":
            await world.refund_done(refund)
            taken = await world.channel.query_refund(world.account, ref_of_refund(refund))
        assert taken.state in ("failed", "closed")
        assert (await world.channel.query(world.account, payment.ref)).paid
        again = refund if taken.state == "failed" else refund_of(payment, 800)
        assert (await refunded(world, again)).state == "succeeded"
        await nothing_left(world, payment)

    @needs("revocation")
    async def test_a_whole_payment_is_undone_on_its_day_and_its_notices_and_queries_tell(self, world: World):
        payment = await paid(world, amount_fen=2_000)
        undo = refund_of(payment, 2_000)
        taken = await world.channel.revoke(world.account, undo)
        assert (taken.state in UNDER_WAY, taken.number, taken.order_number) == (True, undo.number, undo.order.number)
        await world.refund_done(undo)
        state = await world.channel.query_refund(world.account, ref_of_refund(undo))
        assert (state.state, state.amount_fen) == ("succeeded", 2_000)
        again = await world.channel.revoke(world.account, undo)
        assert again.state in UNDER_WAY, "the same number again is the same undo"
        await nothing_left(world, payment)

    @needs("revocation")
    async def test_a_part_is_not_undone_and_an_undo_that_was_refused_leaves_the_money_to_be_refunded(self, world: World):
        payment = await paid(world, amount_fen=1_000)
        with pytest.raises(ChannelRefused):
            await world.channel.revoke(world.account, refund_of(payment, 999))
        await refunded(world, refund_of(payment, 400))
        with pytest.raises(ChannelRefused):
            await world.channel.revoke(world.account, refund_of(payment, 1_000))
        assert (await refunded(world, refund_of(payment, 600))).state == "succeeded"

    @needs("revocation")
    async def test_a_payment_of_an_earlier_day_is_not_undone(self, world: World):
        payment = await paid(world, amount_fen=500)
        await world.age(payment.order)
        old = refund_of(payment, 500)
        with pytest.raises(ChannelRefused):
            await world.channel.revoke(world.account, old)
        assert (await refunded(world, refund_of(payment, 500))).state == "succeeded"

    @needs("revocation")
    def test_whether_the_day_is_still_running_is_told_without_asking_anybody(self, world: World):
        noon, day = dt.datetime(2026, 11, 20, 4, tzinfo=dt.UTC), dt.timedelta(days=1)
        assert world.channel.may_revoke(noon, noon)
        assert not world.channel.may_revoke(noon, noon + day)
        assert not world.channel.may_revoke(noon, noon - day), "nothing is undone before it was done"

    @without("revocation")
    def test_a_channel_without_undoing_does_not_promise_it(self, world: World):
        assert not hasattr(world.channel, "revoke")

    @needs("refunds", "short")
    async def test_a_refund_waits_while_the_merchant_number_is_short_and_then_goes_under_its_number(self, world: World):
        payment = await paid(world, amount_fen=800)
        refund = refund_of(payment, 800)
        await world.break_next("refund_short", payment.order.number)
        with pytest.raises(ChannelShort):
            await world.channel.refund(world.account, refund)
        assert (await world.channel.query_refund(world.account, ref_of_refund(refund))).state in ("unknown", "failed")
        await world.mend(payment.order.number)
        assert (await refunded(world, refund)).state == "succeeded"
