"""Paying out through the bank: once, whatever happens on the way, and again only after the money came back."""

import asyncio

import pytest
from sqlalchemy import text

from core import clock, ids
from core.settlement import paying, payouts, service
from core.settlement.bank import PaymentState
from core.settlement.bank_client import BankClient
from core.settlement.errors import PayoutNotReturned, SameAccount
from core.tenancy import models as tenancy
from tests.settlement.conftest import Hall


class Killed(BaseException):
    """The worker dies."""


class Dying:
    """The bank, and a worker that dies before or after it has spoken with it."""

    def __init__(self, real: BankClient, *, after: bool) -> None:
        self.real, self.after = real, after

    async def pay(self, connection, instruction):
        if self.after:
            await self.real.pay(connection, instruction)
        raise Killed()

    async def query(self, connection, number):
        return await self.real.query(connection, number)


async def approved(hall: Hall, fen: int = 95_000):
    """A batch that a second person agreed to."""
    await hall.pay(("TUITION", fen))
    await hall.reconciled()
    batch = (await hall.calculate())["TUITION"]
    await hall.submit(batch.id)
    await hall.agree(batch.id)
    return batch


async def beat(hall: Hall, bank=None) -> None:
    """Every payout's turn comes now."""
    async with hall.tenant() as session:
        await session.execute(text("UPDATE core.payout SET next_at = now() WHERE next_at IS NOT NULL"))
    await paying.send_due(hall.platform, hall.client.id, bank)


async def of(hall: Hall, batch_id):
    async with hall.tenant() as session:
        batch = await session.one(text("SELECT * FROM core.settlement_batch WHERE id = :id"), {"id": batch_id})
        return batch, list(await session.all(text("SELECT * FROM core.payout WHERE batch_id = :id ORDER BY attempt"), {"id": batch_id}))


async def until(hall: Hall, batch_id, status: str):
    for _ in range(400):
        await beat(hall)
        batch, attempts = await of(hall, batch_id)
        if batch.status == status:
            return batch, attempts
        await asyncio.sleep(0.01)
    raise AssertionError(f"still {batch.status}: {attempts[-1].error}")


async def received(banked, number: str) -> list[int]:
    """What left the clearing account under a number."""
    return [entry["amount_fen"] for entry in (await banked.look())["entries"] if entry["reference"] == number]


async def test_a_batch_is_paid_to_the_merchants_account(hall, banked):
    batch = await approved(hall)
    batch, (payout,) = await until(hall, batch.id, "paid")
    assert payout.status == "paid" and payout.bank_serial and payout.sent_at and payout.finished_at
    assert await received(banked, payout.number) == [-94_430]
    assert await hall.faults() == {}


@pytest.mark.parametrize("after", [False, True], ids=["before the bank heard", "before its answer was written"])
async def test_a_worker_killed_in_the_middle_pays_once(hall, banked, after):
    batch = await approved(hall)
    with pytest.raises(Killed):
        await beat(hall, Dying(BankClient(hall.platform.http), after=after))
    _, (payout,) = await of(hall, batch.id)
    assert payout.status == "sent"
    batch, attempts = await until(hall, batch.id, "paid")
    assert [each.number for each in attempts] == [payout.number]
    assert await received(banked, payout.number) == [-94_430]
    assert await hall.faults() == {}


async def test_an_unanswered_instruction_is_asked_about_and_never_paid_under_another_number(hall, banked):
    batch = await approved(hall)
    _, (payout,) = await of(hall, batch.id)
    await banked.faults(payout.number, {"kind": "api_error", "remaining": 2})
    await beat(hall)
    batch_now, (sent,) = await of(hall, batch.id)
    assert (sent.status, batch_now.status) == ("sent", "paying")
    assert sent.next_at > clock.now()
    await until(hall, batch.id, "paid")
    assert await received(banked, payout.number) == [-94_430]


async def test_two_workers_at_once_send_it_once(hall, banked):
    batch = await approved(hall)
    await asyncio.gather(*(paying.send_due(hall.platform, hall.client.id) for _ in range(4)))
    _, attempts = await until(hall, batch.id, "paid")
    assert len(attempts) == 1
    assert await received(banked, attempts[0].number) == [-94_430]


