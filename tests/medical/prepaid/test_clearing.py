"""The clearing: patients are told once a month, and credit in our own books goes back in one batch that two people make."""

import asyncio

import pytest
from sqlalchemy import text

from core import ids
from core.billing import corrections
from core.errors import SelfApproval
from core.identity.actor import system
from core.payments.service import settle as settle_payment
from plugins.medical.prepaid import clearing
from plugins.medical.prepaid.errors import NothingToClear
from tests import trade
from tests.medical.prepaid.balances import balance_of, decide, load


async def with_credit(platform, hospital, patient_no: str = "P0002", fen: int = 10_000) -> None:
    """A patient with credit: a bill was paid, then lowered."""
    merchants = dict.fromkeys(("TUITION", "MEAL"), hospital.merchants["main"])
    own = trade.Trade(hospital.id, merchants, [hospital.patients[patient_no]], hospital.account_id)
    (bill_id,) = await trade.bills(platform, own, source=ids.token(), lines=(trade.line(own, "TUITION", fen + 500),), plugin="medical")
    number = await trade.order(platform, own, [(bill_id, fen + 500)])
    account = own.account
    await settle_payment(platform, hospital.id, account, trade.success(number, fen + 500))
    async with platform.database.tenant(hospital.id) as session:
        lower = {"b": bill_id, "less": fen}
        await session.execute(text("UPDATE core.bill_line SET discount_fen = :less, net_fen = net_fen - :less WHERE bill_id = :b"), lower)
        await session.execute(text("UPDATE core.bill SET amount_fen = amount_fen - :less, discount_fen = :less WHERE id = :b"), lower)
        await corrections._excess_to_credit(session, await corrections._hold(session, bill_id), system(hospital.id), f"adjust:{bill_id}")


async def batch(platform, hospital):
    async with platform.database.tenant(hospital.id) as session:
        return await clearing.give_credit_back(session, {}, hospital.maker)


async def refunds(platform, hospital) -> list:
    async with platform.database.tenant(hospital.id) as session:
        return await session.all(text("SELECT r.*, b.count FROM core.refund r JOIN core.refund_batch b ON b.id = r.batch_id ORDER BY r.position"))


async def test_credit_of_patients_becomes_one_batch_that_a_second_person_decides(platform, quiet_hospital):
    await with_credit(platform, quiet_hospital)
    await with_credit(platform, quiet_hospital, "P0003", 2_550)
    await batch(platform, quiet_hospital)
    rows = await refunds(platform, quiet_hospital)
    assert [(row.source, row.status, row.count) for row in rows] == [("credit", "requested", 2)] * 2
    assert sorted(row.amount_fen for row in rows) == [2_550, 10_000]
    with pytest.raises(NothingToClear):  # what is asked for is asked for once
        await batch(platform, quiet_hospital)
    async with platform.database.tenant(quiet_hospital.id) as session:
        approval_id = await session.scalar(text("SELECT id FROM core.approval WHERE kind = 'refunds.batch'"))
    with pytest.raises(SelfApproval):
        await decide(platform, quiet_hospital, approval_id, by=quiet_hospital.maker)


async def test_without_credit_there_is_no_batch(platform, quiet_hospital):
    with pytest.raises(NothingToClear):
        await batch(platform, quiet_hospital)


async def test_a_refused_batch_can_be_made_again(platform, quiet_hospital):
    await with_credit(platform, quiet_hospital)
    await batch(platform, quiet_hospital)
    async with platform.database.tenant(quiet_hospital.id) as session:
        approval_id = await session.scalar(text("SELECT id FROM core.approval WHERE kind = 'refunds.batch'"))
    await decide(platform, quiet_hospital, approval_id, agree=False)
    await batch(platform, quiet_hospital)
    assert len(await refunds(platform, quiet_hospital)) == 2


async def test_patients_are_told_once_a_month_and_a_bare_phone_hears_no_amount(platform, quiet_hospital):
    await load(platform, quiet_hospital)
    assert await clearing.tell(platform, quiet_hospital.id) == 3
    assert await clearing.tell(platform, quiet_hospital.id) == 0
    async with platform.database.tenant(quiet_hospital.id) as session:
        rows = await session.all(text("SELECT to_masked, facts::text AS facts FROM core.notice WHERE event = 'medical_legacy_phone' ORDER BY to_masked"))
    assert [row.to_masked for row in rows] == ["138****0001", "139****9009"]
    assert all("56.80" not in row.facts and "amount" not in row.facts for row in rows)
    assert (await balance_of(platform, quiet_hospital, "C0001")).told_at is not None


async def test_two_workers_at_once_tell_once(platform, quiet_hospital):
    await load(platform, quiet_hospital)
    await asyncio.gather(*(clearing.tell(platform, quiet_hospital.id) for _ in range(3)))
    async with platform.database.tenant(quiet_hospital.id) as session:
        assert await session.scalar(text("SELECT count(*) FROM core.notice WHERE event = 'medical_legacy_phone'")) == 2


async def test_the_job_says_what_stands_where(platform, quiet_hospital, staff, settle):
    await load(platform, quiet_hospital)
    clerk = await staff(quiet_hospital, "medical.prepaid.read", "medical.prepaid.make", "jobs.read")
    begun = await clerk.post("/api/v1/medical/prepaid-balances/clearing")
    assert begun.status_code == 202, begun.text
    await settle(quiet_hospital)
    job = (await clerk.get(f"/api/v1/jobs/{begun.json()['id']}")).json()
    assert job["status"] == "done", job
    assert (job["result"]["open_fen"], job["result"]["totals"]) == (185_00, {"listed": [3, 185_00]})
