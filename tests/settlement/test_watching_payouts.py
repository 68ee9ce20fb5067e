"""A payout that the bank's statement does not show is a difference with a day, until the statement agrees again."""

import datetime as dt

import pytest
from sqlalchemy import text

from core import clock
from core.reconciliation.differences import assignments
from core.reconciliation.remedies import offering
from core.settlement import payouts, working_days
from core.settlement.bank import PaymentState
from tests.settlement.arriving import Clearing
from tests.settlement.test_arrivals_payouts import payout_of, sent

TODAY = clock.today()
SENT = TODAY - dt.timedelta(days=20)
DUE = working_days.after(SENT, 2).on


@pytest.fixture
async def clearing(hall):
    """The hall's clearing account at a bank that does not answer."""
    return await Clearing(hall.platform, hall.client).opened()


async def sent_long_ago(hall, clearing):
    payout = await sent(hall, clearing)
    async with hall.tenant() as session:
        at = dt.datetime.combine(SENT, dt.time(9), clock.SHANGHAI)
        await session.execute(text("UPDATE core.payout SET sent_at = :at, created_at = :at"), {"at": at})
    await clearing.told(SENT - dt.timedelta(days=1))
    return payout


async def returned(hall, payout):
    at = dt.datetime.combine(SENT, dt.time(15), clock.SHANGHAI)
    async with hall.tenant() as session:
        await payouts.told(session, payout.number, PaymentState(state="returned", number=payout.number, returned_at=at, reason="户名不符"))
        await session.execute(text("UPDATE core.payout SET finished_at = :at"), {"at": at})


async def test_a_payout_is_missing_once_the_bank_has_told_of_the_second_working_day(hall, clearing):
    payout = await sent_long_ago(hall, clearing)
    await clearing.told(DUE - dt.timedelta(days=1))
    await clearing.match()
    assert await clearing.differences() == []
    await clearing.told(DUE)
    await clearing.match()
    [found] = await clearing.differences()
    assert (found.klass, found.kind, found.channel, found.number, found.status) == ("FE2", "payout", "bank", payout.number, "open")
    assert (found.amount_fen, found.bill_on, found.facts["status"], found.due_at is not None) == (payout.amount_fen, SENT, "missing", True)


async def test_it_ends_by_itself_when_a_later_statement_shows_the_payment(hall, clearing):
    payout = await sent_long_ago(hall, clearing)
    await clearing.told(DUE)
    await clearing.match()
    await clearing.told(DUE + dt.timedelta(days=1), (-payout.amount_fen, payout.number))
    await clearing.match()
    [found] = await clearing.differences()
    assert (found.status, (await payout_of(hall)).status) == ("auto_resolved", "paid")


async def test_a_payout_that_a_newer_statement_lacks_is_a_difference_at_once(hall, clearing):
    payout = await sent_long_ago(hall, clearing)
    await clearing.told(SENT, (-payout.amount_fen, payout.number), (5, "利息"))
    await clearing.match()
    assert [row.number for row in await clearing.differences() if row.kind == "payout"] == []
    await clearing.told(SENT, (5, "利息"))
    await clearing.match()
    [found] = [row for row in await clearing.differences() if row.kind == "payout"]
    assert (found.status, found.facts["status"]) == ("open", "withdrawn")
    await clearing.told(SENT, (-payout.amount_fen, payout.number), (6, "利息"))
    await clearing.match()
    [found] = [row for row in await clearing.differences() if row.kind == "payout"]
    assert found.status == "auto_resolved"


async def test_a_returned_payout_whose_money_the_statement_does_not_show_is_a_difference(hall, clearing):
    payout = await sent_long_ago(hall, clearing)
    await clearing.told(SENT, (-payout.amount_fen, payout.number))
    await clearing.match()
    await returned(hall, payout)
    await clearing.told(DUE)
    await clearing.match()
    [found] = await clearing.differences()
    assert (found.facts["status"], found.facts["direction"], found.amount_fen) == ("not_back", "short", payout.amount_fen)
    await clearing.told(DUE + dt.timedelta(days=1), (payout.amount_fen, payout.number))
    await clearing.match()
    assert [row.status for row in await clearing.differences()] == ["auto_resolved"]


async def test_money_that_never_left_and_was_returned_needs_no_entry(hall, clearing):
    payout = await sent_long_ago(hall, clearing)
    await returned(hall, payout)
    await clearing.told(DUE)
    await clearing.match()
    assert await clearing.differences() == []


async def test_what_was_sent_before_the_first_statement_is_not_called_missing(hall, clearing):
    await sent(hall, clearing)
    async with hall.tenant() as session:
        at = dt.datetime.combine(SENT - dt.timedelta(days=30), dt.time(9), clock.SHANGHAI)
        await session.execute(text("UPDATE core.payout SET sent_at = :at, created_at = :at"), {"at": at})
    await clearing.told(SENT)
    await clearing.told(DUE)
    await clearing.match()
    assert await clearing.differences() == []


async def test_it_gets_its_owner_by_the_rules_and_no_remedy_that_would_touch_suspense(hall, clearing, staff):
    finance = await staff(hall.client, "recon.diff.make", "recon.run.read")
    async with hall.tenant() as session:
        typed = {"title": "资金", "owner": finance.actor.id}
        await assignments.add(session, finance.actor, typed, ["FE2"], [])
    await sent_long_ago(hall, clearing)
    await clearing.told(DUE)
    await clearing.match()
    [found] = await clearing.differences()
    assert (found.owner_name, found.due_at is not None) == (finance.actor.name, True)
    assert not any(offering.fits(found, kind) for kind in offering.FITTING["FE2"])


async def test_the_batchs_page_says_so_and_the_day_is_open_on_the_board(hall, clearing, staff):
    payout = await sent_long_ago(hall, clearing)
    await clearing.told(DUE)
    await clearing.match()
    finance = await staff(hall.client, "settlement.batch.read", "recon.run.read")
    page = await finance.get(f"/console/settlement-batches/{payout.batch_id}")
    assert f"银行对账单与付款 {payout.number} 不符" in page.text and "银行对账单里没有这笔付款" in page.text
    told = (await finance.get(f"/api/v1/equations?month={SENT:%Y-%m}&channel=bank")).json()["items"]
    assert [(row["day"], row["state"]) for row in told] == [(SENT.isoformat(), "open")]


async def test_the_equations_bank_number_follows_an_entry_that_was_withdrawn(hall, clearing, staff):
    number = await clearing.number("alipay")
    day = SENT - dt.timedelta(days=3)
    came = working_days.after(day, 1).on
    await clearing.stated(number, day, pay=10_000, fee=60, channel="alipay")
    await clearing.told(came, (9_940, clearing.reference(number, day, "alipay")), (5, "利息"))
    await clearing.match()
    finance = await staff(hall.client, "recon.run.read")

    async def bank() -> int:
        told = (await finance.get(f"/api/v1/equations?month={day:%Y-%m}&channel=alipay")).json()["items"]
        return next(row["numbers"]["bank"]["fen"] for row in told if row["day"] == day.isoformat())

    assert await bank() == 10_000
    await clearing.told(came, (5, "利息"))
    await clearing.match()
    assert await bank() == 0
    assert [row.status for row in await clearing.differences() if row.channel == "alipay"] == ["open"]
