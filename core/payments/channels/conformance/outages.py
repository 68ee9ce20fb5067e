"""What any channel makes of answers that fail, come late or were altered: unknown, never failed, and never twice."""

import datetime as dt

import msgspec
import pytest

from core.payments.channels.conformance.needs import needs
from core.payments.channels.conformance.world import World, begun, paid, ref_of, refund_of
from core.payments.channels.errors import ChannelUnknown
from core.payments.channels.protocol import OrderRequest, Prepared

NOWHERE = "http://127.0.0.1:9"
BROKEN = pytest.mark.parametrize("kind", ["api_error", "api_timeout", "api_tamper"])


async def insisted(world: World, order: OrderRequest) -> Prepared:
    """Ask for an order although the first answer cannot be believed (a channel that asks nobody answers at once)."""
    try:
        await world.channel.create(world.account, order)
    except ChannelUnknown:
        pass
    finally:
        await world.mend(order.number)
    return await world.channel.create(world.account, order)


class Outages:
    """Every call, with the other side broken in each way."""

    @needs("calls")
    @BROKEN
    async def test_an_order_asked_for_in_a_breakdown_is_paid_once_after_it(self, world: World, kind: str):
        order = world.order()
        await world.break_next(kind, order.number)
        prepared = await insisted(world, order)
        await world.arrive(order, prepared)
        assert await world.pay(order, prepared)
        state = await world.channel.query(world.account, ref_of(order, prepared))
        assert (state.state, state.amount_fen) == ("succeeded", order.amount_fen)

    @needs("calls")
    @BROKEN
    async def test_a_query_in_a_breakdown_decides_nothing(self, world: World, kind: str):
        order, prepared = await begun(world)
        await world.break_next(kind, order.number)
        with pytest.raises(ChannelUnknown):
            await world.channel.query(world.account, ref_of(order, prepared))
        state = await world.channel.query(world.account, ref_of(order, prepared))
        assert state.state in ("pending", "unknown")

    @needs("calls")
    @BROKEN
    async def test_a_paid_order_is_not_taken_for_unpaid_in_a_breakdown(self, world: World, kind: str):
        payment = await paid(world)
        await world.break_next(kind, payment.order.number)
        with pytest.raises(ChannelUnknown):
            await world.channel.query(world.account, payment.ref)
        assert (await world.channel.query(world.account, payment.ref)).paid

    @needs("calls", "early_close")
    @BROKEN
    async def test_a_close_in_a_breakdown_is_repeated(self, world: World, kind: str):
        order, prepared = await begun(world)
        await world.break_next(kind, order.number)
        with pytest.raises(ChannelUnknown):
            await world.channel.close(world.account, ref_of(order, prepared))
        await world.mend(order.number)
        await world.channel.close(world.account, ref_of(order, prepared))
        assert (await world.channel.query(world.account, ref_of(order, prepared))).state == "closed"

    @needs("calls", "refunds")
    @BROKEN
    async def test_a_refund_in_a_breakdown_is_repeated_under_its_number_and_moves_money_once(self, world: World, kind: str):
        payment = await paid(world, amount_fen=1_000)
        refund = refund_of(payment, 600)
        await world.break_next(kind, payment.order.number)
        with pytest.raises(ChannelUnknown):
            await world.channel.refund(world.account, refund)
        await world.mend(payment.order.number)
        taken = await world.channel.refund(world.account, refund)
        assert (taken.number, taken.state in ("processing", "succeeded")) == (refund.number, True)
        await world.refund_done(refund)
        rest = refund_of(payment, 400)
        assert (await world.channel.refund(world.account, rest)).state in ("processing", "succeeded"), "the first one moved 600, not 1200"

    @needs("calls")
    async def test_nobody_at_the_other_end_is_unknown(self, world: World):
        away = msgspec.structs.replace(world.account, base_url=NOWHERE)
        with pytest.raises(ChannelUnknown):
            await world.channel.query(away, ref_of(world.order()))

    @needs("calls", "refunds")
    async def test_nobody_at_the_other_end_refunds_nothing_and_knows_nothing(self, world: World):
        payment = await paid(world)
        away = msgspec.structs.replace(world.account, base_url=NOWHERE)
        with pytest.raises(ChannelUnknown):
            await world.channel.refund(away, refund_of(payment, 1))

    @needs("calls", "statements")
    async def test_nobody_at_the_other_end_is_not_a_day_without_business(self, world: World):
        away = msgspec.structs.replace(world.account, base_url=NOWHERE)
        with pytest.raises(ChannelUnknown):
            await world.channel.fetch_statement(away, dt.date(2026, 9, 1))

    @needs("calls")
    async def test_what_the_channel_said_is_kept_byte_for_byte(self, world: World):
        assert (await paid(world)).state.raw
