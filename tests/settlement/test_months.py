"""Signing a month by two people freezes it."""

import datetime as dt

import pytest
from sqlalchemy import text

from core import clock
from core.errors import SelfApproval
from core.settlement import guard, months
from core.settlement.errors import MonthNotFound, MonthNotReady, MonthSigned
from tests.settlement.conftest import Hall
from tests.settlement.test_payouts import until


@pytest.fixture
def last_month():
    """A day of the month before this one."""
    return clock.today().replace(day=1) - dt.timedelta(days=10)


async def settled(hall: Hall, day: dt.date):
    """A day of last month, paid out and closed."""
    await hall.pay(("TUITION", 95_000), days_ago=(clock.today() - day).days)
    await hall.reconciled(day)
    batch = (await hall.calculate(day))["TUITION"]
    await hall.submit(batch.id)
    await hall.agree(batch.id)
    await until(hall, batch.id, "paid")
    return batch


async def propose(hall: Hall, day: dt.date):
    async with hall.tenant() as session:
        await months.propose(session, day.replace(day=1), "核对无误", hall.maker)
        return await session.scalar(text("SELECT id FROM core.settlement_month WHERE month = :first"), {"first": day.replace(day=1)})


async def test_a_signed_month_changes_no_more(hall, banked, last_month):
    await settled(hall, last_month)
    month_id = await propose(hall, last_month)
    with pytest.raises(SelfApproval):
        await hall.agree(month_id, by=hall.maker)
    await hall.agree(month_id)
    async with hall.tenant() as session:
        assert await guard.is_signed(session, last_month)
        assert not await guard.is_signed(session, clock.today())
        row = await session.one(text("SELECT * FROM core.settlement_month"))
        assert (row.status, row.made_by, row.checked_by, row.totals["paid_fen"]) == ("signed", "经办甲", "复核乙", 94_430)
    with pytest.raises(MonthSigned):
        await hall.calculate(last_month)


async def test_late_money_of_a_signed_month_is_in_the_next_batch(hall, banked, last_month):
    await settled(hall, last_month)
    await hall.agree(await propose(hall, last_month))
    await hall.pay(("TUITION", 10_000), days_ago=(clock.today() - last_month).days)
    assert (await hall.calculate())["TUITION"].gross_fen == 10_000
    assert await hall.faults() == {}


async def test_a_month_with_open_ends_is_not_proposed(hall, banked, last_month):
    await hall.pay(("TUITION", 95_000), days_ago=(clock.today() - last_month).days)
    await hall.reconciled(last_month, status="balanced")
    await hall.calculate(last_month)
    with pytest.raises(MonthNotReady) as refused:
        await propose(hall, last_month)
    assert "1 个批次没有付款" in refused.value.message and "还没有关账" in refused.value.message


async def test_the_running_month_is_not_signed(hall, banked):
    with pytest.raises(MonthNotReady, match="月份还没有结束"):
        await propose(hall, clock.today())


async def test_what_changed_after_the_proposal_is_not_signed(hall, banked, last_month):
    batch = await settled(hall, last_month)
    month_id = await propose(hall, last_month)
    async with hall.tenant() as session:
        await session.execute(text("UPDATE core.settlement_batch SET pay_count = pay_count + 1 WHERE id = :id"), {"id": batch.id})
    with pytest.raises(MonthNotReady, match="金额有变化"):
        await hall.agree(month_id)


async def test_a_signed_month_is_opened_again_by_two_people(hall, banked, last_month):
    await settled(hall, last_month)
    month_id = await propose(hall, last_month)
    await hall.agree(month_id)
    async with hall.tenant() as session:
        await months.propose_reopen(session, last_month.replace(day=1), "补一笔调整", hall.maker)
    await hall.agree(month_id)
    async with hall.tenant() as session:
        assert not await guard.is_signed(session, last_month)


@pytest.mark.parametrize("text", ["2026-13", "11-2026", "x", ""])
def test_what_is_no_month_is_not_found(text):
    with pytest.raises(MonthNotFound):
        months.first_of(text)
