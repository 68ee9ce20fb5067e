"""What any channel does with an order: prepares each scene, takes money once, follows it to its end."""

import asyncio
import datetime as dt
import re
from typing import get_args

import msgspec
import pytest

from core.payments.channels.conformance.needs import needs, without
from core.payments.channels.conformance.world import World, begun, paid, ref_of
from core.payments.channels.errors import AlreadyPaid, ChannelRefused, OrderNotAtChannel, SceneNotOffered
from core.payments.channels.protocol import Channel, Scene, disagreements

LEADS_ON = {
    "h5": {"redirect", "form"},
    "page": {"redirect", "form"},
    "jsapi": {"jsapi"},
    "app": {"app"},
    "native": {"qr"},
    "barcode": {"wait"},
    "card": {"card"},
    "cash": {"wait"},
    "pos": {"wait"},
    "transfer": {"wait"},
    "cheque": {"wait"},
}
"""How the payer goes on, by scene."""


class Orders:
    """Creating, paying, querying and closing."""

    def test_the_channel_has_everything_the_protocol_promises(self, world: World):
        promised = {name for name in vars(Channel) if not name.startswith("_")} | set(Channel.__annotations__)
        assert {name for name in promised if not hasattr(world.channel, name)} == set()
        assert re.fullmatch(r"[a-z][a-z0-9_]{1,31}", world.channel.code)
        assert world.channel.title
        assert world.account.channel == world.channel.code

    def test_every_scene_has_a_limit_in_fen(self, world: World):
        channel = world.channel
        assert channel.scenes
        assert set(channel.limits) == set(channel.scenes) <= set(get_args(Scene))
        assert {type(limit) for limit in channel.limits.values()} == {int}
        assert min(channel.limits.values()) > 0

    async def test_each_scene_leads_its_payer_on(self, world: World):
        for scene in world.channel.scenes:
            prepared = await world.channel.create(world.account, world.order(scene=scene))
            assert prepared.kind in LEADS_ON[scene], scene
            assert prepared.kind == "wait" or prepared.value or prepared.params, scene

    async def test_a_scene_it_does_not_offer_is_refused(self, world: World):
        order = world.order()
        for scene in set(get_args(Scene)) - set(world.channel.scenes):
            with pytest.raises(SceneNotOffered):
                await world.channel.create(world.account, msgspec.structs.replace(order, scene=scene))

    async def test_an_order_of_the_most_that_can_be_charged_is_taken(self, world: World):
        scene = world.order().scene
        limit = world.channel.limits[scene]
        assert (await paid(world, scene=scene, amount_fen=limit)).state.amount_fen == limit

    async def test_one_fen_is_taken(self, world: World):
        assert (await paid(world, amount_fen=1)).state.amount_fen == 1

    @pytest.mark.parametrize("length", [16, 32])
    async def test_our_shortest_and_our_longest_number_come_back_as_they_went(self, world: World, length: int):
        unlike = world.order().number
        number = (unlike + "Zz9" * 8)[:32] if length == 32 else "Z" + unlike[-15:]
        payment = await paid(world, number=number)
        assert payment.state.order_number == number

    async def test_a_long_chinese_description_is_no_obstacle(self, world: World):
        order, prepared = await begun(world, description="二〇二六学年秋季学期学费、住宿费与教材费" * 12)
        state = await world.channel.query(world.account, ref_of(order, prepared))
        assert state.state in ("pending", "unknown")

    async def test_the_same_order_asked_twice_is_one_order_and_paid_once(self, world: World):
        order, first = await begun(world)
        again = await world.channel.create(world.account, order)
        assert (again.kind, again.reference) == (first.kind, first.reference)
        assert await world.pay(order, again)
        assert not await world.pay(order, first)
        assert (await world.channel.query(world.account, ref_of(order, again))).amount_fen == order.amount_fen

    async def test_the_same_order_asked_five_times_at_once_is_one_order(self, world: World):
        order = world.order()
        prepared = await asyncio.gather(*(world.channel.create(world.account, order) for _ in range(5)))
        assert len({(one.kind, one.reference) for one in prepared}) == 1
        assert [await world.pay(order, one) for one in prepared] == [True, False, False, False, False]

    async def test_a_paid_order_asked_for_again_takes_no_second_payment(self, world: World):
        payment = await paid(world)
        try:
            again = await world.channel.create(world.account, payment.order)
        except AlreadyPaid:
            again = payment.prepared
        assert not await world.pay(payment.order, again)

    async def test_an_order_the_channel_never_saw_is_unknown_not_failed(self, world: World):
        order = world.order()
        state = await world.channel.query(world.account, ref_of(order))
        assert (state.state, state.paid, state.order_number) == ("unknown", False, order.number)

    async def test_an_order_is_followed_from_pending_to_paid(self, world: World):
        order, prepared = await begun(world)
        before = await world.channel.query(world.account, ref_of(order, prepared))
        assert before.state in ("pending", "unknown")
        assert not before.paid
        started = dt.datetime.now(dt.UTC)
        assert await world.pay(order, prepared)
        after = await world.channel.query(world.account, ref_of(order, prepared))
        assert after.state == "succeeded"
        assert disagreements(after, world.account, order.number, order.amount_fen, order.currency) == {}
        assert after.channel_txn_id
        assert after.paid_at is None or abs(after.paid_at - started) < dt.timedelta(minutes=10)
        assert after.paid_at is None or after.paid_at.utcoffset() == dt.timedelta(0)

    async def test_two_orders_never_have_the_same_transaction(self, world: World):
        assert len({(await paid(world)).state.channel_txn_id for _ in range(3)}) == 3

    @needs("early_close")
    async def test_an_unpaid_order_is_closed_and_may_be_closed_again(self, world: World):
        order, prepared = await begun(world)
        for _ in range(2):
            await world.channel.close(world.account, ref_of(order, prepared))
        assert (await world.channel.query(world.account, ref_of(order, prepared))).state == "closed"
        assert not await world.pay(order, prepared)

    @without("early_close")
    async def test_an_unpaid_order_that_cannot_be_ended_yet_stays_as_it_is(self, world: World):
        order, prepared = await begun(world)
        with pytest.raises(ChannelRefused):
            await world.channel.close(world.account, ref_of(order, prepared))
        assert await world.pay(order, prepared)

    async def test_closing_a_paid_order_says_that_it_is_paid(self, world: World):
        payment = await paid(world)
        with pytest.raises(AlreadyPaid):
            await world.channel.close(world.account, payment.ref)
        assert (await world.channel.query(world.account, payment.ref)).paid

    @needs("early_close")
    async def test_closing_an_order_that_never_arrived_is_told_apart(self, world: World):
        with pytest.raises(OrderNotAtChannel):
            await world.channel.close(world.account, ref_of(world.order()))
