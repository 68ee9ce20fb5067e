"""Days are calculated by themselves: when their reconciliation has moved on, and at 14:00 of the next day."""

import datetime as dt

from sqlalchemy import text

from core import clock
from core.settlement import tasks
from core.settlement.guard import is_signed
from tests.settlement.conftest import DAY


def at(monkeypatch, hour: int) -> None:
    """It is some hour of today in Shanghai."""
    moment = dt.datetime.combine(clock.today(), dt.time(hour), clock.SHANGHAI)
    monkeypatch.setattr(clock, "now", lambda: moment.astimezone(dt.UTC))


async def test_nothing_is_due_where_nothing_was_ever_paid(hall):
    assert await tasks.calculate_due(hall.platform, hall.client.id) is None


async def test_at_two_in_the_afternoon_every_day_up_to_yesterday_is_calculated(hall, monkeypatch):
    await hall.pay(("TUITION", 95_000), days_ago=3)
    await hall.pay(("TUITION", 5_000))
    at(monkeypatch, 13)
    due = await tasks.calculate_due(hall.platform, hall.client.id)
    assert due == dt.datetime.combine(clock.today(), dt.time(14), clock.SHANGHAI)
    assert await hall.batches() == {}
    assert (await hall.batches(hall.yesterday - 2 * DAY))["TUITION"].gross_fen == 95_000
    at(monkeypatch, 15)
    await tasks.calculate_due(hall.platform, hall.client.id)
    assert (await hall.batches())["TUITION"].gross_fen == 5_000


async def test_a_day_is_calculated_as_soon_as_it_is_closed(hall, monkeypatch):
    at(monkeypatch, 11)
    await hall.pay(("TUITION", 95_000))
    await tasks.calculate_due(hall.platform, hall.client.id)
    assert await hall.batches() == {}
    await hall.reconciled()
    await tasks.calculate_due(hall.platform, hall.client.id)
    assert (await hall.batches())["TUITION"].gate["open"] is True


async def test_a_day_whose_gate_opens_later_is_calculated_again(hall, monkeypatch):
    at(monkeypatch, 15)
    await hall.pay(("TUITION", 95_000))
    await tasks.calculate_due(hall.platform, hall.client.id)
    before = (await hall.batches())["TUITION"]
    assert before.gate["open"] is False
    at(monkeypatch, 16)
    await hall.reconciled()
    await tasks.calculate_due(hall.platform, hall.client.id)
    after = (await hall.batches())["TUITION"]
    assert (after.gate["open"], after.version) == (True, before.version + 1)
    await tasks.calculate_due(hall.platform, hall.client.id)
    assert (await hall.batches())["TUITION"].version == after.version, "and then left alone"


async def test_a_day_without_money_is_calculated_once(hall, monkeypatch):
    at(monkeypatch, 15)
    await hall.pay(("TUITION", 95_000), days_ago=2)
    await tasks.calculate_due(hall.platform, hall.client.id)
    async with hall.tenant() as session:
        days = [row.bill_on for row in await session.all(text("SELECT bill_on FROM core.settlement_day ORDER BY 1"))]
        assert not await is_signed(session, hall.yesterday)
    assert days == [hall.yesterday - DAY, hall.yesterday]