async def test_returned_money_goes_back_to_the_merchant_and_is_paid_to_the_corrected_account(hall, banked):
    batch = await approved(hall)
    _, (payout,) = await of(hall, batch.id)
    await banked.faults(payout.number, {"kind": "pay_return"})
    await until(hall, batch.id, "returned")
    assert await hall.faults() == {}, "the journal is reversed"
    async with hall.tenant() as session:
        with pytest.raises(SameAccount):
            await service.propose_repay(session, batch.id, "再付一次", hall.maker)
        keys, number = await hall.platform.vault.keys(session), "6222020200999999999"
        account = {
            "id": ids.uuid7(), "merchant_id": hall.trade.merchants["TUITION"], "holder": "TUITION", "bank_name": "榕城银行", "status": "active",
            "number_sealed": keys.seal(number), "number_index": keys.index("account", number), "number_masked": "6222****9999", "made_by": "a",
            "made_by_name": "甲",
        }  # fmt: skip
        await session.execute(tenancy.settlement_account.insert(), account)
    async with hall.tenant() as session:
        await service.propose_repay(session, batch.id, "账户已更正", hall.maker)
    await hall.agree(batch.id)
    batch, (first, second) = await until(hall, batch.id, "paid")
    assert (first.status, second.status, second.attempt, second.account_masked) == ("returned", "paid", 2, "6222****9999")
    assert first.number != second.number
    assert (await banked.look(number))["balance_fen"] == 94_430
    assert await hall.faults() == {}


async def test_a_failed_payment_is_booked_back_and_may_be_paid_to_the_same_account(hall, banked):
    batch = await approved(hall)
    _, (payout,) = await of(hall, batch.id)
    await banked.faults(payout.number, {"kind": "pay_fail"})
    batch, (payout,) = await until(hall, batch.id, "returned")
    assert payout.status == "failed" and payout.error
    assert await hall.faults() == {}
    async with hall.tenant() as session:
        await service.propose_repay(session, batch.id, "户名已核对", hall.maker)
    await hall.agree(batch.id)
    await until(hall, batch.id, "paid")
    assert await hall.faults() == {}


async def test_a_paid_batch_is_not_paid_again(hall, banked):
    batch = await approved(hall)
    await until(hall, batch.id, "paid")
    async with hall.tenant() as session:
        with pytest.raises(PayoutNotReturned):
            await service.propose_repay(session, batch.id, "再付", hall.maker, same_account=True)


async def test_a_word_about_another_amount_is_not_believed(hall, banked):
    batch = await approved(hall)
    _, (payout,) = await of(hall, batch.id)
    async with hall.tenant() as session:
        await session.execute(text("UPDATE core.payout SET status = 'sent'"))
        assert await payouts.told(session, payout.number, PaymentState(state="paid", number=payout.number, amount_fen=1))
        assert not await payouts.told(session, "FK" + "0" * 20, PaymentState(state="paid", number="x"))
    _, (payout,) = await of(hall, batch.id)
    assert payout.status == "sent" and "不符" in payout.error


async def test_money_that_comes_back_after_the_month_was_signed_is_in_the_next_batch(hall, banked):
    batch = await approved(hall)
    batch, (payout,) = await until(hall, batch.id, "paid")
    async with hall.tenant() as session:
        month = {"month": hall.yesterday.replace(day=1)}
        await session.execute(text("INSERT INTO core.settlement_month (id, month, status) VALUES (gen_random_uuid(), :month, 'signed')"), month)
        state = PaymentState(state="returned", number=payout.number, amount_fen=94_430, reason="账户已销户")
        await payouts.told(session, payout.number, state)
        await payouts.told(session, payout.number, state)
        adjusted = await session.all(text("SELECT amount_fen, reason, batch_id FROM core.settlement_adjustment"))
    assert [(row.amount_fen, row.batch_id) for row in adjusted] == [(94_430, None)]
    assert (await of(hall, batch.id))[0].status == "paid"
    assert await hall.faults() == {}
