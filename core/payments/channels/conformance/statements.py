"""What any channel gives for a day: its own statement as it made it, nothing for a day without business, patience for a day not over."""

import datetime as dt

import pytest

from core.clock import SHANGHAI
from core.payments.channels.conformance.needs import needs, without
from core.payments.channels.conformance.world import World, paid
from core.payments.channels.errors import StatementNotReady


class Statements:
    """The statement of a day."""

    @needs("statements")
    async def test_a_days_statement_names_the_orders_of_that_day(self, world: World):
        payment = await paid(world)
        day = await world.age(payment.order)
        file = await world.channel.fetch_statement(world.account, day)
        assert file is not None
        assert (bool(file.name), file.kind) == (True, "trade")
        assert payment.order.number in world.statement_text(file) or str(payment.state.channel_txn_id) in world.statement_text(file)
        assert await world.channel.fetch_statement(world.account, day) == file

    @needs("statements")
    async def test_a_day_without_business_has_no_statement(self, world: World):
        payment = await paid(world)
        day = await world.age(payment.order)
        assert await world.channel.fetch_statement(await world.another(), day) is None

    @needs("statements")
    async def test_a_day_that_is_not_over_has_no_statement_yet(self, world: World):
        tomorrow = dt.datetime.now(SHANGHAI).date() + dt.timedelta(days=1)
        with pytest.raises(StatementNotReady):
            await world.channel.fetch_statement(world.account, tomorrow)

    @without("statements")
    async def test_a_channel_without_statements_says_so(self, world: World):
        await paid(world)
        assert await world.channel.fetch_statement(world.account, dt.date(2026, 9, 1)) is None
