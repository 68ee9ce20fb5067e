"""Two people and the gate: what may be paid, and when."""

import pytest
from sqlalchemy import text

from core.errors import SelfApproval
from core.settlement import service
from core.settlement.errors import (
    AccountLacking,
    BankLacking,
    BatchChanged,
    BatchFrozen,
    BatchNotFound,
    GateClosed,
    MonthSigned,
    NothingToPayOut,
)
from tests.settlement.conftest import DAY


async def ready(hall, fen: int = 95_000):
    await hall.pay(("TUITION", fen))
    await hall.reconciled()
    return (await hall.calculate())["TUITION"]


async def test_a_batch_waits_while_the_day_is_not_reconciled(hall):
    await hall.pay(("TUITION", 95_000))
    batch = (await hall.calculate())["TUITION"]
    assert (batch.gate["open"], batch.gate["why"]) == (False, "当日还没有对账")
    with pytest.raises(GateClosed, match="还没有对账"):
        await hall.submit(batch.id)


@pytest.mark.parametrize(
    ("rule", "status", "suspended", "opens"),
    [
        ("suspense", "balanced", False, True),
        ("suspense", "diff_open", False, False),
        ("suspense", "diff_open", True, True),
        ("balanced", "diff_open", True, False),
        ("balanced", "balanced", False, True),
        ("closed", "balanced", False, False),
        ("closed", "closed", False, True),
        ("suspense", "matching", False, False),
    ],
)
async def test_the_gate_opens_as_far_as_the_client_agreed(hall, rule, status, suspended, opens):
    hall.settings["settlement_gate"] = rule
    await hall.pay(("TUITION", 95_000))
    await hall.reconciled(status=status)
    if status == "diff_open":
        async with hall.tenant() as session:
            await session.execute(
                text("""
                    INSERT INTO core.recon_difference (id, code, bill_on, class, channel, kind, number, amount_fen, differs, status, suspense_id)
                    VALUES (gen_random_uuid(), 'D1', :day, 'LG1', 'wechatpay', 'pay', 'x', 1, 'presence', 'open', CAST(:suspense AS uuid))
                """),
                {"day": hall.yesterday, "suspense": hall.trade.account_id if suspended else None},
            )
    batch = (await hall.calculate())["TUITION"]
    assert batch.gate["open"] is opens
    assert bool(batch.gate["why"]) is not opens


async def test_a_stale_reconciliation_opens_no_gate(hall):
    await hall.pay(("TUITION", 95_000))
    await hall.reconciled(status="balanced", stale=True)
    assert "重新对账" in (await hall.calculate())["TUITION"].gate["why"]


async def test_nobody_approves_their_own_batch(hall, banked):
    batch = await ready(hall)
    await hall.submit(batch.id)
    with pytest.raises(SelfApproval):
        await hall.agree(batch.id, by=hall.maker)


async def test_an_approved_batch_has_its_journals_and_an_instruction(hall, banked):
    batch = await ready(hall)
    await hall.submit(batch.id)
    await hall.agree(batch.id)
    batch = (await hall.batches())["TUITION"]
    assert (batch.status, batch.checked_by, batch.pay_fen) == ("approved", "复核乙", 94_430)
    async with hall.tenant() as session:
        payout = await session.one(text("SELECT * FROM core.payout WHERE batch_id = :id"), {"id": batch.id})
        entries = await session.all(
            text("""
                SELECT a.code, e.amount_fen FROM core.ledger_journal j JOIN core.ledger_entry e ON e.journal_id = j.id
                JOIN core.ledger_account a ON a.id = e.account_id WHERE j.biz_type = 'settlement' AND j.biz_id = :id ORDER BY j.id, e.line_no
            """),
            {"id": str(batch.id)},
        )
    assert (payout.status, payout.amount_fen, payout.attempt) == ("created", 94_430, 1)
    assert [tuple(row) for row in entries] == [
        ("L.MER.TUITION", 570), ("I.FEE", -570), ("L.MER.TUITION", 94_430), (f"A.BANK.{banked.account}", -94_430),
    ]  # fmt: skip
    assert await hall.faults() == {}


