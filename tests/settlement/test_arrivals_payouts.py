"""The last link: the bank's own statement confirms what was paid out, and says when it came back."""

import datetime as dt

import pytest
from sqlalchemy import text

from core import clock
from core.jobs.pulse import pulse
from core.settlement import payouts
from core.settlement.bank import PaymentState
from tests.settlement.arriving import Clearing

TODAY = clock.today()
YESTERDAY = TODAY - dt.timedelta(days=1)


@pytest.fixture
async def clearing(hall):
    """The hall's clearing account at a bank that does not answer."""
    return await Clearing(hall.platform, hall.client).opened()


async def sent(hall, clearing, fen: int = 50_000):
    """A payout whose answer was lost; answers its number and amount."""
    await hall.pay(("TUITION", fen))
    await hall.reconciled()
    batch = (await hall.calculate())["TUITION"]
    await hall.submit(batch.id)
    await hall.agree(batch.id)
    await pulse(hall.platform, hall.client.id)
    payout = await payout_of(hall)
    assert payout.status == "sent"
    return payout


async def payout_of(hall):
    async with hall.tenant() as session:
        return await session.one(text("SELECT p.*, b.status AS batch_status FROM core.payout p JOIN core.settlement_batch b ON b.id = p.batch_id"))


async def test_a_payout_whose_answer_was_lost_is_paid_when_the_statement_shows_it(hall, clearing):
    payout = await sent(hall, clearing)
    await clearing.told(YESTERDAY, (-payout.amount_fen, payout.number))
    await clearing.match()
    now = await payout_of(hall)
    [entry] = await clearing.entries()
    assert (now.status, now.batch_status, now.bank_serial) == ("paid", "paid", entry.serial)
    assert (entry.kind, entry.status, entry.payout_id, entry.matched_by) == ("payout", "matched", payout.id, "number")
    assert await clearing.differences() == []
    await clearing.match()
    assert (await payout_of(hall)).status == "paid"


async def test_a_returned_payout_in_the_statement_goes_back_to_the_merchant(hall, clearing):
    payout = await sent(hall, clearing)
    await clearing.told(YESTERDAY, (-payout.amount_fen, payout.number), (payout.amount_fen, payout.number))
    await clearing.match()
    now = await payout_of(hall)
    assert (now.status, now.batch_status) == ("returned", "returned")
    assert [(entry.kind, entry.status) for entry in await clearing.entries()] == [("payout", "matched"), ("returned", "matched")]
    assert await clearing.balance_of(f"A.BANK.{clearing.account}") == 0
    assert await hall.faults() == {}


async def test_a_debit_of_another_amount_under_our_number_is_unexplained(hall, clearing):
    payout = await sent(hall, clearing)
    await clearing.told(YESTERDAY, (-payout.amount_fen - 1, payout.number))
    await clearing.match()
    assert (await payout_of(hall)).status == "sent"
    [difference] = await clearing.differences()
    assert (difference.klass, difference.amount_fen) == ("FE2", payout.amount_fen + 1)


async def test_money_that_left_twice_under_one_number_is_found(hall, clearing):
    payout = await sent(hall, clearing)
    await clearing.told(YESTERDAY, (-payout.amount_fen, payout.number), (-payout.amount_fen, payout.number))
    await clearing.match()
    assert [entry.status for entry in await clearing.entries()] == ["matched", "suspense"]
    [difference] = await clearing.differences()
    assert (difference.klass, difference.amount_fen, difference.facts["direction"]) == ("FE2", payout.amount_fen, "short")
    assert await clearing.balance_of("A.SUSP.SHORT") == payout.amount_fen


async def test_a_debit_of_a_payment_that_the_bank_called_failed_is_found(hall, clearing):
    payout = await sent(hall, clearing)
    async with hall.tenant() as session:
        await payouts.told(session, payout.number, PaymentState(state="failed", number=payout.number, reason="户名不符"))
    await clearing.told(YESTERDAY, (-payout.amount_fen, payout.number))
    await clearing.match()
    assert (await payout_of(hall)).status == "failed"
    assert [(entry.status, entry.payout_id) for entry in await clearing.entries()] == [("suspense", None)]
    assert await clearing.balance_of(f"A.BANK.{clearing.account}") == -payout.amount_fen