async def test_a_batch_calculated_anew_with_other_sums_must_be_submitted_again(hall, banked):
    batch = await ready(hall)
    await hall.submit(batch.id)
    await hall.calculate()
    await hall.pay(("TUITION", 100))
    await hall.calculate()
    with pytest.raises(BatchChanged):
        await hall.agree(batch.id)


async def test_an_approved_batch_is_never_edited(hall, banked):
    batch = await ready(hall)
    await hall.submit(batch.id)
    await hall.agree(batch.id)
    await hall.pay(("TUITION", 100))
    await hall.calculate()
    assert (await hall.batches())["TUITION"].gross_fen == 95_000
    with pytest.raises(BatchFrozen):
        await hall.submit(batch.id)


async def test_the_gate_may_close_again_between_submitting_and_approving(hall, banked):
    batch = await ready(hall)
    await hall.submit(batch.id)
    await hall.reconciled(status="matching")
    with pytest.raises(GateClosed):
        await hall.agree(batch.id)
    assert await hall.faults() == {}


async def test_a_merchant_without_a_checked_account_is_not_paid(hall, banked):
    batch = await ready(hall)
    async with hall.tenant() as session:
        await session.execute(text("UPDATE core.settlement_account SET status = 'pending'"))
    with pytest.raises(AccountLacking):
        await hall.submit(batch.id)


async def test_without_a_bank_nothing_is_approved(hall):
    batch = await ready(hall)
    await hall.submit(batch.id)
    with pytest.raises(BankLacking):
        await hall.agree(batch.id)
    assert (await hall.batches())["TUITION"].status == "pending_review"
    assert await hall.faults() == {}


async def test_a_refund_of_another_day_that_took_the_money_makes_the_batch_pay_less_and_carry_the_rest(hall, banked):
    payment = await hall.pay(("TUITION", 95_000))
    await hall.reconciled()
    await hall.refund(payment, 95_000, days_ago=0)
    batch = (await hall.calculate())["TUITION"]
    assert (batch.net_fen, batch.pay_fen, batch.status) == (94_430, 0, "carried")
    with pytest.raises(BatchFrozen):
        await hall.submit(batch.id)
    assert await hall.faults() == {}


async def test_a_negative_net_is_carried_to_the_next_batch(hall, banked):
    before = hall.yesterday - DAY
    await hall.reconciled(before)
    await hall.reconciled()
    old = await hall.pay(("TUITION", 95_000), days_ago=3)
    await hall.calculate(before - DAY)
    await hall.pay(("TUITION", 10_000), days_ago=2)
    await hall.pay(("TUITION", 200_000))
    await hall.refund(old, 50_000, days_ago=2)
    negative = (await hall.calculate(before))["TUITION"]
    assert (negative.net_fen, negative.pay_fen, negative.status) == (10_000 - 60 - 50_000 + 300, 0, "carried")
    batch = (await hall.calculate())["TUITION"]
    assert (batch.brought_fen, batch.net_fen) == (negative.net_fen, 200_000 - 1_200 + negative.net_fen)
    again = (await hall.calculate())["TUITION"]
    assert again.brought_fen == batch.brought_fen
    await hall.submit(batch.id)
    await hall.agree(batch.id)
    assert await hall.faults() == {}


async def test_a_batch_with_nothing_to_pay_is_not_submitted(hall, banked):
    payment = await hall.pay(("TUITION", 95_000))
    await hall.refund(payment, 95_000)
    batch = (await hall.calculate())["TUITION"]
    assert (batch.net_fen, batch.status) == (0, "pending_review")
    await hall.reconciled()
    with pytest.raises(NothingToPayOut):
        await hall.submit(batch.id)
    assert (await hall.calculate())["TUITION"].status == "carried"


async def test_a_signed_month_is_not_calculated(hall):
    await hall.pay(("TUITION", 95_000))
    async with hall.tenant() as session:
        await session.execute(
            text("INSERT INTO core.settlement_month (id, month, status) VALUES (gen_random_uuid(), :month, 'signed')"),
            {"month": hall.yesterday.replace(day=1)},
        )
    with pytest.raises(MonthSigned):
        await hall.calculate()


async def test_another_clients_batch_is_not_found(hall, client):
    batch = await ready(hall)
    other = await client(plugins=())
    async with hall.platform.database.tenant(other.id) as session:
        with pytest.raises(BatchNotFound):
            await service.submit(session, batch.id, hall.maker)
